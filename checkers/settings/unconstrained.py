"""The unconstrained layer-peeled model: a classifier W and free features H with labels.

K classes of n samples each (where balanced), N = K n samples in all, features in R^d.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np
from sympy import Abs

from checkers.declared.claim import Hypothesis
from checkers.declared.construction import Arrays, Layout, Ranges, Witness
from checkers.declared.proof import Semidefinite
from checkers.declared.statement import Setting
from checkers.instance import Array
from checkers.models.frames import centring, simplex_etf
from checkers.quantities.collapse import class_mean_spread
from checkers.quantities.duality import duality_defect, etf_defect, mean_row
from checkers.quantities.labels import class_size_spread
from checkers.quantities.margins import smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.sizes import sizes
from checkers.variables import Kind, Variable

W = Variable("W", ("K", "d"), "classifier, one row a class")
H = Variable("H", ("d", "N"), "features, one column a sample", transposed="features")
labels = Variable("labels", ("N",), "class of each column, 0..K-1", kind=Kind.LABELS)
VARIABLES = (W, H, labels)

BALANCED = Hypothesis(
    "balanced", margin=-class_size_spread(labels), says="all classes have n samples"
)

ZERO_MEAN = Hypothesis("zero-mean classifier", margin=-mean_row(W), says="mean of w_k is 0")
q_min = smallest_margin(W, H, labels)
rho2 = squared_norm(W) + squared_norm(H)

NC1 = Hypothesis("NC1", margin=-class_mean_spread(H, labels), says="h_ki is its class mean")
NC2 = Hypothesis("NC2", margin=-etf_defect(W), says="the centred rows of W are a simplex ETF")
NC3 = Hypothesis(
    "NC3",
    margin=-duality_defect(W, H, labels),
    says="centred rows of W and centred class means of H are positively proportional",
)
EQUAL_NORMS = Hypothesis(
    "equal norms", margin=-Abs(squared_norm(W) - squared_norm(H)), says="|W| = |H|"
)

SIZES = Ranges(
    K=(2, 7),
    n=(1, 5),
    others={"d": (1, 9)},
    smallest=(sizes(K=2, n=1, d=1), sizes(K=3, n=1, d=1), sizes(K=3, n=2, d=2)),
)


FREE_FEATURES = Setting(VARIABLES, SIZES)


def hessian_entries(layout: Layout) -> int:
    """Numbers that Hessians of an instance take: of order (K + N) d, and the time for them."""
    return 40 * ((layout["K"] + layout["N"]) * layout["d"]) ** 2


def collapsed(layout: Layout, labels: Array) -> Arrays | None:
    """Rows of W a simplex ETF, features h = w_k / sqrt(n): neural collapse, for d >= K-1."""
    K, d = layout["K"], layout["d"]
    if d < K - 1:
        return None
    W = simplex_etf(K, d)
    return {"W": W, "H": W.T[:, labels] / np.sqrt(layout["N"] / K)}


def collapsed_exactly(layout: Layout, labels: Array) -> Arrays | None:
    """W = I - J/K and h = w_k / sqrt(n) in rationals: for d = K and n a perfect square."""
    K, n = layout["K"], layout["N"] // layout["K"]
    if layout["d"] != K or n * K != layout["N"] or isqrt(n) ** 2 != n:
        return None
    W = centring(K)
    return {"W": W, "H": W.T[:, labels] * Fraction(1, isqrt(n))}


def spectral_pair(layout: Layout, labels: Array) -> Arrays | None:
    """The pair of least norm whose logits are the centred one-hot labels, for d >= K-1.

    Z = (I - J/K) Y = U S V^T gives W = U sqrt(S), H = sqrt(S) V^T with |W|^2 + |H|^2 = 2 |Z|_*.
    """
    K, d = layout["K"], layout["d"]
    if d < K - 1:
        return None
    Z = np.asarray(centring(K), dtype=float)[:, labels]
    U, s, V = np.linalg.svd(Z, full_matrices=False)
    W, H = np.zeros((K, d)), np.zeros((d, layout["N"]))
    W[:, : K - 1] = U[:, : K - 1] * np.sqrt(s[: K - 1])
    H[: K - 1] = np.sqrt(s[: K - 1])[:, None] * V[: K - 1]
    return {"W": W, "H": H}


COLLAPSED = Witness(
    "simplex ETF",
    collapsed,
    sizes=(sizes(K=5, n=3, d=4), sizes(K=3, n=2, d=2), sizes(K=4, n=1, d=4)),
    says="W W^T = I - J/K up to scale and h = w_k / sqrt(n)",
)
SPECTRAL = Witness(
    "singular factors of centred labels",
    spectral_pair,
    sizes=(sizes((4, 1, 1), d=2), sizes((9, 1, 1), d=2)),
    says="the pair of least norm whose logits are the centred one-hot labels",
)
COLLAPSED_EXACTLY = Witness(
    "exact simplex ETF",
    collapsed_exactly,
    sizes=(sizes(K=2, n=1, d=2), sizes(K=3, n=4, d=3), sizes(K=4, n=4, d=4)),
    says="W = I - J/K and h = w_k / sqrt(n), rational for n a perfect square",
)


def average_margin_gap(K: int, n: int) -> Semidefinite:
    """(n |W|^2 + |H|^2) / (2 (K-1) n) less the average margin, for every d at once.

    The form is I_d (x) M with M of size K + K n, here the features first. Replacing (W, H) by
    (t W, H / t) keeps the margins and, at the best t, turns n |W|^2 + |H|^2 into
    2 sqrt(n) |W| |H|: so M >= 0 gives the product form and with it the sum of squares.
    """
    c = Fraction(1, 2 * (K - 1) * n)
    N = K * n
    M = [[Fraction(0)] * (N + K) for _ in range(N + K)]
    for i in range(N):
        M[i][i] = c
        for k in range(K):
            centred = Fraction(int(i // n == k)) - Fraction(1, K)
            M[i][N + k] = M[N + k][i] = -c * centred
    for k in range(K):
        M[N + k][N + k] = c * n
    return Semidefinite(M)
