"""Where defects vanish: the equations behind quantities that are squared norms.

Each is as few equations as possible, polynomial in the entries, and of independent gradients at a
solution in general position. W is (K, d), H is (d, N), forces are (K, N).
"""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq_mat

from checkers.arithmetic.balls import constant, rational_matrix, root_of, squared_entries, total
from checkers.models.frames import centring
from checkers.quantities import Zeros

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from checkers.quantities.classes import Classes


def _entries(*tensors: Float[Tensor, "B _ _"]) -> Float[Tensor, "B equations"]:
    import torch

    return torch.cat([A.flatten(1) for A in tensors], 1)


def _entries_enclosed(*matrices: Any) -> list[Any]:
    return [x for A in matrices for x in A.entries()]


EVERY_ENTRY = Zeros(_entries, _entries_enclosed)
"""All entries of a matrix are 0."""


@lru_cache(maxsize=64)
def _centring(K: int) -> fmpq_mat:
    return rational_matrix(centring(K))


def _centred(W: Any) -> Any:
    return constant(W, _centring(W.nrows())) * W


def _centred_means(H: Any, classes: Classes) -> Any:
    return H * constant(H, classes.means_exact) * constant(H, _centring(classes.K))


def _centred_batch(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> tuple[Float[Tensor, "B _ _"], Float[Tensor, "B _ _"]]:
    """Centred rows and, transposed, centred class means, both (B, K, d)."""
    means = (H @ H.new_tensor(classes.means)).mT
    return W - W.mean(1, keepdim=True), means - means.mean(1, keepdim=True)


def _column_sums(W: Any) -> list[Any]:
    return [total(column) for column in zip(*W.tolist(), strict=True)]


ZERO_MEAN = Zeros(lambda W: W.sum(1), _column_sums)
"""sum_k w_k = 0."""


def _from_first_row(W: Float[Tensor, "B K d"]) -> Float[Tensor, "B equations"]:
    return _entries(W[:, 1:] - W[:, :1])


def _from_first_row_enclosed(W: Any) -> list[Any]:
    first, *rows = W.tolist()
    return [x - y for row in rows for x, y in zip(row, first, strict=True)]


EQUAL_ROWS = Zeros(_from_first_row, _from_first_row_enclosed)
"""w_k = w_1."""


def _from_first_sum(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, "B equations"]:
    return _from_first_row((H @ H.new_tensor(classes.one_hot.T)).mT)


def _from_first_sum_enclosed(H: Any, classes: Classes) -> list[Any]:
    sums = H * constant(H, classes.one_hot_exact.transpose())
    return _from_first_row_enclosed(sums.transpose())


EQUAL_CLASS_SUMS = Zeros(_from_first_sum, _from_first_sum_enclosed)
"""sum_i h_ki = sum_i h_1i."""


def _siblings(classes: Classes) -> list[tuple[int, int]]:
    """Every sample but the first of each class, with that first one."""
    first = [int(np.flatnonzero(classes.labels == k)[0]) for k in range(classes.K)]
    pairs = ((i, first[k]) for i, k in enumerate(classes.labels.tolist()))
    return [(i, j) for i, j in pairs if i != j]


def _from_sibling(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, "B equations"]:
    pairs = _siblings(classes)
    return _entries(H[:, :, [i for i, _ in pairs]] - H[:, :, [j for _, j in pairs]])


def _from_sibling_enclosed(H: Any, classes: Classes) -> list[Any]:
    return [row[i] - row[j] for row in H.tolist() for i, j in _siblings(classes)]


WITHIN_CLASS = Zeros(_from_sibling, _from_sibling_enclosed)
"""h_ki = h_k1."""


def _off_diagonal(K: int) -> list[tuple[int, int]]:
    """Rows sum to 0 and so does the diagonal: all pairs but one determine the matrix."""
    return list(combinations(range(K), 2))[:-1]


def _frame(W: Float[Tensor, "B K d"]) -> Float[Tensor, "B equations"]:
    K = W.shape[1]
    centred = W - W.mean(1, keepdim=True)
    gram = centred @ centred.mT
    target = -centred.square().sum((-2, -1)) / (K * (K - 1))
    pairs = _off_diagonal(K)
    return gram[:, [i for i, _ in pairs], [j for _, j in pairs]] - target[:, None]


def _frame_enclosed(W: Any) -> list[Any]:
    K, centred = W.nrows(), _centred(W)
    gram = centred * centred.transpose()
    target = squared_entries(centred) / (K * (K - 1))
    return [gram[i, j] + target for i, j in _off_diagonal(K)]


SIMPLEX_FRAME = Zeros(_frame, _frame_enclosed)
"""The Gram matrix of the centred rows is c (I - J/K)."""


def _proportional(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, "B equations"]:
    rows, means = _centred_batch(W, H, classes)
    product = (rows * means).sum((-2, -1))[:, None, None]
    size = rows.square().sum((-2, -1))[:, None, None]
    return _entries((rows * product - means * size)[:, :-1])


def _proportional_enclosed(W: Any, H: Any, classes: Classes) -> list[Any]:
    rows, means = _centred(W).tolist(), _centred_means(H, classes).transpose().tolist()
    product, size = _inner(rows, means), _inner(rows, rows)
    return [
        x * product - y * size
        for row, mean in zip(rows[:-1], means[:-1], strict=True)
        for x, y in zip(row, mean, strict=True)
    ]


def _inner(A: list[list[Any]], B: list[list[Any]]) -> Any:
    return total(x * y for a, b in zip(A, B, strict=True) for x, y in zip(a, b, strict=True))


def _overlap(W: Any, H: Any, classes: Classes) -> list[Any]:
    return [_inner(_centred(W).tolist(), _centred_means(H, classes).transpose().tolist())]


def _along_rows(W: Any, H: Any, classes: Classes) -> list[list[Any]]:
    """Multiplied by the centred rows the equations add up to 0, the left out last class too."""
    *rows, last = W.tolist()
    return [[x - y for row in rows for x, y in zip(row, last, strict=True)]]


PROPORTIONAL = Zeros(_proportional, _proportional_enclosed, _overlap, _along_rows)
"""wt_k <Wt, Ht> = |Wt|^2 ht_k for all k but the last, of the centred rows and class means."""


def _dual(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, "B equations"]:
    rows = (W - W.mean(1, keepdim=True))[:, classes.labels].mT
    return _entries(H - rows * (classes.K / len(classes.labels)) ** 0.5)


def _dual_enclosed(W: Any, H: Any, classes: Classes) -> list[Any]:
    rows = _centred(W).transpose() * constant(W, classes.one_hot_exact)
    return list((H - rows / root_of(W, len(classes.labels), classes.K)).entries())


DUAL = Zeros(_dual, _dual_enclosed)
"""h_ki = wt_k / sqrt(n)."""


def _interpolated(Z_L: Float[Tensor, "B K N"], classes: Classes) -> Float[Tensor, "B equations"]:
    return _entries(Z_L - Z_L.new_tensor(classes.one_hot))


def _interpolated_enclosed(Z_L: Any, classes: Classes) -> list[Any]:
    return list((Z_L - constant(Z_L, classes.one_hot_exact)).entries())


INTERPOLATED = Zeros(_interpolated, _interpolated_enclosed)
"""The outputs are the one-hot labels."""


def _stationary(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], forces: Float[Tensor, "B K N"]
) -> Float[Tensor, "B equations"]:
    return _entries(W - forces @ H.mT, H - W.mT @ forces)


def _stationary_enclosed(W: Any, H: Any, forces: Any) -> list[Any]:
    return _entries_enclosed(W - forces * H.transpose(), H - W.transpose() * forces)


def _rotations(W: Any, H: Any, forces: Any) -> list[list[Any]]:
    """The Lagrangian is the same after a rotation: W^T R_W - R_H H^T is symmetric."""
    rows, columns = W.tolist(), H.tolist()
    found = []
    for a, b in combinations(range(len(columns)), 2):
        first = [{a: -row[b], b: row[a]}.get(j, 0) for row in rows for j in range(len(columns))]
        second = [
            {a: -columns[b][i], b: columns[a][i]}.get(j, 0)
            for j in range(len(columns))
            for i in range(len(columns[0]))
        ]
        found.append([*first, *second])
    return found


STATIONARY = Zeros(_stationary, _stationary_enclosed, relations=_rotations)
"""W = Lambda H^T and H = W^T Lambda."""


def _complementary(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    multipliers: Float[Tensor, "B K N"],
    classes: Classes,
) -> Float[Tensor, "B equations"]:
    Z = W @ H
    own = Z[:, classes.labels, range(len(classes.labels))][:, None]
    other = classes.one_hot == 0
    return (multipliers * (own - Z - 1))[:, other]


def _complementary_enclosed(W: Any, H: Any, multipliers: Any, classes: Classes) -> list[Any]:
    Z, labels = W * H, classes.labels.tolist()
    return [
        multipliers[j, i] * (Z[k, i] - Z[j, i] - 1)
        for j in range(classes.K)
        for i, k in enumerate(labels)
        if j != k
    ]


COMPLEMENTARY = Zeros(_complementary, _complementary_enclosed)
"""lam_kij (m_kij - 1) = 0."""
