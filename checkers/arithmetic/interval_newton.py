"""Verified existence of a zero of a square system: the operator of Krawczyk in balls.

For F: R^m -> R^m, a centre c, a box X = c + [-r, r] and any matrix Y, the operator is
K(X) = c - Y F(c) + (I - Y F'(X)) (X - c). If K(X) lies in the interior of X, then X holds exactly
one zero of F (R. Krawczyk 1969; R. E. Moore 1977; A. Neumaier, Interval Methods for Systems of
Equations, theorem 5.1.8).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from flint import arb, arb_mat, ctx, fmpq


def not_included(values: Sequence[arb], jacobian: arb_mat, radii: Sequence[Fraction]) -> str:
    """Why the inclusion is not verified; empty text where it is, which proves a unique zero.

    ``values`` enclose F at the centre (m), ``jacobian`` encloses F' on the box (m, m), ``radii``
    (m) are those of the box.
    """
    m = len(radii)
    if m == 0:
        return ""
    if any(r <= 0 for r in radii):
        return "a radius is not positive"
    try:
        Y = jacobian.mid().inv().mid()
    except ZeroDivisionError:
        return "the Jacobian is singular: the solution is not simple"
    box = arb_mat(m, 1, [arb(0, exact_ball(r)) for r in radii])
    identity = arb_mat(m, m, [int(i == j) for i in range(m) for j in range(m)])
    moved = (identity - Y * jacobian) * box - Y * arb_mat(m, 1, list(values))
    outside = sum(not abs(z) < exact_ball(r) for z, r in zip(moved.entries(), radii, strict=True))
    if not outside:
        return ""
    return (
        f"Krawczyk's operator leaves the box in {outside} of {m} entries: no solution is in the"
        " box, or one that is not simple"
    )


def exact_ball(x: Fraction) -> arb:
    """The tightest ball around a fraction at the current precision."""
    return arb(fmpq(x.numerator, x.denominator))


def midpoint(x: arb, bits: int) -> Fraction:
    """The midpoint of a ball rounded to that many bits, exactly."""
    with ctx.workprec(bits):
        mantissa, exponent = (x * 1).mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
