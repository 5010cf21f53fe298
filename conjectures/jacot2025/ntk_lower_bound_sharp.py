"""The tangent kernel grows with the number of linear layers, sharp (after Proposition 5.3).

If the outputs are within e1 < s_1(Y) of the one-hot labels and the weights of the L2 linear layers
are at most w in norm (r in the paper), then the kernel is at least L2 (s_1(Y) - e1)^2 / w^2 in
operator norm. Against Proposition 5.3: s_1(Y), the root of the largest class, in place of s_K(Y),
and no K^2: the gradient of <A, Z_L> at the top singular pair A of Z_L is at least s_1(Z_L) / w in
every linear layer. Identities attain it.
"""

from __future__ import annotations

from sympy import Expr, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.variables import N, depth
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
    BALANCED_HEADS,
    VARIABLES,
    e1,
    interpolate,
    norm_weights,
)
from .setting.tangent_kernel import (
    IDENTITIES,
    KERNEL_SIZES,
    LARGE_WEIGHTS,
    SHORT_OUTPUTS,
    SMALL_OUTPUTS,
    s_1,
    theta,
)

INTERPOLATION = Hypothesis("interpolation", margin=s_1 - e1, strict=True)
bound = depth * (s_1 - e1) ** 2 / norm_weights**2


def becomes(lhs: Expr) -> Change:
    """The claim with another bound."""
    return Change(claims=(Claim("kernel", lhs, theta),))


STATEMENT = Statement(
    title="The tangent kernel grows with the number of linear layers, sharp",
    source=PAPER.at("Proposition 5.3, improved"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=KERNEL_SIZES,
    hypotheses=(INTERPOLATION,),
    claims=(Claim("kernel", lhs=bound, rhs=theta),),
    witnesses=(IDENTITIES,),
    samplers=(BALANCED_HEADS,),
    kind=Inequality(effort=0.2),
    prepare=interpolate,
    observed=(("e1", e1), ("w", norm_weights)),
    mutants=(
        Mutant(
            "per_mille", "1.001 of the bound", becomes(bound * Rational(1001, 1000)), IDENTITIES
        ),
        Mutant(
            "one_more", "L2 + 1 in place of L2", becomes(bound * (depth + 1) / depth), IDENTITIES
        ),
        Mutant(
            "frobenius",
            "|Y|_F = sqrt(N) in place of s_1(Y)",
            becomes(depth * (sqrt(N) - e1) ** 2 / norm_weights**2),
            IDENTITIES,
        ),
        Mutant("no_r", "w dropped", becomes(bound * norm_weights**2), LARGE_WEIGHTS),
        Mutant(
            "no_error",
            "s_1(Y) in place of s_1(Y) - e1",
            becomes(bound * (s_1 / (s_1 - e1)) ** 2),
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
