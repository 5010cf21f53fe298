"""Quantities of arrays: one named function with a batched and a rigorous implementation.

A quantity applied to variables is a symbol of formulas (``Measured``) if it is a number, and an
argument of further quantities (``Derived``) if it is a matrix.

Batched implementations take float64 tensors with a leading batch dimension, the rigorous ones
flint matrices; labels arrive as ``classes.Classes`` in both and a chain of matrices as a tuple.
torch is imported inside the batched ones, so that statements can be listed without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from checkers.variables import Variable


@dataclass(frozen=True, eq=False)
class Zeros:
    """Equations that are met where a quantity which is never negative is 0.

    The quantity itself is flat there, so Newton steps need them. Of the arguments of the quantity,
    ``batched`` returns their left-hand sides as a tensor (B, m), ``rigorous`` as m numbers. That
    all vanish, and the numbers of ``positive`` are positive, implies that the quantity is 0.
    ``relations`` returns rows of m coefficients: the product of each with the left-hand sides is
    zero identically, so that with a coefficient that is not 0 one of them follows from the others.
    """

    batched: Callable[..., Any]
    rigorous: Callable[..., Sequence[Any]]
    positive: Callable[..., Sequence[Any]] | None = None
    relations: Callable[..., Sequence[Sequence[Any]]] | None = None


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number measured on arrays.

    ``soft``, where given, is a smooth stand-in for the ascent: batched, with a first argument
    ``sharpness`` that is large where it should be close to the quantity itself. ``exact`` says
    that the rigorous implementation also works on rational matrices. ``zeros``, for a quantity that
    is never negative, are the equations that say where it is 0.
    """

    name: str
    latex: str
    batched: Callable[..., Any]
    rigorous: Callable[..., Any]
    soft: Callable[..., Any] | None = None
    exact: bool = True
    zeros: Zeros | None = None

    def __call__(self, *arguments: Variable | Derived) -> Measured:
        """The symbol of this quantity of these arguments."""
        return Measured(self, arguments)


@dataclass(frozen=True, eq=False)
class Operation:
    """A matrix computed from arrays, such as the features of a layer.

    ``exact`` says that the rigorous implementation gives rational matrices for rational ones.
    """

    name: str
    latex: str
    batched: Callable[..., Any]
    rigorous: Callable[..., Any]
    exact: bool = True

    def __call__(self, *arguments: Variable | Derived) -> Derived:
        """The matrix of these arguments, for use in quantities."""
        return Derived(self, arguments)


@dataclass(frozen=True)
class Derived:
    """An operation applied to variables or to other derived matrices."""

    operation: Operation
    arguments: tuple[Variable | Derived, ...]

    @property
    def name(self) -> str:
        """Readable and unique: operation and arguments."""
        return f"{self.operation.name}({', '.join(a.name for a in self.arguments)})"

    @property
    def exact(self) -> bool:
        """Rational for rational arrays: the operation and all that it is applied to."""
        return self.operation.exact and _all_exact(self.arguments)


def _all_exact(arguments: tuple[Variable | Derived, ...]) -> bool:
    return all(a.exact for a in arguments if isinstance(a, Derived))


class Measured(sympy.Symbol):
    """A symbol of formulas that knows how it is measured.

    >>> from checkers.quantities.norms import squared_norm
    >>> from checkers.settings.unconstrained import W
    >>> 2 * squared_norm(W)
    2*squared_norm(W)
    """

    __slots__ = ("arguments", "quantity")

    def __new__(cls, quantity: Quantity, arguments: tuple[Variable | Derived, ...]) -> Measured:
        """The same quantity of the same arguments is the same symbol, and is measured once."""
        name = f"{quantity.name}({', '.join(a.name for a in arguments)})"
        symbol = sympy.Symbol.__xnew__(cls, name, real=True)
        symbol.quantity, symbol.arguments = quantity, arguments
        return symbol

    @property
    def exact(self) -> bool:
        """Whether it has a rational value for rational arrays."""
        return bool(self.quantity.exact) and _all_exact(self.arguments)

    def _hashable_content(self) -> tuple[object, ...]:
        """Two quantities that happen to share a name are two symbols."""
        return (*super()._hashable_content(), id(self.quantity), self.arguments)

    def _latex(self, printer: object) -> str:
        return in_places(self.quantity.latex, self.arguments)


def in_places(latex: str, arguments: tuple[Variable | Derived, ...]) -> str:
    """LaTeX with the first argument in the places marked ``@`` and the second in those ``@@``."""
    names = [
        in_places(a.operation.latex, a.arguments) if isinstance(a, Derived) else a.latex or a.name
        for a in arguments[:2]
    ]
    first, second = [*names, "", ""][:2]
    return latex.replace("@@", second).replace("@", first)
