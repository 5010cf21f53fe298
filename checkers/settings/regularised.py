"""The regularised layer-peeled model: mean cross-entropy with weight decay on W, H and the bias.

f(W, H, b) = (1/N) CE(W H + b 1^T) + lw/2 |W|^2 + lh/2 |H|^2 + lb/2 |b|^2. With G = Y - P the
residual of the softmax, sigma_1(G) / N against s = sqrt(lw lh) decides what a critical point is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import sympy
from sympy import Max, exp, log, sqrt

from checkers.declared.claim import Hypothesis
from checkers.declared.construction import Arrays, Layout, Ranges, Witness
from checkers.declared.definition import Definition
from checkers.declared.statement import Setting
from checkers.instance import Array
from checkers.models import critical
from checkers.quantities.curvature import curvature
from checkers.quantities.margins import cross_entropy
from checkers.quantities.norms import operator_norm, squared_norm
from checkers.quantities.numbers import number
from checkers.quantities.residuals import (
    bias_gradient,
    classifier_gradient,
    feature_gradient,
    least_overlap,
    residual,
    with_bias,
    with_ones,
)
from checkers.settings.unconstrained import VARIABLES, H, W, hessian_entries, labels
from checkers.sizes import SizeSpec, sizes
from checkers.variables import K, N, Variable, d, n

b = Variable("b", ("K", "one"), "bias, one number a class")
lw = Variable("lw", ("one", "one"), "weight decay of W", latex=r"\lambda_W")
lh = Variable("lh", ("one", "one"), "weight decay of H", latex=r"\lambda_H")
lb = Variable("lb", ("one", "one"), "weight decay of b", latex=r"\lambda_b")

lw_, lh_, lb_ = number(lw), number(lh), number(lb)
s = Definition("s", sqrt(lw_ * lh_))
kappa = Definition("kappa", K * sqrt(n) * s)

POSITIVE = tuple(
    Hypothesis(f"positive {v.name}", number(v), strict=True, says=f"{v.meaning} is positive")
    for v in (lw, lh)
)
POSITIVE_BIAS = Hypothesis("positive lb", lb_, strict=True, says=f"{lb.meaning} is positive")
WIDE = Hypothesis("width", d - K + 1, says="d is at least K-1")

G = residual(with_bias(W, b), with_ones(H), labels)
sigma1 = Definition("sigma", operator_norm(G) / N)
"""sigma_1 of (Y - P) / N, the bias included."""

loss = cross_entropy(with_bias(W, b), with_ones(H), labels) / N
value = Definition(
    "f", loss + (lw_ * squared_norm(W) + lh_ * squared_norm(H) + lb_ * squared_norm(b)) / 2
)
gradient2 = squared_norm(classifier_gradient(W, H, G, lw)) + squared_norm(
    feature_gradient(W, H, G, lh)
)
"""Squared norm of the gradient of f in (W, H)."""
bias_gradient2 = squared_norm(bias_gradient(b, G, lb))
least_curvature = curvature(W, H, b, lw, lh, labels)
unused = least_overlap(W, H)

middle = (lw_ + lh_) / 2
radius = sqrt(((lw_ - lh_) / 2) ** 2 + sigma1**2)
tau = Definition("tau", middle - radius)
"""The smaller eigenvalue of [[lw, -sigma1], [-sigma1, lh]]; negative iff sigma1 > s."""


def least_value(kappa: sympy.Expr, classes: sympy.Expr = K) -> sympy.Expr:
    """f* = log(1 + (K-1) e^-c) + c s sqrt(n) (K-1), e^c = max(1, 1 + K (1/kappa - 1))."""
    growth = Max(1, 1 + classes * (1 / kappa - 1))
    return log(1 + (K - 1) / growth) + s * sqrt(n) * (K - 1) * log(growth)


def profile_at(product: sympy.Expr) -> sympy.Expr:
    """The least f at a product |W| |H| of norms, the norms in balance; without bias."""
    return log(1 + (K - 1) * exp(-product / ((K - 1) * sqrt(n)))) + s * product


SIZES = Ranges(
    K=(2, 4),
    n=(1, 2),
    others={"d": (1, 3), "one": (1, 1)},
    smallest=(sizes(K=2, n=1, d=1, one=1), sizes(K=3, n=1, d=2, one=1)),
    heavy=10,
    working=hessian_entries,
)

_LARGEST = 4.0
"""Entries beyond this would drown the penalties; the softmax is saturated long before."""

_KAPPA = (0.02, 1.3)


def moderate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Draws with entries of at most 4 and positive penalties, kappa between 0.02 and 1.3."""
    found = {}
    for name, array in arrays.items():
        if name in ("lw", "lh", "lb"):
            continue
        top = np.abs(array).max((-2, -1), keepdims=True)
        found[name] = array / np.maximum(1.0, top / _LARGEST)
    count = len(next(iter(arrays.values())))
    return {
        **found,
        **{k: v for k, v in penalties(generator, layout, count).items() if k in arrays},
    }


def penalties(generator: np.random.Generator, layout: Layout, count: int) -> Arrays:
    """lw, lh and lb (count, 1, 1): kappa uniform, lw / lh and lb log-normal."""
    scale = layout["K"] * np.sqrt(layout["N"] / layout["K"])
    threshold = generator.uniform(*_KAPPA, (count, 1, 1)) / scale
    ratio = np.exp(generator.standard_normal((count, 1, 1)))
    other = np.exp(generator.standard_normal((count, 1, 1)))
    return {"lw": threshold * ratio, "lh": threshold / ratio, "lb": threshold * other}


REGULARISED = Setting((*VARIABLES, b, lw, lh), SIZES, prepare=moderate)
"""Points of the regularised loss with a bias, whose own penalty is not looked at."""


def one(x: float) -> Array:
    """A number as a matrix."""
    return np.array([[x]])


def placed(
    logits: Callable[[int, float], Array | None], lw: float, lh: float, lb: float = 0.02
) -> Callable[[Layout, Array], Arrays | None]:
    """The builder of a closed form: ``logits(K, kappa)`` factored at penalties, bias zero.

    None where the classes are not of equal size, d is too small, or there are no such logits.
    """

    def build(layout: Layout, labels: Array) -> Arrays | None:
        K, d = layout["K"], layout["d"]
        if len(set(np.bincount(labels, minlength=K).tolist())) > 1:
            return None
        A = logits(K, critical.kappa_of(K, layout["N"] // K, lw, lh))
        found = None if A is None else critical.factors(A, labels, d, lw, lh)
        if found is None:
            return None
        W, H = found
        return {
            "W": W, "H": H, "b": np.zeros((K, 1)), "lw": one(lw), "lh": one(lh), "lb": one(lb)
        }  # fmt: skip

    return build


def restricted(witness: Witness, *names: str) -> Witness:
    """The witness with these arrays only, for a statement with fewer variables."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        built = witness.build(layout, labels)
        return None if built is None else {name: built[name] for name in names}

    return replace(witness, build=build)


def zero_logits(K: int, kappa: float) -> Array:
    """No features at all."""
    return np.zeros((K, K))


def pairs_logits(K: int, kappa: float) -> Array | None:
    """Pairs of classes share their logits: even K > 2."""
    return critical.block_logits(K, 2, kappa) if K > 2 and K % 2 == 0 else None


def cycle_logits(K: int, kappa: float) -> Array | None:
    """The regular K-gon."""
    return critical.polygon_logits(K, 1, kappa) if K > 2 else None


def split_logits(K: int, kappa: float) -> Array | None:
    """Two classes against each other and the others in a simplex of their own."""
    return critical.simplices_logits((2, K - 2), kappa) if K > 3 else None


def regularised(K: int, n: int, d: int) -> SizeSpec:
    """Sizes with the 1 x 1 matrices in them."""
    return sizes(K=K, n=n, d=d, one=1)


LW, LH = 0.03, 0.01
"""The penalties of the fixtures."""

ZERO = Witness(
    "zero",
    placed(zero_logits, LW, LH),
    (regularised(4, 1, 4), regularised(2, 1, 1), regularised(3, 2, 2)),
    says="W = 0 and H = 0: sigma_1 = 1 / (K sqrt(n))",
)
GLOBAL = Witness(
    "collapse",
    placed(critical.collapsed_logits, LW, LH),
    (regularised(4, 1, 4), regularised(3, 2, 2), regularised(2, 1, 1)),
    says="the global minimiser: Z = c (I - J/K) Y, e^c = 1 + K (1/kappa - 1)",
)
PAIRS = Witness(
    "pairs of classes collapsed together",
    placed(pairs_logits, LW, LH),
    (regularised(4, 1, 4), regularised(4, 2, 3)),
    says="K = 4 in two blocks of two; sigma_1 / s = 1 / kappa",
)
CYCLE = Witness(
    "regular polygon",
    placed(cycle_logits, LW, LH),
    (regularised(4, 1, 4), regularised(4, 1, 3)),
    says="a critical point of rank 2",
)
