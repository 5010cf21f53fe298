r"""Quantities of arrays: one object with its name, LaTeX, convention and implementations.

A quantity applied to variables is a symbol of formulas (``Measured``) if it is a number, and an
argument of further quantities (``Derived``) if it is a matrix. Both are written as their batched
implementation, whose docstring is the convention, and the rigorous one below it::

    @quantity(r"\|@\|_F^2")
    def squared_norm(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
        '''Sum of the squares of the entries.'''
        return A.square().sum((-2, -1))


    @squared_norm.rigorously
    def _squared_norm_enclosed(A: Any) -> Any:
        return total(x * x for x in A.entries())

Batched implementations take float64 tensors with a leading batch dimension B, the rigorous ones
flint matrices; labels arrive as ``classes.Classes`` in both and a chain of matrices as a tuple.
torch is imported inside the batched ones, so that statements can be listed without it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from inspect import cleandoc
from typing import Any, NoReturn, Self, TypeVar

import sympy

from checkers.variables import Variable

Implementation = TypeVar("Implementation", bound=Callable[..., Any])


def _absent(*arrays: Any) -> NoReturn:
    raise TypeError("no rigorous implementation: give one with @NAME.rigorously")


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


@dataclass(eq=False)
class _Implemented:
    """What quantities and operations share.

    ``name`` is what symbols are called by, and thereby part of the digests of statements.
    ``latex`` has the first argument in the places marked ``@``, the second in those ``@@``.
    ``exact`` says that the rigorous implementation works on rational matrices, with rational
    results. ``convention`` says in words what is computed: of what, in which norm, over what.
    """

    name: str
    latex: str
    batched: Callable[..., Any]
    rigorous: Callable[..., Any] = _absent
    exact: bool = True
    convention: str = ""

    def rigorously(self, implementation: Implementation) -> Implementation:
        """Decorate the rigorous implementation: flint matrices in, ball or rational out."""
        if self.rigorous is not _absent:
            raise TypeError(f"{self.name}: has a rigorous implementation; give one")
        self.rigorous = implementation
        return implementation

    def renamed(self, name: str, latex: str, convention: str, exact: bool | None = None) -> Self:
        """The same implementations in another role: another name, LaTeX and convention."""
        exact = self.exact if exact is None else exact
        return replace(self, name=name, latex=latex, convention=cleandoc(convention), exact=exact)

    def _complete(self) -> None:
        if self.rigorous is _absent:
            raise TypeError(
                f"{self.name}: no rigorous implementation; decorate one with "
                f"@{self.name}.rigorously"
            )


@dataclass(eq=False)
class Quantity(_Implemented):
    """A number measured on arrays.

    ``soft``, where given, is a smooth stand-in for the ascent: batched, with a first argument
    ``sharpness`` that is large where it should be close to the quantity itself. ``zeros``, for a
    quantity that is never negative, are the equations that say where it is 0.
    """

    soft: Callable[..., Any] | None = None
    zeros: Zeros | None = None

    def __call__(self, *arguments: Variable | Derived) -> Measured:
        """The symbol of this quantity of these arguments."""
        self._complete()
        return Measured(self, arguments)

    def softly(self, implementation: Implementation) -> Implementation:
        """Decorate the smooth stand-in."""
        self.soft = implementation
        return implementation


@dataclass(eq=False)
class Operation(_Implemented):
    """A matrix, or a chain of them, computed from arrays: the features of a layer."""

    def __call__(self, *arguments: Variable | Derived) -> Derived:
        """The matrix of these arguments, for use in quantities."""
        self._complete()
        return Derived(self, arguments)


def quantity(
    latex: str,
    *,
    rigorous: Callable[..., Any] = _absent,
    exact: bool = True,
    name: str = "",
    zeros: Zeros | None = None,
) -> Callable[[Callable[..., Any]], Quantity]:
    """Make a number of its batched implementation, named as the function unless told otherwise.

    ``rigorous`` is given here where it stands elsewhere, and by ``@NAME.rigorously`` otherwise.
    """

    def made(batched: Callable[..., Any]) -> Quantity:
        words = cleandoc(batched.__doc__ or "")
        return Quantity(
            name or batched.__name__, latex, batched, rigorous, exact, words, zeros=zeros
        )

    return made


def operation(
    latex: str,
    *,
    rigorous: Callable[..., Any] = _absent,
    exact: bool = True,
    name: str = "",
) -> Callable[[Callable[..., Any]], Operation]:
    """Make a matrix, or a chain of them, of its batched implementation; see ``quantity``."""

    def made(batched: Callable[..., Any]) -> Operation:
        words = cleandoc(batched.__doc__ or "")
        return Operation(name or batched.__name__, latex, batched, rigorous, exact, words)

    return made


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
