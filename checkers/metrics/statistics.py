"""Means and scatter of classes by two passes over the samples, in blocks, safe far from the origin.

The mean of a class is kept as a sum of two vectors that is never carried out: the first sample of
the class, and the mean of the differences from it. Differences of floats that are close to each
other are exact, so that an offset common to all features cancels before anything is rounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.instance import Array, class_counts
from checkers.metrics.network import Network
from checkers.tolerance import MEANS_RANK

BLOCK = 2**19
"""Entries of a block of samples."""

USUAL = 400
"""Features whose spread is within 2^-400..2^400 can be squared as they are."""

LARGEST = 900
"""Exponent of features up to which a product with a number of usual size is finite."""


class UndefinedError(ArithmeticError):
    """The metric has no value here; the message is the reason."""


@dataclass(frozen=True, eq=False)
class Statistics:
    """What all metrics are computed from; ``exponent`` scaled the features by a power of two."""

    network: Network
    X: Array
    exponent: int

    @property
    def K(self) -> int:
        """Number of classes."""
        return self.network.K

    @cached_property
    def counts(self) -> Array:
        """Samples of each class, (K,)."""
        return np.array(class_counts(self.network.labels, self.K))

    @cached_property
    def _order(self) -> Array:
        """Samples class by class."""
        return np.argsort(self.network.labels, kind="stable")

    @cached_property
    def anchors(self) -> Array:
        """The first sample of each class, (K, d)."""
        first = np.concatenate([[0], np.cumsum(self.counts)[:-1]])
        return self.X[self._order[first]]

    @cached_property
    def offsets(self) -> Array:
        """Class means minus the anchors, (K, d)."""
        sums = np.zeros_like(self.anchors)
        for labels, samples in self.blocks():
            starts = np.flatnonzero(np.diff(labels, prepend=-1))
            differences = samples - self.anchors[labels]
            sums[labels[starts]] += np.add.reduceat(differences, starts, axis=0)
        return sums / self.counts[:, None]

    @cached_property
    def origin(self) -> Array:
        """A float64 vector near the mean of class means, (d,), that differences are taken from."""
        return self.anchors[0] + _from(self.anchors, self.offsets, self.anchors[0]).mean(axis=0)

    @cached_property
    def means(self) -> Array:
        """Class means seen from the origin, (K, d)."""
        return _from(self.anchors, self.offsets, self.origin)

    @cached_property
    def centred_unweighted(self) -> Array:
        """Class means minus the mean of class means, (K, d)."""
        return self.means - self.means.mean(axis=0)

    @cached_property
    def centred_weighted(self) -> Array:
        """Class means minus the mean of all samples, (K, d)."""
        return self.means - self.counts @ self.means / len(self.X)

    @cached_property
    def uncentred(self) -> Array:
        """Class means in the coordinates of the features, (K, d)."""
        return self.anchors + self.offsets

    @cached_property
    def scatter(self) -> Array:
        """Sum over a class of the squared distances from its mean, (K,)."""
        sums = np.zeros(self.K)
        for labels, residuals in self.residuals():
            np.add.at(sums, labels, np.square(residuals).sum(axis=1))
        return sums

    @property
    def trace_within(self) -> float:
        """tr Sigma_W, the mean over all samples of the squared distance from the class mean."""
        return float(self.scatter.sum() / len(self.X))

    @cached_property
    def negligible(self) -> float:
        """Entries of means that the spread within classes rounds away."""
        return MEANS_RANK * float(np.sqrt(self.trace_within))

    @cached_property
    def rounding(self) -> float:
        """What features rounded to fewer digits than float64 put into singular values of means.

        A matrix (K, d) of rounding errors is that small in operator norm.
        """
        if not self.network.resolution:
            return 0.0
        squares = self.counts @ np.square(self.uncentred).sum(axis=1) / len(self.X)
        entry = np.sqrt((self.trace_within + squares) / self.X.shape[1])
        return float(self.network.resolution * entry * np.sqrt(self.uncentred.shape).sum())

    @cached_property
    def coincide(self) -> bool:
        """Whether all class means are the same vector, up to rounding."""
        return bool(np.linalg.norm(self.centred_unweighted) <= self.negligible)

    def blocks(self, width: int = 1) -> Iterator[tuple[Array, Array]]:
        """Labels (B,) and samples (B, d), class by class; each makes ``width`` further numbers."""
        rows = max(1, BLOCK // max(self.X.shape[1], width))
        for start in range(0, len(self.X), rows):
            chosen = self._order[start : start + rows]
            yield self.network.labels[chosen], self.X[chosen]

    def residuals(self) -> Iterator[tuple[Array, Array]]:
        """Labels (B,) and samples minus their class means (B, d)."""
        for labels, samples in self.blocks():
            samples -= self.anchors[labels]
            samples -= self.offsets[labels]
            yield labels, samples


def statistics_of(network: Network) -> Statistics:
    """Statistics of the features, which are scaled where their squares leave the floats."""
    X = network.features
    low, high = X.min(axis=0), X.max(axis=0)
    size = int(np.frexp(np.maximum(-low, high).max())[1])
    spread = int(np.frexp((high / 2 - low / 2).max())[1]) + 1
    if abs(spread) <= USUAL and size <= LARGEST:
        return Statistics(network, X, 0)
    exponent = min(-spread, LARGEST - size)
    return Statistics(network, np.ldexp(X, exponent), exponent)


def _from(anchors: Array, offsets: Array, origin: Array) -> Array:
    return (anchors - origin) + offsets
