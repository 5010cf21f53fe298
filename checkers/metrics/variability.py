"""NC1, the collapse of the variability within classes: traces, pseudo-inverse, pairs of classes.

Sigma_W = (1/N) sum_i (x_i - mu_c(i)) (x_i - mu_c(i))^T averages the samples and
Sigma_B = (1/K) sum_c (mu_c - mu_G) (mu_c - mu_G)^T the classes, whatever their sizes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from checkers.metrics.statistics import Statistics, UndefinedError
from checkers.tolerance import MEANS_RANK

if TYPE_CHECKING:
    from jaxtyping import Float

COINCIDE = "all class means coincide, so that Sigma_B is zero"


def trace_ratio(statistics: Statistics, centred: Float[np.ndarray, "K d"]) -> float:
    """tr Sigma_W / tr Sigma_B, Sigma_B of centred class means (K, d) (arXiv:2410.04887)."""
    if statistics.coincide:
        raise UndefinedError(COINCIDE)
    return statistics.trace_within / (float(np.square(centred).sum()) / statistics.K)


def pseudo_inverse_trace(statistics: Statistics, centred: Float[np.ndarray, "K d"]) -> float:
    """tr(Sigma_W Sigma_B^+) / K (Papyan, Han, Donoho 2020; Zhu et al. 2021, arXiv:2105.02375).

    Sigma_B^+ is taken from the singular values s of the centred class means (K, d) themselves,
    whose squares over K are the eigenvalues of Sigma_B.
    """
    values, directions = between_directions(statistics, centred)
    if not len(values):
        raise UndefinedError(COINCIDE)
    whitening = directions.T / values
    total = 0.0
    for _, residuals in statistics.residuals():
        total += float(np.square(residuals @ whitening).sum())
    return total / len(statistics.X)


def between_directions(
    statistics: Statistics, centred: Float[np.ndarray, "K d"]
) -> tuple[Float[np.ndarray, " r"], Float[np.ndarray, "r d"]]:
    """Singular values (r,) and right singular vectors (r, d) of centred class means of rank r.

    Those of at most ``tolerance.MEANS_RANK`` of the largest one, or that the rounding of means or
    of features in float32 or float16 can make, count as zero.
    """
    K, d = centred.shape
    if d < K:
        centred = np.asarray(np.linalg.qr(centred, mode="r"))
    _, values, directions = np.linalg.svd(centred, full_matrices=False)
    zero = max(MEANS_RANK * values[0], statistics.negligible, statistics.rounding)
    rank = min(int((values > zero).sum()), K - 1)
    return values[:rank], directions[:rank]


def class_distance_normalized_variance(statistics: Statistics) -> float:
    """Mean over pairs of classes of (v_c + v_c') / (2 |mu_c - mu_c'|^2) (Galanti et al. 2022).

    v_c is the mean squared distance of the samples of class c from their mean mu_c, so that a
    class of one sample has v_c = 0 (arXiv:2112.15121).
    """
    variances = statistics.scatter / statistics.counts
    anchors, offsets = statistics.anchors, statistics.offsets
    total = 0.0
    for c in range(1, statistics.K):
        differences = (anchors[:c] - anchors[c]) + (offsets[:c] - offsets[c])
        squared = np.square(differences).sum(axis=1)
        summed = variances[:c] + variances[c]
        same = np.flatnonzero(squared <= MEANS_RANK**2 * summed)
        if len(same):
            raise UndefinedError(f"the means of classes {same[0]} and {c} coincide")
        total += float((summed / squared).sum()) / 2
    return total / (statistics.K * (statistics.K - 1) / 2)
