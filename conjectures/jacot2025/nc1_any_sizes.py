"""Interpolation and balancedness imply NC1 for classes of any size (repairs Jacot et al. 2025).

With s_K(Y) = sqrt(n_min) and e1 < min(s_K(Y), sqrt((K-1) n_min)),
NC1(Z_{L-1}) <= (r^2/N) ((r e1 / (s_K - e1))^2 + r^2 (n_{L-1} - K) e2)
                / (sqrt((K-1)/K) - e1 / sqrt(K n_min))^2.
It holds for either convention of the global mean, as the mean of class means gives the smaller
trace of Sigma_B.
"""

from __future__ import annotations

from sympy import Expr, Min, sqrt

from checkers.quantities.collapse import nc1
from checkers.quantities.labels import smallest_class
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.variables import K, N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
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
    r,
    s_K,
)
from .setting.linear_head_witnesses import LONE_SAMPLE, SPREAD, SPREAD_EXACTLY

measured = nc1(Z_last, labels)
n_min = smallest_class(labels)
INTERPOLATION = Hypothesis(
    "interpolation", margin=Min(s_K, sqrt((K - 1) * n_min)) - e1, strict=True
)


def bound(error: Expr, kernel: Expr = last_width - K) -> Expr:
    """The right-hand side where the error of class means is at most ``error``."""
    spread = (r * e1 / (s_K - e1)) ** 2 + r**2 * kernel * e2
    return r**2 / N * spread / (sqrt((K - 1) / K) - error) ** 2


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("NC1", measured, rhs),))


ERROR = e1 / sqrt(K * n_min)

STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1 for classes of any size",
    source=PAPER.at("Theorem 3.1, repaired"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(INTERPOLATION,),
    claims=(Claim("NC1", lhs=measured, rhs=bound(ERROR)),),
    witnesses=(SPREAD, SPREAD_EXACTLY),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    prepare=interpolate,
    observed=OBSERVED,
    mutants=(
        Mutant("M1", "half the bound", becomes(bound(ERROR) / 2), SPREAD_EXACTLY),
        Mutant("M2", "n_{L-1} - K dropped", becomes(bound(ERROR, kernel=1)), SPREAD_EXACTLY),
        Mutant(
            "error_over_N",
            "error of class means at most e1 / sqrt(N), as for equal classes",
            becomes(bound(e1 / sqrt(N))),
            LONE_SAMPLE,
        ),
    ),
)
