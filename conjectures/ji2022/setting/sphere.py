"""The summed cross-entropy on spheres |W|^2 + |H|^2 = rho^2, without penalty or bias.

G = Y - P, mu = 2 <G, W H> / rho^2. At a critical point of the sphere G H^T = mu W and
W^T G = mu H; there Hess L + mu I on the tangent space is the Riemannian Hessian. A critical point
of the loss with equal penalties lambda on W and H is one of its sphere, with mu = N lambda.
"""

from __future__ import annotations

import numpy as np
from sympy import Abs, Max, Min, exp, log, sqrt

from checkers.instance import Array
from checkers.models import critical
from checkers.quantities.curvature import tangential_curvature
from checkers.quantities.margins import cross_entropy
from checkers.quantities.norms import operator_norm, squared_norm
from checkers.quantities.residuals import (
    least_overlap,
    pairing,
    residual,
    tangential_gradient,
)
from checkers.settings.regularised import placed
from checkers.settings.unconstrained import H, W, hessian_entries, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Witness
from checkers.variables import K, N, n

G = residual(W, H, labels)
sigma1 = operator_norm(G)
rho2 = squared_norm(W) + squared_norm(H)
mu = 2 * pairing(W, H, G) / rho2
gradient2 = tangential_gradient(W, H, G)
curvature = tangential_curvature(W, H, labels)
unused = least_overlap(W, H)
loss = cross_entropy(W, H, labels)
least_loss = K * n * log(1 + (K - 1) * exp(-rho2 / (2 * (K - 1) * sqrt(n))))
"""The least loss on the sphere, attained at collapse where d >= K-1."""

NOT_ZERO = Hypothesis("not zero", rho2, strict=True, says="W or H is not zero")

used = unused * (2 + 2 * (sqrt(2 * N) + Abs(mu)) / rho2)
"""What the least used direction z of R^d adds to the curvature along (u z^T, z v^T)."""

bent = Min(curvature, curvature * (1 - unused / rho2))
"""The curvature, corrected for that direction being tangent only up to its use."""

slant = (squared_norm(W) - squared_norm(H)) / rho2
"""Cosine of the angle between (W, -H) and the radius."""

excess = Max(sigma1**2 - mu**2, 0) ** 2
_spread = (sigma1**2 + mu**2) * mu**2 + excess
allowed = gradient2 * (_spread * mu**2 + (sigma1**2 + mu**2) * (_spread + excess))
"""For d >= K-1 at least mu^4 excess times ``unused``: it vanishes with the gradient."""

SPHERES = Ranges(
    K=(2, 4),
    n=(1, 2),
    others={"d": (1, 3)},
    smallest=(sizes(K=2, n=1, d=1), sizes(K=3, n=1, d=2)),
    heavy=10,
    working=hessian_entries,
)

_LARGEST = 4.0
_SMALLEST_KAPPA = 0.1


def moderate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Draws with entries of at most 4 in size."""
    tops = {k: np.abs(a).max((-2, -1), keepdims=True) for k, a in arrays.items()}
    return {k: a / np.maximum(1.0, tops[k] / _LARGEST) for k, a in arrays.items()}


def critical_on_spheres(
    generator: np.random.Generator, layout: Layout, labels: Array, count: int
) -> Arrays:
    """A few critical points, found with equal penalties on W and H."""
    from checkers.models.regularised import random_starts
    from checkers.models.stationary import solve

    count = min(count, 6)
    kappa = generator.uniform(_SMALLEST_KAPPA, 1.0, count)
    found = solve(random_starts(generator, layout, labels, kappa, np.ones(count)))
    return {"W": found.W.numpy(), "H": found.H.numpy()}


def on_sphere(name: str, logits: object, penalty: float, *at: object, says: str = "") -> Witness:
    """A closed form, critical on its sphere: that of the loss with equal penalties."""
    built = placed(logits, penalty, penalty)  # type: ignore[arg-type]

    def build(layout: Layout, labels: Array) -> Arrays | None:
        arrays = built(layout, labels)
        return None if arrays is None else {"W": arrays["W"], "H": arrays["H"]}

    return Witness(name, build, at, says=says)  # type: ignore[arg-type]


def pairs(K: int, kappa: float) -> Array | None:
    """Pairs of classes share their logits: even K > 2."""
    return critical.block_logits(K, 2, kappa) if K > 2 and K % 2 == 0 else None


def cycle(K: int, kappa: float) -> Array | None:
    """The regular K-gon."""
    return critical.polygon_logits(K, 1, kappa) if K > 2 else None


TIED = on_sphere(
    "pairs of classes collapsed together",
    pairs,
    0.05,
    sizes(K=4, n=1, d=3),
    sizes(K=4, n=2, d=3),
    says="K = 4 in two blocks of two, rank 1",
)
SQUARE = on_sphere("square", cycle, 0.05, sizes(K=4, n=1, d=2), says="K = 4 in the plane")
PENTAGON = on_sphere("pentagon", cycle, 0.05, sizes(K=5, n=1, d=2), says="K = 5 in the plane")


def against(layout: Layout, labels: Array) -> Arrays | None:
    """Features opposite to their classes: W = V/4, H = -V^T/4 with V = I - J/K, d = K."""
    K, d = layout["K"], layout["d"]
    if d != K:
        return None
    V = np.eye(K) - 1 / K
    return {"W": V / 4, "H": -V[:, labels] / 4}


AGAINST = Witness("features opposite to their classes", against, (sizes(K=3, n=1, d=3),))
