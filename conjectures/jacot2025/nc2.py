"""The class means are nearly as well conditioned as W_L (Jacot et al. 2025, Theorem 3.1, (20)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, neighbouring matrices of the head
balanced up to e2, all norms at most r, and g = r Psi / s_K(Y) < 1 with
Psi = r (e1 / (s_K(Y) - e1) + sqrt(n_{L-1} e2)). Then
NC2(Z_{L-1}) <= (kappa(W_L) + g) / (1 - g), where NC2 is the condition number of the class means,
which are not centred. Here e1, e2 and r are measured; classes may be of any size. Without errors
and imbalance both sides are kappa(W_L). `jacot2025_nc2_sharp` says what g can be improved to.
"""

from __future__ import annotations

from sympy import Expr, Integer, Max

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_chains import BALANCED_EXACTLY
from .setting.head_collapse import (
    KERNEL_ALONG_CLASS,
    KERNEL_ALONG_CLASS_LARGE,
    LONG_AND_SHORT,
    RESCALED_CLASSES,
)
from .setting.linear_head import (
    BALANCED_HEADS,
    INTERPOLATION_OF_RANK_K,
    NARROW_SIZES,
    NC2,
    VARIABLES,
    e1,
    e2,
    error_of_means,
    interpolate,
    kappa,
    norm_earlier,
    norm_last,
    norm_weights,
    r,
)


def small(g: Expr) -> Hypothesis:
    """The class means err by less than they are long."""
    return Hypothesis("small error", margin=1 - g, strict=True)


def with_error(g: Expr) -> Change:
    """Hypothesis and claim with another g."""
    return Change(
        drop=("small error",),
        assume=(small(g),),
        claims=(Claim("NC2", NC2, (kappa + g) / (1 - g)),),
    )


def with_radius(radius: Expr) -> Change:
    """g with r measured on fewer matrices."""
    return with_error(error_of_means(r=radius))


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("NC2", NC2, rhs),))


g = error_of_means()

STATEMENT = Statement(
    title="The class means are nearly as well conditioned as the last matrix",
    source=PAPER.at("Theorem 3.1, (20)"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K, small(g)),
    claims=(Claim("NC2", lhs=NC2, rhs=(kappa + g) / (1 - g)),),
    witnesses=(BALANCED_EXACTLY,),
    samplers=(BALANCED_HEADS,),
    kind=Inequality(effort=0.3),
    prepare=interpolate,
    observed=(("e1", e1), ("e2", e2), ("r", r), ("k", kappa), ("g", g)),
    mutants=(
        Mutant("M10", "class means conditioned as W_L", becomes(kappa), RESCALED_CLASSES),
        Mutant("M11", "half of g", with_error(g / 2), RESCALED_CLASSES),
        Mutant("upper_only", "1 - g dropped", becomes(kappa + g), RESCALED_CLASSES),
        Mutant(
            "no_kappa", "1 in place of kappa(W_L)", becomes((1 + g) / (1 - g)), BALANCED_EXACTLY
        ),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            with_error(error_of_means(e2=Integer(0))),
            KERNEL_ALONG_CLASS,
        ),
        Mutant("low_power", "g = Psi / s_K(Y)", with_error(g / r), KERNEL_ALONG_CLASS_LARGE),
        Mutant(
            "no_earlier_features",
            "norm of Z_{L-2} not bounded",
            with_radius(Max(norm_last, norm_weights)),
            KERNEL_ALONG_CLASS,
        ),
        Mutant(
            "no_last_features",
            "norm of Z_{L-1} not bounded",
            with_radius(Max(norm_earlier, norm_weights)),
            LONG_AND_SHORT,
        ),
    ),
    notes="The paper's display is not legible; this is what its proof of (20) gives. On the digits"
    " g is far above 1 all along training: only jacot2025_nc2_sharp promises something there.",
)
