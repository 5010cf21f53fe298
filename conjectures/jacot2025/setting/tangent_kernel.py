"""Heads for the neural tangent kernel of linear layers: its norm theta, sizes, constructions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import sqrt

from checkers.instance import Array, class_counts
from checkers.quantities.labels import largest_class
from checkers.quantities.norms import operator_norm
from checkers.quantities.tangent_kernel import tangent_kernel
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Layout, Witness

from .head_chains import diagonal_head, fits, interpolating
from .linear_head import SIZES, Z, head, labels

theta = operator_norm(tangent_kernel(Z, head))
"""|Theta_lin|, which the paper bounds by C L2."""
s_1 = sqrt(largest_class(labels))
"""s_1(Y), the largest singular value of the one-hot labels: sqrt of the largest class."""

KERNEL_SIZES = replace(
    SIZES,
    K=(2, 3),
    n=(1, 3),
    others={"extra": (0, 3), "wider": (0, 2), "depth": (2, 5)},
    heavy=10,
    heavy_sizes=None,
    working=lambda layout: 3 * (layout["K"] * layout["N"]) ** 2,
)
"""The kernel has K N rows."""


def _sizes(counts: tuple[int, ...], depth: int = 2) -> SizeSpec:
    K = len(counts)
    return sizes(counts, width=K, depth=depth, last_width=K)


def _scaled_identities(
    name: str, *stored: SizeSpec, weight: float = 1.0, outputs: float = 1.0, tight: float = 1.0
) -> Witness:
    """W_l = ``weight`` I and Z_L = ``outputs`` times Y."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if not fits(layout):
            return None
        head = diagonal_head(layout, *([weight] * layout["depth"]))
        return interpolating(layout, labels, head, outputs)

    return Witness(name, build, sizes=stored, tight=tight)


def _thin_first(name: str, thin: float, *stored: SizeSpec, tight: float = 1.0) -> Witness:
    """All matrices are I but the first, whose entry for the smallest class is ``thin``."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if not fits(layout):
            return None
        first = np.ones(layout["K"])
        first[np.argmin(class_counts(labels, layout["K"]))] = thin
        head = diagonal_head(layout, first, *([1.0] * (layout["depth"] - 1)))
        return interpolating(layout, labels, head)

    return Witness(name, build, sizes=stored, tight=tight)


def switching(layout: Layout, labels: Array) -> Arrays | None:
    """K = 2 and an even number of matrices: W_L = diag(1, a), in the middle diag(a^2, 1), else I.

    Every product W_{L:l} has condition number 1 / a, but its long direction changes half-way, so
    that no direction of the kernel is long in all layers.
    """
    count = layout["depth"]
    if not fits(layout) or layout["K"] != 2 or count % 2:
        return None
    a = 0.75 if count < 8 else 0.5
    diagonals = [np.ones(2)] * count
    diagonals[-1], diagonals[count // 2 - 1] = np.array([1, a]), np.array([a**2, 1])
    return interpolating(layout, labels, diagonal_head(layout, *diagonals))


IDENTITIES = _scaled_identities("identities", _sizes((2, 2)), _sizes((1, 1, 1), 3), _sizes((3, 1)))
IDENTITIES_LOOSE = _scaled_identities(
    "identities, K = 2", _sizes((2, 2)), _sizes((1, 1), 5), tight=0.25
)
IDENTITIES_LONG = _scaled_identities("many identities", _sizes((1, 1), 5))
LARGE_WEIGHTS = _scaled_identities("large multiples of I", _sizes((2, 2)), weight=4.0)
SMALL_OUTPUTS = _scaled_identities("outputs near zero", _sizes((2, 2)), outputs=1 / 16)
SHORT_OUTPUTS = _scaled_identities("outputs too short", _sizes((2, 2)), outputs=7 / 16)
THIN_FIRST = _thin_first(
    "one thin direction in the first matrix",
    2.0**-10,
    _sizes((2, 2)),
    _sizes((1, 1, 2), 3),
    tight=0.99999,
)
THIRD_FIRST = _thin_first("one direction a third in the first matrix", 1 / 3, _sizes((1, 1), 12))
SWITCHING = Witness(
    "long direction that switches half-way",
    switching,
    sizes=(_sizes((1, 1), 64), _sizes((1, 1), 16)),
    tight=0.6,
)
