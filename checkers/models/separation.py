"""The minimum-norm separation problem of the unconstrained layer-peeled model, and its multipliers.

min (|W|^2 + |H|^2) / 2 subject to margins (w_k - w_j) . h_ki >= 1 for every sample and every other
class (Ji et al. 2022, arXiv:2110.02796, section 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from checkers.instance import Array

if TYPE_CHECKING:
    from jaxtyping import Float, Int


@dataclass(frozen=True)
class Fitted:
    """Multipliers (K, N) of the point scaled to smallest margin 1, and what they leave.

    ``residual`` is the root of |theta - sum lam grad m|^2 + sum (lam (m - 1))^2 over |theta|:
    zero iff the point is, up to scale, a KKT point.
    """

    multipliers: Array
    residual: float


def fit_multipliers(
    W: Float[np.ndarray, "K d"], H: Float[np.ndarray, "d N"], labels: Int[np.ndarray, " N"]
) -> Fitted:
    """Non-negative least squares for the multipliers; needs a positive smallest margin."""
    from scipy.optimize import nnls

    K, N = len(W), H.shape[1]
    margins = margins_of(W, H, labels)
    q = margins.min()
    if not q > 0:
        raise ValueError(f"smallest margin {q} given, a positive one expected")
    W, H = W / np.sqrt(q), H / np.sqrt(q)
    pairs = [(j, i) for i in range(N) for j in range(K) if j != labels[i]]
    columns = np.zeros((W.size + H.size + len(pairs), len(pairs)))
    for c, (j, i) in enumerate(pairs):
        gradient_W, gradient_H = np.zeros_like(W), np.zeros_like(H)
        gradient_W[labels[i]], gradient_W[j] = H[:, i], -H[:, i]
        gradient_H[:, i] = W[labels[i]] - W[j]
        columns[: W.size, c], columns[W.size : W.size + H.size, c] = (
            gradient_W.ravel(),
            gradient_H.ravel(),
        )
        columns[W.size + H.size + c, c] = margins[j, i] / q - 1
    theta = np.concatenate([W.ravel(), H.ravel()])
    values, left = nnls(columns, np.concatenate([theta, np.zeros(len(pairs))]))
    multipliers = np.zeros((K, N))
    for value, (j, i) in zip(values, pairs, strict=True):
        multipliers[j, i] = value
    return Fitted(multipliers, float(left / np.linalg.norm(theta)))


def margins_of(
    W: Float[np.ndarray, "K d"], H: Float[np.ndarray, "d N"], labels: Int[np.ndarray, " N"]
) -> Float[np.ndarray, "K N"]:
    """Margin of every sample against every class (K, N), infinite against its own."""
    columns = np.arange(len(labels))
    Z = W @ H
    margins = Z[labels, columns] - Z
    margins[labels, columns] = np.inf
    return margins
