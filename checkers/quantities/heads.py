"""Linear heads: features Z (width, N) pass through matrices W_{L1+1}, ..., W_L (arXiv:2410.04887).

A chain is given as a tuple in order of application. Z_L = W_L ... W_{L1+1} Z are the outputs,
Z_{L-1} the features that enter the last matrix, Z_{L-2} those that enter the last but one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import constant, largest, squared_entries
from checkers.arithmetic.spectral import operator_norm as _operator_norm_enclosed
from checkers.quantities import Operation, quantity
from checkers.quantities.classes import Classes
from checkers.quantities.equations import INTERPOLATED
from checkers.quantities.norms import eigenvalues_of

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _after(matrices: int) -> Any:
    """Features after all but that many of the last matrices; batched and on flint matrices."""

    def propagate(Z: Any, head: tuple[Any, ...]) -> Any:
        for A in head[: len(head) - matrices]:
            Z = A @ Z if hasattr(Z, "dtype") else A * Z
        return Z

    return propagate


outputs = Operation(
    "outputs",
    "Z_L",
    batched=_after(0),
    rigorous=_after(0),
    convention="Z_L (K, N), the outputs W_L ... W_{L1+1} Z.",
)

last_features = Operation(
    "last_features",
    "Z_{L-1}",
    batched=_after(1),
    rigorous=_after(1),
    convention="Z_{L-1} (last_width, N), which enters the last matrix.",
)

earlier_features = Operation(
    "earlier_features",
    "Z_{L-2}",
    batched=_after(2),
    rigorous=_after(2),
    convention="Z_{L-2} (width, N), which enters the last but one matrix.",
)


def _last_matrix(head: tuple[Any, ...]) -> Any:
    return head[-1]


last_matrix = Operation(
    "last_matrix",
    "W_L",
    batched=_last_matrix,
    rigorous=_last_matrix,
    convention="W_L (K, last_width), the last matrix of the head.",
)


def _product(head: tuple[Any, ...]) -> Any:
    P = head[-1]
    for A in reversed(head[:-1]):
        P = P @ A if hasattr(P, "dtype") else P * A
    return P


product = Operation(
    "product",
    "W_{L:L_1+1}",
    batched=_product,
    rigorous=_product,
    convention="W_{L:L1+1} = W_L ... W_{L1+1}, the matrix (K, width) of the whole head.",
)


@quantity(r"\|Z_L - Y\|_F^2", zeros=INTERPOLATED)
def squared_error(Z_L: Float[Tensor, "B K N"], classes: Classes) -> Float[Tensor, " B"]:
    """Squared Frobenius distance of the outputs from the one-hot labels."""
    import torch

    Y = torch.as_tensor(classes.one_hot, dtype=Z_L.dtype, device=Z_L.device)
    return (Z_L - Y).square().sum((-2, -1))


@squared_error.rigorously
def _squared_error_enclosed(Z_L: Any, classes: Classes) -> Any:
    return squared_entries(Z_L - constant(Z_L, classes.one_hot_exact))


@quantity(r"\max_l \|W_{l+1}^\top W_{l+1} - W_l W_l^\top\|_{\mathrm{op}}", exact=False)
def imbalance(head: tuple[Float[Tensor, "B _ _"], ...]) -> Float[Tensor, " B"]:
    """Largest operator norm of W_{l+1}^T W_{l+1} - W_l W_l^T over neighbours in the head."""
    import torch

    gaps = [eigenvalues_of(B.mT @ B - A @ A.mT).abs().amax(-1) for A, B in pairwise(head)]
    return torch.stack(gaps).amax(0)


@imbalance.rigorously
def _imbalance_enclosed(head: tuple[Any, ...]) -> Any:
    return largest(
        _operator_norm_enclosed(B.transpose() * B - A * A.transpose()) for A, B in pairwise(head)
    )


@quantity(r"\|(W_L W_L^\top)^{L_2} - W_{L:L_1+1} W_{L:L_1+1}^\top\|_{\mathrm{op}}", exact=False)
def power_defect(head: tuple[Float[Tensor, "B _ _"], ...]) -> Float[Tensor, " B"]:
    """Operator norm of (W_L W_L^T)^{L2} - P P^T, P the product of the L2 matrices of the head."""
    import torch

    P = _product(head)
    power = torch.linalg.matrix_power(head[-1] @ head[-1].mT, len(head))
    return eigenvalues_of(power - P @ P.mT).abs().amax(-1)


@power_defect.rigorously
def _power_defect_enclosed(head: tuple[Any, ...]) -> Any:
    P = _product(head)
    gram = head[-1] * head[-1].transpose()
    power = gram
    for _ in head[1:]:
        power = power * gram
    return _operator_norm_enclosed(power - P * P.transpose())
