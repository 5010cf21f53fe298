"""Gradient descent falls geometrically to 2 lam m (Jacot et al. 2025, Proposition 4.5).

From a start that meets Assumptions 4.1 to 4.3, with eta < 1 / (2 beta_1) and as long as C_lam is
above lam m, m = (1 + sqrt(4 lam / alpha))^2 (|theta_0| + r_0)^2: after k steps
C_lam - lam m <= (1 - eta alpha / 8)^k (C_lam(theta_0) - lam m), and theta has moved by at most
8 sqrt(C_lam(theta_0) / alpha), so it is still in the ball where C_0 is PL. Hence it arrives at
2 lam m after at most k_1 = log(lam m / (C_lam(theta_0) - lam m)) / log(1 - eta alpha / 8) steps,
rounded up. Checked on networks that are tuned to the assumptions, with all their constants.
"""

from __future__ import annotations

from sympy import Expr, log, sqrt

from checkers.declared.kinds import Training
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.first_phase import (
    FAR,
    HYPOTHESES,
    ONES,
    SADDLE,
    SHORT,
    SLOW,
    VARIABLES,
    after,
    alpha,
    arrival,
    before,
    distance,
    eta,
    lam,
    left,
    m,
    record,
)


def falls(rate: Expr) -> Claim:
    """What is left above lam m after k steps, at a rate."""
    return Claim("rate", after - lam * m, left(rate) * (before - lam * m))


def stays(factor: int) -> Claim:
    """How far theta has moved, on the scale of sqrt(C_lam / alpha)."""
    return Claim("distance", distance, factor * sqrt(before / alpha))


ARRIVES = Claim(
    "arrival",
    log(lam * m) - log(before - lam * m),
    (arrival - 1) * log(1 - eta * alpha / 8),
)
"""arrival - 1 <= k_1, without its quotient of two negative logarithms."""


STATEMENT = Statement(
    title="The first phase of gradient descent, with its constants",
    source=PAPER.at("Proposition 4.5, (12)"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=ONES,
    hypotheses=HYPOTHESES,
    claims=(falls(eta * alpha / 8), stays(8), ARRIVES),
    witnesses=(SLOW,),
    samplers=(SHORT,),
    kind=Training(record),
    mutants=(
        Mutant(
            "rate",
            "eta alpha in place of eta alpha / 8",
            Change(claims=(falls(eta * alpha),)),
            SLOW,
        ),
        Mutant("distance", "2 in place of 8", Change(claims=(stays(2),)), FAR),
        Mutant("r0", "a ball of any size", Change(drop=("ball",)), SADDLE),
    ),
    notes="alpha and r_0 are the repaired constants of the PL ball; beta_1 is that of Lemma C.1.",
)
