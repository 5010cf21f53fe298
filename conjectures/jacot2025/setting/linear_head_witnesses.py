"""Constructions for linear heads that attain the bounds on NC1 or refute their neighbours."""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Layout, Witness

from .linear_head import spread_in_kernel, spread_in_kernel_exactly


def _head_sizes(counts: tuple[int, ...], m: int) -> SizeSpec:
    """Two matrices, features of width K + m."""
    width = len(counts) + m
    return sizes(counts, width=width, depth=2, last_width=width)


SPREAD = Witness(
    "variation in the kernel of W_L",
    spread_in_kernel,
    sizes=(_head_sizes((4, 4), 6), _head_sizes((3, 3, 3), 5), _head_sizes((2, 2), 2)),
    says="e1 = 0; attains the sharp bound",
)
SPREAD_EXACTLY = Witness(
    "variation in the kernel of W_L, dyadic",
    spread_in_kernel_exactly,
    sizes=(_head_sizes((4, 4), 6), _head_sizes((4, 4, 4), 2)),
    says="e1 = 0, e2 = 1/4, r = 2; attains the sharp bound exactly",
)
SPREAD_WIDE = Witness(
    "variation in a wide kernel",
    spread_in_kernel,
    sizes=(_head_sizes((16, 16), 30), _head_sizes((20, 20, 20), 50)),
    says="e1 = 0; the ratio to (18) is m / (K + m)",
)
SPREAD_MANY = Witness(
    "variation in a kernel of 100 to 120 dimensions",
    spread_in_kernel,
    sizes=(_head_sizes((40, 40, 40), 100), _head_sizes((61, 61), 120)),
    tight=0.97,
    says="e1 = 0; the ratio to (18) is m / (K + m)",
)


def large_earlier_features(layout: Layout, labels: Array) -> Arrays:
    """The kernel part of Z_{L-2} is long, the imbalance as small: e2 = 2^-14, Q times 128."""
    arrays = spread_in_kernel_exactly({**layout, "depth": 2}, labels)
    assert arrays is not None  # the sizes below are those of the construction
    K = layout["K"]
    arrays["Z"][K:] *= 64
    arrays["head_0"][K:, K:] = np.eye(layout["last_width"] - K) / 128
    return arrays


def large_last_features(layout: Layout, labels: Array) -> Arrays:
    """K = 2: W_L = W_{L-1} long on (1, -1) and short on (1, 1), errors along (1, 1).

    The long direction makes r large for the weights; the short one lets Z_{L-1} be longer.
    """
    N, e1, long = layout["N"], 0.05, 2.2
    short = (N / 2) ** 0.25 / long**0.5
    u1, u2 = np.array([[1.0], [-1]]) / np.sqrt(2), np.array([[1.0], [1]]) / np.sqrt(2)
    A = long * u1 @ u1.T + short * u2 @ u2.T
    signs = np.where(np.arange(N) % 2, 1.0, -1.0) / np.sqrt(N)
    outputs = np.eye(2)[:, labels] + e1 * u2 * signs
    return {"Z": np.linalg.solve(A @ A, outputs), "head_0": A, "head_1": A}


def lone_sample(layout: Layout, labels: Array) -> Arrays:
    """Classes of very unequal size: the single sample of one class is put near another class."""
    arrays = spread_in_kernel(layout, labels)
    assert arrays is not None  # the sizes below are those of the construction
    sample = int(np.flatnonzero(labels == layout["K"] - 1)[0])
    r = arrays["head_1"][0, 0]
    e1 = 0.8
    arrays["Z"][0, sample] += e1 / np.sqrt(2) / r**2
    arrays["Z"][layout["K"] - 1, sample] -= e1 / np.sqrt(2) / r**2
    return arrays


LARGE_EARLIER_FEATURES = Witness(
    "long features before a thin kernel",
    large_earlier_features,
    sizes=(_head_sizes((4, 4), 1), _head_sizes((4, 4), 4)),
)
LARGE_LAST_FEATURES = Witness(
    "long features behind short weights",
    large_last_features,
    sizes=(sizes(K=2, n=50, width=2, depth=2, last_width=2),),
)
LONE_SAMPLE = Witness(
    "one sample against many",
    lone_sample,
    sizes=(_head_sizes((180, 1), 179),),
    says="s_K(Y) = 1 and the error sits in the only sample of its class",
)
