"""A step of gradient descent under the shifted PL inequality (Jacot et al. 2025, Proposition 4.5).

On linear regression with weight decay, alpha = 4 sigma_min(A)^2 and beta_1 = |A|^2 + lam. For
eta <= 1 / (2 beta_1) and |theta| <= R a step from theta obeys
C_lam - C_lam^+ >= eta alpha / 8 (C_lam - lam m), m = (1 + sqrt(4 lam / alpha))^2 R^2,
so that C_lam - lam m falls by the factor 1 - eta alpha / 8 a step until C_lam is at most 2 lam m.
With the best constants of both steps of the proof, 3/16 in place of 1/8 and
m = (1/2 + 4 lam / alpha) R^2, there is equality at the largest rate where grad C_0 = -2 lam theta
and all singular values of A are equal.
"""

import numpy as np


from checkers.language import DERIVED, THEOREM, Claim, Definition, Mutant, Rational, Statement
from checkers.language import construction, sqrt
from . import PAPER
from .setting.linear_regression import FULL_RANK, RATES, REGRESSIONS, SLOW, WIDE, C_lam, C_next
from .setting.linear_regression import alpha, eta, regression, scalar
from .setting.shifted_pl import BOUNDED, R, lam

m = Definition("m", (1 + sqrt(4 * lam / alpha)) ** 2 * R**2)
best = Definition("best", (Rational(1, 2) + 4 * lam / alpha) * R**2, r"m_{\mathrm{best}}")
LARGEST = Rational(3, 16)


def fall(part=LARGEST, m=best, alpha=alpha):
    """A part of eta alpha of what is above a shift."""
    return part * eta * alpha * (C_lam - lam * m)


@construction("more samples than parameters", regression(2, 1))
def narrow(layout, labels):
    """Two samples and one parameter, the error orthogonal to the inputs: theta = 0 is critical."""
    inputs, targets = np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])
    numbers = {"theta": 0.0, "R": 0.0, "lam": 0.5, "eta": 0.25}
    return {"A": inputs, "y": targets, **{k: np.array([[x]]) for k, x in numbers.items()}}


EQUALITY = scalar("gradient of C_0 equal to -2 lam theta, largest rate")
FAST = scalar("rate above 2 / beta_1", eta=2.0)
NO_RADIUS = scalar("R = 0 below |theta|", R=0.0)
SHORT_INPUT = scalar("input of length 1/8", A=0.125, y=8.0, lam=2.0**-12, eta=0.5)

STATEMENT = Statement(
    title="A step of gradient descent under the shifted PL inequality",
    source=PAPER.at("Proposition 4.5, proof of the rate"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=REGRESSIONS,
    hypotheses=(WIDE, FULL_RANK, *RATES, SLOW, BOUNDED),
    claims=(
        Claim("best constants", lhs=fall(), rhs=C_lam - C_next),
        Claim("as printed", lhs=fall(Rational(1, 8), m), rhs=C_lam - C_next),
    ),
    witnesses=(EQUALITY,),
    mutants=(
        Mutant("quarter", "1/4 in place of 3/16", lhs=fall(part=Rational(1, 4)), by=EQUALITY),
        Mutant("shift", "m = R^2 / 2", lhs=fall(m=R**2 / 2), by=EQUALITY),
        Mutant("F6", "alpha not squared", lhs=fall(alpha=2 * sqrt(alpha)), by=SHORT_INPUT),
        Mutant("fast", "any learning rate", drop=("slow",), by=FAST),
        Mutant("bounded", "any theta", drop=("bounded",), by=NO_RADIUS),
        Mutant("wide", "any number of parameters", drop=("wide",), by=narrow),
    ),
    notes="Repeated from theta_0 with R = |theta_0| + r_0 this gives C_lam <= 2 lam m after at "
    "most log(lam m / (C_lam(theta_0) - lam m)) / log(1 - eta alpha / 8) steps, rounded up.",
)
