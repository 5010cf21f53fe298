"""The first phase of gradient descent from a tuned start (Jacot et al. 2025, Proposition 4.5).

Networks that meet Assumptions 4.1 to 4.3 to the letter, 4.3 with the constants under which it is
true: a first layer as wide as there are samples, widths that do not grow after it, the smooth leaky
ReLU, and a last layer that starts so close to interpolation that the whole descent stays in the
ball where C_0 is PL. At a look, after k steps, C_lam is ``after`` and theta is ``distance`` from
theta_0; alpha, r_0 and the Lipschitz constant beta_1 are those of the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod, sqrt

import numpy as np
import sympy
from sympy import exp, log

from checkers.instance import Array
from checkers.models.recorded import Recorded, finite_only
from checkers.quantities.residuals import entry
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Witness
from checkers.variables import Variable

_MEANINGS = {
    "before": "C_lam at theta_0",
    "after": "C_lam after k steps",
    "distance": "distance from theta_0",
    "arrival": "steps until C_lam <= 2 lam m_lam, as far as seen at the looks",
    "steps": "k",
    "eta": "step size",
    "lam": "weight decay",
    "alpha": "constant of the PL inequality on the ball",
    "radius": "radius r_0 of the ball",
    "norm": "norm of theta_0",
    "beta": "Lipschitz constant of the gradient on the ball",
}
_LATEX = {
    "before": r"C_\lambda(\theta_0)",
    "after": r"C_\lambda(\theta_k)",
    "distance": r"\|\theta_k - \theta_0\|",
    "arrival": r"k_{arr}",
    "steps": r"k",
    "eta": r"\eta",
    "lam": r"\lambda",
    "alpha": r"\alpha",
    "radius": r"r_0",
    "norm": r"\|\theta_0\|",
    "beta": r"\beta_1",
}
VARIABLES = tuple(
    Variable(name, ("one", "one"), says, latex=_LATEX[name]) for name, says in _MEANINGS.items()
)
before, after, distance, arrival, steps, eta, lam, alpha, radius, norm, beta = (
    entry(v) for v in VARIABLES
)

m = (1 + sympy.sqrt(4 * lam / alpha)) ** 2 * (norm + radius) ** 2
"""m_lam: gradient descent reaches 2 lam m_lam."""


def left(rate: sympy.Expr = eta * alpha / 8) -> sympy.Expr:
    """(1 - rate)^k."""
    return exp(steps * log(1 - rate))


HYPOTHESES = (
    Hypothesis("weight decay", lam, strict=True, says="lam is positive"),
    Hypothesis("PL", alpha, strict=True, says="alpha is positive"),
    Hypothesis("step", 1 / (2 * beta) - eta, strict=True, says="eta < 1 / (2 beta_1)"),
    Hypothesis(
        "ball", radius - 8 * sympy.sqrt(before / alpha), says="r_0 >= 8 sqrt(C_lam(theta_0)/alpha)"
    ),
    Hypothesis("first phase", after - lam * m, says="C_lam has not yet fallen below lam m_lam"),
    Hypothesis("smooth", beta - 2 * lam - alpha / 4, says="beta_1 is at least 2 lam + alpha / 4"),
)

ONES = Ranges(K=(0, 0), n=(0, 0), others={"one": (1, 1)}, smallest=(sizes((), one=1),))

GAMMA = 0.9
_K, _SHAPES = 2, ((4, 4, 2), (4, 4, 4, 2))
"""Two classes of one sample; widths of networks of two and three layers."""
LOOKS = 40
_MARGIN = 0.9
"""C_0 of the start, as a part of what Assumption 4.3 allows."""
_SIZE = 1.0
"""Operator norm of the layers but the last: beta_1 grows with it, and so does alpha."""
_LEFT = 1 / 20
"""lam m_lam is about this part of C_0."""


def start(widths: tuple[int, ...], seed: int) -> tuple[list[Array], Array, Array]:
    """Weights, X with orthonormal columns and Y; the last layer all but interpolates."""
    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, 2))))
    N = _K
    X = np.linalg.qr(generator.standard_normal((widths[0], N)))[0][:, :N]
    Y = np.eye(_K)
    weights, Z = [], X
    for rows, columns in zip(widths[1:-1], widths[:-2], strict=True):
        Q = np.linalg.qr(generator.standard_normal((max(rows, columns),) * 2))[0][:rows, :columns]
        weights.append(_SIZE * Q)
        Z = bent(weights[-1] @ Z)
    fit = Y @ np.linalg.pinv(Z)
    lam_F = np.linalg.svd(bent(weights[0] @ X), compute_uv=False)[-1]
    lam_L = np.linalg.svd(fit, compute_uv=False)[-1] if len(widths) > 3 else 1.0
    weakest = min(lam_F, lam_L) if len(widths) > 3 else lam_F
    allowed = lam_F * lam_L * weakest / (16 * sqrt(2)) * (GAMMA / 2) ** (len(widths) - 3)
    lost = sqrt(_MARGIN) * allowed / 2 / (np.linalg.norm(Y) / sqrt(2))
    return [*weights, (1 - lost) * fit], X, Y


def bent(A: Array) -> Array:
    """The activation, of sharpness 1."""
    return GAMMA * A + (1 - GAMMA) * (np.logaddexp(0, A) - np.log(2))


def constants(weights: list[Array], X: Array, Y: Array) -> dict[str, float]:
    """alpha, r_0, |theta_0| and beta_1 of Lemma C.1; lam and eta chosen for them."""
    L, N = len(weights), X.shape[1]
    gains = [np.linalg.svd(W, compute_uv=False)[-1] for W in weights[2:]]
    lam_F = np.linalg.svd(bent(weights[0] @ X), compute_uv=False)[-1]
    alpha = (GAMMA / 2) ** (2 * (L - 2)) * lam_F**2 * prod(gains) ** 2
    radius = min([lam_F / np.linalg.norm(X, 2), *gains]) / 2
    norm = sqrt(sum((W**2).sum() for W in weights))
    bounds = [max(1.0, np.linalg.norm(W, 2) + radius) for W in weights]
    beta = 5 * N * max(1.0, np.linalg.norm(X, axis=0).max()) ** 3 * prod(bounds) ** 3 * L**2.5
    Z = X
    for W in weights[:-1]:
        Z = bent(W @ Z)
    loss = ((weights[-1] @ Z - Y) ** 2).sum() / 2
    lam = _LEFT * loss / (norm + radius) ** 2
    return {
        "alpha": alpha, "radius": radius, "norm": norm, "beta": beta, "lam": lam,
        "eta": 0.49 / beta,
    }  # fmt: skip


def _m(lam: float, alpha: float, norm: float, radius: float, **others: float) -> float:
    return (1 + sqrt(4 * lam / alpha)) ** 2 * (norm + radius) ** 2


def record(count: int, seed: int, networks: int = 6) -> Iterator[Recorded]:
    """Networks of two and of three layers."""
    for widths in _SHAPES:
        yield _recorded(widths, count, seed, networks)


def _recorded(widths: tuple[int, ...], count: int, seed: int, networks: int) -> Recorded:
    import torch

    from checkers.models.descent import GradientDescent
    from checkers.models.mlp import Architecture, SmoothLeakyReLU

    starts = [start(widths, seed + 1000 * k) for k in range(networks)]
    known = [constants(*given) for given in starts]
    weights = [
        torch.from_numpy(np.stack([given[0][layer] for given in starts]))
        for layer in range(len(widths) - 1)
    ]
    descent = GradientDescent(
        Architecture(widths, len(widths) - 2, SmoothLeakyReLU(GAMMA)),
        weights,
        torch.from_numpy(np.stack([X for _, X, _ in starts])),
        torch.from_numpy(np.stack([Y for _, _, Y in starts])),
        learning_rate=[k["eta"] for k in known],
        weight_decay=[k["lam"] for k in known],
    )
    first = descent.loss().numpy()
    goals = [2 * k["lam"] * _m(**k) for k in known]
    arrived: list[int | None] = [None] * networks
    rows: list[dict[str, float]] = []
    looks = sorted(set(np.geomspace(1, count, LOOKS).astype(int).tolist()))
    done = 0
    for look in looks:
        descent.run(look - done)
        done = look
        moved = zip(descent.weights, weights, strict=True)
        distance = sum((W - V).square().sum((1, 2)) for W, V in moved).sqrt()  # type: ignore[union-attr]
        now = descent.loss()
        for k in range(networks):
            if arrived[k] is None and now[k] <= goals[k]:
                arrived[k] = look
            measured = {
                "before": first[k], "after": float(now[k]), "distance": float(distance[k]),
                "steps": look, "arrival": arrived[k] or look,
            }  # fmt: skip
            rows.append({**known[k], **measured})
    return finite_only(
        f"{len(widths) - 1} layers, {networks} networks",
        {name: [row[name] for row in rows] for name in _MEANINGS},
        networks=tuple(range(networks)) * len(looks),
        steps=tuple(look for look in looks for _ in range(networks)),
    )


def short_runs(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Two networks of two layers for a hundred steps."""
    recorded = _recorded(_SHAPES[0], 100, int(generator.integers(2**31)), 2)
    return {k: a[:count] for k, a in recorded.arrays.items()}


SHORT = Sampler("short runs", short_runs)


def quadratic(name: str, says: str, lam: float, eta: float, count: int, w: float = 1.0) -> Witness:
    """C_0 = w^2 / 2 on the line: alpha = 4 and beta_1 = 4 serve, r_0 = 8."""
    end = w * (1 - eta * (1 + lam)) ** count
    numbers = {
        "before": (1 + lam) * w**2 / 2, "after": (1 + lam) * end**2 / 2,
        "distance": abs(w - end), "steps": count, "eta": eta, "lam": lam,
        "arrival": count, "alpha": 4.0, "radius": 8.0, "norm": abs(w), "beta": 4.0,
    }  # fmt: skip
    return measured_once(name, says, numbers)


def small_ball(count: int = 1000, eta: float = 0.05, lam: float = 2.0**-17) -> dict[str, float]:
    """C_0 = (w_2 w_1 - 1)^2 / 2 from (1, -1), which ends at zero with C_0 = 1/2; r_0 = 1/2."""
    w = np.array([1.0, -1.0])
    for _ in range(count):
        w = w - eta * ((w[0] * w[1] - 1) * w[::-1] + lam * w)
    return {
        "before": 2 + lam, "after": float((w[0] * w[1] - 1) ** 2 / 2 + lam * (w**2).sum() / 2),
        "distance": float(np.linalg.norm(w - [1, -1])), "arrival": count, "steps": count,
        "eta": eta, "lam": lam, "alpha": 1.0, "radius": 0.5, "norm": sqrt(2), "beta": 8.0,
    }  # fmt: skip


def measured_once(name: str, says: str, numbers: Mapping[str, float]) -> Witness:
    """One instance of these numbers."""

    def build(layout: Layout, labels: Array) -> Arrays:
        return {k: np.array([[float(x)]]) for k, x in numbers.items()}

    return Witness(name, build, (sizes((), one=1),), says=says, tight=0.0)


SLOW = quadratic("a parabola", "C_0 = w^2 / 2, from w = 1", 2.0**-20, 1 / 16, 4)
FAR = quadratic("a parabola, to the end", "C_0 = w^2 / 2, w falls to 1/16", 2.0**-20, 1 / 16, 43)
SADDLE = measured_once("a ball too small", "two scalar layers that end at the saddle", small_ball())
