"""Closed forms of critical points of the regularised cross-entropy without bias.

With kappa = K sqrt(n lw lh) the logits of a critical point are those of a (K, K) matrix A, one
column a class, repeated for the n samples of a class. Here A is symmetric and semidefinite, and
the stationarity of W and H comes down to G A = kappa A with G = I - softmax(A).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from checkers.instance import Array

if TYPE_CHECKING:
    from jaxtyping import Float, Int

_HALVINGS = 200


def kappa_of(K: int, n: int, lw: float, lh: float) -> float:
    """K sqrt(n lw lh): below 1 there are critical points other than zero."""
    return K * float(np.sqrt(n * lw * lh))


def collapsed_logits(K: int, kappa: float) -> Array:
    """The global minimiser: c (I - J/K) with e^c = 1 + K (1/kappa - 1); zero where kappa >= 1."""
    return block_logits(K, 1, kappa)


def block_logits(K: int, size: int, kappa: float) -> Array:
    """Blocks of equal size whose classes share their logits: e^c = 1 + (K/size) (1/kappa - 1)."""
    if K % size:
        raise ValueError(f"{K} classes in blocks of {size}: a divisor expected")
    if kappa >= 1 or size == K:
        return np.zeros((K, K))
    same = np.kron(np.eye(K // size), np.ones((size, size)))
    return np.log1p(K / size * (1 / kappa - 1)) * (same - size / K)


def polygon_logits(K: int, frequency: int, kappa: float) -> Array:
    """A_kl = c cos(2 pi f (k - l) / K), with 1 - sum_m p_m cos(2 pi f m / K) = kappa."""
    if not 0 < frequency <= K // 2:
        raise ValueError(f"frequency {frequency} given, 1 to {K // 2} expected")
    wave = np.cos(2 * np.pi * frequency * np.arange(K) / K)

    def excess(c: float) -> float:
        p = np.exp(c * wave - np.logaddexp.reduce(c * wave))
        return float(1 - p @ wave) - kappa

    c = _decreasing_root(excess) if kappa < 1 else 0.0
    return c * wave[np.subtract.outer(np.arange(K), np.arange(K)) % K]


def simplices_logits(sizes: tuple[int, ...], kappa: float) -> Array:
    """A simplex of its own inside each block, the blocks orthogonal: c_b (I - J/s_b).

    c_b solves 1 - (p_own - p_same) = kappa.
    """
    K = sum(sizes)
    A = np.zeros((K, K))
    place = 0
    for s in sizes:
        if kappa < 1 and s > 1:
            c = _decreasing_root(lambda c, s=s: _excess_inside(c, s, K) - kappa)  # type: ignore[misc]
            A[place : place + s, place : place + s] = c * (np.eye(s) - 1 / s)
        place += s
    return A


def _excess_inside(c: float, s: int, K: int) -> float:
    z = np.array([c * (1 - 1 / s), *[-c / s] * (s - 1), *[0.0] * (K - s)])
    p = np.exp(z - np.logaddexp.reduce(z))
    return float(1 - (p[0] - p[1]))


def _decreasing_root(excess: Callable[[float], float]) -> float:
    low, high = 0.0, 1.0
    while excess(high) > 0:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return (low + high) / 2


def factors(
    A: Float[np.ndarray, "K K"], labels: Int[np.ndarray, " N"], d: int, lw: float, lh: float
) -> tuple[Float[np.ndarray, "K d"], Float[np.ndarray, "d N"]] | None:
    """W (K, d) and H (d, N) of least penalty with W H = A[:, labels]; None where d < rank A.

    ``A`` is symmetric and semidefinite; every class has the same number of samples.
    """
    K = len(A)
    n = len(labels) // K
    values, vectors = np.linalg.eigh(A)
    order = np.argsort(-values)
    values, vectors = values[order].clip(0), vectors[:, order]
    values[values < len(A) * np.finfo(float).eps * max(values[0], 1)] = 0
    if np.count_nonzero(values) > d:
        return None
    part = min(d, K)
    half = np.sqrt(values[:part] * np.sqrt(n))
    ratio = (lh / lw) ** 0.25
    W, H = np.zeros((K, d)), np.zeros((d, K))
    W[:, :part] = ratio * vectors[:, :part] * half
    H[:part] = (vectors[:, :part] * half).T / (ratio * np.sqrt(n))
    return W, H[:, labels]
