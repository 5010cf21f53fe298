"""The tangent kernel grows with the number of linear layers (Jacot et al. 2025, Proposition 5.3).

If the outputs are within e1 < s_K(Y) of the one-hot labels and the weights of the L2 linear layers
are at most w in norm (r in the paper), then the kernel is at least
L2 (s_K(Y) - e1)^2 / (K^2 w^2) in operator norm. Only the part Theta_lin that the linear layers add
is needed; e1 and w are measured. Identities are a factor K^2 above the bound, which
`jacot2025_ntk_lower_bound_sharp` removes.
"""

from __future__ import annotations

from sympy import Expr

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import K, depth
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
    BALANCED_HEADS,
    INTERPOLATION_OF_RANK_K,
    VARIABLES,
    e1,
    interpolate,
    norm_weights,
    s_K,
)
from .setting.tangent_kernel import (
    IDENTITIES_LONG,
    IDENTITIES_LOOSE,
    KERNEL_SIZES,
    LARGE_WEIGHTS,
    SHORT_OUTPUTS,
    SMALL_OUTPUTS,
    theta,
)

bound = depth * (s_K - e1) ** 2 / (K**2 * norm_weights**2)


def becomes(lhs: Expr) -> Change:
    """The claim with another bound."""
    return Change(claims=(Claim("kernel", lhs, theta),))


STATEMENT = Statement(
    title="The tangent kernel grows with the number of linear layers",
    source=PAPER.at("Proposition 5.3, furthermore"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=KERNEL_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("kernel", lhs=bound, rhs=theta),),
    witnesses=(IDENTITIES_LOOSE,),
    samplers=(BALANCED_HEADS,),
    kind=Inequality(effort=0.2),
    prepare=interpolate,
    observed=(("e1", e1), ("w", norm_weights)),
    mutants=(
        Mutant("L2_squared", "L2^2 in place of L2", becomes(bound * depth), IDENTITIES_LONG),
        Mutant("no_r", "w dropped", becomes(bound * norm_weights**2), LARGE_WEIGHTS),
        Mutant(
            "no_error",
            "s_K(Y) in place of s_K(Y) - e1",
            becomes(bound * (s_K / (s_K - e1)) ** 2),
            SHORT_OUTPUTS,
        ),
        Mutant(
            "any_outputs",
            "outputs not near the labels",
            Change(drop=("interpolation",)),
            SMALL_OUTPUTS,
        ),
    ),
)
