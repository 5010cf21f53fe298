"""Pairs of points of the regularised loss without bias, and what certifies a local minimum.

Let x = (W, H), g = |grad f(x)|, l = lambda_min(Hess f(x) + T T^T) with T the tangents of the
rotation orbit, and M a Lipschitz constant of the Hessian within distance 1 of x. If l > 0,
4 M g < l^2, l <= 2 M and l^2 < 8 M^2 lambda_min(W^T W + H H^T), then f has curvature at least
l/2 up to the distance r = l / (2 M) in the slice x + (range T)^perp, hence a minimiser y there,
inside the ball as g < r l/2. Rotations turn the slice into a neighbourhood of y, because
|T(y - x) c| <= r |c| < |T(x) c| makes T(x)^T T(y) regular. So y is a critical point and a local
minimum, its Hessian is positive but for the directions of rotation, and f(y) >= f(x) - g^2 / l.

M: with Z(t) = Z + t Z1 + t^2 Z2 along a unit direction, d^3/dt^3 of the loss is at most
(c |Z1|^3 + 3 |Z1| |Z2|) / N, c = sqrt(2) / (3 sqrt(3)) < 3/10 being the third central moment of a
variable of range sqrt(2); |Z1| <= rho, |Z2| <= 1/2, and rho = sqrt(|W|^2 + |H|^2) grows by at
most 1.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from checkers.instance import Array
from checkers.language import Arrays, Definition, Hypothesis, Layout, N, Ranges, Rational, Sampler
from checkers.language import Setting, Variable, Witness, construction, sizes, sqrt
from checkers.models import critical
from checkers.quantities.curvature import transverse_curvature
from checkers.quantities.margins import cross_entropy
from checkers.quantities.norms import squared_norm
from checkers.quantities.numbers import number
from checkers.quantities.residuals import (
    classifier_gradient,
    feature_gradient,
    least_overlap,
    residual,
)
from checkers.settings.regularised import GLOBAL, lh, lw, moderate, one, placed, regularised
from checkers.settings.regularised import restricted, zero_logits
from checkers.settings.regularised_landscape import CrossEntropyLandscape
from checkers.settings.unconstrained import SIZES, VARIABLES, H, W, hessian_entries, labels
from checkers.settings.unconstrained import spectral_pair

V = Variable("V", ("K", "d"), "classifier of another point, to compare with")
U = Variable("U", ("d", "N"), "features of that point, in the order of the labels")


def value_at(classifier: Variable, features: Variable) -> object:
    """f without bias."""
    decay = number(lw) * squared_norm(classifier) + number(lh) * squared_norm(features)
    return cross_entropy(classifier, features, labels) / N + decay / 2


_G = residual(W, H, labels)
gradient2 = squared_norm(classifier_gradient(W, H, _G, lw)) + squared_norm(
    feature_gradient(W, H, _G, lh)
)
curvature = Definition("l", transverse_curvature(W, H, lw, lh, labels), r"\ell")
_size = Definition("rho1", sqrt(squared_norm(W) + squared_norm(H)) + 1, r"\rho_1")
lipschitz = Definition("M", (Rational(3, 10) * _size**3 + Rational(3, 2) * _size) / N)
loss_of_minimum = gradient2 / curvature
"""At most by this much the value at the minimum is below that at the point."""

LOCAL_MINIMUM = (
    Hypothesis(
        "curved", curvature, strict=True, says="positive curvature in all directions but rotations"
    ),
    Hypothesis(
        "converged",
        curvature**2 - 4 * lipschitz * sqrt(gradient2),
        strict=True,
        says="so close to critical that a minimum lies within l / (2 M)",
    ),
    Hypothesis(
        "every dimension used",
        8 * lipschitz**2 * least_overlap(W, H) - curvature**2,
        strict=True,
        says="rotations move the point",
    ),
    Hypothesis("near", 2 * lipschitz - curvature, says="that is within distance 1"),
)


def found_minima(
    generator: np.random.Generator, layout: Layout, labels: Array, count: int
) -> Arrays:
    """Local minima found from random starts, each compared with the lowest of them."""
    import torch

    from checkers.models.regularised import random_starts
    from checkers.models.stationary import descend

    count = min(count, 12)
    kappa = np.full(count, generator.uniform(0.2, 0.8))
    ends = descend(random_starts(generator, layout, labels, kappa, np.ones(count)))
    lowest = torch.full((count,), int(ends.value.argmin()))
    return {
        "W": ends.W.numpy(),
        "H": ends.H.numpy(),
        "V": ends.W[lowest].numpy(),
        "U": ends.H[lowest].numpy(),
        "lw": ends.lw[:, None, None].numpy(),
        "lh": ends.lh[:, None, None].numpy(),
    }


def cross_and_polygon(layout: Layout, labels: Array) -> Arrays | None:
    """Antipodal pairs on orthogonal axes, an odd class at zero; and the regular K-gon. kappa = 1/2.

    Both are critical points in closed form; for K = 5 and d = 2 the first is a local minimum and
    the second, the pentagon, has a smaller value.
    """
    K, d, N = layout["K"], layout["d"], layout["N"]
    if N % K or len(set(np.bincount(labels).tolist())) > 1:
        return None
    threshold = 0.5 / (K * np.sqrt(N / K))
    decay = critical.kappa_of(K, N // K, threshold, threshold)
    pairs = critical.simplices_logits((2,) * (K // 2) + (1,) * (K % 2), decay)
    first = critical.factors(pairs, labels, d, threshold, threshold)
    second = critical.factors(critical.polygon_logits(K, 1, decay), labels, d, threshold, threshold)
    if first is None or second is None:
        return None
    return {
        "W": first[0],
        "H": first[1],
        "V": second[0],
        "U": second[1],
        "lw": one(threshold),
        "lh": one(threshold),
    }


CROSS = Witness(
    "cross against pentagon",
    cross_and_polygon,
    (sizes(K=5, n=1, d=2, one=1), sizes(K=5, n=2, d=2, one=1)),
    says="K = 5, d = 2, kappa = 1/2, lw = lh",
)

UNBIASED = Setting(
    variables=(*VARIABLES, lw, lh),
    ranges=replace(
        SIZES,
        others={**SIZES.others, "one": (1, 1)},
        smallest=(sizes(K=2, n=1, d=1, one=1), sizes(K=3, n=2, d=2, one=1)),
    ),
    prepare=moderate,
)
COMPARED = Setting(
    variables=(*VARIABLES, V, U, lw, lh),
    ranges=Ranges(
        K=(3, 6),
        n=(1, 2),
        others={"d": (1, 3), "one": (1, 1)},
        smallest=(sizes(K=3, n=1, d=1, one=1), sizes(K=5, n=1, d=2, one=1)),
        working=hessian_entries,
    ),
    samplers=(Sampler("minima", found_minima),),
    prepare=moderate,
)
"""A point that is near a local minimum, and another one to compare with."""

AGAINST_LOWEST = CrossEntropyLandscape(lowest=((V.name, W.name), (U.name, H.name)))
"""Critical points, each to be compared with the lowest found at the same penalties."""

COLLAPSE = restricted(GLOBAL, "W", "H", "lw", "lh")
ABOVE_ONE = restricted(
    Witness("zero", placed(zero_logits, 0.5, 0.25), (regularised(4, 1, 3),)), "W", "H", "lw", "lh"
)


@construction("norms out of balance", *COLLAPSE.sizes)
def UNEQUAL_NORMS(layout, labels):
    """The minimiser with W doubled and H halved: the same logits, norms out of balance."""
    built = COLLAPSE.build(layout, labels)
    assert built is not None
    return {**built, "W": 2 * built["W"], "H": built["H"] / 2}


@construction(
    "singular factors of centred labels",
    sizes((9, 1, 1), d=2, one=1),
    sizes((4, 1, 1), d=2, one=1),
)
def FEW_IN_MOST(layout, labels):
    """Logits three times the centred labels, factored at least norm; kappa = 0.3."""
    built = spectral_pair(layout, labels)
    decay = one(0.3 / np.sqrt(layout["K"] * layout["N"]))
    if built is None:
        return None
    return {**{k: a * np.sqrt(3.0) for k, a in built.items()}, "lw": decay, "lh": decay}
