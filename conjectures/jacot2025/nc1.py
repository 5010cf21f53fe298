"""Interpolation and balancedness imply NC1 (Jacot et al. 2025, Theorem 3.1, equation (18)).

If the outputs are within e1 of the one-hot labels, neighbouring matrices of the linear head are
balanced up to e2 and all norms are at most r, then the ratio of traces
NC1(Z_{L-1}) <= (r^2/N) Psi^2 / (sqrt((K-1)/K) - 2 e1 / sqrt(N))^2 with
Psi = r (e1 / (s_K(Y) - e1) + sqrt(n_{L-1} e2)). Here e1, e2 and r are measured, so that every
instance meets the first three conditions by definition; classes are of equal size.
"""

from __future__ import annotations

from sympy import Expr, Max, sqrt

from checkers.models.experiments import DIGITS
from checkers.quantities.collapse import nc1
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import K, N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
    BALANCED,
    BALANCED_HEADS,
    DISPLACED_OUTPUTS,
    INTERPOLATION,
    OBSERVED,
    SIZES,
    VARIABLES,
    Z_last,
    e1,
    e2,
    error_bound,
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
    LONE_SAMPLE,
    SPREAD,
    SPREAD_EXACTLY,
    SPREAD_MANY,
    SPREAD_WIDE,
)

measured = nc1(Z_last, labels)
gap = (sqrt((K - 1) / K) - 2 * e1 / sqrt(N)) ** 2


def bound(psi: Expr, radius: Expr = r) -> Expr:
    """The right-hand side of (18) with another Psi or radius."""
    return radius**2 / N * psi**2 / gap


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("NC1", measured, rhs),))


def with_radius(radius: Expr) -> Change:
    """The bound with r measured on fewer matrices."""
    return becomes(bound(error_bound(e1, e2, radius), radius))


psi = error_bound(e1, e2)

STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1",
    source=PAPER.at("Theorem 3.1, (18)"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED, INTERPOLATION),
    claims=(Claim("NC1", lhs=measured, rhs=bound(psi)),),
    witnesses=(SPREAD_MANY,),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    prepare=interpolate,
    trained=(DIGITS,),
    observed=OBSERVED,
    mutants=(
        Mutant("M1", "half the bound", becomes(bound(psi) / 2), SPREAD),
        Mutant("M2", "n_{L-1} dropped", becomes(bound(r * (e1 / (s_K - e1) + sqrt(e2)))), SPREAD),
        Mutant(
            "M3",
            "sqrt(n_{L-1}) e2 in place of sqrt(n_{L-1} e2)",
            becomes(bound(r * (e1 / (s_K - e1) + sqrt(last_width) * e2))),
            SPREAD_EXACTLY,
        ),
        Mutant("M4", "r in place of r^2 outside", becomes(r / N * psi**2 / gap), SPREAD_WIDE),
        Mutant(
            "M5",
            "norm of Z_{L-2} not bounded",
            with_radius(Max(norm_last, norm_weights)),
            LARGE_EARLIER_FEATURES,
        ),
        Mutant(
            "M6",
            "norm of Z_{L-1} not bounded",
            with_radius(Max(norm_earlier, norm_weights)),
            LARGE_LAST_FEATURES,
        ),
        Mutant("M7", "classes of any size", Change(drop=("balanced",)), LONE_SAMPLE),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            becomes(bound(error_bound(e1, 0))),
            SPREAD_EXACTLY,
        ),
    ),
)
