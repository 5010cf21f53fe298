"""Linear regression C_lam = 1/2 |A theta - y|^2 + lam/2 |theta|^2: residual, gradient, a step.

A is (N, p), theta (p, 1), y (N, 1); lam and eta are 1 x 1 matrices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.quantities import Operation

if TYPE_CHECKING:
    from torch import Tensor


def _residual(A: Tensor, y: Tensor, theta: Tensor) -> Tensor:
    return A @ theta - y


def _residual_enclosed(A: Any, y: Any, theta: Any) -> Any:
    return A * theta - y


regression_residual = Operation(
    "regression_residual", r"A\theta - y", batched=_residual, rigorous=_residual_enclosed
)
"""A theta - y (N, 1)."""

next_residual = Operation(
    "next_residual", r"A\theta^+ - y", batched=_residual, rigorous=_residual_enclosed
)
"""The same behind a step."""


def _step(A: Tensor, y: Tensor, theta: Tensor, lam: Tensor, eta: Tensor) -> Tensor:
    return theta - eta * (A.mT @ (A @ theta - y) + lam * theta)


def _step_enclosed(A: Any, y: Any, theta: Any, lam: Any, eta: Any) -> Any:
    """(1 - eta lam) theta - eta (A^T A theta - A^T y)."""
    T = A.transpose()
    pull = T * A * theta - T * y
    return theta * (1 - eta[0, 0] * lam[0, 0]) - pull * eta[0, 0]


regression_step = Operation("regression_step", r"\theta^+", batched=_step, rigorous=_step_enclosed)
"""theta - eta grad C_lam(theta) (p, 1)."""
