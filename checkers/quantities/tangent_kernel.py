"""The neural tangent kernel of the linear layers of a network (arXiv:2410.04887, section 5.2).

The gradient of <A, Z_L> by a linear W_l is W_{L:l+1}^T A Z_{l-1}^T, so the linear layers add
Theta_lin = sum_l (W_{L:l+1} W_{L:l+1}^T) kron (Z_{l-1}^T Z_{l-1}) to the kernel of all layers. The
rest of the kernel is positive semidefinite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb_mat, fmpq_mat

from checkers.quantities import operation

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation(r"\Theta_{\mathrm{lin}}")
def tangent_kernel(
    Z: Float[Tensor, "B m N"], head: tuple[Float[Tensor, "B _ _"], ...]
) -> Float[Tensor, "B KN KN"]:
    """Theta_lin (KN, KN), outputs first: entry (i, j) of Z_L is number i N + j."""
    import torch

    entering = [Z]
    for A in head[:-1]:
        entering.append(A @ entering[-1])
    K, N = head[-1].shape[-2], Z.shape[-1]
    P = torch.eye(K, dtype=Z.dtype, device=Z.device).expand(len(Z), K, K)
    kernel = Z.new_zeros(len(Z), K, N, K, N)
    for A, features in zip(reversed(head), reversed(entering), strict=True):
        kernel = kernel + torch.einsum("bij,bkl->bikjl", P @ P.mT, features.mT @ features)
        P = P @ A
    return kernel.reshape(len(Z), K * N, K * N)


@tangent_kernel.rigorously
def _tangent_kernel_enclosed(Z: Any, head: tuple[Any, ...]) -> Any:
    entering = [Z]
    for A in head[:-1]:
        entering.append(A * entering[-1])
    kind = arb_mat if isinstance(Z, arb_mat) else fmpq_mat
    K, N = head[-1].nrows(), Z.ncols()
    P = kind(K, K, [int(i == j) for i in range(K) for j in range(K)])
    kernel = kind(K * N, K * N)
    for A, features in zip(reversed(head), reversed(entering), strict=True):
        kernel = kernel + _kron(kind, P * P.transpose(), features.transpose() * features)
        P = P * A
    return kernel


def _kron(kind: Any, A: Any, B: Any) -> Any:
    K, N, a, b = A.nrows(), B.nrows(), A.entries(), B.entries()
    entries = [
        a[i * K + j] * b[k * N + m]
        for i in range(K)
        for k in range(N)
        for j in range(K)
        for m in range(N)
    ]
    return kind(K * N, K * N, entries)
