"""The smallest eigenvalue of a symmetric ball matrix, without the others.

Above it is any Rayleigh quotient, below it any mu for which elimination of S - mu I meets only
positive pivots. The vector of the quotient comes from floats and Rayleigh iteration; nothing relies
on its being good: where the two bounds do not meet, all eigenvalues are enclosed instead.
"""

from __future__ import annotations

import flint
import numpy as np
from flint import arb, arb_mat

from checkers.arithmetic.diagonalisation import GUARD_BITS
from checkers.arithmetic.spectral import smallest_eigenvalue

_FLOAT_BITS = 50
"""Bits of an eigenvalue that the float eigenvector is good for, at the least."""


def least_eigenvalue(S: arb_mat) -> arb:
    """An enclosure of the smallest eigenvalue of the symmetric S (m x m); NaN if S is not finite.

    Its radius is about 2^-prec |S|, or m times the largest radius of an entry.
    """
    bits = flint.ctx.prec
    entries = S.entries()
    if not all(x.is_finite() for x in entries):
        return arb("nan")
    m = S.nrows()
    size = max((x.abs_upper() for x in entries), default=arb(0))
    if size.is_zero():
        return arb(0)
    with flint.ctx.workprec(2 * bits + GUARD_BITS):
        slack = size * arb(2) ** -bits + 4 * m * max(x.rad() for x in entries)
        top = _quotient(S, size, bits)
        if top is not None:
            floor = (top - slack).mid()
            if _positive_definite(S, floor):
                found = floor.union(top)
                return +found
    return smallest_eigenvalue(S)


def _quotient(S: arb_mat, size: arb, bits: int) -> arb | None:
    """A Rayleigh quotient close to the smallest eigenvalue."""
    m = S.nrows()
    centre = S.mid()
    nearest = np.array([float(x / size) for x in centre.entries()]).reshape(m, m)
    x = arb_mat(m, 1, np.linalg.eigh(nearest)[1][:, 0].tolist())
    good = _FLOAT_BITS
    while good < bits:
        shift = _rayleigh(centre, x).mid() - size * arb(2) ** -min(3 * good, 2 * bits)
        try:
            x = (centre - shift * arb_mat(m, m, 1)).solve(x, algorithm="approx").mid()
        except ZeroDivisionError:
            return None
        largest = max(abs(e) for e in x.entries())
        if not largest.is_finite() or largest.is_zero():
            return None
        x = (x / largest).mid()
        good *= 2
    return _rayleigh(S, x)


def _rayleigh(S: arb_mat, x: arb_mat) -> arb:
    T = x.transpose()
    return (T * (S * x))[0, 0] / (T * x)[0, 0]


def _positive_definite(S: arb_mat, shift: arb) -> bool:
    """Whether elimination of S - shift I meets only pivots that are certainly positive."""
    rows = S.tolist()
    m = len(rows)
    for i in range(m):
        rows[i][i] -= shift
    for j in range(m):
        pivot = rows[j][j]
        if not pivot > 0:
            return False
        for i in range(j + 1, m):
            factor = rows[j][i] / pivot
            if factor.is_zero():
                continue
            row, first = rows[i], rows[j]
            for k in range(i, m):
                row[k] -= factor * first[k]
    return True
