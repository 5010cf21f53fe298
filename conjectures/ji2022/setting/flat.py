"""Flat points of the unpenalised cross-entropy: equal rows of W, equal class sums of H.

They are its critical points. h is the least eigenvalue of H H^T over K; the least eigenvalue of the
Hessian is (h - sqrt(h^2 + 4 n)) / 2.
"""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.language import Arrays, Definition, Hypothesis, K, Layout, Ranges, Setting, Witness
from checkers.language import construction, n, sizes, sqrt
from checkers.quantities.residuals import class_sum_spread, least_feature, row_spread
from checkers.settings.unconstrained import VARIABLES, H, W, hessian_entries, labels

h = Definition("h", least_feature(H) / K)
least_curvature = (h - sqrt(h**2 + 4 * n)) / 2

SIZES = Ranges(
    K=(2, 4),
    n=(1, 3),
    others={"d": (1, 3)},
    smallest=(sizes(K=2, n=1, d=1), sizes(K=3, n=2, d=2)),
    working=hessian_entries,
)

EQUAL_ROWS = Hypothesis("equal rows", -row_spread(W), says="W = 1 c^T")
EQUAL_SUMS = Hypothesis(
    "equal class sums", -class_sum_spread(H, labels), says="sum_i h_ki is the same for all k"
)

_LARGEST = 4.0
_BITS = 10


def made_critical(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Rows made equal; features of few binary places, the last of each class making the sum right.

    Few places, because the sums have to be exact.
    """
    K, last = layout["K"], {int(k): i for i, k in enumerate(labels)}
    W, H = (a / np.maximum(1.0, np.abs(a).max((-2, -1), keepdims=True) / _LARGEST)
            for a in (arrays["W"], arrays["H"]))  # fmt: skip
    H = np.round(H * 2.0**_BITS) / 2.0**_BITS
    common = H[..., labels == 0].sum(-1)
    for k in range(1, K):
        H[..., last[k]] += common - H[..., labels == k].sum(-1)
    return {"W": np.repeat(W[:, :1], K, axis=1), "H": H}


def small_integers(layout: Layout, labels: Array) -> Arrays:
    """Features small integers with equal class sums, all rows of W the same."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    W = np.tile(1.0 + np.arange(d) % 2, (K, 1))
    H = (np.arange(d * N).reshape(d, N) ** 2 + np.arange(N)) % 5 - 2.0
    generator = np.random.default_rng(0)
    return {k: a[0] for k, a in made_critical(
        generator, layout, labels, {"W": W[None], "H": H[None]}).items()}  # fmt: skip


INTEGERS = Witness(
    "small integers",
    small_integers,
    (sizes(K=3, n=2, d=3), sizes(K=2, n=1, d=1), sizes(K=4, n=2, d=2)),
    says="h_ki integers, the last of each class chosen to make the sums equal",
)


FLAT = Setting(VARIABLES, SIZES, prepare=made_critical)


@construction("one row moved", sizes(K=3, n=2, d=3))
def ROW_MOVED(layout, labels):
    """Equal class sums, but one row moved."""
    arrays = small_integers(layout, labels)
    arrays["W"][0] += 3.0
    return arrays


@construction("two classes tied", sizes(K=3, n=2, d=1))
def TWO_TIED(layout, labels):
    """Classes 1 and 2 share row and feature, class 3 is opposite: far out the gradient vanishes."""
    rows = np.array([[5.0], [5.0], [-5.0]])
    return {"W": rows, "H": rows.T[:, labels]}


@construction("no features", sizes(K=2, n=1, d=1), sizes(K=2, n=3, d=2), says="H = 0")
def NO_FEATURES(layout, labels):
    """H = 0: every probability is 1/K."""
    K, d = layout["K"], layout["d"]
    W = np.zeros((K, d))
    W[0], W[1] = 1.0, -1.0
    return {"W": W, "H": np.zeros((d, layout["N"]))}


@construction("equal rows", sizes(K=3, n=2, d=2), sizes(K=2, n=1, d=1), says="W = 1 c^T")
def EQUAL_ROWS_EXACTLY(layout, labels):
    """W = 1 c^T: the gradient in W is that of the class sums."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    return {"W": np.ones((K, d)), "H": (np.arange(d * N).reshape(d, N) ** 2 % 5) - 2.0}


@construction("opposite signs", sizes(K=2, n=1, d=1))
def OPPOSITE(layout, labels):
    """K = 2 on a line: rows and features of opposite signs, small rows."""
    signs = 1.0 - 2.0 * np.arange(2)
    return {"W": signs[:, None] / 16, "H": signs[None, labels]}
