"""How the imbalance of linear layers changes along gradient descent, step by step in float64.

With D_l = W_{l+1}^T W_{l+1} - W_l W_l^T for neighbours of the linear head and G_l the gradient of
C_0 in W_l, a step of size eta with weight decay lam gives exactly
D_l <- (1 - eta lam)^2 D_l + eta^2 F_l, F_l = G_{l+1}^T G_{l+1} - G_l G_l^T (Jacot et al. 2025,
arXiv:2410.04887, section 4.2). Networks are batched; what is summed up is per network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from checkers.instance import Array
from checkers.models.descent import GradientDescent
from checkers.models.mlp import Architecture, SmoothLeakyReLU, initialise
from checkers.tolerance import ROUNDING


@dataclass(frozen=True)
class Setup:
    """Networks of one architecture on Gaussian data, each with its step size and weight decay."""

    architecture: Architecture
    per_class: int
    etas: tuple[float, ...]
    lams: tuple[float, ...]
    gain: float = 1.0


@dataclass(frozen=True)
class Windows:
    """What was measured between two looks, (windows, networks) each.

    ``before`` and ``after`` are max_l |D_l|; ``forcing`` sums (1 - eta lam)^(2 j) eta^2 max_l |F_l|
    over the steps, the last with j = 0, and ``largest`` is the largest max_l |F_l|; ``defect`` sums
    in the same way by how much float64 misses the recursion, and the rounding of the norms.
    ``mismatch`` is the largest defect of one step over |D|. Norms are operator norms.
    """

    start: tuple[int, ...]
    steps: tuple[int, ...]
    before: Array
    after: Array
    forcing: Array
    largest: Array
    defect: Array
    mismatch: Array


STABLE = Setup(
    Architecture((6, 32, 6, 6, 6, 3), nonlinear=2, activation=SmoothLeakyReLU(0.5)),
    per_class=10,
    etas=(0.001,) * 24,
    lams=(0.03, 0.1) * 12,
)
"""Gradients so small that the imbalance decays at its rate."""

DRIVEN = Setup(STABLE.architecture, per_class=10, etas=(0.004,) * 8, lams=(0.003, 0.03) * 4)
"""Steps so large that the gradients keep the imbalance up."""


def data(setup: Setup, seed: int) -> tuple[Array, Array]:
    """X (d, N) of normal entries and one-hot targets (K, N)."""
    d, K = setup.architecture.widths[0], setup.architecture.widths[-1]
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, 1))))
    labels = np.repeat(np.arange(K), setup.per_class)
    return generator.standard_normal((d, len(labels))), np.eye(K)[:, labels]


def imbalances(head: Sequence[torch.Tensor]) -> torch.Tensor:
    """D_l of neighbouring matrices, (B, L2 - 1, m, m), for inner widths that are all m."""
    pairs = zip(head[1:], head[:-1], strict=True)
    return torch.stack([above.mT @ above - below @ below.mT for above, below in pairs], 1)


def train(setup: Setup, looks: Sequence[int], seed: int) -> Windows:
    """Make ``looks[-1]`` steps; the first look is at step 0."""
    X, Y = (torch.from_numpy(a) for a in data(setup, seed))
    weights = initialise(setup.architecture, len(setup.etas), seed, setup.gain, dtype=torch.float64)
    descent = GradientDescent(
        setup.architecture, weights, X, Y, learning_rate=setup.etas, weight_decay=setup.lams
    )
    first = setup.architecture.nonlinear
    eta, lam = (torch.tensor(x, dtype=torch.float64) for x in (setup.etas, setup.lams))
    keep = (1 - eta * lam) ** 2
    rows: list[tuple[torch.Tensor, ...]] = []
    decay = lam[:, None, None]
    head = descent.weights[first:]
    D = imbalances(head)
    zero = torch.zeros_like(eta)
    before, forcing, largest, defect, mismatch = _norm(D), zero, zero, zero, zero
    for step in range(1, looks[-1] + 1):
        followed = descent.step()[first:]
        F = imbalances([g - decay * W for g, W in zip(followed, head, strict=True)])
        head = descent.weights[first:]
        moved = imbalances(head)
        expected = keep[:, None, None, None] * D + (eta**2)[:, None, None, None] * F
        missed = (moved - expected).flatten(2).norm(dim=2).amax(1)
        size = _norm(F)
        forcing = keep * forcing + eta**2 * size
        defect = keep * defect + missed
        largest = torch.maximum(largest, size)
        mismatch = torch.maximum(mismatch, missed / D.flatten(2).norm(dim=2).amax(1))
        D = moved
        if step in looks:
            after = _norm(D)
            rounding = ROUNDING * (before + after + forcing)
            rows.append((before, after, forcing, largest, defect + rounding, mismatch))
            before, forcing, largest, defect, mismatch = after, zero, zero, zero, zero
    columns = [torch.stack(column).numpy() for column in zip(*rows, strict=True)]
    ends = list(looks[1:])
    lengths = tuple(b - a for a, b in zip(looks[:-1], ends, strict=True))
    return Windows(tuple(looks[:-1]), lengths, *columns)


def _norm(D: torch.Tensor) -> torch.Tensor:
    """max_l |D_l| (B,); NaN for networks that have diverged."""
    finite = D.isfinite().all(3).all(2).all(1)
    known = D.where(finite[:, None, None, None], torch.zeros_like(D))
    return torch.linalg.eigvalsh(known).abs().amax((1, 2)).where(finite, torch.nan)
