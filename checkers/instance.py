"""Concrete arrays for the variables of a statement: one instance, or a batch of equal sizes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from checkers.provenance import UNKNOWN, Provenance

Array = NDArray[Any]
"""float64, int64 (labels), or object holding ``fractions.Fraction``."""

LABELS = "labels"


class InvalidInput(ValueError):  # noqa: N818 - the word that the command line prints
    """What a user gave cannot be used; the message is one line: given, expected, what to do."""


@dataclass(frozen=True)
class Instance:
    """Arrays for the variables of a statement and where they came from.

    ``arrays`` maps a variable's name to its array; ``sizes`` maps K, N, d, ... to integers.
    Entries are float64, which are exact dyadic numbers, or ``Fraction``; labels are int64.
    """

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    provenance: Provenance = UNKNOWN

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the exact contents, independent of the provenance (64 hex digits)."""
        told = hashlib.sha256()
        for name in sorted(self.arrays):
            array = self.arrays[name]
            told.update(f"{name}{array.shape}".encode())
            told.update(" ".join(exact_text(x) for x in array.ravel().tolist()).encode())
        return told.hexdigest()


def exact_text(number: float | int | Fraction) -> str:
    """A number as text that loses nothing: hexadecimal float, integer or ``p/q``."""
    return number.hex() if isinstance(number, float) else str(number)


@dataclass(frozen=True)
class Batch:
    """Many instances of the same sizes and labels.

    Every array but the labels has a leading batch dimension; ``labels`` (N,) is shared.
    """

    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    provenance: Provenance = UNKNOWN

    def __len__(self) -> int:
        """Number of instances."""
        return next(len(a) for name, a in self.arrays.items() if name != LABELS)

    def __getitem__(self, index: int) -> Instance:
        """One instance, as its own copy."""
        arrays = {
            name: (a if name == LABELS else a[index]).copy() for name, a in self.arrays.items()
        }
        return Instance(self.sizes, arrays, replace(self.provenance, index=index))

    def __iter__(self) -> Iterator[Instance]:
        """Over the instances."""
        return (self[i] for i in range(len(self)))


def class_counts(labels: Array, K: int) -> tuple[int, ...]:
    """Samples of each class 0..K-1."""
    return tuple(int(c) for c in np.bincount(labels, minlength=K))


def describe_sizes(sizes: Mapping[str, int]) -> str:
    """``K=3, N=6, d=2``, in the order given."""
    return ", ".join(f"{name}={value}" for name, value in sizes.items())
