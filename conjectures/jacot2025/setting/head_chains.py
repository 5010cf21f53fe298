"""Heads whose matrices are diagonal: balanced exactly, or out of balance by steps of e2."""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Layout, Witness

from .linear_head import head_shapes


def diagonal_head(layout: Layout, *diagonals: Array | float) -> Arrays:
    """head_0, head_1, ... with these K numbers on the diagonals and zeros elsewhere."""
    built: Arrays = {}
    for i, ((rows, columns), values) in enumerate(zip(head_shapes(layout), diagonals, strict=True)):
        A = np.zeros((rows, columns))
        np.fill_diagonal(A[: layout["K"], : layout["K"]], values)
        built[f"head_{i}"] = A
    return built


def interpolating(
    layout: Layout, labels: Array, head: Arrays, outputs: Array | float = 1.0
) -> Arrays:
    """A diagonal head with the features for which Z_L = diag(outputs) Y."""
    K = layout["K"]
    product = np.prod([np.diag(A[:K, :K]) for A in head.values()], axis=0)
    Z = np.zeros((layout["width"], len(labels)))
    Z[:K] = (outputs / product)[:, None] * np.eye(K)[:, labels]
    return {**head, "Z": Z}


def fits(layout: Layout) -> bool:
    """Whether all widths are at least K."""
    return min(layout["width"], layout["last_width"]) >= layout["K"]


def stepped(layout: Layout, labels: Array) -> Arrays | None:
    """w_l I with w_l^2 = 1 - (L - l) e2: e2 = 3/4 for two matrices, else small."""
    if not fits(layout):
        return None
    count = layout["depth"]
    e2 = 0.75 if count == 2 else 2.0**-14
    return diagonal_head(layout, *(np.sqrt(1 - j * e2) for j in reversed(range(count))))


def scaled_steps(top: float, below: float) -> Witness:
    """Two matrices, W_L = top I and W_{L-1} = below I."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        fit = fits(layout) and layout["depth"] == 2
        return diagonal_head(layout, below, top) if fit else None

    return Witness(f"{top:g} I after {below:g} I", build, sizes=(_without_samples(2, 2),))


def rising(layout: Layout, labels: Array) -> Arrays | None:
    """W_L = I, W_{L-1} = 5 I, W_{L-2} = 7 I: squares in steps of 24, the last matrix smallest."""
    fit = fits(layout) and layout["depth"] == 3
    return diagonal_head(layout, 7.0, 5.0, 1.0) if fit else None


def _chain_sizes(K: int, depth: int, n: int = 1, extra: int = 0) -> SizeSpec:
    return sizes(K=K, n=n, width=K + extra, depth=depth, last_width=K + extra)


def _without_samples(K: int, depth: int, extra: int = 0) -> SizeSpec:
    return sizes((), K=K, width=K + extra, depth=depth, last_width=K + extra)


STEPPED = Witness(
    "squares in equal steps",
    stepped,
    sizes=(_without_samples(2, 2), _without_samples(2, 3), _without_samples(3, 5, extra=1)),
    tight=0.999,
    says="w_l^2 = 1 - (L - l) e2; equality for two matrices, 1 - O(e2) for more",
)
STEPPED_LONG = Witness(
    "squares in equal steps, three matrices and more",
    stepped,
    sizes=(_without_samples(2, 3), _without_samples(2, 8)),
)
RISING = Witness("squares rising towards the features", rising, sizes=(_without_samples(2, 3),))


def balanced_exactly(layout: Layout, labels: Array) -> Arrays | None:
    """Every matrix is diag(2, 1, ..., 1) and the outputs are the labels: kappa(W_L)^L2 = c3."""
    if not fits(layout):
        return None
    diagonal = np.array([2.0] + [1.0] * (layout["K"] - 1))
    head = diagonal_head(layout, *([diagonal] * layout["depth"]))
    return interpolating(layout, labels, head)


def opposed(name: str, scale: float = 1.0, outputs: float = 1.0) -> Witness:
    """W_L = diag(8, 1) after its inverse, both times ``scale``; Z_L = ``outputs`` times Y."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if not fits(layout) or layout["K"] != 2 or layout["depth"] != 2:
            return None
        last = np.array([8.0, 1.0])
        head = diagonal_head(layout, scale / last, scale * last)
        return interpolating(layout, labels, head, outputs)

    return Witness(
        name,
        build,
        sizes=(_chain_sizes(2, 2, n=4),),
        says="the whole head is perfectly conditioned, W_L is not",
    )


BALANCED_EXACTLY = Witness(
    "exactly balanced head",
    balanced_exactly,
    sizes=(_chain_sizes(2, 2, n=4), _chain_sizes(3, 3, n=2, extra=2), _chain_sizes(2, 5)),
    says="e1 = e2 = 0: kappa(W_L) = c3^(1/L2)",
)
OPPOSED = opposed("W_L after its inverse")
OPPOSED_SMALL = opposed("tiny W_L after its inverse", scale=2.0**-5)
OPPOSED_LARGE = opposed("huge W_L after its inverse", scale=2.0**5)
OPPOSED_WITHOUT_OUTPUTS = opposed(
    "tiny W_L after its inverse, outputs near zero", scale=2.0**-5, outputs=2.0**-20
)
