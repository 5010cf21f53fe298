"""Exact rational points: linear equalities solved for, small fractions recognised."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy
from spheres import H2, MARGIN, TRIANGLE, W2, equal, instance, statement

from checkers.declared.claim import Hypothesis
from checkers.existence_search import Certified, certify_near
from checkers.models.frames import centring
from checkers.quantities.margins import margin_spread
from checkers.rational_points import affine_solution, rationalised
from checkers.settings.unconstrained import EQUAL_NORMS, NC1, ZERO_MEAN, H, W, labels
from checkers.verdict import Verdict


def noisy(array, size, seed=0):
    return array + size * np.random.default_rng(seed).standard_normal(array.shape)


def test_rows_of_mean_zero_are_solved_for_exactly() -> None:
    near = instance(noisy(TRIANGLE, 1e-3), TRIANGLE.T)
    found = rationalised(statement((ZERO_MEAN,)), near)
    assert found is not None
    sums = [sum(column, Fraction(0)) for column in found.arrays["W"].T]
    assert sums == [0, 0]
    moved = np.abs((found.arrays["W"] - near.arrays["W"]).astype(float)) > 0
    assert moved.sum() == 2  # one entry of each column takes what is missing
    assert found.arrays["H"].dtype == float


def test_linear_equalities_together_are_solved_for() -> None:
    classes = [0, 0, 1, 1, 2, 2]
    near = instance(noisy(TRIANGLE, 1e-3), noisy(np.repeat(TRIANGLE.T, 2, 1), 1e-3), classes)
    found = rationalised(statement((ZERO_MEAN, NC1)), near)
    assert found is not None
    assert (found.arrays["H"][:, ::2] == found.arrays["H"][:, 1::2]).all()
    assert not found.arrays["W"].sum(0).any()


def test_a_dyadic_simplex_frame_is_recognised() -> None:
    """W = H = I - J/4: the margin is its bound 1, 98 per cent of the bound are less."""
    exact = np.asarray(centring(4))
    near = instance(*(noisy(exact.astype(float), 1e-9, seed) for seed in (1, 2)))
    bound = sympy.Rational(98, 100) * (W2 + H2) / 6
    found = certify_near(statement((ZERO_MEAN, EQUAL_NORMS), MARGIN, bound), near)
    assert isinstance(found, Certified)
    assert found.existence is None
    assert (found.instance.arrays["W"] == exact).all()
    assert found.verdict is Verdict.REFUTED
    assert found.evaluations[0].lhs == 1


def test_an_instance_that_satisfies_them_is_kept() -> None:
    square = instance(np.eye(3), np.eye(3))
    assert rationalised(statement((EQUAL_NORMS,)), square) is square


def test_a_point_that_violates_no_other_hypothesis_comes_first() -> None:
    """Rows of mean zero are solved for, but equal margins need the rounded entries."""
    equal_margins = Hypothesis("equal margins", -margin_spread(W, H, labels))
    exact = np.asarray(centring(4))
    near = instance(*(noisy(exact.astype(float), 1e-9, seed) for seed in (1, 2)))
    found = rationalised(statement((ZERO_MEAN, equal_margins)), near)
    assert found is not None
    assert (found.arrays["H"] == exact).all()
    alone = rationalised(statement((ZERO_MEAN,)), near)
    assert alone is not None
    assert (alone.arrays["H"] == near.arrays["H"]).all()


def test_rounding_does_not_go_far() -> None:
    """Entries a hundredth away from I - J/4 are other numbers, not rounded ones."""
    exact = np.asarray(centring(4)).astype(float)
    near = instance(noisy(exact, 1e-2, 1), noisy(exact, 1e-2, 2))
    assert rationalised(statement((ZERO_MEAN, EQUAL_NORMS)), near) is None


def test_contradictory_linear_equalities_have_no_rational_point() -> None:
    from checkers.quantities.numbers import number
    from checkers.variables import Variable

    x = number(Variable("W", ("1", "1"), ""))
    claim = statement((equal("one", x, 1), equal("two", x, 2)))
    assert rationalised(claim, instance(TRIANGLE, TRIANGLE.T)) is None


@pytest.mark.parametrize("hypotheses", [(), (EQUAL_NORMS,)])
def test_without_affine_equations_there_is_nothing_to_solve(hypotheses) -> None:
    assert affine_solution(statement(hypotheses), instance(TRIANGLE, TRIANGLE.T)) is None
