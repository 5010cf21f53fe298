"""How far classifier and features are from dual simplex frames (NC2 and NC3), as polynomials.

W is (K, d) with row mean wbar and centred rows wt_k; H is (d, N) with class means hbar_k, whose
mean over classes is h_G. Each defect is zero exactly at the property and positive elsewhere.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from flint import fmpq_mat

from checkers.arithmetic.balls import constant, rational_matrix, root_of, squared_entries, total
from checkers.models.frames import centring
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes
from checkers.quantities.equations import DUAL, PROPORTIONAL, SIMPLEX_FRAME, ZERO_MEAN

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _projector(like: Any, K: int) -> Any:
    """I - J/K, a tensor or a flint matrix as ``like`` is."""
    if hasattr(like, "dtype"):
        return like.new_tensor(np.asarray(centring(K), dtype=float))
    return constant(like, _centring_exact(K))


@lru_cache(maxsize=64)
def _centring_exact(K: int) -> fmpq_mat:
    return rational_matrix(centring(K))


@lru_cache(maxsize=256)
def _ones(rows: int, columns: int) -> fmpq_mat:
    return fmpq_mat(rows, columns, [1] * (rows * columns))


@quantity(r"K\|\bar w\|^2", zeros=ZERO_MEAN)
def mean_row(W: Float[Tensor, "B K d"]) -> Float[Tensor, " B"]:
    """K |wbar|^2: zero iff the classifier has zero mean."""
    return W.shape[1] * W.mean(1).square().sum(-1)


@mean_row.rigorously
def _mean_row_enclosed(W: Any) -> Any:
    return squared_entries(constant(W, _ones(1, W.nrows())) * W) / W.nrows()


@operation(r"W")
def with_mean_of(
    W: Float[Tensor, "B K d"], other: Float[Tensor, "B K d"]
) -> Float[Tensor, "B K d"]:
    """The first matrix, its rows shifted together so that their mean is that of the second."""
    return W + (other - W).mean(1, keepdim=True)


@with_mean_of.rigorously
def _with_mean_of_enclosed(W: Any, other: Any) -> Any:
    K = W.nrows()
    return W + constant(W, _ones(K, K)) * (other - W) / K


@quantity(r"\|\tilde @\|_F^2")
def centred_norm(W: Float[Tensor, "B K d"]) -> Float[Tensor, " B"]:
    """|Wt|_F^2, the rows of W less their mean."""
    return (W - W.mean(1, keepdim=True)).square().sum((-2, -1))


@centred_norm.rigorously
def _centred_norm_enclosed(W: Any) -> Any:
    return squared_entries(_projector(W, W.nrows()) * W)


@quantity(r"\|@ - \overline{@}\|_F^2")
def centred_columns_norm(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """Sum of the squared distances of the columns from their mean."""
    return (A - A.mean(2, keepdim=True)).square().sum((-2, -1))


@centred_columns_norm.rigorously
def _centred_columns_norm_enclosed(A: Any) -> Any:
    return squared_entries(A * _projector(A, A.ncols()))


@quantity(r"\|\tilde{\bar H}\|_F^2")
def mean_features_norm(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, " B"]:
    """Sum over classes of |hbar_k - h_G|^2."""
    return _centred_means(H, classes).square().sum((-2, -1))


@mean_features_norm.rigorously
def _mean_features_norm_enclosed(H: Any, classes: Classes) -> Any:
    return squared_entries(_centred_means_enclosed(H, classes))


@quantity(r"\|H - h_G\|_F^2")
def centred_features_norm(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, " B"]:
    """Sum over samples of |h - h_G|^2."""
    centre = H @ H.new_tensor(classes.means.mean(1))[:, None]
    return (H - centre).square().sum((-2, -1))


@centred_features_norm.rigorously
def _centred_features_norm_enclosed(H: Any, classes: Classes) -> Any:
    repeat = constant(H, _ones(classes.K, len(classes.labels)))
    centre = H * constant(H, classes.means_exact) * repeat / classes.K
    return squared_entries(H - centre)


def _centred_means(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, "B d K"]:
    means = H @ H.new_tensor(classes.means)
    return means - means.mean(-1, keepdim=True)


def _centred_means_enclosed(H: Any, classes: Classes) -> Any:
    return H * constant(H, classes.means_exact) * _projector(H, classes.K)


@quantity(r"\|\tilde W \tilde W^\top - c(I - J/K)\|_F^2", zeros=SIMPLEX_FRAME)
def etf_defect(W: Float[Tensor, "B K d"]) -> Float[Tensor, " B"]:
    """Squared distance of the Gram matrix of the centred rows from that of a simplex ETF (NC2)."""
    K = W.shape[1]
    P = _projector(W, K)
    centred = P @ W
    target = centred.square().sum((-2, -1), keepdim=True) / (K - 1) * P
    return (centred @ centred.mT - target).square().sum((-2, -1))


@etf_defect.rigorously
def _etf_defect_enclosed(W: Any) -> Any:
    K = W.nrows()
    P = _projector(W, K)
    centred = P * W
    scale = squared_entries(centred) / (K - 1)
    return squared_entries(centred * centred.transpose() - P * scale)


@quantity(
    r"\|\tilde W\|^2\|\tilde{\bar H}\|^2 - \langle \tilde W, \tilde{\bar H}^\top\rangle^2",
    zeros=PROPORTIONAL,
)
def duality_defect(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Zero iff centred rows and centred class means are positively proportional (NC3)."""
    centred, means = W - W.mean(1, keepdim=True), _centred_means(H, classes)
    product = (centred * means.mT).sum((-2, -1))
    return centred_norm.batched(W) * means.square().sum((-2, -1)) - product * product.abs()


@duality_defect.rigorously
def _duality_defect_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    centred, means = _projector(W, W.nrows()) * W, _centred_means_enclosed(H, classes)
    product = total(
        a * b for a, b in zip(centred.entries(), means.transpose().entries(), strict=True)
    )
    return squared_entries(centred) * squared_entries(means) - product * abs(product)


@quantity(r"\sum_{k,i} \|h_{ki} - \tilde w_k/\sqrt n\|^2", zeros=DUAL)
def distance_from_dual(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Sum over samples of |h_ki - wt_k / sqrt(n)|^2 with n = N / K."""
    rows = (W - W.mean(1, keepdim=True))[:, classes.labels].mT
    return (H - rows * (classes.K / len(classes.labels)) ** 0.5).square().sum((-2, -1))


@distance_from_dual.rigorously
def _distance_from_dual_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    centred = (_projector(W, W.nrows()) * W).transpose() * constant(W, classes.one_hot_exact)
    return squared_entries(H - centred / root_of(W, len(classes.labels), classes.K))
