from __future__ import annotations

import random
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.arithmetic.rationals import (
    is_positive_semidefinite,
    ldlt,
    negative_direction,
    quadratic_form,
    sturm_count,
)

Rows = list[list[Fraction]]


def symmetric(n: int, rank: int, negative: bool, seed: int) -> Rows:
    """Return B^T D B with B rank x n of small fractions and signs as asked."""
    rng = random.Random(seed)
    rows: Rows = [[Fraction(0)] * n for _ in range(n)]
    for r in range(rank):
        b = [Fraction(rng.randint(-3, 3), rng.randint(1, 3)) for _ in range(n)]
        sign = -1 if negative and r == rank - 1 else 1
        for i in range(n):
            for j in range(n):
                rows[i][j] += sign * b[i] * b[j]
    return rows


def exact(rows: Rows) -> sympy.Matrix:
    return sympy.Matrix([[sympy.Rational(x.numerator, x.denominator) for x in r] for r in rows])


def rebuild(rows: Rows) -> Rows:
    f = ldlt(rows)
    n = len(rows)
    return [
        [sum((f.lower[i][k] * d * f.lower[j][k] for k, d in enumerate(f.pivots)), Fraction(0))
         for j in range(n)]
        for i in range(n)
    ]  # fmt: skip


@given(
    n=st.integers(1, 6),
    rank=st.integers(0, 6),
    negative=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=80)
def test_against_exact_oracles(n: int, rank: int, negative: bool, seed: int) -> None:
    rows = symmetric(n, rank, negative, seed)
    matrix = exact(rows)
    factors = ldlt(rows)
    assert factors.is_positive_semidefinite == matrix.is_positive_semidefinite
    direction = negative_direction(rows)
    if direction is None:
        assert factors.complete
        assert factors.rank == matrix.rank()
        assert rebuild(rows) == rows
    else:
        x = sympy.Matrix([sympy.Rational(v.numerator, v.denominator) for v in direction])
        assert (x.T * matrix * x)[0, 0] < 0
        assert quadratic_form(rows, direction) < 0
    if factors.complete:
        product = Fraction(1)
        for pivot in factors.pivots:
            product *= pivot
        assert sympy.Rational(product.numerator, product.denominator) == matrix.det()


@pytest.mark.parametrize("seed", range(20))
def test_inertia_matches_float_eigenvalues(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a = rng.integers(-9, 10, size=(7, 7))
    a = a + a.T
    values = np.linalg.eigvalsh(a)
    assert np.abs(values).min() > 1e-6
    factors = ldlt(a.tolist())
    assert factors.complete
    assert factors.inertia == (int((values > 0).sum()), int((values < 0).sum()), 0)
    assert factors.is_positive_semidefinite == bool(values[0] > 0)
    assert rebuild([[Fraction(x) for x in row] for row in a.tolist()]) == a.tolist()


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 1], [1, 0]],
        [[0, 1], [1, 5]],
        [[-1]],
        [[1, 1], [1, Fraction(999999999999, 1000000000000)]],
        [[1, 1, 0], [1, 1, 1], [0, 1, 100]],
        [[0, 0, 0], [0, 0, 0], [0, 0, Fraction(-1, 10**30)]],
        [[2, 1, 3], [1, Fraction(1, 2), 1], [3, 1, 50]],
    ],
)
def test_indefinite_matrices_have_a_certificate(rows: Rows) -> None:
    direction = negative_direction(rows)
    assert direction is not None
    assert len(direction) == len(rows)
    assert exact([[Fraction(x) for x in row] for row in rows]).is_positive_semidefinite is False
    assert quadratic_form(rows, direction) < 0


@pytest.mark.parametrize(
    ("rows", "rank"),
    [
        ([], 0),
        ([[0]], 0),
        ([[0, 0], [0, 1]], 1),
        ([[1, 1], [1, 1]], 1),
        ([[1, -1, 0], [-1, 2, -1], [0, -1, 1]], 2),
        ([[1, 0, 1], [0, 0, 0], [1, 0, 1]], 1),
    ],
)
def test_semidefinite_matrices_of_known_rank(rows: list[list[int]], rank: int) -> None:
    assert is_positive_semidefinite(rows)
    assert ldlt(rows).rank == rank


def test_a_perturbation_in_the_thirtieth_digit_is_noticed() -> None:
    n = 6
    rows = [[Fraction(n - 1 if i == j else -1) for j in range(n)] for i in range(n)]
    assert is_positive_semidefinite(rows)
    rows[n - 1][n - 1] -= Fraction(1, 10**30)
    assert not is_positive_semidefinite(rows)


def test_a_blocked_zero_pivot_ends_the_factorisation() -> None:
    factors = ldlt([[1, 0, 0], [0, 0, 2], [0, 2, 3]])
    assert not factors.complete
    assert factors.pivots == (1,)
    with pytest.raises(ArithmeticError, match="zero pivot"):
        _ = factors.inertia


def test_size_110_sparse() -> None:
    classes = per_class = 10
    size = classes + classes * per_class
    rows = [[Fraction(0)] * size for _ in range(size)]
    for k in range(classes):
        rows[k][k] = Fraction(per_class, 3)
        for i in range(per_class):
            j = classes + k * per_class + i
            rows[j][j] = Fraction(1, 3)
            rows[k][j] = rows[j][k] = Fraction(-1, 3)
    factors = ldlt(rows)
    assert factors.is_positive_semidefinite
    assert factors.rank == size - classes
    rows[0][0] -= Fraction(1, 10**20)
    direction = negative_direction(rows)
    assert direction is not None
    assert quadratic_form(rows, direction) < 0


@given(
    roots=st.lists(st.fractions(-3, 3, max_denominator=4), max_size=5),
    bounds=st.tuples(
        st.fractions(-4, 4, max_denominator=4), st.fractions(-4, 4, max_denominator=4)
    ).map(sorted),
    complex_pair=st.booleans(),
)
@settings(deadline=None, max_examples=150)
def test_sturm_counts_known_roots(
    roots: list[Fraction], bounds: list[Fraction], complex_pair: bool
) -> None:
    low, high = bounds
    coefficients = [Fraction(1)]
    factors = [[-r, Fraction(1)] for r in roots]
    if complex_pair:
        factors.append([Fraction(2), Fraction(1), Fraction(1)])
    for factor in factors:
        product = [Fraction(0)] * (len(coefficients) + len(factor) - 1)
        for i, c in enumerate(coefficients):
            for j, f in enumerate(factor):
                product[i + j] += c * f
        coefficients = product
    assert sturm_count(coefficients, low, high) == sum(low < r <= high for r in set(roots))
    assert sturm_count(coefficients, None, None) == len(set(roots))
    assert sturm_count(coefficients, None, high) == sum(r <= high for r in set(roots))
    assert sturm_count(coefficients, low, None) == sum(r > low for r in set(roots))


@pytest.mark.parametrize("seed", range(15))
def test_sturm_matches_sympy(seed: int) -> None:
    rng = random.Random(seed)
    coefficients = [rng.randint(-5, 5) for _ in range(rng.randint(2, 8))] + [1]
    polynomial = sympy.Poly(list(reversed(coefficients)), sympy.Symbol("x"))
    inside = {r for r in sympy.real_roots(polynomial) if r > -1 and r <= 2}
    assert sturm_count(coefficients, -1, 2) == len(inside)


def test_sturm_on_intervals_and_degenerate_polynomials() -> None:
    assert sturm_count([-2, 0, 1], -2, 2) == 2
    assert sturm_count([-2, 0, 1], Fraction(14142, 10000), Fraction(14143, 10000)) == 1
    assert sturm_count([0, 0, 1], -1, 0) == 1
    assert sturm_count([0, 0, 1], 0, 1) == 0
    assert sturm_count([7], None, None) == 0
    assert sturm_count([0, 1, 0], -1, 1) == 1
    with pytest.raises(ValueError, match="zero polynomial"):
        sturm_count([0, 0], 0, 1)
    with pytest.raises(ValueError, match="ends before"):
        sturm_count([0, 1], 1, 0)


def test_arguments_are_checked() -> None:
    with pytest.raises(TypeError, match="not an exact rational"):
        ldlt([[0.5]])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="not symmetric"):
        ldlt([[1, 2], [3, 4]])
    with pytest.raises(ValueError, match="not square"):
        ldlt([[1, 2]])
    with pytest.raises(ValueError, match="2 variables"):
        quadratic_form([[1, 0], [0, 1]], [1])
    assert quadratic_form([[fmpq(1, 2), 1], [0, 3]], [Fraction(2), 1]) == 7
    assert ldlt([[fmpq(1, 2), 1], [Fraction(1), 3]]).pivots == (Fraction(1, 2), 1)
