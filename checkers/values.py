"""Values of measured quantities and formulas on arrays, in one arithmetic, each computed once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import sympy
from flint import arb, ctx, fmpq

from checkers.arithmetic.balls import BALLS, RATIONALS, ball_matrix, rational_matrix
from checkers.arithmetic.floats import FLOATS
from checkers.arithmetic.formula import Arithmetic, compile_formula
from checkers.declared.definition import Definition
from checkers.instance import LABELS, Array, Batch, Instance
from checkers.quantities import Derived, Measured
from checkers.quantities.classes import classes_of
from checkers.variables import Kind, Size, Variable, chain

if TYPE_CHECKING:
    from torch import Tensor


class Values:
    """Everything that formulas may ask of one instance or batch, measured on demand and kept."""

    def __init__(
        self,
        arrays: Mapping[str, Any],
        sizes: Mapping[str, int],
        arithmetic: Arithmetic,
        implementation: str,
        number: Callable[[Any], Any],
    ) -> None:
        """``implementation`` is the attribute of a quantity that computes it here."""
        self._arrays = arrays
        self._sizes = sizes
        self._arithmetic = arithmetic
        self._implementation = implementation
        self._number = number
        self._known: dict[Any, Any] = {}

    def __call__(self, expression: sympy.Expr) -> Any:
        """The value of a formula."""
        return compile_formula(expression, self._arithmetic)(self.symbol)

    def symbol(self, symbol: sympy.Symbol) -> Any:
        """The value of a size or of a measured quantity."""
        known = self._known.get(symbol)
        if known is None:
            if isinstance(symbol, Measured):
                known = self._number(self._measure(symbol.quantity, symbol.arguments))
            elif isinstance(symbol, Size):
                known = self._size(symbol.name)
            elif isinstance(symbol, Definition):
                known = self(symbol.expression)
            else:
                raise TypeError(f"{symbol} is no size, no measured quantity and no definition")
            self._known[symbol] = known
        return known

    def _size(self, name: str) -> Any:
        exact = Fraction(self._sizes["N"], self._sizes["K"]) if name == "n" else self._sizes[name]
        return self._arithmetic.rational(*Fraction(exact).as_integer_ratio())

    def _measure(self, measure: Any, arguments: tuple[Variable | Derived, ...]) -> Any:
        return getattr(measure, self._implementation)(*(self.argument(a) for a in arguments))

    def argument(self, argument: Variable | Derived) -> Any:
        """The matrix, chain or labels that a quantity is measured on."""
        known = self._known.get(argument)
        if known is None:
            if isinstance(argument, Derived):
                known = self._measure(argument.operation, argument.arguments)
            elif argument.kind is Kind.CHAIN:
                known = tuple(chain(self._arrays, argument.name))
            else:
                known = self._arrays[argument.name]
            self._known[argument] = known
        return known


def _with_classes(
    arrays: Mapping[str, Any], labels: Array | None, sizes: Mapping[str, int]
) -> dict[str, Any]:
    return dict(arrays) if labels is None else {**arrays, LABELS: classes_of(labels, sizes["K"])}


def ball_values(instance: Instance) -> Values:
    """Enclosures at the precision now set in ``flint.ctx``."""
    matrices = {k: ball_matrix(a) for k, a in instance.arrays.items() if k != LABELS}
    arrays = _with_classes(matrices, instance.arrays.get(LABELS), instance.sizes)
    return Values(arrays, instance.sizes, BALLS, "rigorous", _as_ball)


class SharedBalls:
    """``ball_values`` for several statements on the same arrays: each quantity measured once.

    Two instances are taken for the same if they have the same arrays by name, and the same sizes.
    """

    def __init__(self) -> None:
        """Nothing is measured yet."""
        self._known: dict[Any, Values] = {}

    def __call__(self, instance: Instance) -> Values:
        """Enclosures at the precision now set in ``flint.ctx``."""
        key = (ctx.prec, frozenset(instance.arrays), frozenset(instance.sizes.items()))
        if key not in self._known:
            self._known[key] = ball_values(instance)
        return self._known[key]


def _as_ball(value: Any) -> arb:
    return arb(value) if isinstance(value, fmpq) else value


def rational_values(instance: Instance) -> Values:
    """Exact values; a formula that leaves the rationals raises NotRational."""
    matrices = {k: rational_matrix(a) for k, a in instance.arrays.items() if k != LABELS}
    arrays = _with_classes(matrices, instance.arrays.get(LABELS), instance.sizes)
    return Values(arrays, instance.sizes, RATIONALS, "rigorous", lambda value: value)


def tensor_values(
    tensors: Mapping[str, Tensor],
    labels: Array | None,
    sizes: Mapping[str, int],
    soft: float | None = None,
) -> Values:
    """Batched values of tensors (B, ...); with ``soft``, smooth stand-ins of that sharpness."""
    arrays = _with_classes(tensors, labels, sizes)
    if soft is None:
        return Values(arrays, sizes, FLOATS, "batched", lambda value: value)
    return _SoftValues(arrays, sizes, FLOATS, "batched", lambda value: value).at(soft)


class _SoftValues(Values):
    _sharpness = 0.0

    def at(self, sharpness: float) -> _SoftValues:
        self._sharpness = sharpness
        return self

    def _measure(self, measure: Any, arguments: tuple[Variable | Derived, ...]) -> Any:
        soft = getattr(measure, "soft", None)
        if soft is None:
            return super()._measure(measure, arguments)
        return soft(self._sharpness, *(self.argument(a) for a in arguments))


def batch_tensors(batch: Batch, device: str = "cpu") -> dict[str, Tensor]:
    """The arrays of a batch as float64 tensors on a device."""
    import torch

    return {
        name: torch.as_tensor(array, dtype=torch.float64, device=device)
        for name, array in batch.arrays.items()
        if name != LABELS
    }
