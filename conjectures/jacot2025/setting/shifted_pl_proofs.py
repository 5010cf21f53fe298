"""The shifted PL inequality as a sum of squares, with the best constant and as printed."""

from __future__ import annotations

import sympy

from checkers.language import Proof, Rational, Vanishing, sqrt


def squares(sharp: bool) -> Vanishing:
    """(x - lam rho)^2 less the right-hand side, x^2 = alpha C_0 / 2 and R = rho, as squares.

    With the best constant (``sharp``) one square is left, with the printed one there is a rest.
    """
    x, rho, a, ell = sympy.symbols("x rho alpha lambda", positive=True)
    m = Rational(1, 2) + 4 * ell / a if sharp else (1 + sqrt(4 * ell / a)) ** 2
    bound = a / 4 * (2 * x**2 / a + ell * rho**2 / 2 - ell * m * rho**2)
    rest = 0 if sharp else rho**2 * (a * ell / 8 + ell ** Rational(3, 2) * sqrt(a))
    square = (x - 2 * ell * rho) ** 2 / 2
    return Vanishing((sympy.expand((x - ell * rho) ** 2 - bound - square - rest),))


PROOF = Proof(
    claim="best constant",
    method="sum of squares",
    obligation=lambda: squares(sharp=True),
    says="|grad C_lam| >= x - lam rho where x >= lam rho; below, the right is negative",
)
PROOF_AS_PRINTED = Proof(
    claim="as printed",
    method="sum of squares",
    obligation=lambda: squares(sharp=False),
    says="the rest, rho^2 (alpha lam / 8 + lam^(3/2) sqrt(alpha)), is not negative",
)
