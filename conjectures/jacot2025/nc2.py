"""The class means are nearly as well conditioned as W_L (Jacot et al. 2025, Theorem 3.1, (20)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, neighbouring matrices of the head
balanced up to e2, all norms at most r, and g = r Psi / s_K(Y) < 1 with
Psi = r (e1 / (s_K(Y) - e1) + sqrt(n_{L-1} e2)). Then
NC2(Z_{L-1}) <= (kappa(W_L) + g) / (1 - g), where NC2 is the condition number of the class means,
which are not centred. Here e1, e2 and r are measured; classes may be of any size. Without errors
and imbalance both sides are kappa(W_L). `jacot2025_nc2_sharp` says what g can be improved to.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Hypothesis, Max, Mutant
from checkers.language import Statement
from . import PAPER
from .setting.head_chains import BALANCED_EXACTLY
from .setting.head_collapse import KERNEL_ALONG_CLASS, KERNEL_ALONG_CLASS_LARGE, LONG_AND_SHORT
from .setting.head_collapse import RESCALED_CLASSES
from .setting.linear_head import INTERPOLATION_OF_RANK_K, NC2, NEARLY_BALANCED_HEADS, e1, e2, kappa
from .setting.linear_head import error_bound, norm_earlier, norm_last, norm_weights, r, s_K

Psi = Definition("Psi", error_bound(e1, e2))
g = Definition("g", r * Psi / s_K)


def small(g):
    """The class means err by less than they are long."""
    return Hypothesis("small error", margin=1 - g, strict=True)


def with_error(id, says, g, by):
    """The statement with another g."""
    bound = (kappa + g) / (1 - g)
    return Mutant(id, says, rhs=bound, drop=("small error",), assume=(small(g),), by=by)


def within(radius):
    """g with r measured on fewer matrices."""
    return radius * error_bound(e1, e2, radius) / s_K


STATEMENT = Statement(
    title="The class means are nearly as well conditioned as the last matrix",
    source=PAPER.at("Theorem 3.1, (20)"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=NEARLY_BALANCED_HEADS.but(observed=(e1, e2, r, kappa, g)),
    hypotheses=(INTERPOLATION_OF_RANK_K, small(g)),
    claims=(Claim("NC2", lhs=NC2, rhs=(kappa + g) / (1 - g)),),
    witnesses=(BALANCED_EXACTLY,),
    mutants=(
        Mutant("M10", "class means conditioned as W_L", rhs=kappa, by=RESCALED_CLASSES),
        with_error("M11", "half of g", g / 2, RESCALED_CLASSES),
        Mutant("upper_only", "1 - g dropped", rhs=kappa + g, by=RESCALED_CLASSES),
        Mutant("no_kappa", "1 in place of kappa(W_L)", rhs=(1 + g) / (1 - g), by=BALANCED_EXACTLY),
        with_error(
            "no_balancedness", "e2 taken to be 0", r * error_bound(e1, 0) / s_K, KERNEL_ALONG_CLASS
        ),
        with_error("low_power", "g = Psi / s_K(Y)", g / r, KERNEL_ALONG_CLASS_LARGE),
        with_error(
            "no_earlier_features",
            "norm of Z_{L-2} not bounded",
            within(Max(norm_last, norm_weights)),
            KERNEL_ALONG_CLASS,
        ),
        with_error(
            "no_last_features",
            "norm of Z_{L-1} not bounded",
            within(Max(norm_earlier, norm_weights)),
            LONG_AND_SHORT,
        ),
    ),
    notes="The paper's display is not legible; this is what its proof of (20) gives. On the digits"
    " g is far above 1 all along training: only jacot2025_nc2_sharp promises something there.",
)
