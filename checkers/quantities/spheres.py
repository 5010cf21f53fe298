"""How far rows and columns are from unit spheres, as polynomials that vanish on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import total
from checkers.quantities import Zeros, quantity

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _excess_of_rows(A: Float[Tensor, "B m n"]) -> Float[Tensor, "B m"]:
    return A.square().sum(2) - 1


def _excess_of_rows_enclosed(A: Any) -> list[Any]:
    return [total(x * x for x in row) - 1 for row in A.tolist()]


@quantity(
    r"\sum_k (\|@_k\|^2 - 1)^2",
    rigorous=lambda A: total(x * x for x in _excess_of_rows_enclosed(A)),
    zeros=Zeros(_excess_of_rows, _excess_of_rows_enclosed),
)
def off_unit_rows(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Sum over the rows of (|row|^2 - 1)^2: zero iff every row has norm 1."""
    return _excess_of_rows(A).square().sum(1)


@quantity(
    r"\sum_i (\|@_i\|^2 - 1)^2",
    rigorous=lambda A: total(x * x for x in _excess_of_rows_enclosed(A.transpose())),
    zeros=Zeros(lambda A: _excess_of_rows(A.mT), lambda A: _excess_of_rows_enclosed(A.transpose())),
)
def off_unit_columns(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Sum over the columns of (|column|^2 - 1)^2: zero iff every column has norm 1."""
    return _excess_of_rows(A.mT).square().sum(1)
