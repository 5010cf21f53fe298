"""Minimum-norm separation: min (|W|^2 + |H|^2) / 2 with all margins at least 1, and its KKT points.

Block frames are KKT points in rationals: the K classes in blocks of at least two, rows that form a
unit simplex ETF inside each block, blocks orthogonal, h = w / sqrt(n), |w|^2 = sqrt(n), and
multipliers 1 / (sqrt(n) (K - s)) across blocks, s the size of the own block. One block is collapse,
with |w|^2 = sqrt(n) (K-1) / K and multipliers 1 / (K sqrt(n)) (Ji et al. 2022, section 3).
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np

from checkers.instance import Array
from checkers.models.frames import block_frame
from checkers.quantities.margins import smallest_margin
from checkers.quantities.multipliers import (
    forces,
    least_multiplier,
    slackness_defect,
    stationarity_defect,
)
from checkers.settings.unconstrained import H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Witness
from checkers.variables import Variable

MULTIPLIERS = Variable("multipliers", ("K", "N"), "multiplier of each sample against each class")

KKT = (
    Hypothesis("feasible", margin=smallest_margin(W, H, labels) - 1, says="margins >= 1"),
    Hypothesis("multipliers", margin=least_multiplier(MULTIPLIERS, labels), says=">= 0"),
    Hypothesis("stationary", margin=-stationarity_defect(W, H, forces(MULTIPLIERS, labels))),
    Hypothesis("slackness", margin=-slackness_defect(W, H, MULTIPLIERS, labels)),
)
"""The KKT conditions, all exact where the numbers are rational."""

SEPARATION = Ranges(
    K=(2, 6),
    n=(1, 4),
    others={"d": (1, 8)},
    smallest=(sizes(K=2, n=1, d=2), sizes(K=4, n=1, d=2), sizes(K=6, n=1, d=3)),
)


def block_point(blocks: tuple[int, ...], layout: Layout, labels: Array) -> Arrays | None:
    """The KKT point of blocks of these sizes in rationals, for n a perfect square."""
    K, samples = layout["K"], layout["N"] // layout["K"]
    root = isqrt(samples)
    if sum(blocks) != K or samples * K != layout["N"] or root**2 != samples:
        return None
    single = len(blocks) == 1
    frame = block_frame(blocks, root * Fraction(K - 1, K) if single else Fraction(root))
    if frame.shape[1] > layout["d"]:
        return None
    W = np.full((K, layout["d"]), Fraction(0))
    W[:, : frame.shape[1]] = frame
    block = np.repeat(np.arange(len(blocks)), blocks)
    across = block[:, None] != block[labels]
    if single:
        across = np.arange(K)[:, None] != labels
    own = [0 if single else blocks[b] for b in block[labels]]
    weights = across * np.array([Fraction(1, root * (K - s)) for s in own])
    return {"W": W, "H": W.T[:, labels] / Fraction(root), "multipliers": weights}


def in_blocks(blocks: tuple[int, ...], n: int = 1, d: int = 0) -> Witness:
    """The point of a partition as a construction, in as many dimensions as its frame needs."""
    width = d or block_frame(blocks, Fraction(isqrt(n))).shape[1]
    return Witness(
        f"blocks of {', '.join(map(str, blocks))}",
        lambda layout, labels: block_point(blocks, layout, labels),
        (sizes(K=sum(blocks), n=n, d=width),),
    )


def pairs(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Blocks of two with signs and axes permuted, exact in floats where K - 2 is a power of two."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    exact = block_point((2,) * (K // 2), layout, labels) if K % 2 == 0 else None
    W, H = generator.standard_normal((count, K, d)), generator.standard_normal((count, d, N))
    weights = np.abs(generator.standard_normal((count, K, N)))
    if exact is not None:
        for b in range(count):
            axes, signs = generator.permutation(d), generator.choice([-1.0, 1.0], d)
            W[b] = exact["W"].astype(float)[:, axes] * signs
            H[b] = exact["H"].astype(float)[axes] * signs[:, None]
            weights[b] = exact["multipliers"].astype(float)
    return {"W": W, "H": H, "multipliers": weights}
