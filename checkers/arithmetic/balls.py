"""Formulas and arrays in rigorous ball arithmetic and over the rationals (python-flint).

A function written with ``total``, ``least`` and ``largest`` and the products of flint matrices is
an enclosure on balls and exact on rationals, whichever matrices it is given.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from math import isqrt
from typing import Any

from flint import arb, arb_mat, fmpq, fmpq_mat

from checkers.instance import Array

Ball = arb
Number = arb | fmpq
Matrix = arb_mat | fmpq_mat


class NotRational(ArithmeticError):  # noqa: N818 - said of a value, it is no fault
    """The value is not a rational number, or is not computed as one."""


class Balls:
    """Values are ``arb`` balls at the current precision; a result out of domain is a NaN ball."""

    def rational(self, numerator: int, denominator: int) -> arb:
        """Enclosure of the quotient."""
        return arb(numerator) if denominator == 1 else arb(fmpq(numerator, denominator))

    def add(self, terms: Sequence[arb]) -> arb:
        """Sum."""
        return reduce(lambda a, b: a + b, terms)

    def multiply(self, factors: Sequence[arb]) -> arb:
        """Product."""
        return reduce(lambda a, b: a * b, factors)

    def root_power(self, base: arb, exponent: int, root: int) -> arb:
        """Power with a rational exponent, by an integer root."""
        if root == 2:
            base = _real_root(base)
        elif root > 2:
            base = base.root(root)
        return base ** arb(exponent)

    def power(self, base: arb, exponent: arb) -> arb:
        """Power with an exponent that is a ball."""
        return base**exponent

    def apply(self, function: str, arguments: Sequence[arb]) -> arb:
        """exp, log, log1p, minimum, maximum, absolute value."""
        if function == "minimum":
            return reduce(lambda a, b: a.min(b), arguments)
        if function == "maximum":
            return reduce(lambda a, b: a.max(b), arguments)
        (x,) = arguments
        if function == "absolute":
            return abs(x)
        return getattr(x, function)()


class Rationals:
    """Values are ``fmpq``; anything irrational raises NotRational."""

    def rational(self, numerator: int, denominator: int) -> fmpq:
        """The quotient itself."""
        return fmpq(numerator, denominator)

    def add(self, terms: Sequence[fmpq]) -> fmpq:
        """Sum."""
        return reduce(lambda a, b: a + b, terms)

    def multiply(self, factors: Sequence[fmpq]) -> fmpq:
        """Product."""
        return reduce(lambda a, b: a * b, factors)

    def root_power(self, base: fmpq, exponent: int, root: int) -> fmpq:
        """Power with a rational exponent, where the root is rational."""
        if root == 2:
            base = _square_root(base)
        elif root != 1:
            raise NotRational(f"root of order {root}")
        if exponent < 0 and base == 0:
            raise NotRational("division by zero")
        return base**exponent

    def power(self, base: fmpq, exponent: fmpq) -> fmpq:
        """Power with an integer exponent."""
        if exponent.q != 1 or (base == 0 and exponent < 0):
            raise NotRational("power")
        return base ** int(exponent.p)

    def apply(self, function: str, arguments: Sequence[fmpq]) -> fmpq:
        """Minimum, maximum and absolute value; the rest is not rational."""
        if function == "minimum":
            return least(arguments)
        if function == "maximum":
            return largest(arguments)
        if function == "absolute":
            return abs(arguments[0])
        raise NotRational(function)


def _real_root(x: arb) -> arb:
    """Square root of a ball around a number that is not negative, though the ball may be."""
    if x > 0 or not x.upper() >= 0:
        return x.sqrt()
    return arb(0).union(arb(x.upper()).sqrt())


BALLS = Balls()
RATIONALS = Rationals()


def _square_root(x: fmpq) -> fmpq:
    p, q = int(x.p), int(x.q)
    if p < 0 or isqrt(p) ** 2 != p or isqrt(q) ** 2 != q:
        raise NotRational(f"square root of {x}")
    return fmpq(isqrt(p), isqrt(q))


def ball_matrix(array: Array) -> arb_mat:
    """A matrix of balls around exact entries: floats are exact, a Fraction is enclosed."""
    rows, columns = array.shape
    entries = array.ravel().tolist()
    if array.dtype == object:
        entries = [fmpq(x.numerator, x.denominator) for x in map(Fraction, entries)]
    return arb_mat(rows, columns, entries)


def rational_matrix(array: Array) -> fmpq_mat:
    """The exact rational matrix of floats (dyadic numbers) or Fractions."""
    rows, columns = array.shape
    exact = [fmpq(*Fraction(x).as_integer_ratio()) for x in array.ravel().tolist()]
    return fmpq_mat(rows, columns, exact)


def total(values: Iterable[Any]) -> Any:
    """Sum of numbers of one kind; at least one."""
    return reduce(lambda a, b: a + b, values)


def least(values: Iterable[Any]) -> Any:
    """Minimum; for balls, an enclosure of it."""
    return reduce(lambda a, b: a.min(b) if isinstance(a, arb) else min(a, b), values)


def largest(values: Iterable[Any]) -> Any:
    """Maximum; for balls, an enclosure of it."""
    return reduce(lambda a, b: a.max(b) if isinstance(a, arb) else max(a, b), values)


def squared_entries(matrix: Matrix) -> Any:
    """Sum of the squares of the entries: the squared Frobenius norm."""
    return total(x * x for x in matrix.entries())


def sign(x: Number) -> int | None:
    """1, -1 or 0 where certain (0 only for an exact zero), None where the ball is undecided."""
    if x > 0:
        return 1
    if x < 0:
        return -1
    if isinstance(x, fmpq) or x.is_zero():
        return 0
    return None


def as_float(x: Number) -> float:
    """The midpoint as the nearest float, infinite beyond the range of floats."""
    if isinstance(x, fmpq):
        try:
            return float(Fraction(int(x.p), int(x.q)))
        except OverflowError:
            return math.copysign(math.inf, int(x.p))
    return float(x.mid())


def digits(x: Number, count: int) -> str:
    """The midpoint as decimal text of that many significant digits; rationals as p/q."""
    if isinstance(x, fmpq):
        return str(x)
    return str(x.mid().str(count, radius=False))


def constant(like: Matrix, exact: fmpq_mat) -> Matrix:
    """An exact matrix of constants as one of the same kind as ``like``."""
    return arb_mat(exact) if isinstance(like, arb_mat) else exact


def root_of(like: Matrix, p: int, q: int = 1) -> Number:
    """sqrt(p/q) as a number of the kind of a matrix; NotRational if it has to be and is not."""
    if isinstance(like, arb_mat) or not getattr(like, "rational", True):
        return arb(fmpq(p, q)).sqrt()
    return _square_root(fmpq(p, q))
