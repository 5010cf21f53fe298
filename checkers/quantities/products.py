"""Products of a matrix with its own transpose, and their rates of change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.quantities import Operation

if TYPE_CHECKING:
    from torch import Tensor


def _gram(A: Tensor) -> Tensor:
    return A.mT @ A


def _gram_enclosed(A: Any) -> Any:
    return A.transpose() * A


gram = Operation("gram", r"@^\top @", batched=_gram, rigorous=_gram_enclosed)
"""A^T A."""


def _outer(A: Tensor) -> Tensor:
    return A @ A.mT


def _outer_enclosed(A: Any) -> Any:
    return A * A.transpose()


outer = Operation("outer", r"@ @^\top", batched=_outer, rigorous=_outer_enclosed)
"""A A^T."""


def _gram_rate(A: Tensor, rate: Tensor) -> Tensor:
    half = A.mT @ rate
    return half + half.mT


def _gram_rate_enclosed(A: Any, rate: Any) -> Any:
    half = A.transpose() * rate
    return half + half.transpose()


gram_rate = Operation(
    "gram_rate", r"\frac{d(@^\top @)}{dt}", batched=_gram_rate, rigorous=_gram_rate_enclosed
)
"""The rate of A^T A, from A and the rate of A."""


def _outer_rate(A: Tensor, rate: Tensor) -> Tensor:
    half = A @ rate.mT
    return half + half.mT


def _outer_rate_enclosed(A: Any, rate: Any) -> Any:
    half = A * rate.transpose()
    return half + half.transpose()


outer_rate = Operation(
    "outer_rate",
    r"\frac{d(@ @^\top)}{dt}",
    batched=_outer_rate,
    rigorous=_outer_rate_enclosed,
)
"""The rate of A A^T, from A and the rate of A."""
