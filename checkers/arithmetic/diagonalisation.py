"""Eigenvectors of a symmetric matrix to any precision, its eigenvalues degenerate or not.

The vectors are approximate and nothing here relies on their being good; what comes with them, the
defect I - U^T U and the rotated matrix U^T S U, is computed in balls, and `spectral` turns it into
rigorous bounds.

A step corrects, to first order, the lengths and angles of the vectors and the coupling of every
pair of eigenvalues that are far apart compared with that coupling, so it converges quadratically
(T. Ogita and K. Aishima, "Iterative refinement for symmetric eigenvalue decomposition", Japan J.
Indust. Appl. Math. 35, 2018). Pairs that are not far apart form clusters; the block of a cluster,
shifted to its first diagonal entry and scaled to size one, is diagonalised in float64, which
settles another 50 bits of it and may split it. Eigenvalues that are exactly repeated end as a
multiple of the identity and are then left alone.
"""

from __future__ import annotations

from typing import NamedTuple

import flint
import numpy as np
from flint import arb, arb_mat

GUARD_BITS = 32
"""Bits carried beyond those asked for; they absorb the rounding of the products of matrices."""

_BASE_BITS = 200
"""Above this the eigenvectors of half the precision are the start, so most steps are cheap."""

_SEPARATION = 2**10
"""A pair is separated when the gap of its eigenvalues exceeds its coupling by this factor."""

_STEP_LIMIT = 100
"""A step gains tens of bits somewhere; a matrix that outlives this is returned as it stands."""


class Diagonalised(NamedTuple):
    """Exact approximate eigenvectors U of S, and balls around what they leave; all n x n."""

    vectors: arb_mat
    """U, exact."""
    defect: arb_mat
    """I - U^T U, enclosed."""
    rotated: arb_mat
    """U^T S U, enclosed."""


def diagonalise(S: arb_mat, bits: int) -> Diagonalised:
    """Return approximate eigenvectors of S (n x n, symmetric, exact entries) and what they leave.

    The defect is at most about n 2^-bits in norm, the off-diagonal part n 2^-bits |S|.
    """
    if bits > _BASE_BITS:
        U = diagonalise(S, bits // 2).vectors
        state = _rotate(S, U, bits)
    else:
        n = S.nrows()
        state = Diagonalised(arb_mat(n, n, 1), arb_mat(n, n), S)
    with flint.ctx.workprec(bits + GUARD_BITS):
        for _ in range(_STEP_LIMIT):
            step = _step(state.defect.mid(), state.rotated.mid(), bits)
            if step is None:
                break
            state = _rotate(S, (state.vectors * step).mid(), bits)
    return state


def _rotate(S: arb_mat, U: arb_mat, bits: int) -> Diagonalised:
    """Return the exact U (n x n) with the enclosures of its defect and of U^T S U."""
    with flint.ctx.workprec(bits + GUARD_BITS):
        T = U.transpose()
        return Diagonalised(U, 1 - T * U, T * (S * U))


def _step(defect: arb_mat, rotated: arb_mat, bits: int) -> arb_mat | None:
    """Return the n x n matrix to multiply the vectors by, None when they are good to `bits`.

    The coupling of a pair is what the rotated matrix would hold if the vectors were orthonormal,
    up to the square of the defect: smaller couplings are not touched until the defect is mended.
    """
    n = rotated.nrows()
    lengths = defect.entries()[:: n + 1]
    diagonal = [d + d * x for d, x in zip(rotated.entries()[:: n + 1], lengths, strict=True)]
    worst_defect = max(map(abs, defect.entries()))
    accuracy = arb(2) ** -bits
    floor = (max(accuracy, (n * worst_defect) ** 2) * max(map(abs, diagonal))).mid()
    couplings = _couplings(defect, rotated, floor)
    angles: dict[tuple[int, int], arb] = {}
    cluster = list(range(n))
    for (i, j), coupling in couplings.items():
        gap = diagonal[j] - diagonal[i]
        if abs(coupling) * _SEPARATION < abs(gap):
            angles[i, j] = coupling / gap
        else:
            _join(cluster, i, j)
    if not couplings and worst_defect <= accuracy:
        return None
    step = defect * 0.5 + 1
    for (i, j), angle in angles.items():
        if cluster[i] != cluster[j]:
            step[i, j] += angle
            step[j, i] -= angle
    if len(set(cluster)) < n:
        step = step * _cluster_rotation(diagonal, couplings, cluster)
    return step.mid()


def _couplings(defect: arb_mat, rotated: arb_mat, floor: arb) -> dict[tuple[int, int], arb]:
    """Return the couplings above `floor` of pairs i < j."""
    n = rotated.nrows()
    entries, defects = rotated.entries(), defect.entries()
    halves = [x * 0.5 for x in entries[:: n + 1]]
    found: dict[tuple[int, int], arb] = {}
    for i, half in enumerate(halves):
        for j in range(i + 1, n):
            k = i * n + j
            coupling = entries[k] + defects[k] * (half + halves[j])
            if abs(coupling) > floor:
                found[i, j] = coupling
    return found


def _join(cluster: list[int], i: int, j: int) -> None:
    """Give the clusters of i and j one common label, in place."""
    keep, drop = cluster[i], cluster[j]
    if keep != drop:
        for k, label in enumerate(cluster):
            if label == drop:
                cluster[k] = keep


def _cluster_rotation(
    diagonal: list[arb], couplings: dict[tuple[int, int], arb], cluster: list[int]
) -> arb_mat:
    """Return the block rotation (n x n) by the float64 eigenvectors of each cluster's block."""
    n = len(cluster)
    rotation = arb_mat(n, n, 1)
    for label in set(cluster):
        members = [k for k in range(n) if cluster[k] == label]
        size = len(members)
        if size == 1:
            continue
        shift = diagonal[members[0]]
        block = {(a, a): diagonal[i] - shift for a, i in enumerate(members)}
        for a, i in enumerate(members):
            for b in range(a + 1, size):
                if (i, members[b]) in couplings:
                    block[b, a] = couplings[i, members[b]]
        scale = max(abs(x).mid() for x in block.values())
        lower = np.zeros((size, size))
        for place, x in block.items():
            lower[place] = float(x / scale)
        vectors = np.linalg.eigh(lower, UPLO="L")[1].tolist()
        for a, i in enumerate(members):
            for b, j in enumerate(members):
                rotation[i, j] = vectors[a][b]
    return rotation
