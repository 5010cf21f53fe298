"""A bounded tangent kernel makes every product of the head well conditioned (after Prop. 5.3).

Let the kernel of the linear layers have operator norm C L2, the outputs be within e1 < s_K(Y) of
the one-hot labels and the weights of the linear layers at most w in norm (r in the paper). Then
every linear layer l has kappa(W_{L:l}) <= sqrt(C L2) w / (s_K(Y) - e1). Against Proposition 5.3:
all layers, and without K, as operator norms take the place of Frobenius norms; but no gain of
sqrt(M). A head whose first matrix is thin in one direction attains it in the limit.
"""

from __future__ import annotations

from sympy import Expr, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.quantities.conditioning import largest_partial_condition
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import depth
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
    BALANCED_HEADS,
    INTERPOLATION_OF_RANK_K,
    VARIABLES,
    e1,
    head,
    interpolate,
    norm_weights,
    s_K,
)
from .setting.tangent_kernel import (
    KERNEL_SIZES,
    LARGE_WEIGHTS,
    SMALL_OUTPUTS,
    THIN_FIRST,
    theta,
)

worst = largest_partial_condition(head)
bound = sqrt(theta) * norm_weights / (s_K - e1)


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("conditioning", worst, rhs),))


STATEMENT = Statement(
    title="A bounded tangent kernel makes every product of the head well conditioned",
    source=PAPER.at("Proposition 5.3, improved"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=KERNEL_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("conditioning", lhs=worst, rhs=bound),),
    witnesses=(THIN_FIRST,),
    samplers=(BALANCED_HEADS,),
    kind=Inequality(effort=0.2),
    prepare=interpolate,
    observed=(("e1", e1), ("w", norm_weights)),
    mutants=(
        Mutant("per_mille", "0.999 of the bound", becomes(bound * Rational(999, 1000)), THIN_FIRST),
        Mutant(
            "M",
            "a gain of sqrt(L2), as Proposition 5.3 has",
            becomes(bound / sqrt(depth)),
            THIN_FIRST,
        ),
        Mutant("no_r", "w dropped", becomes(bound / norm_weights), LARGE_WEIGHTS),
        Mutant(
            "any_outputs",
            "outputs not near the labels, |s_K(Y) - e1| in place of s_K(Y) - e1",
            Change(drop=("interpolation",), claims=(Claim("conditioning", worst, sqrt(bound**2)),)),
            SMALL_OUTPUTS,
        ),
    ),
)
