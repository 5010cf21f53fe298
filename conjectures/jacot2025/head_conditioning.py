"""A well-conditioned balanced head ends in a well-conditioned matrix (Jacot et al. 2025, (19)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, neighbouring matrices of the head
balanced up to e2, all norms at most r, and c3 = kappa(W_{L:L1+1}) the condition number of the whole
head. With eps = L2 (L2 - 1) / 2 e2 r^(2 (L2 - 1)) (r / (s_K(Y) - e1))^(2 L2),
kappa(W_L) <= c3^(1/L2) (1 + eps)^(1/L2) + c3^(1/L2 - 1) eps, and, sharper,
kappa(W_L) <= (c3^2 (1 + eps) + eps)^(1/(2 L2)), where the last r of eps need only bound Z_{L-1} and
the other one the weights. Here e1, e2, r and c3 are measured; classes may be
of any size. Exactly balanced heads attain both. The exponent 1/L1, which occurs in the paper's
sketch of a proof, is wrong.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Inequality, Mutant, Rational
from checkers.language import Statement, depth
from checkers.models.experiments import DIGITS

from . import PAPER
from .setting import head_chains as built
from .setting.linear_head import INTERPOLATION_OF_RANK_K, NEARLY_BALANCED_HEADS
from .setting.linear_head import c3, e1, e2, imbalance_excess, kappa, r, w, z

eps = Definition("epsilon", imbalance_excess())
sharper_eps = Definition("epsilon'", imbalance_excess(weights=w, features=z), r"\epsilon'")


def printed(root=1 / depth, eps=eps):
    """(19) with another exponent in place of 1/L2, or another eps."""
    return Claim("conditioning", kappa, c3**root * (1 + eps) ** root + c3 ** (root - 1) * eps)


def sharper(root=1 / depth, eps=sharper_eps):
    """The same before concavity is used, each norm where it is needed."""
    return Claim("conditioning, sharper", kappa, (c3**2 * (1 + eps) + eps) ** (root / 2))


def rooted(id, says, root):
    """Both claims with another exponent."""
    return Mutant(id, says, claims=(printed(root), sharper(root)), by=built.BALANCED_EXACTLY)


STATEMENT = Statement(
    title="A well-conditioned balanced head ends in a well-conditioned matrix",
    source=PAPER.at("Theorem 3.1, (19)"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=NEARLY_BALANCED_HEADS.but(
        kind=Inequality(effort=0.2),
        trained=(DIGITS,),
        observed=(e1, e2, w, z, r, c3),
    ),
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(printed(), sharper()),
    witnesses=(built.BALANCED_EXACTLY,),
    mutants=(
        Mutant("M8", "e2 taken to be 0", claims=(printed(eps=0), sharper(eps=0)), by=built.OPPOSED),
        rooted("M9", "exponent 1/L1, for L1 = 5", Rational(1, 5)),
        rooted("deeper", "exponent 1/(L2 + 1)", 1 / (depth + 1)),
        rooted("per_mille", "exponent 0.999/L2", Rational(999, 1000) / depth),
        Mutant(
            "no_features",
            "norm of Z_{L-1} not bounded",
            claims=(sharper(eps=imbalance_excess(weights=w, features=w)),),
            by=built.OPPOSED_SMALL,
        ),
        Mutant(
            "no_weights",
            "norms of the weights not bounded",
            claims=(sharper(eps=imbalance_excess(weights=z, features=z)),),
            by=built.OPPOSED_LARGE,
        ),
        Mutant(
            "any_outputs",
            "outputs not near the labels",
            drop=("interpolation",),
            by=built.OPPOSED_WITHOUT_OUTPUTS,
        ),
    ),
    notes=(
        "The paper's display of eps is not legible; this one follows its proof. Half of it is not"
        " refuted by any instance found: (19) is loose in eps."
    ),
)
