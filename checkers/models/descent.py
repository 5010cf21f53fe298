"""Full-batch gradient descent with weight decay on many multilayer perceptrons at once.

theta_{k+1} = theta_k - eta grad C_lam(theta_k), C_lam(theta) = 1/2 ||Z_L - Y||_F^2 + lam/2
||theta||^2, summed over samples (arXiv:2410.04887, section 4). The gradients are written by hand
in batched products. The linear layers are never applied to the samples one by one: with
P_l = W_L ... W_l, R = P_{L1+1} Z_{L1} - Y and S = R Z_{L1}^T (K x n_{L1}), the gradient of
C_0 by a linear W_l is P_{l+1}^T S (W_{l-1} ... W_{L1+1})^T, products that do not see N.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from checkers.models.mlp import (
    SOFTPLUS_IS_LINEAR,
    Architecture,
    SmoothLeakyReLU,
    check_batch,
    forward,
    loss,
)

if TYPE_CHECKING:
    from jaxtyping import Float, Int

# What a tile's buffers may take on a CPU, so that they stay in its outer cache.
_TILE_BYTES = 4 * 2**20


@dataclass(frozen=True)
class _Update:
    """theta <- keep * theta + move * grad C_0, the factors common or per network, (T, 1, 1)."""

    keep: float | torch.Tensor
    move: float | torch.Tensor

    def write(self, W: torch.Tensor, A: torch.Tensor, B: torch.Tensor, out: torch.Tensor) -> None:
        """Write the new W into `out`, which may be W, where move times its gradient is A B."""
        if isinstance(self.keep, float):
            torch.baddbmm(W, A, B, beta=self.keep, out=out)
        else:
            torch.mul(W, self.keep, out=out).baddbmm_(A, B)


class _Workspace:
    """The buffers of one tile of T networks, and the forward and backward pass through them."""

    def __init__(self, architecture: Architecture, like: torch.Tensor, T: int, N: int) -> None:
        def buffers(widths: Sequence[int]) -> list[torch.Tensor]:
            return [like.new_empty((T, width, N)) for width in widths]

        L1, K = architecture.nonlinear, architecture.widths[-1]
        hidden, head = architecture.widths[1 : L1 + 1], architecture.widths[L1:-1]
        smooth = isinstance(architecture.activation, SmoothLeakyReLU)
        self.architecture = architecture
        self.Z = buffers(hidden)
        self.D = buffers(hidden)
        self.slope = buffers(hidden) if smooth else []
        self.R = like.new_empty((T, K, N))
        self.P = [like.new_empty((T, K, width)) for width in head[:-1]]
        self.S = [like.new_empty((T, K, width)) for width in head]

    def sweep(
        self,
        X: torch.Tensor,
        Y: torch.Tensor,
        W: Sequence[torch.Tensor],
        out: Sequence[torch.Tensor],
        update: _Update,
    ) -> None:
        """Write into `out`, which may be W itself, the weights after the update; X is (T, d, N)."""
        L1, L = self.architecture.nonlinear, self.architecture.depth
        Z = [X, *self.Z]
        for layer in range(L1):
            torch.bmm(W[layer], Z[layer], out=Z[layer + 1])
            self._activate(layer)

        products = [W[L - 1]]  # P_{l} from the top layer down, each K x n_{l-1}
        for layer in range(L - 2, L1 - 1, -1):
            products.append(torch.bmm(products[-1], W[layer], out=self.P[layer - L1]))
        P = products[::-1]
        R = torch.baddbmm(Y, P[0], Z[L1], beta=-1, out=self.R)
        R.mul_(update.move)
        if L1:
            torch.bmm(P[0].mT, R, out=self.D[-1])

        # From here a weight is overwritten once nothing below needs its old value.
        if L1 == L - 1:
            update.write(W[L1], R, Z[L1].mT, out[L1])
        else:
            S = torch.bmm(R, Z[L1].mT, out=self.S[0])
            for layer in range(L1, L - 1):
                S_above = torch.bmm(S, W[layer].mT, out=self.S[layer - L1 + 1])
                update.write(W[layer], P[layer - L1 + 1].mT, S, out[layer])
                S = S_above
            torch.mul(W[L - 1], update.keep, out=out[L - 1]).add_(S)
        for layer in range(L1 - 1, -1, -1):
            D = self._through_activation(layer)
            if layer:
                torch.bmm(W[layer].mT, D, out=self.D[layer - 1])
            update.write(W[layer], D, Z[layer].mT, out[layer])

    def _activate(self, layer: int) -> None:
        """Z <- sigma(Z) in place, keeping sigma' where it cannot be read off the value."""
        Z = self.Z[layer]
        activation = self.architecture.activation
        if not isinstance(activation, SmoothLeakyReLU):
            torch.relu_(Z)
            return
        gamma, b = activation.gamma, activation.sharpness
        # self.D is not in use during the forward pass.
        softplus, slope = self.D[layer], self.slope[layer]
        torch.mul(Z, b, out=slope).sigmoid_().mul_(1 - gamma).add_(gamma)
        torch.ops.aten.softplus.out(Z, b, SOFTPLUS_IS_LINEAR, out=softplus)
        Z.mul_(gamma).add_(softplus, alpha=1 - gamma).sub_((1 - gamma) * math.log(2) / b)

    def _through_activation(self, layer: int) -> torch.Tensor:
        """D <- D * sigma'(A) in place, from the derivative by Z_l to that by A = W_l Z_{l-1}."""
        D, Z = self.D[layer], self.Z[layer]
        if self.slope:
            D.mul_(self.slope[layer])
        else:
            torch.ops.aten.threshold_backward.grad_input(D, Z, 0, grad_input=D)
        return D


@dataclass(frozen=True)
class _Reached:
    """The weights of one tile, and the step that they have reached."""

    weights: tuple[torch.Tensor, ...]
    step: int


class GradientDescent:
    """B networks of one architecture under full-batch gradient descent, a tile at a time.

    Args:
        architecture: widths, L1 and activation, common to all networks.
        weights: W_l of shape (B, n_l, n_{l-1}), float32 or float64, on any device; not changed.
        X: data, (d, N) for all networks or (B, d, N), one a network.
        Y: targets, (K, N) or (B, K, N).
        learning_rate: eta, one number or one a network.
        weight_decay: lam, one number or one a network.
        tile: networks trained together; by default what a CPU's cache holds, all on a GPU.

    A tile makes all its steps before the next one starts. It works on a copy that replaces its
    weights when the last step is done, so that an interrupted run leaves each network at a whole
    step (`steps_taken`), and `run(0)` finishes it. Networks share no number, so that one which
    diverges to infinity or NaN leaves the others as they are.

    The same input gives the same bits at every run. The tile size and torch's number of threads
    change at most the rounding: the matrix-product library picks its order of summation by them
    and by where in a cache line a network's matrix starts. In float32 the factor 1 - eta lam is
    rounded to 6e-8: where eta lam is not large against that, train in float64.

    Raises:
        ValueError: a shape, dtype, device, rate or tile size does not fit; says which.
    """

    def __init__(
        self,
        architecture: Architecture,
        weights: Sequence[torch.Tensor],
        X: torch.Tensor,
        Y: torch.Tensor,
        *,
        learning_rate: float | Sequence[float] | np.ndarray | torch.Tensor,
        weight_decay: float | Sequence[float] | np.ndarray | torch.Tensor = 0.0,
        tile: int | None = None,
    ) -> None:
        """Check and copy the input; no step is made."""
        B = check_batch(architecture, weights, X, Y)
        if weights[0].dtype not in (torch.float32, torch.float64):
            raise ValueError(f"weights must be float32 or float64, not {weights[0].dtype}")
        if tile is not None and tile < 1:
            raise ValueError(f"tile must be at least 1, not {tile}")
        self.architecture = architecture
        self.learning_rate = _per_network("learning_rate", learning_rate, B)
        self.weight_decay = _per_network("weight_decay", weight_decay, B)
        if not self.learning_rate.all():
            raise ValueError("learning_rate must be positive, not 0")
        self._X = X.detach().clone().expand(B, *X.shape[-2:])
        self._Y = Y.detach().clone().expand(B, *Y.shape[-2:])
        self._target = 0
        self.tile = tile or self._default_tile()
        self._bounds = [(i, min(i + self.tile, B)) for i in range(0, B, self.tile)]
        self._reached = [
            _Reached(tuple(W.detach()[start:stop].clone() for W in weights), 0)
            for start, stop in self._bounds
        ]

    @property
    def weights(self) -> list[Float[torch.Tensor, "B _ _"]]:
        """A copy of the current weights, W_l of shape (B, n_l, n_{l-1})."""
        return [torch.cat(W) for W in zip(*(r.weights for r in self._reached), strict=True)]

    @property
    def steps_taken(self) -> Int[np.ndarray, " B"]:
        """The number of steps each network has made, shape (B,)."""
        sizes = [stop - start for start, stop in self._bounds]
        return np.repeat([reached.step for reached in self._reached], sizes)

    def run(self, steps: int) -> None:
        """Make `steps` more steps with every network, after those an interrupted run still owes.

        Raises:
            ValueError: steps is negative.
        """
        if steps < 0:
            raise ValueError(f"steps must not be negative, got {steps}")
        self._target += steps
        spaces: dict[int, _Workspace] = {}
        for index, (start, stop) in enumerate(self._bounds):
            reached = self._reached[index]
            if reached.step == self._target:
                continue
            space = self._workspace(spaces, stop - start)
            W = tuple(weight.clone() for weight in reached.weights)
            X, Y, update = self._X[start:stop], self._Y[start:stop], self._descent(start, stop)
            for _ in range(self._target - reached.step):
                space.sweep(X, Y, W, W, update)
            self._reached[index] = _Reached(W, self._target)

    def gradients(self) -> list[Float[torch.Tensor, "B _ _"]]:
        """grad C_lam at the current weights, one tensor (B, n_l, n_{l-1}) a layer.

        Computed by the very products that `run` makes.
        """
        spaces: dict[int, _Workspace] = {}
        gradients = []
        for (start, stop), reached in zip(self._bounds, self._reached, strict=True):
            space = self._workspace(spaces, stop - start)
            out = tuple(torch.empty_like(W) for W in reached.weights)
            decay = self._column(self.weight_decay[start:stop])
            update = _Update(decay, 1.0)
            space.sweep(self._X[start:stop], self._Y[start:stop], reached.weights, out, update)
            gradients.append(out)
        return [torch.cat(G) for G in zip(*gradients, strict=True)]

    def step(self) -> list[Float[torch.Tensor, "B _ _"]]:
        """One step with every network; returns the gradients of C_lam that it followed.

        Slower than ``run(1)``, whose rounding differs in the last bits.
        """
        self.run(0)
        gradients = self.gradients()
        for index, (start, stop) in enumerate(self._bounds):
            eta = self._column(self.learning_rate[start:stop])
            old = self._reached[index].weights
            new = (W - eta * G[start:stop] for W, G in zip(old, gradients, strict=True))
            self._reached[index] = _Reached(tuple(new), self._target + 1)
        self._target += 1
        return gradients

    def activations(self) -> list[Float[torch.Tensor, "B _ N"]]:
        """The features [Z_0, ..., Z_L] at the current weights, Z_l of shape (B, n_l, N)."""
        return forward(self.architecture, self.weights, self._X)

    def loss(self) -> Float[torch.Tensor, " B"]:
        """C_lam at the current weights, shape (B,)."""
        decay = self._column(self.weight_decay)[:, 0, 0]
        return loss(self.architecture, self.weights, self._X, self._Y, decay)

    def _descent(self, start: int, stop: int) -> _Update:
        eta, lam = self.learning_rate, self.weight_decay
        keep = 1 - eta * lam
        if np.ptp(eta) == 0 and np.ptp(lam) == 0:
            return _Update(float(keep[0]), -float(eta[0]))
        return _Update(self._column(keep[start:stop]), self._column(-eta[start:stop]))

    def _column(self, values: Float[np.ndarray, " T"]) -> Float[torch.Tensor, "T 1 1"]:
        return torch.from_numpy(values).to(self._X)[:, None, None]

    def _workspace(self, spaces: dict[int, _Workspace], T: int) -> _Workspace:
        if T not in spaces:
            spaces[T] = _Workspace(self.architecture, self._X, T, self._X.shape[-1])
        return spaces[T]

    def _default_tile(self) -> int:
        if self._X.device.type != "cpu":
            return len(self._X)
        widths, L1 = self.architecture.widths, self.architecture.nonlinear
        kept = 3 if isinstance(self.architecture.activation, SmoothLeakyReLU) else 2
        rows = kept * sum(widths[1 : L1 + 1]) + widths[-1]
        return max(1, _TILE_BYTES // (rows * self._X.shape[-1] * self._X.element_size()))


def _per_network(
    name: str, values: float | Sequence[float] | np.ndarray | torch.Tensor, B: int
) -> Float[np.ndarray, " B"]:
    """`values` as float64 of shape (B,), or a ValueError that calls it `name`."""
    if isinstance(values, torch.Tensor):
        values = values.detach().cpu().numpy()
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((), (B,)):
        raise ValueError(f"{name} must be one number or have shape ({B},), not {array.shape}")
    if not (np.isfinite(array).all() and (array >= 0).all()):
        raise ValueError(f"{name} must be finite and not negative, got {values}")
    return np.broadcast_to(array, (B,)).copy()
