"""Interpolation and balancedness imply NC1, with the best constants (after Jacot et al. 2025).

For equal classes
NC1(Z_{L-1}) <= (r^2/N) ((r e1 / (s_K - e1))^2 + r^2 (n_{L-1} - K) e2)
                / (sqrt((K-1)/K) - e1 / sqrt(N))^2
for e1 < min(s_K(Y), sqrt((K-1) N / K)). Against (18): Pythagoras in place of the triangle
inequality, the kernel of W_L has n_{L-1} - K dimensions, and the error enters once.
"""

from __future__ import annotations

from sympy import Expr, Max, Min, sqrt

from checkers.models.experiments import DIGITS
from checkers.quantities.collapse import nc1
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.variables import K, N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
    BALANCED,
    BALANCED_HEADS,
    DISPLACED_OUTPUTS,
    OBSERVED,
    SIZES,
    VARIABLES,
    Z_last,
    e1,
    e2,
    interpolate,
    labels,
    norm_earlier,
    norm_last,
    norm_weights,
    r,
    s_K,
)
from .setting.linear_head_witnesses import (
    LARGE_EARLIER_FEATURES,
    LARGE_LAST_FEATURES,
    SPREAD,
    SPREAD_EXACTLY,
)

measured = nc1(Z_last, labels)
INTERPOLATION = Hypothesis(
    "interpolation", margin=Min(s_K, sqrt((K - 1) * N / K)) - e1, strict=True
)


def bound(radius: Expr = r, kernel: Expr = last_width - K, imbalance: Expr = e2) -> Expr:
    """The right-hand side with another radius, dimension of the kernel or imbalance."""
    spread = (radius * e1 / (s_K - e1)) ** 2 + radius**2 * kernel * imbalance
    return radius**2 / N * spread / (sqrt((K - 1) / K) - e1 / sqrt(N)) ** 2


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("NC1", measured, rhs),))


STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1, with the best constants",
    source=PAPER.at("Theorem 3.1, sharpened"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED, INTERPOLATION),
    claims=(Claim("NC1", lhs=measured, rhs=bound()),),
    witnesses=(SPREAD, SPREAD_EXACTLY),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    prepare=interpolate,
    trained=(DIGITS,),
    observed=OBSERVED,
    mutants=(
        Mutant(
            "kernel_less_one",
            "n_{L-1} - K - 1 in place of n_{L-1} - K",
            becomes(bound(kernel=last_width - K - 1)),
            SPREAD_EXACTLY,
        ),
        Mutant("M1", "half the bound", becomes(bound() / 2), SPREAD_EXACTLY),
        Mutant("M2", "n_{L-1} - K dropped", becomes(bound(kernel=1)), SPREAD_EXACTLY),
        Mutant("M3", "e2^2 in place of e2", becomes(bound(imbalance=e2**2)), SPREAD_EXACTLY),
        Mutant("M4", "r in place of r^2 outside", becomes(bound() / r), SPREAD_EXACTLY),
        Mutant(
            "M5",
            "norm of Z_{L-2} not bounded",
            becomes(bound(Max(norm_last, norm_weights))),
            LARGE_EARLIER_FEATURES,
        ),
        Mutant(
            "M6",
            "norm of Z_{L-1} not bounded",
            becomes(bound(Max(norm_earlier, norm_weights))),
            LARGE_LAST_FEATURES,
        ),
    ),
)
