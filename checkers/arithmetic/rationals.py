"""Exact linear algebra over the rationals: LDL^T, semidefiniteness, Sturm's root count.

Matrices are nested sequences of rationals (n rows of n), polynomials sequences of coefficients,
constant term first. Nothing is rounded, so every answer is a proof; arguments that are not rational
(a float among them) raise TypeError, and a matrix that is not symmetric raises ValueError.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from flint import fmpq, fmpq_poly

Number = int | Fraction | fmpq
Matrix = Sequence[Sequence[Number]]
Row = dict[int, fmpq]
"""The non-zero entries of a row, by column."""

_ZERO = fmpq(0)


@dataclass(frozen=True)
class Factorisation:
    """An exact L D L^T of a symmetric matrix (n x n), or the reason why there is none.

    L is unit lower triangular. When a pivot is zero and its column is not, no such factors exist
    and elimination stops there: `complete` is False and `pivots` has the ones before it.
    """

    pivots: tuple[Fraction, ...]
    """The diagonal of D, in the order of the rows."""
    lower: tuple[tuple[Fraction, ...], ...]
    """L (n x len(pivots)), by rows."""
    complete: bool
    negative_direction: tuple[Fraction, ...] | None
    """x with x^T M x < 0, from the first obstruction met; None when M is semidefinite."""

    @property
    def rank(self) -> int:
        """The rank of the matrix; of its eliminated part when the factors are not complete."""
        return sum(pivot != 0 for pivot in self.pivots)

    @property
    def is_positive_semidefinite(self) -> bool:
        """Whether x^T M x >= 0 for every x."""
        return self.negative_direction is None

    @property
    def inertia(self) -> tuple[int, int, int]:
        """How many eigenvalues are positive, negative and zero (J. Sylvester's law).

        Raises ArithmeticError when the factors are not complete.
        """
        if not self.complete:
            raise ArithmeticError("a zero pivot with a non-zero column ended the factorisation")
        positive = sum(pivot > 0 for pivot in self.pivots)
        negative = sum(pivot < 0 for pivot in self.pivots)
        return positive, negative, len(self.pivots) - positive - negative


def ldlt(matrix: Matrix) -> Factorisation:
    """Factor a symmetric matrix (n x n) as L D L^T, without pivoting and skipping zeros."""
    rest = _symmetric_rows(matrix)
    n = len(rest)
    columns: list[Row] = []
    pivots: list[fmpq] = []
    direction: list[fmpq] | None = None
    complete = True
    for k in range(n):
        column = rest[k]
        pivot = column.pop(k, _ZERO)
        if direction is None and pivot < 0:
            direction = _lift({k: fmpq(1)}, columns, n)
        if pivot == 0 and column:
            i, entry = next(iter(column.items()))
            # On e_i + t e_k the form is rest_ii + 2 t entry, which this t makes -1.
            slope = -(rest[i].get(i, _ZERO) + 1) / (2 * entry)
            direction = direction or _lift({i: fmpq(1), k: slope}, columns, n)
            complete = False
            break
        factors = {i: entry / pivot for i, entry in column.items()}
        for i, factor in factors.items():
            target = rest[i]
            for j, entry in column.items():
                if j >= i:
                    value = target.get(j, _ZERO) - factor * entry
                    if value == 0:
                        target.pop(j, None)
                    else:
                        target[j] = value
        columns.append(factors)
        pivots.append(pivot)
    return Factorisation(
        pivots=tuple(map(_fraction, pivots)),
        lower=_lower(columns, n),
        complete=complete,
        negative_direction=None if direction is None else tuple(map(_fraction, direction)),
    )


def is_positive_semidefinite(matrix: Matrix) -> bool:
    """Return whether x^T M x >= 0 for every x; M symmetric (n x n)."""
    return negative_direction(matrix) is None


def negative_direction(matrix: Matrix) -> tuple[Fraction, ...] | None:
    """Return x (n) with x^T M x < 0 exactly, or None, which proves M (n x n) semidefinite."""
    return ldlt(matrix).negative_direction


def quadratic_form(matrix: Matrix, x: Sequence[Number]) -> Fraction:
    """Return x^T M x exactly; M (n x n, symmetric or not), x (n)."""
    vector = [_rational(value) for value in x]
    if len(matrix) != len(vector):
        raise ValueError(f"a form on {len(matrix)} variables was given {len(vector)} values")
    total = _ZERO
    for weight, row in zip(vector, matrix, strict=True):
        if weight != 0:
            terms = zip(row, vector, strict=True)
            total += weight * sum((_rational(a) * b for a, b in terms if b != 0), _ZERO)
    return _fraction(total)


def sturm_count(coefficients: Sequence[Number], a: Number | None, b: Number | None) -> int:
    """Return the number of distinct real roots in (a, b] of a polynomial, constant term first.

    None stands for -infinity as a and for +infinity as b. Raises ValueError for the zero
    polynomial and for b < a. Source: C. Sturm's theorem on the square-free part.
    """
    polynomial = fmpq_poly([_rational(c) for c in coefficients])
    if polynomial.degree() < 0:
        raise ValueError("every number is a root of the zero polynomial")
    low = None if a is None else _rational(a)
    high = None if b is None else _rational(b)
    if low is not None and high is not None and high < low:
        raise ValueError("the interval ends before it begins")
    current = polynomial // polynomial.gcd(polynomial.derivative())
    following = current.derivative()
    chain = [current]
    while following.degree() >= 0:
        chain.append(following)
        current, following = following, -(current % following)
    return _variations(chain, low, -1) - _variations(chain, high, 1)


def _variations(chain: list[fmpq_poly], point: fmpq | None, infinity: int) -> int:
    """Count the sign changes of the chain at `point`, or at -infinity or +infinity when None."""
    signs: list[bool] = []
    for p in chain:
        value = p[p.degree()] * infinity ** p.degree() if point is None else p(point)
        if value != 0:
            signs.append(value > 0)
    return sum(s != t for s, t in pairwise(signs))


def _lift(tail: Row, columns: list[Row], n: int) -> list[fmpq]:
    """Return x (n) on which the form equals that of the remaining matrix on `tail`.

    The entries before the tail solve L^T x = 0 in the rows already eliminated.
    """
    x = [tail.get(i, _ZERO) for i in range(n)]
    for j in range(len(columns) - 1, -1, -1):
        x[j] = -sum((factor * x[i] for i, factor in columns[j].items()), _ZERO)
    return x


def _lower(columns: list[Row], n: int) -> tuple[tuple[Fraction, ...], ...]:
    """Return the rows of the unit lower triangular matrix with these columns below its diagonal."""
    rows = [[Fraction(0)] * len(columns) for _ in range(n)]
    for k, column in enumerate(columns):
        rows[k][k] = Fraction(1)
        for i, factor in column.items():
            rows[i][k] = _fraction(factor)
    return tuple(map(tuple, rows))


def _symmetric_rows(matrix: Matrix) -> list[Row]:
    """Return the upper triangle of the matrix by rows; ValueError when it is not symmetric."""
    n = len(matrix)
    if any(len(row) != n for row in matrix):
        raise ValueError("the matrix is not square")
    rows = [[_rational(value) for value in row] for row in matrix]
    if any(rows[i][j] != rows[j][i] for i in range(n) for j in range(i)):
        raise ValueError("the matrix is not symmetric")
    return [{j: row[j] for j in range(i, n) if row[j] != 0} for i, row in enumerate(rows)]


def _rational(value: Number) -> fmpq:
    """Return the number as a flint rational; TypeError when it is not rational."""
    if isinstance(value, fmpq):
        return value
    if not isinstance(value, int | Fraction):
        raise TypeError(f"{value!r} is not an exact rational")
    return fmpq(value.numerator, value.denominator)


def _fraction(value: fmpq) -> Fraction:
    """Return the flint rational as a Fraction."""
    return Fraction(int(value.p), int(value.q))
