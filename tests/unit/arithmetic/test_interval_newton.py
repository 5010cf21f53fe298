"""Krawczyk's inclusion on systems whose zeros are known."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, arb_mat, ctx

from checkers.arithmetic.interval_newton import exact_ball, midpoint, not_included


def square_root(c: Fraction, r: Fraction, of: Fraction = Fraction(2)) -> str:
    """u^2 = of on [c - r, c + r], whose slopes are 2 u."""
    centre = exact_ball(c)
    slope = 2 * (centre + arb(0, exact_ball(r)))
    return not_included([centre * centre - exact_ball(of)], arb_mat([[slope]]), [r])


@pytest.mark.parametrize(
    ("c", "r", "proved"),
    [
        ("1.4", "0.05", True),  # 1.41421... is 0.0142 away
        ("1.4", "0.015", True),
        ("1.4", "0.0142", False),
        ("1.5", "0.05", False),
        ("-1.4", "0.05", True),
        ("1.4", "3", False),
        ("0", "1.5", False),
        ("1.4", "0", False),
        ("1.4", "-0.05", False),
    ],
)
def test_a_root_is_proved_exactly_where_the_box_allows(c, r, proved) -> None:
    assert (square_root(Fraction(c), Fraction(r)) == "") is proved


def test_a_double_root_is_not_proved() -> None:
    """u^2 = 0 at any centre."""
    for c in ("0", "1e-9"):
        assert square_root(Fraction(c), Fraction("1e-8"), Fraction(0))


def test_a_system_of_two() -> None:
    """u v = 1, u + v = 3: u = (3 + sqrt 5) / 2 = 2.618..., v = 0.3819..."""
    for r, proved in ((Fraction(1, 100), True), (Fraction(1, 10_000), False)):
        u, v = Fraction("2.62"), Fraction("0.38")
        box_u, box_v = (exact_ball(c) + arb(0, exact_ball(r)) for c in (u, v))
        values = [exact_ball(u * v - 1), exact_ball(u + v - 3)]
        jacobian = arb_mat([[box_v, box_u], [1, 1]])
        assert (not_included(values, jacobian, [r, r]) == "") is proved


def test_what_is_not_finite_proves_nothing() -> None:
    r = [Fraction(1, 10)]
    assert not_included([arb.nan()], arb_mat([[1]]), r)
    assert not_included([arb(0)], arb_mat([[arb.nan()]]), r)
    assert not_included([arb(0)], arb_mat([[0]]), r)


def test_nothing_to_solve_is_solved() -> None:
    assert not_included([], arb_mat(0, 0), []) == ""


def test_midpoints_are_rounded_exactly() -> None:
    with ctx.workprec(300):
        third = arb(1) / 3
    assert midpoint(third, 4) in (
        Fraction(5, 16),
        Fraction(11, 32),
    )  # 0.0101 and 0.01011, 1/3 between
    assert abs(midpoint(third, 100) - Fraction(1, 3)) <= Fraction(1, 2**101)
    assert midpoint(arb(0), 53) == 0
