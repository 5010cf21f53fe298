"""A bounded tangent kernel makes a product of the head well conditioned (Jacot et al., Prop. 5.3).

Let the kernel be at most C L2 in operator norm, the outputs within e1 < s_K(Y) of the one-hot
labels and the weights of the L2 linear layers at most w in norm (r in the paper). Then for every
M <= L2 one of the first M linear layers l has
kappa(W_{L:l}) <= sqrt(C L2) K w / (sqrt(M) (s_K(Y) - e1)). Only the part Theta_lin of the kernel
that the linear layers add is needed; C, e1 and w are measured, and all M are claimed at once.
Identities reach 1/K of the bound. The factor K cannot be dropped: where the long direction of
W_{L:l} switches between layers, sqrt(2)/2 is approached for K = 2.
"""

from __future__ import annotations

from sympy import Expr, sqrt

from checkers.declared.kinds import Inequality
from checkers.quantities import Measured
from checkers.quantities.conditioning import early_condition, worst_early_condition
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import K, depth
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
    IDENTITIES_LONG,
    KERNEL_SIZES,
    LARGE_WEIGHTS,
    SMALL_OUTPUTS,
    SWITCHING,
    THIRD_FIRST,
    theta,
)

early = early_condition(head)
bound = sqrt(theta) * K * norm_weights / (s_K - e1)


def becomes(rhs: Expr, lhs: Measured = early) -> Change:
    """The claim with another side."""
    return Change(claims=(Claim("conditioning", lhs, rhs),))


STATEMENT = Statement(
    title="A bounded tangent kernel makes some product of the head well conditioned",
    source=PAPER.at("Proposition 5.3"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=KERNEL_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("conditioning", lhs=early, rhs=bound),),
    witnesses=(SWITCHING,),
    samplers=(BALANCED_HEADS,),
    kind=Inequality(effort=0.2),
    prepare=interpolate,
    observed=(("e1", e1), ("w", norm_weights)),
    mutants=(
        Mutant(
            "for_all",
            "all of the first M layers in place of one",
            becomes(bound, worst_early_condition(head)),
            THIRD_FIRST,
        ),
        Mutant("no_K", "K dropped", becomes(bound / K), SWITCHING),
        Mutant("C", "C in place of C L2", becomes(bound / sqrt(depth)), IDENTITIES_LONG),
        Mutant("no_r", "w dropped", becomes(bound / norm_weights), LARGE_WEIGHTS),
        Mutant(
            "any_outputs",
            "outputs not near the labels, |s_K(Y) - e1| in place of s_K(Y) - e1",
            Change(drop=("interpolation",), claims=(Claim("conditioning", early, sqrt(bound**2)),)),
            SMALL_OUTPUTS,
        ),
    ),
)
