"""Formulas in batched float64 on torch, and the arrays of a batch as tensors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    Number = Tensor | float


class Floats:
    """Values are tensors (B,) or Python floats; nothing here moves data between devices."""

    def rational(self, numerator: int, denominator: int) -> float:
        """Correctly rounded quotient."""
        return numerator / denominator

    def add(self, terms: Sequence[Number]) -> Number:
        """Sum."""
        return reduce(lambda a, b: a + b, terms)

    def multiply(self, factors: Sequence[Number]) -> Number:
        """Product."""
        return reduce(lambda a, b: a * b, factors)

    def root_power(self, base: Number, exponent: int, root: int) -> Number:
        """``base ** (exponent / root)``; square roots by sqrt, which rounds correctly."""
        if isinstance(base, float | int) and (base < 0 < root - 1 or (base == 0 > exponent)):
            return math.nan if base < 0 else math.inf
        if root == 2:
            rooted = base**0.5 if isinstance(base, float | int) else base.sqrt()
            return 1 / rooted ** (-exponent) if exponent < 0 else rooted**exponent
        return base ** (exponent / root)

    def power(self, base: Number, exponent: Number) -> Number:
        """``base ** exponent``."""
        return base**exponent

    def apply(self, function: str, arguments: Sequence[Number]) -> Number:
        """Elementwise function of tensors or floats."""
        import torch

        tensors = [a for a in arguments if isinstance(a, torch.Tensor)]
        if not tensors:
            return _PLAIN[function](arguments)
        like = tensors[0]
        full = [a if isinstance(a, torch.Tensor) else like.new_tensor(a) for a in arguments]
        if function == "minimum":
            return reduce(torch.minimum, full)
        if function == "maximum":
            return reduce(torch.maximum, full)
        table = {"exp": torch.exp, "log": torch.log, "log1p": torch.log1p, "absolute": torch.abs}
        return table[function](full[0])


def _plain_log(arguments: Sequence[Any]) -> float:
    return math.log(arguments[0]) if arguments[0] > 0 else -math.inf


_PLAIN: dict[str, Callable[[Sequence[Any]], float]] = {
    "exp": lambda a: math.exp(a[0]),
    "log": _plain_log,
    "log1p": lambda a: math.log1p(a[0]),
    "minimum": min,
    "maximum": max,
    "absolute": lambda a: abs(a[0]),
}

FLOATS = Floats()
