"""Heads that interpolate exactly, with all variation within classes in the kernel of W_L."""

from __future__ import annotations

import numpy as np

from checkers.instance import Array, class_counts
from checkers.language import Arrays, Layout


def spread_in_kernel(layout: Layout, labels: Array) -> Arrays | None:
    """Exact interpolation; all variation within classes in the kernel of W_L, of size sqrt(e2).

    With m = n_{L-1} - K: W_L = (r I, 0), W_{L-1} = diag(r I, sqrt(e2) I_m) and
    Z_{L-2} = (Y / r^2; r Q), where the rows of Q are orthonormal and orthogonal to those of Y.
    Attains the sharp bound for equal classes and m <= N - K; of a larger kernel only N - K
    dimensions can be filled. Here e2 = 1 and r is the least that is allowed,
    max(1, n_max^(1/4)). Earlier matrices are diagonal too, balanced up to e2; features wider than
    the head needs are padded with zeros.
    """
    K, m = layout["K"], layout["last_width"] - layout["K"]
    if layout["width"] < layout["last_width"]:
        return None
    radius = max(1.0, max(class_counts(labels, K)) ** 0.25)
    Q = np.zeros((m, len(labels)))
    filled = _orthonormal_within(labels, K)[:m]
    Q[: len(filled)] = filled
    return _lengthened(_spread(labels, K, m, radius, 1.0, Q), layout, radius)


def _lengthened(arrays: Arrays, layout: Layout, radius: float) -> Arrays:
    """The same outputs from a head of ``depth`` matrices and features of ``width`` rows."""
    K, last, depth = layout["K"], layout["last_width"], layout["depth"]
    links = [arrays["head_0"], arrays["head_1"]]
    Z = arrays["Z"]
    for j in range(2, depth):
        kernel = min(np.sqrt(j), radius)
        scale = np.array([radius] * K + [kernel] * (last - K))
        links.insert(0, np.diag(scale))
        Z = Z / scale[:, None]
    pad = layout["width"] - last
    links[0] = np.concatenate([links[0], np.zeros((last, pad))], axis=1)
    Z = np.concatenate([Z, np.zeros((pad, Z.shape[1]))])
    return {"Z": Z, **{f"head_{i}": link for i, link in enumerate(links)}}


def spread_in_kernel_exactly(layout: Layout, labels: Array) -> Arrays | None:
    """The same with r = 2, e2 = 1/4 and dyadic entries: for four samples a class."""
    K, m = layout["K"], layout["last_width"] - layout["K"]
    if set(class_counts(labels, K)) != {4} or m > 3 * K or layout["depth"] != 2:
        return None
    if layout["width"] != layout["last_width"]:
        return None
    signs = np.array([[1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
    Q = np.zeros((3 * K, len(labels)))
    for k in range(K):
        Q[k::K, labels == k] = signs
    return _spread(labels, K, m, 2.0, 0.25, Q[:m])


def _spread(labels: Array, K: int, m: int, r: float, e2: float, Q: Array) -> Arrays:
    Y = np.eye(K)[:, labels]
    return {
        "Z": np.concatenate([Y / r**2, r * Q]),
        "head_0": np.diag([r] * K + [e2**0.5] * m),
        "head_1": np.concatenate([r * np.eye(K), np.zeros((K, m))], axis=1),
    }


def _orthonormal_within(labels: Array, K: int) -> Array:
    """N - K orthonormal rows, each of zero sum on one class and zero elsewhere, classes in turn."""
    rows = []
    for k in range(K):
        members = np.flatnonzero(labels == k)
        for j in range(1, len(members)):
            row = np.zeros(len(labels))
            row[members[:j]], row[members[j]] = 1, -j
            rows.append((j, k, row / np.sqrt(j * (j + 1))))
    rows.sort(key=lambda entry: entry[:2])
    return np.array([row for _, _, row in rows]).reshape(-1, len(labels))
