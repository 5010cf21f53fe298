"""A step of gradient descent under the shifted PL inequality (Jacot et al. 2025, Proposition 4.5).

On linear regression with weight decay, alpha = 4 sigma_min(A)^2 and beta_1 = |A|^2 + lam. For
eta <= 1 / (2 beta_1) and |theta| <= R a step from theta obeys
C_lam - C_lam^+ >= eta alpha / 8 (C_lam - lam m), m = (1 + sqrt(4 lam / alpha))^2 R^2,
so that C_lam - lam m falls by the factor 1 - eta alpha / 8 a step until C_lam is at most 2 lam m.
With the best constants of both steps of the proof, 3/16 in place of 1/8 and
m = (1/2 + 4 lam / alpha) R^2, there is equality at the largest rate where grad C_0 = -2 lam theta
and all singular values of A are equal.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.statement import Arrays, Change, Claim, Hypothesis, Layout, Mutant, Statement, Witness
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_regression import (
    ALIGNED,
    FULL_RANK,
    RATES,
    REGRESSIONS,
    SLOW,
    VARIABLES,
    WIDE,
    R,
    after,
    alpha,
    before,
    eta,
    lam,
    moderate,
    regression,
    scalar,
)
from .setting.shifted_pl import theta2

BOUNDED = Hypothesis("bounded", R**2 - theta2, says="|theta| is at most R")
SHARP = (Rational(1, 2) + 4 * lam / alpha) * R**2
PRINTED = (1 + sqrt(4 * lam / alpha)) ** 2 * R**2
BEST = Rational(3, 16)


def falls(name: str, part: Expr, m: Expr, alpha: Expr = alpha) -> Claim:
    """The decrease of a step, with another part of eta alpha, another shift or another alpha."""
    return Claim(name, part * eta * alpha * (before - lam * m), before - after)


def becomes(part: Expr = BEST, m: Expr = SHARP, alpha: Expr = alpha) -> Change:
    """The claim with the best constants, changed."""
    return Change(claims=(falls("best constants", part, m, alpha),))


def narrow(layout: Layout, labels: Array) -> Arrays:
    """Two samples and one parameter, the error orthogonal to the inputs: theta = 0 is critical."""
    inputs, targets = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])
    numbers = {"theta": 0.0, "R": 0.0, "lam": 0.5, "eta": 0.25}
    return {"A": inputs, "y": targets, **{k: np.array([[x]]) for k, x in numbers.items()}}


EQUALITY = scalar("gradient of C_0 equal to -2 lam theta, largest rate")
FAST = scalar("rate above 2 / beta_1", eta=2.0)
NO_RADIUS = scalar("R = 0 below |theta|", R=0.0)
SHORT_INPUT = scalar("input of length 1/8", A=0.125, y=8.0, lam=2.0**-12, eta=0.5)
NARROW = Witness("more samples than parameters", narrow, (regression(2, 1),))

STATEMENT = Statement(
    title="A step of gradient descent under the shifted PL inequality",
    source=PAPER.at("Proposition 4.5, proof of the rate"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=REGRESSIONS,
    hypotheses=(WIDE, FULL_RANK, *RATES, SLOW, BOUNDED),
    claims=(
        falls("best constants", BEST, SHARP),
        falls("as printed", Rational(1, 8), PRINTED),
    ),
    witnesses=(EQUALITY,),
    samplers=(ALIGNED,),
    prepare=moderate,
    kind=Inequality(effort=0.1),
    mutants=(
        Mutant("quarter", "1/4 in place of 3/16", becomes(part=Rational(1, 4)), EQUALITY),
        Mutant("shift", "m = R^2 / 2", becomes(m=R**2 / 2), EQUALITY),
        Mutant("F6", "alpha not squared", becomes(alpha=4 * sqrt(alpha / 4)), SHORT_INPUT),
        Mutant("fast", "any learning rate", Change(drop=("slow",)), FAST),
        Mutant("bounded", "any theta", Change(drop=("bounded",)), NO_RADIUS),
        Mutant("wide", "any number of parameters", Change(drop=("wide",)), NARROW),
    ),
    notes="Repeated from theta_0 with R = |theta_0| + r_0 this gives C_lam <= 2 lam m after at "
    "most log(lam m / (C_lam(theta_0) - lam m)) / log(1 - eta alpha / 8) steps, rounded up.",
)
