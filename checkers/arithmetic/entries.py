"""Matrices of numbers that are no flint numbers, for the rigorous implementations of quantities.

These are written for flint matrices. An ``EntryMatrix`` has as much of their interface, with
entries that carry slopes or are polynomials (``dual``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, Self

from flint import arb, arb_mat, fmpq, fmpq_mat

from checkers.arithmetic.balls import BALLS, RATIONALS
from checkers.arithmetic.dual import certainly_at_least


class EntryMatrix:
    """A matrix of any numbers that knows as much of the interface of flint's as quantities use.

    ``rational`` says that its numbers are exact, so that an irrational constant is refused.
    """

    rational = False

    def __init__(self, rows: Any) -> None:
        """From rows, or from a flint matrix of constants."""
        if isinstance(rows, fmpq_mat | arb_mat | EntryMatrix):
            rows = rows.tolist()
        self._rows: list[list[Any]] = [list(row) for row in rows]

    def nrows(self) -> int:
        """Number of rows."""
        return len(self._rows)

    def ncols(self) -> int:
        """Number of columns."""
        return len(self._rows[0])

    def tolist(self) -> list[list[Any]]:
        """Rows."""
        return [list(row) for row in self._rows]

    def entries(self) -> list[Any]:
        """Entries, row by row."""
        return [x for row in self._rows for x in row]

    def transpose(self) -> Self:
        """Transposed."""
        return type(self)(zip(*self._rows, strict=True))

    def __getitem__(self, place: tuple[int, int]) -> Any:
        """The entry in a row and a column."""
        return self._rows[place[0]][place[1]]

    def _with(self, other: Any, combine: Callable[[Any, Any], Any]) -> Self:
        pairs = zip(self._rows, _rows_of(other), strict=True)
        return type(self)(
            [combine(x, y) for x, y in zip(row, row2, strict=True)] for row, row2 in pairs
        )

    def _each(self, change: Callable[[Any], Any]) -> Self:
        return type(self)([change(x) for x in row] for row in self._rows)

    def __neg__(self) -> Self:
        """Minus."""
        return self._each(lambda x: -x)

    def __add__(self, other: Any) -> Self:
        """Sum of matrices."""
        return self._with(other, lambda x, y: x + y)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Self:
        """Difference of matrices."""
        return self._with(other, lambda x, y: x - y)

    def __rsub__(self, other: Any) -> Self:
        """Difference of matrices."""
        return self._with(other, lambda x, y: y - x)

    def __mul__(self, other: Any) -> Self:
        """Product with a matrix or a number."""
        if _is_matrix(other):
            return type(self)(_product(self._rows, _rows_of(other)))
        return self._each(lambda x: x * other)

    def __rmul__(self, other: Any) -> Self:
        """Product of a matrix or a number with this one."""
        if _is_matrix(other):
            return type(self)(_product(_rows_of(other), self._rows))
        return self._each(lambda x: x * other)

    def __truediv__(self, other: Any) -> Self:
        """Quotient by a number."""
        return self._each(lambda x: x / other)


class RationalEntries(EntryMatrix):
    """A matrix of affine functions or polynomials over the rationals."""

    rational = True


def _is_matrix(x: Any) -> bool:
    return isinstance(x, EntryMatrix | fmpq_mat | arb_mat)


def _rows_of(x: Any) -> list[list[Any]]:
    rows: list[list[Any]] = x.tolist()
    return rows


def _product(left: list[list[Any]], right: list[list[Any]]) -> list[list[Any]]:
    columns = list(zip(*right, strict=True))
    return [[_scalar_product(row, column) for column in columns] for row in left]


def _scalar_product(row: Sequence[Any], column: Sequence[Any]) -> Any:
    """Exact zeros, as those of one-hot labels, are left out."""
    pairs = zip(row, column, strict=True)
    terms = [x * y for x, y in pairs if not _is_zero(x) and not _is_zero(y)]
    return reduce(lambda a, b: a + b, terms) if terms else fmpq(0)


def _is_zero(x: Any) -> bool:
    return isinstance(x, fmpq) and x == 0


class EntryFormulas:
    """Formulas on values with slopes or polynomials; ``rational`` refuses irrational constants."""

    def __init__(self, rational: bool) -> None:
        """Constants stay rational, or become balls where they must."""
        self._constants: Any = RATIONALS if rational else BALLS
        self._number: Callable[[Any], Any] = fmpq if rational else arb

    def rational(self, numerator: int, denominator: int) -> fmpq:
        """The quotient, exact."""
        return fmpq(numerator, denominator)

    def add(self, terms: Sequence[Any]) -> Any:
        """Sum."""
        return reduce(lambda a, b: a + b, terms)

    def multiply(self, factors: Sequence[Any]) -> Any:
        """Product."""
        return reduce(lambda a, b: a * b, factors)

    def root_power(self, base: Any, exponent: int, root: int) -> Any:
        """Power with a rational exponent."""
        if isinstance(base, int | fmpq | arb):
            return self._constants.root_power(self._number(base), exponent, root)
        if root != 1:
            base = base.root(root)
        return base**exponent

    def power(self, base: Any, exponent: Any) -> Any:
        """Power with an exponent that is itself a formula."""
        return self.apply("exp", [self.apply("log", [base]) * exponent])

    def apply(self, function: str, arguments: Sequence[Any]) -> Any:
        """exp, log, log1p, minimum, maximum or absolute value."""
        if function == "minimum":
            return reduce(lambda a, b: b if certainly_at_least(a, b) else a, arguments)
        if function == "maximum":
            return reduce(lambda a, b: a if certainly_at_least(a, b) else b, arguments)
        (x,) = arguments
        if isinstance(x, int | fmpq | arb):
            return self._constants.apply(function, [self._number(x)])
        return abs(x) if function == "absolute" else getattr(x, function)()


SLOPES = EntryFormulas(rational=False)
EXACT_ENTRIES = EntryFormulas(rational=True)
