"""Operator norms verified in floating point: rigorous, fast for large matrices, fixed accuracy.

Every product of float64 matrices is computed once by BLAS and its rounding is bounded a priori:
|fl(A B) - A B| <= g_n |A| |B| entrywise with g_n = n u / (1 - n u), u = 2^-53, in any order of
summation and with or without fused operations (Higham, Accuracy and Stability of Numerical
Algorithms, section 3.5), here in the Frobenius norm; underflow adds at most n times the smallest
normal number an entry. The bound on eigenvalues is that of Rump, Verified bounds for singular
values (2011): Weyl for V^T G V against its diagonal, Ostrowski for V against an orthogonal matrix.
"""

from __future__ import annotations

import numpy as np
from flint import arb

from checkers.instance import Array

_UNIT = 2.0**-53
_TINY = 2.0**-1022
_UP = 1 + 2.0**-30
"""Covers the rounding of the norms and of the few sums of the bounds themselves."""


def _norm(A: Array) -> float:
    """Frobenius norm, rounded up."""
    return float(np.linalg.norm(A)) * _UP + _TINY


def _product(A: Array, B: Array) -> tuple[Array, float]:
    """The float product and a bound on the Frobenius norm of its error."""
    n = A.shape[1]
    g = 2 * n * _UNIT
    error = g * _norm(A) * _norm(B) + n * A.shape[0] * B.shape[1] * _TINY
    return A @ B, error * _UP


def float_operator_norm(A: Array) -> arb | None:
    """An enclosure of the largest singular value of a float64 matrix, about 1e-12 in relative size.

    None where floats cannot bound it: entries so large or small that squares leave the range of
    floats, more than 2^23 of them, or eigenvectors too far from orthogonal.
    """
    if A.shape[0] > A.shape[1]:
        A = A.T
    largest = float(np.abs(A).max(initial=0.0))
    if A.size > 2**23 or not 2.0**-200 < largest < 2.0**200:
        return None
    A = np.ascontiguousarray(A)
    with np.errstate(over="ignore", invalid="ignore"):
        gram, error = _product(A, np.ascontiguousarray(A.T))
        if not np.isfinite(gram).all():
            return None
        V = np.linalg.eigh(gram)[1]
        half, first = _product(gram, V)
        rotated, second = _product(np.ascontiguousarray(V.T), half)
        square, third = _product(np.ascontiguousarray(V.T), V)
        # the error of ``half`` reaches V^T G V multiplied by V
        weyl = second + first * _norm(V) + error * _norm(V) ** 2
        diagonal = np.diag(rotated).copy()
        np.fill_diagonal(rotated, 0)
        weyl = (weyl + _norm(rotated)) * _UP
        defect = (_norm(square - np.eye(len(V))) + third) * _UP
    if not np.isfinite(weyl) or not defect < 0.5:
        return None
    top = arb(float(diagonal.max())) + arb(0, weyl)
    squared = top / (1 + arb(0, defect))
    return squared.sqrt() if squared > 0 else None
