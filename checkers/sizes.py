"""Sizes of one instance: how many samples each class has, and the sizes of the arrays by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_COUNTS = "counts"


@dataclass(frozen=True)
class SizeSpec:
    """Sizes of one instance: samples per class, and the sizes of the arrays by name.

    Without ``counts``, the sizes of arrays that hold no samples.
    """

    counts: tuple[int, ...]
    others: tuple[tuple[str, int], ...] = ()

    @property
    def layout(self) -> dict[str, int]:
        """K and N, where there are classes, and the other sizes."""
        classes = {"K": len(self.counts), "N": sum(self.counts)} if self.counts else {}
        return {**classes, **dict(self.others)}

    @property
    def samples(self) -> int:
        """N; where no array holds samples, one a class, or 1 where there are no classes."""
        return sum(self.counts) if self.counts else dict(self.others).get("K", 1)

    def labels(self, order: np.random.Generator | None = None) -> NDArray[Any]:
        """Labels (N,), class by class, or shuffled by a generator."""
        labels = np.repeat(np.arange(len(self.counts)), np.array(self.counts, dtype=int))
        return labels if order is None else order.permutation(labels)

    def to_json(self) -> dict[str, Any]:
        """``{"counts": [4, 1, 1], "d": 2}``; the sizes are in the order in which they are told."""
        return {_COUNTS: list(self.counts), **dict(self.others)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SizeSpec:
        """The sizes of plain data. Raises KeyError or ValueError on anything else."""
        counts = tuple(data[_COUNTS])
        others = tuple((name, n) for name, n in data.items() if name != _COUNTS)
        for n in (*counts, *(n for _, n in others)):
            if type(n) is not int or n < 0:
                raise ValueError(f"size {n!r} given, an integer >= 0 expected")
        return cls(counts, others)

    def __str__(self) -> str:
        """``n=(3, 1), d=2``, or ``K=2, n=3, d=2`` where the classes are of equal size."""
        counts = f"n={self.counts}"
        if len(set(self.counts)) == 1:
            counts = f"K={len(self.counts)}, n={self.counts[0]}"
        classes = [counts] if self.counts else []
        return ", ".join([*classes, *(f"{k}={n}" for k, n in self.others)]) or "numbers"


def sizes(counts: tuple[int, ...] | None = None, **others: int) -> SizeSpec:
    """A size: ``sizes((4, 1, 1), d=2)``, or balanced ``sizes(K=3, n=2, d=2)``."""
    if counts is None:
        counts = (others.pop("n"),) * others.pop("K")
    return SizeSpec(counts, tuple(others.items()))
