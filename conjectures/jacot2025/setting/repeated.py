"""Linear heads on many samples: a column of Z stands for as many equal samples as c says.

With multiplicities c = (c_1, ..., c_N), the N of the paper is c_1 + ... + c_N, and norms, errors
and means are those of the matrices whose column i occurs c_i times. All is as in ``linear_head``
if every c_i is 1, and millions of samples fit in a few columns.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from sympy import Max, Min, sqrt

from checkers.instance import Array, class_counts
from checkers.quantities.heads import earlier_features, last_features, last_matrix, outputs
from checkers.quantities.multiplicity import (
    fewest,
    nc3_repeated,
    off_integers,
    repeated,
    samples,
    smallest_class_repeated,
    squared_error_repeated,
)
from checkers.quantities.norms import operator_norm
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Sampler, Witness
from checkers.variables import K, Variable

from .head_collapse import THINNER_KERNEL
from .linear_head import (
    NONZERO_FEATURES,
    Z,
    balanced_heads,
    head,
    labels,
    norm_weights,
)
from .linear_head import interpolate as interpolate_once

multiplicity = Variable("multiplicity", ("1", "N"), "samples that a column stands for", latex="c")
VARIABLES = (Z, head, labels, multiplicity)

Z_last = last_features(Z, head)
N = samples(multiplicity)
"""The number of samples, which is not the number of columns."""
e1 = sqrt(squared_error_repeated(outputs(Z, head), multiplicity, labels))
r = Max(
    operator_norm(repeated(earlier_features(Z, head), multiplicity)),
    operator_norm(repeated(Z_last, multiplicity)),
    norm_weights,
)
s_K = sqrt(smallest_class_repeated(multiplicity, labels))
NC3 = nc3_repeated(Z_last, last_matrix(head), multiplicity, labels)

WHOLE = Hypothesis(
    "whole multiplicities",
    margin=Min(fewest(multiplicity) - 1, -off_integers(multiplicity)),
    says="multiplicities are positive integers",
)
INTERPOLATION = Hypothesis(
    "interpolation",
    margin=Min(s_K, sqrt((K - 1) * N / (4 * K))) - e1,
    strict=True,
    says="the outputs are within e1 of the one-hot labels",
)
HYPOTHESES = (WHOLE, INTERPOLATION, NONZERO_FEATURES)


def _multiplicities(generator: np.random.Generator, layout: Layout, batch: int) -> Array:
    """Log-uniform integers (batch, 1, N): up to 10^4, up to less, or all 1."""
    exponents = generator.uniform(0, 4, (batch, 1, layout["N"]))
    return np.floor(10 ** (exponents * generator.choice([0, 0.5, 1], (batch, 1, 1))))


def interpolate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Log-uniform multiplicities, Z moved towards interpolation as in ``linear_head``."""
    found = interpolate_once(generator, layout, labels, arrays)
    return {**found, "multiplicity": _multiplicities(generator, layout, len(arrays["Z"]))}


def repeated_heads(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """Nearly balanced heads, features nearly interpolating, log-uniform multiplicities."""
    found = balanced_heads(generator, layout, labels, batch)
    return {**found, "multiplicity": _multiplicities(generator, layout, batch)}


REPEATED_HEADS = Sampler("repeated samples", repeated_heads)


def once(build: Callable[[Layout, Array], Arrays | None]) -> Callable[..., Arrays | None]:
    """A construction with all multiplicities 1."""

    def build_once(layout: Layout, labels: Array) -> Arrays | None:
        arrays = build(layout, labels)
        return arrays and {**arrays, "multiplicity": np.ones((1, layout["N"]))}

    return build_once


THINNER_KERNEL_ONCE = Witness(
    "variation in a wide and very thin kernel, every sample once",
    once(THINNER_KERNEL.build),
    sizes=THINNER_KERNEL.sizes[:1],
    tight=THINNER_KERNEL.tight,
)


def wrong_eighth(layout: Layout, labels: Array) -> Arrays | None:
    """K = 2, n = 2 10^6, k = 30: nearly an eighth of each class has cosine -1, though e2 = 0.

    W_L = t ((k, -1), (k, 1)) = W_{L-1}^T stretches by k, then turns by 45 degrees. The outputs
    are exact but for 249,800 samples a class, whose features are -2^-40 times the row of the
    class: about as many as e1 < sqrt(N / 8) leaves room for. t makes r as small as it can be, up
    to 1 in 500.
    """
    shape = {"K": 2, "N": 4, "width": 2, "depth": 2, "last_width": 2}
    if dict(layout) != shape or class_counts(labels, 2) != (2, 2):
        return None
    k, t = 30, Fraction(75, 16)
    own, other = ((k * k + sign) / (4 * k * k * t**2) for sign in (1, -1))
    exact = np.array([[own, -other], [-other, own]])  # the inverse of W_L W_L^T
    Z = np.full((2, 4), Fraction(0))
    multiplicity = np.zeros((1, 4))
    for c in range(2):
        right, wrong = np.flatnonzero(labels == c)
        Z[:, right], Z[c, wrong] = exact[:, c], Fraction(-1, 2**40)
        multiplicity[0, right], multiplicity[0, wrong] = 1_750_200, 249_800
    W = float(t) * np.array([[k, -1.0], [k, 1.0]])
    return {"Z": Z, "head_0": W.T.copy(), "head_1": W, "multiplicity": multiplicity}


WRONG_EIGHTH = Witness(
    "an eighth of the samples against the rows",
    wrong_eighth,
    sizes=(sizes(K=2, n=2, width=2, depth=2, last_width=2),),
    says="NC3 = -0.0666, bound -0.0585; e1 = 707 is 0.28 below the most that is allowed",
)
