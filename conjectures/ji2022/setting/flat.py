"""Flat points of the unpenalised cross-entropy: equal rows of W, equal class sums of H.

They are its critical points. h is the least eigenvalue of H H^T over K; the least eigenvalue of the
Hessian is (h - sqrt(h^2 + 4 n)) / 2.
"""

from __future__ import annotations

import numpy as np
from sympy import sqrt

from checkers.instance import Array
from checkers.quantities.residuals import class_sum_spread, least_feature, row_spread
from checkers.settings.unconstrained import H, W, hessian_entries, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Witness
from checkers.variables import K, n

h = least_feature(H) / K
least_curvature = (h - sqrt(h**2 + 4 * n)) / 2

FLAT = Ranges(
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
