"""A PL inequality survives weight decay, shifted (Jacot et al. 2025, Proposition 4.5, (11)).

Where |grad C_0|^2 >= alpha/2 C_0 and |theta| <= R, the paper has
|grad C_lam|^2 >= alpha/4 (C_lam - lam m) with m = (1 + sqrt(4 lam / alpha))^2 R^2.
The best constant is m = (1/2 + 4 lam / alpha) R^2: with x^2 = alpha C_0 / 2 and rho = |theta| <= R
the difference of the sides is then at least (x - 2 lam rho)^2 / 2 for x >= lam rho, while below
that, where the gradient may vanish, the right-hand side is negative. Equality at R = rho and
grad C_0 = -2 lam theta.
"""

from __future__ import annotations

import sympy
from sympy import Expr, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Mutant, Proof, Statement, Vanishing
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.shifted_pl import (
    AGAINST,
    BOUNDED,
    PL,
    POSITIVE,
    VARIABLES,
    VECTORS,
    C_lam,
    R,
    alpha,
    gradient2,
    lam,
    meeting,
    witness,
)

PRINTED = (1 + sqrt(4 * lam / alpha)) ** 2 * R**2
SHARP = (Rational(1, 2) + 4 * lam / alpha) * R**2


def shifted(name: str, m: Expr, part: Expr = alpha / 4) -> Claim:
    """The inequality with another shift or another part of alpha."""
    return Claim(name, part * (C_lam - lam * m), gradient2)


def becomes(m: Expr, part: Expr = alpha / 4) -> Change:
    """The same in place of both claims."""
    return Change(claims=(shifted("best constant", m, part),))


def without(hypothesis: str) -> Change:
    """The claim with the best constant, one hypothesis dropped."""
    return Change(claims=(shifted("best constant", SHARP),), drop=(hypothesis,))


def squares(sharp: bool) -> Vanishing:
    """(x - lam rho)^2 less the right-hand side, x^2 = alpha C_0 / 2 and R = rho, as squares."""
    x, rho, a, ell = sympy.symbols("x rho alpha lambda", positive=True)
    m = Rational(1, 2) + 4 * ell / a if sharp else (1 + sqrt(4 * ell / a)) ** 2
    bound = a / 4 * (2 * x**2 / a + ell * rho**2 / 2 - ell * m * rho**2)
    rest = 0 if sharp else rho**2 * (a * ell / 8 + ell ** Rational(3, 2) * sqrt(a))
    square = (x - 2 * ell * rho) ** 2 / 2
    return Vanishing((sympy.expand((x - ell * rho) ** 2 - bound - square - rest),))


EQUALITY = witness(
    "gradient of C_0 equal to -2 lam theta",
    alpha=2.0, lam=0.25, gradient=-0.5, C0=0.25,
    says="x = 2 lam |theta| and |theta| = R",
)  # fmt: skip
STRONG_DECAY = witness("the same with lam = 4 alpha", alpha=1.0, lam=4.0, gradient=-8.0, C0=128.0)
LARGE_LOSS = witness("large loss", alpha=1.0, lam=1.0, gradient=-10.0, C0=200.0)
NO_RADIUS = witness("R = 0 below |theta|", alpha=2.0, lam=0.25, gradient=-0.5, C0=0.25, R=0.0)
STATIONARY = witness("critical with a large loss", alpha=1.0, lam=1.0, gradient=-1.0, C0=100.0)
NEGATIVE_DECAY = witness("negative lam", alpha=8.0, lam=-0.125, gradient=0.0, C0=0.0, R=10.0)
NEGATIVE_ALPHA = witness("negative alpha", alpha=-1.0, lam=0.0625, gradient=0.0, C0=0.0, R=100.0)

STATEMENT = Statement(
    title="A shifted PL inequality with weight decay",
    source=PAPER.at("Proposition 4.5, (11)"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=VECTORS,
    hypotheses=(*POSITIVE, PL, BOUNDED),
    claims=(shifted("best constant", SHARP), shifted("as printed", PRINTED)),
    witnesses=(EQUALITY, STRONG_DECAY),
    samplers=(AGAINST,),
    prepare=meeting,
    kind=Inequality(effort=0.2),
    mutants=(
        Mutant(
            "quarter",
            "m = (1/4 + 4 lam / alpha) R^2",
            becomes((Rational(1, 4) + 4 * lam / alpha) * R**2),
            EQUALITY,
        ),
        Mutant("half_alpha", "alpha/2 in place of alpha/4", becomes(SHARP, alpha / 2), LARGE_LOSS),
        Mutant("no_decay", "m = R^2 / 2", becomes(R**2 / 2), EQUALITY),
        Mutant(
            "root",
            "1 + sqrt(4 lam / alpha) not squared",
            becomes((1 + sqrt(4 * lam / alpha)) * R**2),
            STRONG_DECAY,
        ),
        Mutant("bounded", "any theta", without("bounded"), NO_RADIUS),
        Mutant("PL", "no PL inequality for C_0", without("PL"), STATIONARY),
        Mutant("lam", "any lam", without("weight decay"), NEGATIVE_DECAY),
        Mutant("alpha", "any alpha", without("alpha"), NEGATIVE_ALPHA),
    ),
    proofs=(
        Proof(
            claim="best constant",
            method="sum of squares",
            obligation=lambda: squares(sharp=True),
            says="|grad C_lam| >= x - lam rho where x >= lam rho; below, the right is negative",
        ),
        Proof(
            claim="as printed",
            method="sum of squares",
            obligation=lambda: squares(sharp=False),
            says="the rest, rho^2 (alpha lam / 8 + lam^(3/2) sqrt(alpha)), is not negative",
        ),
    ),
)
