"""Norms of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import largest, squared_entries, total
from checkers.arithmetic.spectral import operator_norm as _operator_norm_enclosed
from checkers.quantities import Quantity
from checkers.quantities.equations import EVERY_ENTRY

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _squared_norm(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    return A.square().sum((-2, -1))


squared_norm = Quantity(
    "squared_norm",
    r"\|@\|_F^2",
    batched=_squared_norm,
    rigorous=squared_entries,
    zeros=EVERY_ENTRY,
)
"""Sum of the squares of the entries."""


def _inner(A: Tensor, B: Tensor) -> Tensor:
    return (A * B).sum((-2, -1))


def inner_enclosed(A: Any, B: Any) -> Any:
    """Sum of the products of the entries of two flint matrices."""
    return total(a * b for a, b in zip(A.entries(), B.entries(), strict=True))


inner = Quantity(
    "inner", r"\left\langle @, @@\right\rangle", batched=_inner, rigorous=inner_enclosed
)
"""Sum of the products of the entries of two matrices of one shape."""


def eigenvalues_of(S: Float[Tensor, "B n n"]) -> Float[Tensor, "B n"]:
    """Eigenvalues of symmetric matrices in increasing order, NaN for matrices with a NaN or inf."""
    import torch

    finite = S.isfinite().all(-1).all(-1)
    values = torch.linalg.eigvalsh(torch.where(finite[:, None, None], S, torch.zeros_like(S)))
    return torch.where(finite[:, None], values, torch.full_like(values, torch.nan))


def _operator_norm(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Through the smaller Gram matrix: its gradient is finite at repeated singular values."""
    gram = A @ A.mT if A.shape[-2] <= A.shape[-1] else A.mT @ A
    return eigenvalues_of(gram)[..., -1].clamp_min(0).sqrt()


operator_norm = Quantity(
    "operator_norm",
    r"\|@\|_{\mathrm{op}}",
    batched=_operator_norm,
    rigorous=_operator_norm_enclosed,
    exact=False,
)
"""Largest singular value."""


def _largest_operator_norm(head: tuple[Tensor, ...]) -> Tensor:
    import torch

    return torch.stack([_operator_norm(A) for A in head]).amax(0)


def _largest_operator_norm_enclosed(head: tuple[Any, ...]) -> Any:
    return largest(_operator_norm_enclosed(A) for A in head)


largest_operator_norm = Quantity(
    "largest_operator_norm",
    r"\max_l \|W_l\|_{\mathrm{op}}",
    batched=_largest_operator_norm,
    rigorous=_largest_operator_norm_enclosed,
    exact=False,
)
"""Largest operator norm of the matrices of a chain."""
