"""Linear heads whose class means or cosines are as far from collapse as the bounds allow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from checkers.instance import Array, class_counts
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Layout, Witness

from .head_chains import diagonal_head, fits, interpolating
from .linear_head import spread_in_kernel
from .linear_head_witnesses import SPREAD_EXACTLY


def _head_sizes(counts: tuple[int, ...], extra: int = 0, depth: int = 2) -> SizeSpec:
    width = len(counts) + extra
    return sizes(counts, width=width, depth=depth, last_width=width)


def rescaled(
    name: str, a: float, outputs: tuple[float, float], counts: tuple[int, int], says: str = ""
) -> Witness:
    """K = 2, W_l = a I and Z_L = diag(outputs) Y."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if not fits(layout) or layout["K"] != 2:
            return None
        head = diagonal_head(layout, *([a] * layout["depth"]))
        return interpolating(layout, labels, head, np.array(outputs))

    return Witness(name, build, sizes=(_head_sizes(counts),), says=says)


def opposite_errors(layout: Layout, labels: Array) -> Arrays | None:
    """Equal classes, W_l = diag(2, 1, ..., 1): the short singular direction of the class means is
    shortened and a long one lengthened, in the worst proportion for e1 = s_K(Y) / 2.
    """
    counts = class_counts(labels, layout["K"])
    if not fits(layout) or len(set(counts)) > 1:
        return None
    K, x = layout["K"], 0.5
    t = (1 + x * np.sqrt(2 - x**2)) / (1 - x**2)
    errors = np.zeros(K)
    errors[0], errors[1] = -x * t / np.hypot(1, t), x / np.hypot(1, t)
    diagonal = np.array([2.0] + [1.0] * (K - 1))
    head = diagonal_head(layout, *([diagonal] * layout["depth"]))
    return interpolating(layout, labels, head, 1 + errors)


def kernel_along_class(
    name: str, a: float, long: float, e2: float, *stored: SizeSpec, tight: float = 1.0
) -> Witness:
    """e1 = 0 and the kernel of W_L holds one direction, filled by the smallest class alone.

    W_L = (a I, 0), the earlier matrices diag(a I, sqrt(e2)), and Z_{L-2} has a row of norm ``long``
    in the kernel.
    """

    def build(layout: Layout, labels: Array) -> Arrays | None:
        K, depth = layout["K"], layout["depth"]
        if not fits(layout) or layout["last_width"] == K or layout["width"] == K:
            return None
        arrays = interpolating(layout, labels, diagonal_head(layout, *([a] * depth)))
        for i in range(depth - 1):
            arrays[f"head_{i}"][K, K] = e2**0.5
        counts = class_counts(labels, K)
        rare = labels == int(np.argmin(counts))
        arrays["Z"][K, rare] = long / e2 ** ((depth - 2) / 2) / min(counts) ** 0.5
        return arrays

    return Witness(name, build, sizes=stored, tight=tight)


def long_and_short(layout: Layout, labels: Array) -> Arrays | None:
    """K = 2, W_L = W_{L-1} = diag(2.75, 2.41): short weights make Z_{L-1} longer than any weight.

    The outputs of the class behind the shorter weight are too long by e1 = 1/2.
    """
    if not fits(layout) or layout["K"] != 2:
        return None
    head = diagonal_head(layout, *([np.array([2.75, 2.4375])] * layout["depth"]))
    error = 0.5 / class_counts(labels, 2)[1] ** 0.5
    return interpolating(layout, labels, head, np.array([1.0, 1 + error]))


def thin_kernel(
    name: str, thinness: float, *stored: SizeSpec, longer: float = 1.0, tight: float = 1.0
) -> Witness:
    """Two matrices of ``spread_in_kernel``, W_{L-1} thinner in the kernel: e2 = thinness^2.

    The norms that bind are ``longer`` than the least ones by a factor.
    """

    def build(layout: Layout, labels: Array) -> Arrays | None:
        K = layout["K"]
        arrays = spread_in_kernel(layout, labels) if layout["depth"] == 2 else None
        if arrays is None:
            return None
        arrays["head_0"][:K] *= longer
        arrays["head_0"][K:] *= thinness
        arrays["head_1"] *= longer
        arrays["Z"][:K] /= longer**2
        arrays["Z"][K:] *= longer
        return arrays

    return Witness(name, build, sizes=stored, tight=tight, says="e1 = 0 and kappa(W_L) = 1")


def turned(layout: Layout, labels: Array) -> Arrays | None:
    """K = 2, no errors, no imbalance: W_L = ((2, -1), (2, 1)) stretches, then turns by 45 degrees.

    Below it come its transpose and itself in turn.
    """
    if not fits(layout) or layout["K"] != 2:
        return None
    last, inverse = np.array([[2.0, -1], [2, 1]]), np.array([[1.0, 1], [-2, 2]]) / 4
    arrays = diagonal_head(layout, *([0.0] * layout["depth"]))
    Z = np.eye(2)[:, labels]
    for i in reversed(range(layout["depth"])):
        arrays[f"head_{i}"][:2, :2] = last
        Z = inverse @ Z
        last, inverse = last.T, inverse.T
    arrays["Z"] = np.zeros((layout["width"], len(labels)))
    arrays["Z"][:2] = Z
    return arrays


def reversed_samples(layout: Layout, labels: Array) -> Arrays | None:
    """W_l = I; all samples of class 0 but one have outputs of the wrong sign, though tiny."""
    if not fits(layout):
        return None
    arrays = interpolating(layout, labels, diagonal_head(layout, *([1.0] * layout["depth"])))
    arrays["Z"][0, np.flatnonzero(labels == 0)[1:]] = -(2.0**-10)
    return arrays


def confused(layout: Layout, labels: Array) -> Arrays | None:
    """W_l = I; the outputs of class 1 are half-way turned to class 0."""
    if not fits(layout):
        return None
    arrays = interpolating(layout, labels, diagonal_head(layout, *([1.0] * layout["depth"])))
    arrays["Z"][0, labels == 1] = 0.5
    return arrays


RESCALED_CLASSES = rescaled(
    "one class too long, one too short",
    2.1**0.5,
    (1 + 0.1 / 8**0.5, 1 - 0.1 / 8**0.5),
    (4, 4),
    says="e1 = 0.1, r^2 = 2.1",
)
SHORT_LONE_SAMPLE = rescaled("the lone sample of a class too short", 1.0, (1.0, 0.25), (9, 1))
REVERSED_OUTPUTS = rescaled("reversed outputs", 1.0, (-0.125, -0.125), (4, 4))
OPPOSITE_ERRORS = Witness(
    "errors against the condition number",
    opposite_errors,
    sizes=(_head_sizes((2, 2)), _head_sizes((3, 3, 3), extra=2), _head_sizes((2, 2), depth=4)),
    says="e1 = s_K(Y) / 2, e2 = 0; attains the first part",
)
KERNEL_ALONG_CLASS = kernel_along_class(
    "one class fills the kernel",
    1.0,
    2.0**8,
    2.0**-12,
    _head_sizes((4, 4), extra=1),
    _head_sizes((2, 1, 3), extra=2),
    tight=0.9999,
)
KERNEL_ALONG_CLASS_LARGE = kernel_along_class(
    "one class fills the kernel behind large weights",
    16.0,
    16.0,
    2.0**-12,
    _head_sizes((4, 4), extra=1),
)
LONG_AND_SHORT = Witness(
    "long features behind short weights, means displaced",
    long_and_short,
    sizes=(_head_sizes((256, 256)),),
)
THIN_KERNEL = thin_kernel(
    "variation in a wide and thin kernel", 1 / 4, _head_sizes((16, 16), extra=30)
)
THINNER_KERNEL = thin_kernel(
    "variation in a wide and very thin kernel",
    1 / 64,
    _head_sizes((16, 16), extra=30),
    _head_sizes((9, 9, 9), extra=20),
    tight=0.999,
)
LONG_KERNEL = thin_kernel(
    "variation in a kernel of 100 dimensions, long weights",
    1 / 128,
    _head_sizes((52, 52), extra=100),
    longer=4.0,
)
SPREAD_EVENLY = replace(
    SPREAD_EXACTLY,
    sizes=(_head_sizes((4, 4), extra=6),),
    says="e1 = 0, e2 = 1/4, r = 2; all features have the same part in the kernel of W_L",
)
TURNED = Witness(
    "stretched, then turned by 45 degrees",
    turned,
    sizes=(_head_sizes((2, 2)), _head_sizes((3, 1), extra=1), _head_sizes((1, 1), depth=3)),
    says="e1 = e2 = 0, kappa(W_L) = 2: every cosine is 4/5",
)
REVERSED_SAMPLES = Witness(
    "outputs of the wrong sign", reversed_samples, sizes=(_head_sizes((4, 4)),)
)
CONFUSED = Witness("one class half-way another", confused, sizes=(_head_sizes((2, 2)),))
