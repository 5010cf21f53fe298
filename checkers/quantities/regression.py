"""Linear regression C_lam = 1/2 |A theta - y|^2 + lam/2 |theta|^2: residual, gradient, a step.

A is (N, p), theta (p, 1), y (N, 1); lam and eta are 1 x 1 matrices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.quantities import operation

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation(r"A\theta - y")
def regression_residual(
    A: Float[Tensor, "B N p"], y: Float[Tensor, "B N 1"], theta: Float[Tensor, "B p 1"]
) -> Float[Tensor, "B N 1"]:
    """A theta - y (N, 1)."""
    return A @ theta - y


@regression_residual.rigorously
def _residual_enclosed(A: Any, y: Any, theta: Any) -> Any:
    return A * theta - y


next_residual = regression_residual.renamed(
    "next_residual", r"A\theta^+ - y", "A theta - y (N, 1) behind a step."
)


@operation(r"\theta^+")
def regression_step(
    A: Float[Tensor, "B N p"],
    y: Float[Tensor, "B N 1"],
    theta: Float[Tensor, "B p 1"],
    lam: Float[Tensor, "B 1 1"],
    eta: Float[Tensor, "B 1 1"],
) -> Float[Tensor, "B p 1"]:
    """theta - eta grad C_lam(theta) (p, 1)."""
    return theta - eta * (A.mT @ (A @ theta - y) + lam * theta)


@regression_step.rigorously
def _step_enclosed(A: Any, y: Any, theta: Any, lam: Any, eta: Any) -> Any:
    """(1 - eta lam) theta - eta (A^T A theta - A^T y)."""
    T = A.transpose()
    pull = T * A * theta - T * y
    return theta * (1 - eta[0, 0] * lam[0, 0]) - pull * eta[0, 0]
