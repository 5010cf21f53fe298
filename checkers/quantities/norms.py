"""Norms of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import largest, squared_entries, total
from checkers.arithmetic.spectral import operator_norm as _operator_norm_enclosed
from checkers.quantities import quantity
from checkers.quantities.equations import EVERY_ENTRY

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@quantity(r"\|@\|_F^2", rigorous=squared_entries, zeros=EVERY_ENTRY)
def squared_norm(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Sum of the squares of the entries."""
    return A.square().sum((-2, -1))


@quantity(r"\left\langle @, @@\right\rangle")
def inner(A: Float[Tensor, "B m n"], B: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Sum of the products of the entries of two matrices of one shape."""
    return (A * B).sum((-2, -1))


@inner.rigorously
def inner_enclosed(A: Any, B: Any) -> Any:
    """Sum of the products of the entries of two flint matrices."""
    return total(a * b for a, b in zip(A.entries(), B.entries(), strict=True))


def eigenvalues_of(S: Float[Tensor, "B n n"]) -> Float[Tensor, "B n"]:
    """Eigenvalues of symmetric matrices in increasing order, NaN for matrices with a NaN or inf."""
    import torch

    finite = S.isfinite().all(-1).all(-1)
    values = torch.linalg.eigvalsh(torch.where(finite[:, None, None], S, torch.zeros_like(S)))
    return torch.where(finite[:, None], values, torch.full_like(values, torch.nan))


@quantity(r"\|@\|_{\mathrm{op}}", rigorous=_operator_norm_enclosed, exact=False)
def operator_norm(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Largest singular value."""
    # Through the smaller Gram matrix: its gradient is finite at repeated singular values.
    gram = A @ A.mT if A.shape[-2] <= A.shape[-1] else A.mT @ A
    return eigenvalues_of(gram)[..., -1].clamp_min(0).sqrt()


@quantity(r"\max_l \|W_l\|_{\mathrm{op}}", exact=False)
def largest_operator_norm(head: tuple[Float[Tensor, "B _ _"], ...]) -> Float[Tensor, " B"]:
    """Largest operator norm of the matrices of a chain."""
    import torch

    return torch.stack([operator_norm.batched(A) for A in head]).amax(0)


@largest_operator_norm.rigorously
def _largest_operator_norm_enclosed(head: tuple[Any, ...]) -> Any:
    return largest(_operator_norm_enclosed(A) for A in head)
