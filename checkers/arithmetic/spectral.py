"""Rigorous enclosures of eigenvalues, singular values and norms of ball matrices.

Every function works at the current `flint.ctx.prec` and returns balls that contain the quantity for
every real matrix inside the ball matrix it is given. An exact matrix gives radii of about
2^-prec times the largest value, whatever the spectrum (repeated, nearly repeated, or zero).

Why the balls contain what they should. Let U be any square matrix, u = |U^T U - I|_F < 1, and
U^T S U = D + E with D diagonal and S symmetric. Eigenvalues in decreasing order obey
|l_k(U^T S U) - d_k| <= |E|_2 <= |E|_F (Weyl) and l_k(U^T S U) = t_k l_k(S) with t_k in
[1 - u, 1 + u] (Ostrowski); R. Horn and C. Johnson, Matrix Analysis, 4.3.1 and 4.5.9; S. Rump,
"Verified bounds for singular values", BIT 51, 2011, uses the same two. U^T S U and u are computed
in balls, so l_k(S) lies in (d_k +- |E|_F) / (1 +- u). Singular values are square roots of the
eigenvalues of the smaller Gram matrix, taken at twice the precision so that the root costs nothing.
"""

from __future__ import annotations

import flint
import numpy as np
from flint import arb, arb_mat

from checkers.arithmetic.diagonalisation import GUARD_BITS, diagonalise
from checkers.arithmetic.verified import float_operator_norm

FLOAT_BITS = 64
FLOAT_SIZE = 24
"""Up to this precision and from this size on, operator norms are verified in floating point: a
hundred times as fast, accurate to about 1e-12. Higher precisions go through the Gram matrix."""


class RankUndecidedError(ArithmeticError):
    """A singular value that has to be positive could not be separated from zero."""


def frobenius_norm(A: arb_mat) -> arb:
    """Return the square root of the sum of squares of the entries of A (m x n)."""
    _require_finite(A)
    return _root(_sum_of_squares(A))


def eigenvalues(S: arb_mat) -> list[arb]:
    """Return enclosures of the n eigenvalues of the symmetric S (n x n), in decreasing order.

    They hold for every symmetric matrix inside S. Raises ValueError when no such matrix exists.
    """
    return _eigenvalues(S, flint.ctx.prec)


def smallest_eigenvalue(S: arb_mat) -> arb:
    """Return an enclosure of the smallest eigenvalue of the symmetric S (n x n, n >= 1)."""
    values = eigenvalues(S)
    if not values:
        raise ValueError("an empty matrix has no eigenvalue")
    return values[-1]


def singular_values(A: arb_mat) -> list[arb]:
    """Return enclosures of the min(m, n) singular values of A (m x n), in decreasing order.

    The radius of the k-th is about min(1, 2^-prec s_1 / s_k) 2^-prec s_1, plus the rounding of the
    ball itself and |radii of A|_F. The ball of a value that may be zero can reach below zero.
    """
    centre, spread = _centre_and_spread(A)
    return [s + spread for s in _gram_roots(centre, 2 * flint.ctx.prec)]


def kth_singular_value(A: arb_mat, k: int) -> arb:
    """Return an enclosure of the k-th largest singular value of A (m x n), 1 <= k <= min(m, n)."""
    count = min(A.nrows(), A.ncols())
    if not 1 <= k <= count:
        raise ValueError(f"there is no singular value {k} among {count}")
    return operator_norm(A) if k == 1 else singular_values(A)[k - 1]


def operator_norm(A: arb_mat) -> arb:
    """Return an enclosure of the largest singular value of A (m x n); 0 for an empty matrix.

    Cheaper than `singular_values`: the root of the top eigenvalue loses no digits, so the Gram
    matrix is diagonalised at the current precision only.
    """
    if flint.ctx.prec <= FLOAT_BITS and min(A.nrows(), A.ncols()) >= FLOAT_SIZE:
        found = _float_norm(A)
        if found is not None:
            return found
    centre, spread = _centre_and_spread(A)
    values = _gram_roots(centre, flint.ctx.prec)
    return values[0] + spread if values else arb(0)


def _float_norm(A: arb_mat) -> arb | None:
    """Return `float_operator_norm` of the nearest floats, widened by their distance from A."""
    _require_finite(A)
    nearest = [float(x) for x in A.mid().entries()]
    floats = np.array(nearest).reshape(A.nrows(), A.ncols())
    found = float_operator_norm(floats)
    if found is None:
        return None
    rounding = A - arb_mat(A.nrows(), A.ncols(), nearest)
    return found + arb(0, frobenius_norm(rounding).upper())


def condition_number(A: arb_mat, rank: int | None = None) -> arb:
    """Return an enclosure of s_1 / s_rank of A (m x n); the default rank is min(m, n).

    Raises RankUndecidedError when s_rank is not certified positive at the current precision: the
    matrix may have lower rank, and which of its singular values are zero is for the caller to say.
    """
    values = singular_values(A)
    k = len(values) if rank is None else rank
    if not 1 <= k <= len(values):
        raise ValueError(f"there is no singular value {k} among {len(values)}")
    if not values[k - 1] > 0:
        raise RankUndecidedError(
            f"singular value {k} of {len(values)} is not certified positive "
            f"at {flint.ctx.prec} bits"
        )
    return values[0] / values[k - 1]


def _centre_and_spread(A: arb_mat) -> tuple[arb_mat, arb]:
    """Return the midpoints of A and a ball 0 +- |radii|_F, by which no singular value errs more."""
    centre = A.mid()
    if centre.contains(A):
        return centre, arb(0)
    return centre, arb(0, frobenius_norm(A - centre).upper())


def _gram_roots(A: arb_mat, bits: int) -> list[arb]:
    """Return enclosures of the singular values of exact A from its Gram matrix at `bits`."""
    with flint.ctx.workprec(bits + GUARD_BITS):
        T = A.transpose()
        gram = A * T if A.nrows() <= A.ncols() else T * A
        return [_root(value) for value in _eigenvalues(gram, bits)]


def _sum_of_squares(A: arb_mat) -> arb:
    """Return the sum of the squared entries of A (m x n), a single dot product."""
    entries = A.entries()
    count = len(entries)
    return (arb_mat(1, count, entries) * arb_mat(count, 1, entries))[0, 0]


def _require_finite(A: arb_mat) -> None:
    """Raise ValueError when an entry of A has no finite midpoint and radius."""
    if not _sum_of_squares(A).is_finite():
        raise ValueError("the matrix has an entry that is not a finite number")


def _root(value: arb) -> arb:
    """Return the square root of the non-negative number enclosed by `value`."""
    if value > 0:
        return value.sqrt()
    top = value.abs_upper()
    return top if top.is_zero() else arb(0).union(top.sqrt())


def _eigenvalues(S: arb_mat, bits: int) -> list[arb]:
    """Return the enclosures of `eigenvalues`, of radius about 2^-bits |S| when S is exact."""
    n = S.nrows()
    if n == 0:
        return []
    with flint.ctx.workprec(bits + GUARD_BITS):
        _require_finite(S)
        T = S.transpose()
        if not S.overlaps(T):
            raise ValueError("the matrix is not symmetric")
        centre = ((S + T) * arb(0.5)).mid()
        spread = arb(0) if centre.contains(S) else arb(0, frobenius_norm(S - centre).upper())
        _, defect, rotated = diagonalise(centre, bits)
        diagonal = arb_mat(n, n)
        for k in range(n):
            diagonal[k, k] = rotated[k, k].mid()
        values = sorted((diagonal[k, k] for k in range(n)), reverse=True)
        weyl = arb(0, frobenius_norm(rotated - diagonal).upper())
        ostrowski = 1 + arb(0, frobenius_norm(defect).upper())
        return [(value + weyl) / ostrowski + spread for value in values]
