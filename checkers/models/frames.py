"""Frames of the field: the simplex equiangular tight frame, regular polygons, block frames."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np

from checkers.instance import Array


def centring(K: int) -> Array:
    """I - J/K, exact (K, K): its rows form a simplex ETF of rank K-1."""
    P = np.full((K, K), Fraction(-1, K), dtype=object)
    for k in range(K):
        P[k, k] += 1
    return P


def simplex_etf(K: int, d: int) -> Array:
    """Rows of a simplex equiangular tight frame in R^d, float64 (K, d), each of norm 1.

    Needs d >= K-1. The pairwise cosines are -1/(K-1).
    """
    if d < K - 1:
        raise ValueError(f"d={d} given, at least K-1={K - 1} expected for a simplex of {K} points")
    basis = np.zeros((K, d))
    for j in range(1, K):
        basis[:j, j - 1] = 1 / np.sqrt(j * (j + 1))
        basis[j, j - 1] = -j / np.sqrt(j * (j + 1))
    return basis * np.sqrt(K / (K - 1))


def polygon(K: int) -> Array:
    """Vertices of the regular K-gon, float64 (K, 2), each of norm 1."""
    angles = 2 * np.pi * np.arange(K) / K
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def block_frame(sizes: tuple[int, ...], squared_norm: Fraction) -> Array:
    """Exact rows of simplex frames in orthogonal blocks, each row of that squared norm.

    A frame of s rows is that of I - J/s (of 1 and -1 for two rows), in a tensor product with a
    rational vector whose squared norm brings it to scale: every positive rational is a sum of four
    squares of rationals.
    """
    blocks = []
    for s in sizes:
        simplex = np.array([[Fraction(1)], [Fraction(-1)]]) if s == 2 else centring(s)
        scale = squared_norm / (simplex[0] ** 2).sum()
        blocks.append(np.kron(simplex, four_squares(scale)[None]))
    rows, columns = sum(sizes), sum(b.shape[1] for b in blocks)
    frame = np.full((rows, columns), Fraction(0), dtype=object)
    row = column = 0
    for block in blocks:
        frame[row : row + block.shape[0], column : column + block.shape[1]] = block
        row, column = row + block.shape[0], column + block.shape[1]
    return frame


def four_squares(x: Fraction) -> Array:
    """A vector of at most four positive rationals of squared norm x, the shortest found."""
    whole = x.numerator * x.denominator
    roots = _as_squares(whole, 4)
    return np.array([Fraction(r, x.denominator) for r in roots], dtype=object)


def _as_squares(whole: int, most: int) -> list[int]:
    """Positive integers, as few as possible, whose squares sum to a positive integer."""
    for count in range(1, most + 1):
        found = _exactly(whole, count)
        if found:
            return found
    raise ValueError(f"{whole} is no sum of {most} squares")


def _exactly(whole: int, count: int) -> list[int]:
    root = isqrt(whole)
    if count == 1:
        return [root] if root * root == whole and root > 0 else []
    for first in range(root, 0, -1):
        rest = whole - first * first
        found = _exactly(rest, count - 1) if rest > 0 else []
        if found:
            return [first, *found]
    return []
