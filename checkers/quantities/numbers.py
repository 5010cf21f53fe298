"""Numbers that matrices hold: one in a 1 x 1 matrix, or several in a row (1, count).

A row has one number a network, say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import least, total
from checkers.quantities import quantity

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


# Symbols read entry(lw), and the digests of statements have the text of symbols in them.
@quantity("@", name="entry")
def number(A: Float[Tensor, "B 1 1"]) -> Float[Tensor, " B"]:
    """The number that a 1 x 1 matrix holds."""
    return A[:, 0, 0]


@number.rigorously
def _number_enclosed(A: Any) -> Any:
    return A[0, 0]


@quantity(r"\mathrm{mean}\,\log @", exact=False)
def mean_log(values: Float[Tensor, "B 1 n"]) -> Float[Tensor, " B"]:
    """Mean of the logarithms of the positive numbers in a row."""
    return values.log().mean((-2, -1))


@mean_log.rigorously
def _mean_log_enclosed(values: Any) -> Any:
    entries = values.entries()
    return total(x.log() for x in entries) / len(entries)


@quantity(r"\max @")
def largest_entry(values: Float[Tensor, "B 1 n"]) -> Float[Tensor, " B"]:
    """The largest number in a row."""
    return values.amax((-2, -1))


@largest_entry.rigorously
def _largest_entry_enclosed(values: Any) -> Any:
    return -least(-x for x in values.entries())
