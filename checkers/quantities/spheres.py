"""How far rows and columns are from unit spheres, as polynomials that vanish on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import total
from checkers.quantities import Quantity, Zeros

if TYPE_CHECKING:
    from torch import Tensor


def _excess_of_rows(A: Tensor) -> Tensor:
    return A.square().sum(2) - 1


def _excess_of_rows_enclosed(A: Any) -> list[Any]:
    return [total(x * x for x in row) - 1 for row in A.tolist()]


off_unit_rows = Quantity(
    "off_unit_rows",
    r"\sum_k (\|@_k\|^2 - 1)^2",
    batched=lambda A: _excess_of_rows(A).square().sum(1),
    rigorous=lambda A: total(x * x for x in _excess_of_rows_enclosed(A)),
    zeros=Zeros(_excess_of_rows, _excess_of_rows_enclosed),
)
"""Zero iff every row has norm 1."""

off_unit_columns = Quantity(
    "off_unit_columns",
    r"\sum_i (\|@_i\|^2 - 1)^2",
    batched=lambda A: _excess_of_rows(A.mT).square().sum(1),
    rigorous=lambda A: total(x * x for x in _excess_of_rows_enclosed(A.transpose())),
    zeros=Zeros(lambda A: _excess_of_rows(A.mT), lambda A: _excess_of_rows_enclosed(A.transpose())),
)
"""Zero iff every column has norm 1."""
