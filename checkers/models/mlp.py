"""Batches of bias-free multilayer perceptrons: L1 nonlinear layers, then L2 linear ones.

The networks of arXiv:2410.04887, section 3: Z_0 = X, Z_l = sigma(W_l Z_{l-1}) for l <= L1 and
Z_l = W_l Z_{l-1} for L1 < l <= L, one sample a column. A batch of B networks of one architecture
is a list of L tensors, W_l of shape (B, n_l, n_{l-1}).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from jaxtyping import Float


# softplus(x) = x to the last bit of a float64 above this; torch's own 20 is too soon for one.
SOFTPLUS_IS_LINEAR = 40.0


@dataclass(frozen=True)
class ReLU:
    """sigma(x) = max(x, 0), with derivative 0 at 0."""

    def value(self, A: torch.Tensor) -> torch.Tensor:
        """sigma(A), of A's shape."""
        return A.clamp(min=0)

    def derivative(self, A: torch.Tensor) -> torch.Tensor:
        """sigma'(A), of A's shape."""
        return (A > 0).to(A.dtype)


@dataclass(frozen=True)
class SmoothLeakyReLU:
    """sigma(x) = gamma x + (1 - gamma) (softplus(b x) - log 2) / b, b the sharpness.

    The activation of arXiv:2410.04887, Assumption 4.2: sigma(0) = 0, |sigma(x)| <= |x| and
    sigma' in (gamma, 1) is (1 - gamma) b / 4-Lipschitz.

    Raises:
        ValueError: gamma is outside (0, 1) or the sharpness is not positive.
    """

    gamma: float
    sharpness: float = 1.0

    def __post_init__(self) -> None:
        """Refuse parameters for which the properties above fail."""
        if not 0 < self.gamma < 1:
            raise ValueError(f"gamma must lie strictly between 0 and 1, not {self.gamma}")
        if not 0 < self.sharpness < math.inf:
            raise ValueError(f"sharpness must be positive and finite, not {self.sharpness}")

    def value(self, A: torch.Tensor) -> torch.Tensor:
        """sigma(A), of A's shape."""
        import torch

        # Not torch.log1p, whose last bit depends on the number of threads.
        softplus = torch.nn.functional.softplus(A, self.sharpness, SOFTPLUS_IS_LINEAR)
        return self.gamma * A + (1 - self.gamma) * (softplus - math.log(2) / self.sharpness)

    def derivative(self, A: torch.Tensor) -> torch.Tensor:
        """sigma'(A) = gamma + (1 - gamma) sigmoid(b A), of A's shape."""
        import torch

        return self.gamma + (1 - self.gamma) * torch.sigmoid(self.sharpness * A)


Activation = ReLU | SmoothLeakyReLU


@dataclass(frozen=True)
class Architecture:
    """Widths (n_0 = d, ..., n_L = K), the number L1 of nonlinear layers, and the activation.

    The remaining L2 = L - L1 layers are linear, at least one; no layer has a bias.

    Raises:
        ValueError: fewer than two widths, a width below 1, or L1 outside 0..L-1.
    """

    widths: tuple[int, ...]
    nonlinear: int
    activation: Activation = ReLU()

    def __post_init__(self) -> None:
        """Refuse sizes that make no network."""
        if len(self.widths) < 2 or min(self.widths) < 1:
            raise ValueError(f"widths must be two or more positive integers, not {self.widths}")
        if not 0 <= self.nonlinear < self.depth:
            raise ValueError(
                f"nonlinear must lie in 0..{self.depth - 1} for {self.depth} layers, "
                f"the last of which is linear, not {self.nonlinear}"
            )

    @property
    def depth(self) -> int:
        """The number L of layers."""
        return len(self.widths) - 1

    @property
    def linear(self) -> int:
        """The number L2 of linear layers at the top."""
        return self.depth - self.nonlinear

    @property
    def weight_shapes(self) -> tuple[tuple[int, int], ...]:
        """(n_l, n_{l-1}) for l = 1, ..., L."""
        return tuple((rows, columns) for columns, rows in pairwise(self.widths))


def initialise(
    architecture: Architecture,
    networks: int,
    seed: int,
    gain: float = 1.0,
    dtype: torch.dtype | None = None,
) -> list[Float[torch.Tensor, "B _ _"]]:
    """Gaussian weights of variance gain^2 / n_{l-1}, W_l of shape (networks, n_l, n_{l-1}).

    Network i has its own random stream, the i-th child of the seed: it is the same network
    whatever the number of networks drawn with it. Drawn in float64 on the CPU, then rounded to
    `dtype` (float32 by default).

    Raises:
        ValueError: networks is below 1, or gain is not positive and finite.
    """
    import torch

    if networks < 1:
        raise ValueError(f"networks must be at least 1, not {networks}")
    if not 0 < gain < math.inf:
        raise ValueError(f"gain must be positive and finite, not {gain}")
    shapes = architecture.weight_shapes
    drawn = [np.empty((networks, *shape)) for shape in shapes]
    for i, child in enumerate(np.random.SeedSequence(seed).spawn(networks)):
        stream = np.random.Generator(np.random.Philox(child))
        for W, shape in zip(drawn, shapes, strict=True):
            W[i] = stream.standard_normal(shape) * (gain / math.sqrt(shape[1]))
    return [torch.from_numpy(W).to(dtype or torch.float32) for W in drawn]


def check_batch(
    architecture: Architecture,
    weights: Sequence[torch.Tensor],
    X: torch.Tensor,
    Y: torch.Tensor | None = None,
) -> int:
    """The number B of networks, once weights, data X and targets Y fit the architecture.

    X is (d, N) shared or (B, d, N), one a network; Y is (K, N) or (B, K, N).

    Raises:
        ValueError: a number of layers, shape, dtype or device does not fit; says which.
    """
    shapes = architecture.weight_shapes
    if len(weights) != len(shapes):
        raise ValueError(f"expected {len(shapes)} weight tensors, got {len(weights)}")
    B = weights[0].shape[0] if weights[0].ndim == 3 else 0
    for layer, (W, shape) in enumerate(zip(weights, shapes, strict=True), start=1):
        if B < 1 or tuple(W.shape) != (B, *shape):
            raise ValueError(
                f"W_{layer} must have shape ({B or 'B'}, {shape[0]}, {shape[1]}), "
                f"not {tuple(W.shape)}"
            )
    N = X.shape[-1] if X.ndim in (2, 3) else 0
    data = [("X", X, architecture.widths[0])]
    if Y is not None:
        data.append(("Y", Y, architecture.widths[-1]))
    for name, array, rows in data:
        if N < 1 or tuple(array.shape) not in ((rows, N), (B, rows, N)):
            raise ValueError(
                f"{name} must have shape ({rows}, {N or 'N'}) or ({B}, {rows}, {N or 'N'}), "
                f"not {tuple(array.shape)}"
            )
    kinds = {(t.dtype, t.device) for t in (*weights, *(array for _, array, _ in data))}
    if len(kinds) > 1 or not weights[0].is_floating_point():
        found = ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
        raise ValueError(f"weights, X and Y must share one real dtype and device, got {found}")
    return B


def forward(
    architecture: Architecture,
    weights: Sequence[torch.Tensor],
    X: torch.Tensor,
) -> list[Float[torch.Tensor, "B _ N"]]:
    """The features [Z_0, ..., Z_L] of each network, Z_l of shape (B, n_l, N).

    X is (d, N) for all networks or (B, d, N), one a network; Z_0 is X, repeated without a copy.

    Raises:
        ValueError: weights and X do not fit the architecture.
    """
    B = check_batch(architecture, weights, X)
    Z = [X.expand(B, *X.shape[-2:])]
    for layer, W in enumerate(weights):
        A = W @ Z[-1]
        Z.append(architecture.activation.value(A) if layer < architecture.nonlinear else A)
    return Z


def loss(
    architecture: Architecture,
    weights: Sequence[torch.Tensor],
    X: torch.Tensor,
    Y: torch.Tensor,
    weight_decay: float | torch.Tensor = 0.0,
) -> Float[torch.Tensor, " B"]:
    """C_lam(theta) = 1/2 ||Z_L - Y||_F^2 + lam/2 ||theta||^2 of each network, shape (B,).

    The sum over samples, not their mean (arXiv:2410.04887, section 3). weight_decay is lam, one
    number or one a network, shape (B,).

    Raises:
        ValueError: weights, X and Y do not fit the architecture.
    """
    import torch

    check_batch(architecture, weights, X, Y)
    residual = forward(architecture, weights, X)[-1] - Y
    squares = torch.stack([W.square().sum((1, 2)) for W in weights]).sum(0)
    return 0.5 * residual.square().sum((1, 2)) + 0.5 * weight_decay * squares
