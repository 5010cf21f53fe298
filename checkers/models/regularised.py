"""The regularised problem f = (1/N) CE(W H + b 1^T) + (lw |W|^2 + lh |H|^2 + lb |b|^2) / 2.

A batch of points of equal sizes, each with penalties of its own; ``b`` and ``lb`` are None in the
model without bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from checkers.models import layer_peeled
from checkers.models.batches import selected

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from checkers.instance import Array

_LOG_SCALES = (-0.5, 1.2)
"""Logarithms of the size of a start: much smaller ones end at zero."""

_NOISE = 0.1


@dataclass(frozen=True)
class Points:
    """Points of problems: W (B, K, d), H (B, d, N), lw and lh (B,), labels (N,) shared."""

    W: Tensor
    H: Tensor
    lw: Tensor
    lh: Tensor
    labels: Array
    b: Tensor | None = None
    lb: Tensor | None = None

    def __len__(self) -> int:
        """Number of points."""
        return len(self.W)

    def __getitem__(self, index: Tensor) -> Points:
        """Those of an index or mask (tensor)."""
        return selected(self, index)

    @property
    def sizes(self) -> tuple[int, int, int]:
        """K, d and N."""
        return self.W.shape[1], self.W.shape[2], self.H.shape[2]

    @property
    def terms(self) -> int:
        """N: the loss is a mean over the samples."""
        return self.H.shape[2]

    @property
    def threshold(self) -> Float[Tensor, " B"]:
        """s = sqrt(lw lh)."""
        return (self.lw * self.lh).sqrt()

    @property
    def logits(self) -> Float[Tensor, "B K N"]:
        """Z = W H + b 1^T."""
        return layer_peeled.logits(self.W, self.H, self.b)

    @property
    def residual(self) -> Float[Tensor, "B K N"]:
        """Gn = (Y - P) / N."""
        return layer_peeled.residual(self.logits, self.labels) / self.sizes[2]

    @property
    def penalties(self) -> Float[Tensor, "B m"]:
        """The penalty of each coordinate."""
        return layer_peeled.penalty(*self.sizes, self.lw, self.lh, self.lb)

    @property
    def vector(self) -> Float[Tensor, "B m"]:
        """All coordinates: the rows of W, the samples, the bias."""
        parts = [self.W.flatten(1), self.H.mT.flatten(1)]
        if self.b is not None:
            parts.append(self.b.flatten(1))
        return torch.cat(parts, 1)

    def at(self, vector: Float[Tensor, "B m"]) -> Points:
        """The same problems at other coordinates."""
        K, d, N = self.sizes
        W, H, b = vector.tensor_split([K * d, (K + N) * d], 1)
        return replace(
            self,
            W=W.reshape(-1, K, d),
            H=H.reshape(-1, N, d).mT,
            b=None if self.b is None else b.unsqueeze(-1),
        )

    @property
    def value(self) -> Float[Tensor, " B"]:
        """f."""
        loss = layer_peeled.cross_entropy(self.logits, self.labels) / self.sizes[2]
        return loss + (self.penalties * self.vector.square()).sum(1) / 2

    @property
    def gradient(self) -> Float[Tensor, "B m"]:
        """Gradient of f."""
        G = self.residual
        loss = layer_peeled.gradient(self.W, self.H, G, self.b is not None)
        return loss + self.penalties * self.vector

    @property
    def hessian(self) -> Float[Tensor, "B m m"]:
        """Hessian of f."""
        N = self.sizes[2]
        biased = self.b is not None
        loss = layer_peeled.hessian(self.W, self.H, self.logits, self.labels, biased) / N
        return loss + torch.diag_embed(self.penalties)


def embedded(points: Points, d: int) -> Points:
    """The same points with features in R^d, the further coordinates zero."""
    more = d - points.sizes[1]
    pad = torch.nn.functional.pad
    return replace(points, W=pad(points.W, (0, more)), H=pad(points.H, (0, 0, 0, more)))


def random_starts(
    generator: np.random.Generator,
    layout: Mapping[str, int],
    labels: Array,
    kappa: Array,
    ratio: Array,
    d: int | None = None,
    biased: bool = False,
) -> Points:
    """Starts near W = c A, H = sqrt(lw/lh) W^T / sqrt(n) with A normal, one for each kappa.

    ``ratio`` is lw / lh; ``d`` may be below the layout's for starts of low rank.
    """
    K, N, B = layout["K"], layout["N"], len(kappa)
    d = layout["d"] if d is None else d
    s = kappa / np.sqrt(K * N)
    scale = np.exp(generator.uniform(*_LOG_SCALES, (B, 1, 1)))
    W = scale * generator.standard_normal((B, K, d))
    paired = W.swapaxes(1, 2)[:, :, labels] * np.sqrt(ratio * K / N)[:, None, None]
    H = paired + _NOISE * generator.standard_normal((B, d, N))
    bias = _NOISE * generator.standard_normal((B, K, 1)) if biased else None
    decay = s * np.exp(generator.standard_normal(B)) if biased else None
    return Points(
        torch.from_numpy(W),
        torch.from_numpy(H),
        torch.from_numpy(s * np.sqrt(ratio)),
        torch.from_numpy(s / np.sqrt(ratio)),
        labels,
        None if bias is None else torch.from_numpy(bias),
        None if decay is None else torch.from_numpy(decay),
    )
