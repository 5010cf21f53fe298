"""NC4: does the classifier decide as the nearest class mean does?

A tie, in scores or in distances, goes to the class of the lowest number; two values tie where
rounding could exchange them (``tolerance.TIE``).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from checkers.instance import Array
from checkers.metrics.geometry import NO_WEIGHTS
from checkers.metrics.statistics import Statistics, UndefinedError
from checkers.tolerance import TIE

if TYPE_CHECKING:
    from jaxtyping import Float, Int

SPLIT = 2.0**27 + 1
"""A product with it halves the digits of a float64 (Veltkamp)."""


def disagreement(statistics: Statistics) -> float:
    """Part of the samples on which the two decisions differ (Papyan, Han, Donoho 2020).

    The classifier decides for the largest <w_c, x> + b_c (b = 0 where no bias is given), the
    other for the smallest |x - mu_c|.
    """
    if statistics.network.weights is None:
        raise UndefinedError(NO_WEIGHTS)
    classifier, nearest = _Classifier(statistics), _NearestMean(statistics)
    differ = 0
    for _, samples in statistics.blocks(statistics.K):
        seen = samples - statistics.origin
        differ += int((classifier.decisions(seen) != nearest.decisions(samples, seen)).sum())
    return differ / len(statistics.X)


class _Classifier:
    """Scores of samples seen from the origin of the statistics."""

    def __init__(self, statistics: Statistics) -> None:
        weights, bias = statistics.network.weights, statistics.network.bias
        assert weights is not None
        bias = np.zeros(len(weights)) if bias is None else bias
        # Scores may be multiplied by any positive number: by a power of two that avoids overflow.
        scale = max(_exponent(weights), _exponent(bias) + statistics.exponent)
        self.W = np.ldexp(weights, -scale)
        self.b = _scores_at(statistics.origin, self.W, np.ldexp(bias, statistics.exponent - scale))
        self.lengths = np.linalg.norm(self.W, axis=1)

    def decisions(self, seen: Float[np.ndarray, "B d"]) -> Int[np.ndarray, " B"]:
        """Class of each row."""
        scores = seen @ self.W.T + self.b
        doubt = np.outer(np.linalg.norm(seen, axis=1), self.lengths) + np.abs(self.b)
        doubt *= TIE
        return _first(scores + doubt >= (scores - doubt).max(axis=1, keepdims=True))


class _NearestMean:
    """Distances from class means: expanded squares first, differences where those do not decide."""

    def __init__(self, statistics: Statistics) -> None:
        self.anchors, self.offsets = statistics.anchors, statistics.offsets
        self.means = statistics.means
        self.lengths = np.linalg.norm(self.means, axis=1)
        self.coincide = statistics.coincide

    def decisions(
        self, samples: Float[np.ndarray, "B d"], seen: Float[np.ndarray, "B d"]
    ) -> Int[np.ndarray, " B"]:
        """Class of each row; ``seen`` are the samples minus the origin."""
        if self.coincide:
            return np.zeros(len(samples), dtype=int)
        half = np.square(self.lengths) / 2
        partial = half - seen @ self.means.T  # half of |x - mu|^2 - |x|^2
        doubt = np.outer(np.linalg.norm(seen, axis=1), self.lengths) + half
        doubt *= TIE
        possible = partial - doubt <= (partial + doubt).min(axis=1, keepdims=True)
        undecided = possible.sum(axis=1) > 1
        found = _first(possible)
        for i in np.flatnonzero(undecided):
            found[i] = self._nearest(samples[i], np.flatnonzero(possible[i]))
        return found

    def _nearest(self, sample: Array, classes: Array) -> int:
        from_anchors, offsets = sample - self.anchors[classes], self.offsets[classes]
        distances = np.linalg.norm(from_anchors - offsets, axis=1)
        doubt = np.linalg.norm(from_anchors, axis=1) + np.linalg.norm(offsets, axis=1)
        doubt *= TIE
        tied = distances - doubt <= (distances + doubt).min()
        return int(classes[tied][0])


def _first(chosen: Array) -> Array:
    """The lowest column that is chosen, of each row."""
    return np.asarray(chosen.argmax(axis=1))


def _scores_at(
    origin: Float[np.ndarray, " d"], W: Float[np.ndarray, "K d"], b: Float[np.ndarray, " K"]
) -> Float[np.ndarray, " K"]:
    """<w_c, origin> + b_c minus its largest value, (K,).

    Far from the origin the scores are large and cancel. Products are split into two floats, and
    their differences from class 0 summed exactly before they are rounded.
    """
    products, errors = _exact_products(W, origin)
    terms = np.concatenate([products, errors, b[:, None]], axis=1)
    reference = (-terms[0]).tolist()
    scores = np.array([math.fsum(row.tolist() + reference) for row in terms])
    return scores - scores.max()


def _exact_products(a: Array, b: Array) -> tuple[Array, Array]:
    """p and e with a * b = p + e exactly (Dekker), up to underflow."""
    p = a * b
    (high_a, low_a), (high_b, low_b) = _halves(a), _halves(b)
    return p, ((high_a * high_b - p) + high_a * low_b + low_a * high_b) + low_a * low_b


def _halves(a: Array) -> tuple[Array, Array]:
    scaled = SPLIT * a
    high = scaled - (scaled - a)
    return high, a - high


def _exponent(a: Array) -> int:
    return int(np.frexp(np.abs(a).max())[1]) if a.any() else -1100
