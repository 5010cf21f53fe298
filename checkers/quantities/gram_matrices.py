"""Products of a matrix with its own transpose, and their rates of change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.quantities import operation

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation(r"@^\top @")
def gram(A: Float[Tensor, "B m n"]) -> Float[Tensor, "B n n"]:
    """A^T A."""
    return A.mT @ A


@gram.rigorously
def _gram_enclosed(A: Any) -> Any:
    return A.transpose() * A


@operation(r"@ @^\top")
def outer(A: Float[Tensor, "B m n"]) -> Float[Tensor, "B m m"]:
    """A A^T."""
    return A @ A.mT


@outer.rigorously
def _outer_enclosed(A: Any) -> Any:
    return A * A.transpose()


@operation(r"\frac{d(@^\top @)}{dt}")
def gram_rate(A: Float[Tensor, "B m n"], rate: Float[Tensor, "B m n"]) -> Float[Tensor, "B n n"]:
    """The rate of A^T A, from A and the rate of A."""
    half = A.mT @ rate
    return half + half.mT


@gram_rate.rigorously
def _gram_rate_enclosed(A: Any, rate: Any) -> Any:
    half = A.transpose() * rate
    return half + half.transpose()


@operation(r"\frac{d(@ @^\top)}{dt}")
def outer_rate(A: Float[Tensor, "B m n"], rate: Float[Tensor, "B m n"]) -> Float[Tensor, "B m m"]:
    """The rate of A A^T, from A and the rate of A."""
    half = A @ rate.mT
    return half + half.mT


@outer_rate.rigorously
def _outer_rate_enclosed(A: Any, rate: Any) -> Any:
    half = A * rate.transpose()
    return half + half.transpose()
