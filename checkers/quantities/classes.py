"""The labels of the columns as quantities use them: counts, one-hot labels, averages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from flint import fmpq, fmpq_mat

from checkers.instance import Array, class_counts


@dataclass(frozen=True, eq=False)
class Classes:
    """Which sample is of which class.

    ``labels`` is an integer array (N,) with values in 0..K-1, every class present.
    """

    labels: Array
    K: int

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Samples of each class."""
        return class_counts(self.labels, self.K)

    @property
    def smallest(self) -> int:
        """Samples of the smallest class."""
        return min(self.counts)

    @cached_property
    def one_hot(self) -> Array:
        """Y, float64 (K, N), whose columns are the unit vectors of the labels."""
        return np.eye(self.K)[:, self.labels]

    @cached_property
    def one_hot_exact(self) -> fmpq_mat:
        """Y, exact."""
        return fmpq_mat(self.K, len(self.labels), [int(y) for y in self.one_hot.ravel()])

    @cached_property
    def means(self) -> Array:
        """float64 (N, K): multiplied from the right it turns samples into class means."""
        return (self.one_hot / np.array(self.counts)[:, None]).T

    @cached_property
    def means_exact(self) -> fmpq_mat:
        """The same, exact."""
        return self._averaging([fmpq(1, count) for count in self.counts])

    @cached_property
    def global_mean_exact(self) -> fmpq_mat:
        """Exact (N, K): turns samples into K copies of the mean of all samples."""
        N = len(self.labels)
        return fmpq_mat(N, self.K, [fmpq(1, N)] * (N * self.K))

    def _averaging(self, weights: list[fmpq]) -> fmpq_mat:
        zero = fmpq(0)
        rows = [[weights[k] if j == k else zero for j in range(self.K)] for k in self.labels]
        return fmpq_mat(len(self.labels), self.K, [x for row in rows for x in row])


def classes_of(labels: Array, K: int) -> Classes:
    """The classes of labels; equal labels share one object and what it has computed."""
    return _shared(labels.astype(np.int64).tobytes(), K)


@lru_cache(maxsize=256)
def _shared(labels: bytes, K: int) -> Classes:
    return Classes(np.frombuffer(labels, dtype=np.int64).copy(), K)
