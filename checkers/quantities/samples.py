"""Numbers measured on several networks: means of their logarithms, extremes.

A row of numbers is (1, count), one a network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import least, total
from checkers.quantities import Quantity

if TYPE_CHECKING:
    from torch import Tensor


def _mean_log(values: Tensor) -> Tensor:
    return values.log().mean((-2, -1))


def _mean_log_enclosed(values: Any) -> Any:
    entries = values.entries()
    return total(x.log() for x in entries) / len(entries)


mean_log = Quantity(
    "mean_log",
    r"\mathrm{mean}\,\log @",
    batched=_mean_log,
    rigorous=_mean_log_enclosed,
    exact=False,
)
"""Mean of the logarithms of positive numbers."""


def _largest_entry(values: Tensor) -> Tensor:
    return values.amax((-2, -1))


def _largest_entry_enclosed(values: Any) -> Any:
    return -least(-x for x in values.entries())


largest_entry = Quantity(
    "largest_entry", r"\max @", batched=_largest_entry, rigorous=_largest_entry_enclosed
)
"""The largest number."""
