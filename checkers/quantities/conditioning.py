"""Condition numbers of matrices and of the partial products of a chain.

kappa(A) = s_1(A) / s_k(A) with k the smaller of the two sizes: for a K x n matrix of rank K the
ratio of the largest to the least non-zero singular value of arXiv:2410.04887. Where s_k vanishes
it is infinite; the statements exclude this by a hypothesis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from flint import arb

from checkers.arithmetic.balls import largest, least
from checkers.arithmetic.spectral import operator_norm as _operator_norm_enclosed
from checkers.arithmetic.spectral import singular_values as _singular_values_enclosed
from checkers.quantities import quantity

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _singular_values(A: Float[Tensor, "B m n"]) -> Float[Tensor, "B k"]:
    """In decreasing order, NaN for matrices with a NaN or inf."""
    import torch

    finite = A.isfinite().all(-1).all(-1)
    values = torch.linalg.svdvals(torch.where(finite[:, None, None], A, torch.zeros_like(A)))
    return torch.where(finite[:, None], values, torch.full_like(values, torch.nan))


@quantity(r"s_K(@)", exact=False)
def smallest_singular_value(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """s_k of an m x n matrix, k = min(m, n): zero where the rank is not full."""
    return _singular_values(A)[:, -1]


@smallest_singular_value.rigorously
def _smallest_singular_value_enclosed(A: Any) -> arb:
    return _singular_values_enclosed(A)[-1]


@quantity(r"\kappa(@)", exact=False)
def condition(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """s_1 / s_k of an m x n matrix, k = min(m, n)."""
    values = _singular_values(A)
    return values[:, 0] / values[:, -1]


@condition.rigorously
def _condition_enclosed(A: Any) -> arb:
    return _operator_norm_enclosed(A) / _singular_values_enclosed(A)[-1]


def _partial_products(head: tuple[Any, ...]) -> Iterator[Any]:
    """W_{L:l} for l = L, L-1, ..., L1+1; batched and on flint matrices."""
    P = head[-1]
    yield P
    for A in reversed(head[:-1]):
        P = P @ A if hasattr(P, "dtype") else P * A
        yield P


def _conditions(head: tuple[Any, ...]) -> list[Any]:
    """kappa(W_{L:l}) for l = L1+1, ..., L."""
    kappa = condition.batched if hasattr(head[0], "dtype") else _condition_enclosed
    return [kappa(P) for P in _partial_products(head)][::-1]


@quantity(r"\max_l \kappa(W_{L:l})", exact=False)
def largest_partial_condition(head: tuple[Float[Tensor, "B _ _"], ...]) -> Float[Tensor, " B"]:
    """Largest condition number of the products W_L ... W_l over the matrices l of a head."""
    import torch

    return torch.stack(_conditions(head)).amax(0)


@largest_partial_condition.rigorously
def _largest_partial_condition_enclosed(head: tuple[Any, ...]) -> arb:
    return largest(_conditions(head))


@quantity(r"\max_M \sqrt{M} \min_{l \le L_1 + M} \kappa(W_{L:l})", exact=False)
def early_condition(head: tuple[Float[Tensor, "B _ _"], ...]) -> Float[Tensor, " B"]:
    """max over M of sqrt(M) times the least kappa(W_L ... W_l) over the first M matrices l."""
    import torch

    least_yet = torch.stack(_conditions(head)).cummin(0).values
    lengths = torch.arange(1, len(head) + 1, dtype=least_yet.dtype, device=least_yet.device)
    return (lengths.sqrt()[:, None] * least_yet).amax(0)


@early_condition.rigorously
def _early_condition_enclosed(head: tuple[Any, ...]) -> arb:
    conditions = _conditions(head)
    return largest(arb(M).sqrt() * least(conditions[:M]) for M in range(1, len(head) + 1))


@quantity(r"\max_M \sqrt{M} \max_{l \le L_1 + M} \kappa(W_{L:l})", exact=False)
def worst_early_condition(head: tuple[Float[Tensor, "B _ _"], ...]) -> Float[Tensor, " B"]:
    """max over M of sqrt(M) times the largest kappa(W_L ... W_l) over the first M matrices l.

    What "for all l" would bound where ``early_condition`` has the least.
    """
    import torch

    most_yet = torch.stack(_conditions(head)).cummax(0).values
    lengths = torch.arange(1, len(head) + 1, dtype=most_yet.dtype, device=most_yet.device)
    return (lengths.sqrt()[:, None] * most_yet).amax(0)


@worst_early_condition.rigorously
def _late_condition_enclosed(head: tuple[Any, ...]) -> arb:
    conditions = _conditions(head)
    return largest(arb(M).sqrt() * largest(conditions[:M]) for M in range(1, len(head) + 1))
