"""NC2 and NC3: how the class means lie among each other, and how the classifier lies to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from checkers.instance import Array
from checkers.metrics.statistics import Statistics, UndefinedError
from checkers.metrics.variability import COINCIDE
from checkers.tolerance import MEANS_RANK

if TYPE_CHECKING:
    from jaxtyping import Float

NO_WEIGHTS = "the file has no weights"


def distance_from_simplex_etf(statistics: Statistics) -> float:
    """|M M^T / |M M^T|_F - (I - 1 1^T / K) / sqrt(K-1)|_F, 0 at a simplex equiangular tight frame.

    The rows of M are the class means minus the mean of class means. It is the distance that Zhu et
    al. (2021, arXiv:2105.02375) take of the classifier.
    """
    if statistics.coincide:
        raise UndefinedError(COINCIDE)
    K = statistics.K
    return _distance_of_gram(statistics.centred_unweighted, np.eye(K) - 1 / K)


def distance_from_orthogonal_frame(statistics: Statistics) -> float:
    """|M M^T / |M M^T|_F - I / sqrt(K)|_F, 0 where class means are orthogonal and equally long.

    The rows of M are the class means as they are, not centred.
    """
    _require_means(statistics)
    return _distance_of_gram(statistics.uncentred, np.eye(statistics.K))


def condition_number(statistics: Statistics) -> float:
    """kappa = s_1 / s_K of the matrix of class means, not centred: NC2 of arXiv:2410.04887.

    It has no value where s_K is what rounding can make of 0; the message tells how large kappa is
    at least.
    """
    _require_means(statistics)
    K, d = statistics.uncentred.shape
    if d < K:
        raise UndefinedError(f"{K} class means in {d} dimensions are linearly dependent")
    entries, scale = _scaled(statistics.uncentred)
    values = np.linalg.svd(entries, compute_uv=False)
    rounding = max(statistics.negligible, statistics.rounding) / scale
    zero = max(MEANS_RANK * values[0], rounding)
    if values[-1] <= zero:
        raise UndefinedError(
            f"it is above {max(values[0] / zero, 1):.1g} or infinite, as the class means are"
            " linearly dependent up to rounding"
        )
    return float(values[0] / values[-1])


def distance_from_dual(statistics: Statistics) -> float:
    """|W / |W|_F - M / |M|_F|_F of Papyan, Han, Donoho (2020): 0 where W is a multiple of M, to 2.

    W (K, d) is the classifier as it is; the rows of M are the class means minus their mean.
    """
    weights = statistics.network.weights
    if weights is None:
        raise UndefinedError(NO_WEIGHTS)
    if not weights.any():
        raise UndefinedError("the weights are zero")
    if statistics.coincide:
        raise UndefinedError(COINCIDE)
    return float(np.linalg.norm(_unit(weights) - _unit(statistics.centred_unweighted)))


def _require_means(statistics: Statistics) -> None:
    entries, scale = _scaled(statistics.uncentred)
    if np.linalg.norm(entries) * scale <= statistics.negligible:
        raise UndefinedError("all class means are zero")


def _distance_of_gram(M: Float[np.ndarray, "K d"], ideal: Float[np.ndarray, "K K"]) -> float:
    rows = _scaled(M)[0]
    return float(np.linalg.norm(_unit(rows @ rows.T) - ideal / np.linalg.norm(ideal)))


def _scaled(M: Array) -> tuple[Array, float]:
    """Entries of at most 1 in absolute value, and the factor that was divided by."""
    largest = float(np.abs(M).max())
    return (M / largest, largest) if largest > 0 else (M, 1.0)


def _unit(M: Array) -> Array:
    entries = _scaled(M)[0]
    return entries / np.linalg.norm(entries)
