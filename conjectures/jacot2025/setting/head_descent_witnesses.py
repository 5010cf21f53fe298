"""Linear heads that are critical for weight decay, or balanced in no way though C_0 is least."""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.language import Arrays, Layout, Witness

from .head_descent import head_sizes, one


def critical(layout: Layout, labels: Array) -> Arrays | None:
    """W_1 = W_2 = diag(1/2, 1/4, ..., 1/4), Z = diag(3/2, 1, ..., 1) Y, lam = 15 n / 16.

    n z (1 - w^2 z) = lam on either diagonal: a critical point for classes of equal size.
    """
    K, n = layout["K"], layout["N"] // layout["K"]
    balanced = set(np.bincount(labels)) == {n}
    if not balanced or (layout["depth"], layout["width"], layout["last_width"]) != (2, K, K):
        return None
    W = np.diag([0.5] + [0.25] * (K - 1))
    Z = np.diag([1.5] + [1.0] * (K - 1))[:, labels]
    return {"Z": Z, "head_0": W, "head_1": W, "lam": one(15 * n / 16)}


def one_matrix(which: int) -> Witness:
    """All matrices are zero but one of the identity: the other terms of the bound vanish."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        K = layout["K"]
        if (layout["depth"], layout["width"], layout["last_width"]) != (2, K, K):
            return None
        links = {f"head_{i}": np.eye(K) * (i == which) for i in range(2)}
        # no feature reaches a matrix with a gradient of its own
        return {"Z": np.zeros((K, layout["N"])), **links, "lam": one(0.5)}

    return Witness(f"all but W_{which + 1} are zero", build, (head_sizes(2, 1), head_sizes(3, 2)))


def rescaled(layout: Layout, labels: Array) -> Arrays | None:
    """W_1 = 2 I, W_2 = I/2 and Z = Y: the outputs are the labels, C_0 is least."""
    K = layout["K"]
    Z = np.eye(K)[:, labels]
    return {"Z": Z, "head_0": 2 * np.eye(K), "head_1": np.eye(K) / 2, "lam": one(0.25)}


def unevenly_rescaled(layout: Layout, labels: Array) -> Arrays | None:
    """W_1 = diag(8, 1), W_2 its inverse and Z = Y, for two classes."""
    Z = np.eye(2)[:, labels]
    links = {"head_0": np.diag([8.0, 1.0]), "head_1": np.diag([0.125, 1.0])}
    return {"Z": Z, **links, "lam": one(0.25)}


CRITICAL = Witness("critical point", critical, (head_sizes(2, 1), head_sizes(3, 2)))
FIRST_ONLY, LAST_ONLY = one_matrix(0), one_matrix(1)
RESCALED = Witness("rescaled pair", rescaled, (head_sizes(2, 1),))
RESCALED_UNEVENLY = Witness("unevenly rescaled pair", unevenly_rescaled, (head_sizes(2, 1),))
