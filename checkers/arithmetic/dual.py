"""Forward differentiation over flint numbers: values with slopes, affine forms, polynomials.

As entries of an ``entries.EntryMatrix`` they go through the rigorous implementations of quantities:
``Dual`` numbers over balls give an enclosure of a value and of its gradient, ``Affine`` numbers an
affine form over the rationals or NotAffine, ``Polynomial`` entries a polynomial.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from flint import arb, fmpq, fmpq_mpoly

from checkers.arithmetic.balls import NotRational

Slopes = dict[int, Any]

MOST_TERMS = 2000
"""Of a polynomial: beyond, looking for relations takes seconds, and none have been met."""


class NotSmooth(ArithmeticError):  # noqa: N818 - said of a function at a place, it is no fault
    """A minimum, maximum or absolute value has a kink within the ball."""


class NotAffine(ArithmeticError):  # noqa: N818 - said of a function, it is no fault
    """The value is not an affine function of the entries, or is not computed as one."""


class Dual:
    """A number and its slopes in the variables it depends on, by their index.

    Over balls both are enclosures: of the function and of its gradient on the box of the entries.
    """

    __slots__ = ("slopes", "value")

    def __init__(self, value: Any, slopes: Slopes | None = None) -> None:
        """A constant has no slopes."""
        self.value = value
        self.slopes: Slopes = slopes or {}

    def _chained(self, value: Any, slope: Any) -> Self:
        return type(self)(value, {i: s * slope for i, s in self.slopes.items()})

    def __neg__(self) -> Self:
        """Minus."""
        return self._chained(-self.value, -1)

    def __add__(self, other: Any) -> Any:
        """Sum."""
        if _is_matrix(other):
            return NotImplemented
        if not isinstance(other, Dual):
            return type(self)(self.value + other, self.slopes)
        slopes = dict(self.slopes)
        for i, s in other.slopes.items():
            slopes[i] = slopes[i] + s if i in slopes else s
        return type(self)(self.value + other.value, slopes)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        """Difference."""
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        """Difference."""
        return -self + other

    def __mul__(self, other: Any) -> Any:
        """Product."""
        if _is_matrix(other):
            return NotImplemented
        if not isinstance(other, Dual):
            return self._chained(self.value * other, other)
        slopes = {i: s * other.value for i, s in self.slopes.items()}
        for i, s in other.slopes.items():
            term = s * self.value
            slopes[i] = slopes[i] + term if i in slopes else term
        return type(self)(self.value * other.value, slopes)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        """Quotient; a divisor that may be zero gives a ball that is not finite."""
        if not isinstance(other, Dual):
            return self._chained(self.value / other, fmpq(1) / other)
        return self * other._inverse()

    def __rtruediv__(self, other: Any) -> Any:
        """Quotient."""
        return self._inverse() * other

    def _inverse(self) -> Self:
        inverse = 1 / self.value
        return self._chained(inverse, -inverse * inverse)

    def __pow__(self, exponent: Any) -> Any:
        """Power with an integer exponent, or over balls a ball."""
        if isinstance(exponent, int):
            if exponent == 0:
                return type(self)(self.value * 0 + 1)
            return self._chained(self.value**exponent, self.value ** (exponent - 1) * exponent)
        if isinstance(exponent, Dual):
            return (self.log() * exponent).exp()
        x = _ball(self.value)
        return self._chained(x**exponent, exponent * x ** (exponent - 1))

    def __abs__(self) -> Self:
        """Absolute value, where the sign is certain."""
        if self.value > 0 or not self.slopes:
            return self if self.value > 0 else type(self)(abs(self.value))
        if self.value < 0:
            return -self
        raise NotSmooth("an absolute value is taken of what may be zero")

    def __eq__(self, other: object) -> bool:
        """Refused: code that asks has cases, and a derivative would see one of them only."""
        raise NotSmooth("a number with slopes is compared")

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        """Certainly less; NotSmooth where neither order is certain."""
        return not certainly_at_least(self, other)

    def __gt__(self, other: Any) -> bool:
        """Certainly more; NotSmooth where neither order is certain."""
        return not certainly_at_least(other, self)

    def exp(self) -> Self:
        """Exponential."""
        value = _ball(self.value).exp()
        return self._chained(value, value)

    def log(self) -> Self:
        """Natural logarithm."""
        x = _ball(self.value)
        return self._chained(x.log(), 1 / x)

    def log1p(self) -> Self:
        """log(1 + x)."""
        x = _ball(self.value)
        return self._chained(x.log1p(), 1 / (x + 1))

    def sqrt(self) -> Self:
        """Square root; where the ball reaches zero the slopes are not finite."""
        return self.root(2)

    def root(self, order: int) -> Self:
        """Root of that order."""
        x = _ball(self.value)
        value = x.sqrt() if order == 2 else x.root(order)
        return self._chained(value, value / (x * order))


def _is_polynomial(x: Any) -> bool:
    return isinstance(x, Polynomial)


def _ball(x: Any) -> arb:
    if isinstance(x, arb):
        return x
    raise NotRational("a function that is not rational")


def certainly_at_least(a: Any, b: Any) -> bool:
    """Whether a >= b throughout; NotSmooth where balls do not tell, NotAffine of exact forms."""
    if isinstance(a, Affine | Polynomial) or isinstance(b, Affine | Polynomial):
        raise NotAffine("minimum or maximum")
    first, second = (x.value if isinstance(x, Dual) else x for x in (a, b))
    if first >= second:
        return True
    if first < second:
        return False
    raise NotSmooth("a minimum or maximum is taken of what may be equal")


class Affine(Dual):
    """A rational affine function of the entries; a product of two that are not constant raises."""

    __slots__ = ()

    def __mul__(self, other: Any) -> Any:
        """Product with a constant."""
        if isinstance(other, Affine) and self.slopes and other.slopes:
            raise NotAffine("product of entries")
        return super().__mul__(other)

    __rmul__ = __mul__

    def _inverse(self) -> Self:
        if self.slopes:
            raise NotAffine("division by an entry")
        return super()._inverse()

    def __pow__(self, exponent: Any) -> Any:
        """Power of a constant."""
        if self.slopes and exponent != 1:
            raise NotAffine("power of an entry")
        return super().__pow__(exponent)

    def __abs__(self) -> Self:
        """Absolute value of a constant."""
        if self.slopes:
            raise NotAffine("absolute value of an entry")
        return super().__abs__()

    def __lt__(self, other: Any) -> bool:
        """Order of constants."""
        raise NotAffine("minimum or maximum")

    __gt__ = __lt__


class Polynomial:
    """A polynomial over the rationals with ring operations only.

    That of flint has a square root, too, which is another function than the root of a square.
    """

    __slots__ = ("terms",)

    def __init__(self, terms: fmpq_mpoly) -> None:
        """From flint's."""
        self.terms = terms

    def __neg__(self) -> Polynomial:
        """Minus."""
        return Polynomial(-self.terms)

    def __add__(self, other: Any) -> Any:
        """Sum."""
        return self._combined(other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        """Difference."""
        return self._combined(other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        """Difference."""
        return -self + other

    def __mul__(self, other: Any) -> Any:
        """Product."""
        return self._combined(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Any:
        """Quotient by a rational number."""
        return self * (fmpq(1) / other) if isinstance(other, int | fmpq) else NotImplemented

    def __pow__(self, exponent: Any) -> Any:
        """Power with a natural exponent."""
        if not isinstance(exponent, int) or exponent < 0:
            raise NotRational("power of an entry")
        return self._combined(exponent, lambda terms, power: terms**power)

    def _combined(self, other: Any, combine: Callable[[Any, Any], Any]) -> Any:
        if _is_matrix(other):
            return NotImplemented
        combined = combine(self.terms, other.terms if _is_polynomial(other) else other)
        if len(combined) > MOST_TERMS:
            raise NotRational("a polynomial of too many terms")
        return Polynomial(combined)


def _is_matrix(x: Any) -> bool:
    return hasattr(x, "nrows")


def value_of(x: Any) -> Any:
    """The number without its slopes."""
    return x.value if isinstance(x, Dual) else x


def slopes_of(x: Any) -> Mapping[int, Any]:
    """The slopes by variable; of a constant none."""
    return x.slopes if isinstance(x, Dual) else {}
