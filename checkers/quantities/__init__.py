"""Quantities of arrays: one named function with a batched and a rigorous implementation.

A quantity applied to variables is a symbol of formulas (``Measured``) if it is a number, and an
argument of further quantities (``Derived``) if it is a matrix.

Batched implementations take float64 tensors with a leading batch dimension, the rigorous ones
flint matrices; labels arrive as ``Classes`` in both and a chain of matrices as a tuple. torch is
imported inside the batched ones, so that statements can be listed without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import sympy

from checkers.arithmetic.balls import zeros
from checkers.instance import Array, class_counts
from checkers.variables import Variable


@dataclass(frozen=True, eq=False)
class Quantity:
    """A number measured on arrays.

    ``soft``, where given, is a smooth stand-in for the ascent: batched, with a first argument
    ``sharpness`` that is large where it should be close to the quantity itself. ``exact`` says
    that the rigorous implementation also works on rational matrices.
    """

    name: str
    latex: str
    batched: Callable[..., Any]
    rigorous: Callable[..., Any]
    soft: Callable[..., Any] | None = None
    exact: bool = True

    def __call__(self, *arguments: Variable | Derived) -> Measured:
        """The symbol of this quantity of these arguments."""
        return Measured(self, arguments)


@dataclass(frozen=True, eq=False)
class Operation:
    """A matrix computed from arrays, such as the features of a layer."""

    name: str
    latex: str
    batched: Callable[..., Any]
    rigorous: Callable[..., Any]

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


class Measured(sympy.Symbol):
    """A symbol of formulas that knows how it is measured.

    >>> from checkers.quantities.norms import squared_norm
    >>> from checkers.settings.unconstrained import W
    >>> 2 * squared_norm(W)
    2*squared_norm(W)
    """

    __slots__ = ("arguments", "quantity")

    def __new__(cls, quantity: Quantity, arguments: tuple[Variable | Derived, ...]) -> Measured:
        """Equal names are equal symbols, so a quantity of the same arguments is measured once."""
        name = f"{quantity.name}({', '.join(a.name for a in arguments)})"
        symbol = sympy.Symbol.__xnew__(cls, name, real=True)
        symbol.quantity, symbol.arguments = quantity, arguments
        return symbol  # type: ignore[no-any-return]

    def _latex(self, printer: object) -> str:
        names = [a.latex or a.name for a in self.arguments if isinstance(a, Variable)]
        names += [a.operation.latex for a in self.arguments if isinstance(a, Derived)]
        return str(self.quantity.latex).replace("@", names[0] if names else "")


@dataclass(frozen=True)
class Classes:
    """The labels of the columns: which sample is of which class.

    ``labels`` is an integer array (N,) with values in 0..K-1, every class present.
    """

    labels: Array
    K: int

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Samples of each class."""
        return class_counts(self.labels, self.K)

    @cached_property
    def members(self) -> tuple[tuple[int, ...], ...]:
        """Columns of each class."""
        return tuple(tuple(np.flatnonzero(self.labels == k).tolist()) for k in range(self.K))

    @property
    def smallest(self) -> int:
        """Samples of the smallest class."""
        return min(self.counts)

    @cached_property
    def one_hot(self) -> Array:
        """Y, float64 (K, N), whose columns are the unit vectors of the labels."""
        return np.eye(self.K)[:, self.labels]

    @cached_property
    def means(self) -> Array:
        """Exact (N, K): multiplied from the right it turns samples into class means."""
        averages = zeros(len(self.labels), self.K)
        for i, k in enumerate(self.labels.tolist()):
            averages[i, k] = Fraction(1, self.counts[k])
        return averages

    @cached_property
    def global_mean(self) -> Array:
        """Exact (N, K): turns samples into K copies of the mean of all samples."""
        return np.full((len(self.labels), self.K), Fraction(1, len(self.labels)), dtype=object)
