"""Frames of the field: the simplex equiangular tight frame, regular polygons, block frames."""

from __future__ import annotations

from fractions import Fraction

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
