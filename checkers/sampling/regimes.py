"""Regimes: ways to draw a matrix that differ in structure, not only in their random numbers.

Each draws a batch, float64 (batch, rows, columns), from a numpy generator.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from checkers.instance import Array
from checkers.tolerance import SCALE_EXPONENTS

Draw = Callable[[np.random.Generator, int, int, int], Array]


def gaussian(generator: np.random.Generator, batch: int, rows: int, columns: int) -> Array:
    """Independent standard normal entries."""
    return generator.standard_normal((batch, rows, columns))


def scales(generator: np.random.Generator, batch: int, rows: int, columns: int) -> Array:
    """Normal entries times 10^u, u uniform in -8..8: one u a matrix, or one an entry."""
    A = generator.standard_normal((batch, rows, columns))
    half = batch // 2
    A[:half] *= 10 ** generator.uniform(*SCALE_EXPONENTS, (half, 1, 1))
    A[half:] *= 10 ** generator.uniform(*SCALE_EXPONENTS, A[half:].shape)
    return A


def low_rank(generator: np.random.Generator, batch: int, rows: int, columns: int) -> Array:
    """Products of normal factors, every rank below the full one equally often."""
    full = min(rows, columns)
    ranks = generator.integers(1, max(full, 2), batch)
    left = generator.standard_normal((batch, rows, full))
    left *= np.arange(full) < ranks[:, None, None]
    return left @ generator.standard_normal((batch, full, columns))


def ties(generator: np.random.Generator, batch: int, rows: int, columns: int) -> Array:
    """Rows and columns repeated, and a block of zeros in half of the matrices."""
    A = generator.standard_normal((batch, rows, columns))
    index = np.arange(batch)[:, None]
    A = A[index, generator.integers(0, rows, (batch, rows))]
    columns_kept = generator.integers(0, columns, (batch, columns))
    A = A.swapaxes(1, 2)[index, columns_kept].swapaxes(1, 2)
    top = generator.integers(0, rows + 1, (batch, 1, 1))
    left = generator.integers(0, columns + 1, (batch, 1, 1))
    block = (np.arange(rows)[:, None] < top) & (np.arange(columns) < left)
    A[: batch // 2][block[: batch // 2]] = 0
    return A


def integers(generator: np.random.Generator, batch: int, rows: int, columns: int) -> Array:
    """Integers from -3 to 3."""
    return generator.integers(-3, 4, (batch, rows, columns)).astype(np.float64)


REGIMES: dict[str, Draw] = {
    "gaussian": gaussian,
    "scales": scales,
    "low rank": low_rank,
    "ties and zeros": ties,
    "integers": integers,
}
