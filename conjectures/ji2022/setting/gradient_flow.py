"""Gradient flow of the unconstrained layer-peeled model: states, pairs of times, starts.

The hypothesis of Ji et al. (2022) and of Lyu and Li (2020) is that the summed cross-entropy is
below log 2 at some time; from there on every margin is positive.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt

import numpy as np
from sympy import Expr

from checkers.instance import Array
from checkers.language import Arrays, Fraction, Hypothesis, Layout, Ranges, Sampler, Setting
from checkers.language import SizeSpec, Variable, construction, log, sizes
from checkers.models.flow import Trajectory, along_ray, integrate
from checkers.models.frames import centring
from checkers.models.separation import margins_of
from checkers.quantities.gradient_flow import (
    across,
    least_growth,
    own_multipliers,
    radial_rate,
    slope,
    smoothed_margin,
    squared_speed,
)
from checkers.quantities.margins import cross_entropy, smallest_margin
from checkers.quantities.multipliers import forces, stationarity_defect
from checkers.quantities.norms import squared_norm
from checkers.quantities.numbers import number
from checkers.settings.unconstrained import VARIABLES, H, W, labels, rho2

W0 = Variable("W0", ("K", "d"), "classifier at the earlier time", latex="W_0")
H0 = Variable("H0", ("d", "N"), "features at the earlier time", latex="H_0")
LOG_ELAPSED = Variable(
    "log_elapsed", ("1", "1"), "log of the time between the two", latex=r"\log(t_2 - t_1)"
)
TURNING = Variable(
    "turning",
    ("1", "1"),
    "integral of tan^2(beta) d log(rho) between the two",
    latex=r"\int\tan^2\beta\,d\log\rho",
)
LEAST_TURN = Variable(
    "least_turn",
    ("1", "1"),
    "least tan^2(beta) at the steps of the integrator between the two",
    latex=r"\min_t\tan^2\beta",
)

rho2_before = squared_norm(W0) + squared_norm(H0)
F = smoothed_margin(W, H, labels)
F_before = smoothed_margin(W0, H0, labels)
S = slope(W, H, labels)
nu = radial_rate(W, H, S)
lam = least_growth(W, H, labels)
speed2 = squared_speed(W, H, S)
tan2 = across(W, H, S) * rho2 / nu**2
"""tan^2(beta), beta the angle between theta and -grad L."""
kkt_residual2 = stationarity_defect(W, H, forces(own_multipliers(W, H, S), labels)) / (
    smallest_margin(W, H, labels)
)
"""eps^2: the squared stationarity residual of the KKT conditions at theta / sqrt(q_min)."""
log_elapsed = number(LOG_ELAPSED)
turning = number(TURNING)
least_turn = number(LEAST_TURN)


def loss_below(threshold: Expr, name: str, earlier: bool = False) -> Hypothesis:
    """L < threshold, at the earlier of two times or at the only one."""
    loss = cross_entropy(W0, H0, labels) if earlier else cross_entropy(W, H, labels)
    return Hypothesis(name, margin=threshold - loss, strict=True, says=f"L < {threshold}")


SEPARATED = loss_below(log(2), "loss below log 2")
SEPARATED_BEFORE = loss_below(log(2), "loss below log 2 at the earlier time", earlier=True)

SIZES = Ranges(
    K=(2, 6),
    n=(1, 4),
    others={"d": (1, 7)},
    heavy=100,
    smallest=(sizes(K=2, n=1, d=1), sizes(K=3, n=1, d=2), sizes(K=3, n=2, d=3)),
)

SMALL = 40
"""Samples up to which flows are integrated for a sampler."""


def separate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Three quarters of the draws turned and scaled so that the loss is below log 2.

    Features become duals of the centred rows of W with noise; the scale is such that -log(e^L - 1)
    is close to a number drawn between 1e-3 and 1e3. Draws that this does not separate are left.
    """
    W, H = arrays["W"].copy(), arrays["H"].copy()
    count = len(W) - len(W) // 4
    part = slice(0, count)
    W[part], H[part] = _separated(generator, labels, W[part], H[part])
    return {**arrays, "W": W, "H": H}


def _separated(
    generator: np.random.Generator, labels: Array, W: Array, H: Array
) -> tuple[Array, Array]:
    count, K, _ = W.shape
    size = np.sqrt((W**2).mean((1, 2), keepdims=True))
    W = np.where(np.isfinite(size) & (size > 0), W / np.where(size > 0, size, 1), 0)
    centred = W - W.mean(1, keepdims=True)
    target = (np.eye(K) - 1 / K)[:, labels]
    dual = np.where(
        generator.random((count, 1, 1)) < 0.5,
        np.linalg.pinv(centred, rcond=1e-3) @ target,
        centred.swapaxes(1, 2)[:, :, labels],
    )
    dual /= np.sqrt((dual**2).mean((1, 2), keepdims=True)) + np.finfo(float).tiny
    noise = H / (np.sqrt((H**2).mean((1, 2), keepdims=True)) + np.finfo(float).tiny)
    H = dual + 10 ** generator.uniform(-3, 0.3, (count, 1, 1)) * noise
    balance = 10 ** generator.uniform(-0.7, 0.7, (count, 1, 1))
    scale = np.sqrt(_scale(generator, W @ H, labels))[:, None, None]
    return W * scale * balance, H * scale / balance


def _scale(generator: np.random.Generator, Z: Array, labels: Array) -> Array:
    """Factors (B,) of the logits that bring -log(e^L - 1) a little above a drawn number."""
    own = np.take_along_axis(Z, np.broadcast_to(labels, (len(Z), 1, len(labels))), axis=1)
    margins = own - Z
    margins[:, labels, np.arange(len(labels))] = np.inf
    q = margins.min((1, 2))
    positive = q > 0
    q = np.where(positive, q, 1.0)
    wanted = 10 ** generator.uniform(-3, 3, len(Z))
    low = np.log(wanted / q)
    high = np.log((wanted + np.log(2 * len(labels) * (Z.shape[1] - 1))) / q)
    for _ in range(12):
        middle = (low + high) / 2
        loss = np.log1p(
            np.exp(np.minimum(-np.exp(middle)[:, None, None] * margins, 300)).sum(1)
        ).sum(1)
        loss = np.where(positive, loss, 1.0)
        reached = loss * np.exp(np.minimum(wanted, 700)) < 1
        high, low = np.where(reached, middle, high), np.where(reached, low, middle)
    return np.where(positive, np.exp(high), 1.0)


def _start(
    generator: np.random.Generator, layout: Layout, labels: Array, count: int = 8
) -> tuple[Array, Array]:
    """A separated state of a size, of moderate norm where there is one."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    W, H = _separated(
        generator,
        labels,
        generator.standard_normal((count, K, d)),
        generator.standard_normal((count, d, N)),
    )
    q = np.array([margins_of(a, b, labels).min() for a, b in zip(W, H, strict=True)])
    best = int(np.argmin(np.where(q > 0, (W**2).sum((1, 2)) + (H**2).sum((1, 2)), np.inf)))
    return W[best], H[best]


def states_of_flows(
    generator: np.random.Generator, layout: Layout, labels: Array, count: int
) -> Arrays:
    """States of a flow from a separated start, to four times its norm; few samples only.

    Of many samples, separated states: the first steps of flows.
    """
    if len(labels) > SMALL:
        raw = generator.standard_normal((count, layout["K"], layout["d"]))
        noise = generator.standard_normal((count, layout["d"], len(labels)))
        W, H = _separated(generator, labels, raw, noise)
        return {"W": W, "H": H}
    W, H = _start(generator, layout, labels)
    flow = integrate(W, H, labels, rho2=16 * float((W**2).sum() + (H**2).sum()), steps=400)
    chosen = generator.integers(0, len(flow), count)
    return {"W": flow.W[chosen], "H": flow.H[chosen]}


def two_times(flow: Trajectory, first: Array, second: Array) -> Arrays:
    """Pairs of states of a flow, ``first`` (B,) the earlier ones, with what lies between them."""
    later, gap = flow.log_time[second], flow.log_time[second] - flow.log_time[first]
    least = [flow.turn[i : j + 1].min() for i, j in zip(first, second, strict=True)]

    def scalar(values: Array) -> Array:
        return np.asarray(values, dtype=float)[:, None, None]

    return {
        "W0": flow.W[first],
        "H0": flow.H[first],
        "W": flow.W[second],
        "H": flow.H[second],
        "log_elapsed": scalar(later + np.log(-np.expm1(-gap))),
        "turning": scalar(flow.turning[second] - flow.turning[first]),
        "least_turn": scalar(np.array(least)),
    }


def carried(flow: Trajectory, *, rho2: float = -np.inf, log_time: float = -np.inf) -> Trajectory:
    """The same flow; ArithmeticError where it ends before a squared norm or a log t."""
    size, clock = flow.rho2[-1], flow.log_time[-1]
    if not (size >= rho2 and clock >= log_time):
        wanted = f"rho^2 = {rho2:.4g}" if not size >= rho2 else f"log t = {log_time:.4g}"
        raise ArithmeticError(
            f"the flow ends at rho^2 = {size:.4g}, log t = {clock:.4g}, before {wanted}"
        )
    return flow


def ends(flow: Trajectory, first: int = 0) -> Arrays:
    """The last state of a flow and an earlier one."""
    pair = two_times(flow, np.array([first]), np.array([len(flow) - 1]))
    return {name: array[0] for name, array in pair.items()}


def times_of_flows(
    generator: np.random.Generator, layout: Layout, labels: Array, count: int
) -> Arrays:
    """Pairs of times of one flow from a separated start, to four times its norm.

    They are far enough apart, rho^2 by a tenth, for what lies between them to be known well; a
    flow that does not get so far, because it does not separate the data, gives its two ends.
    """
    W, H = _start(generator, layout, labels)
    start = float((W**2).sum() + (H**2).sum())
    flow = integrate(W, H, labels, rho2=16 * start, steps=400)
    apart = np.argwhere(flow.rho2[None, :] >= 1.1 * flow.rho2[:, None])
    forward = apart[apart[:, 0] < apart[:, 1]]
    if not len(forward):
        forward = np.array([[0, len(flow) - 1]])
    chosen = forward[generator.integers(0, len(forward), count)]
    return two_times(flow, chosen[:, 0], chosen[:, 1])


PAIRS_OF_TIMES = Sampler("two times of a flow", times_of_flows)
STATES = Setting(VARIABLES, SIZES, samplers=(Sampler("along flows", states_of_flows),))
TWO_TIMES = Setting(
    variables=(W0, H0, W, H, labels, LOG_ELAPSED, TURNING, LEAST_TURN),
    ranges=SIZES,
    samplers=(PAIRS_OF_TIMES,),
)


def two_states(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Pairs of times of a flow, without what lies between them."""
    drawn = times_of_flows(generator, layout, labels, count)
    return {name: drawn[name] for name in ("W0", "H0", "W", "H")}


@construction("shifted simplex ETF", sizes(K=2, n=1, d=2), sizes(K=4, n=4, d=4))
def SHIFTED(layout, labels):
    """Collapse and collapse three times as long, a vector added to all rows: a flow in between."""
    K, samples = layout["K"], layout["N"] // layout["K"]
    if layout["d"] != K or samples * K != layout["N"] or isqrt(samples) ** 2 != samples:
        return None
    V = centring(K)
    H = V.T[:, labels] * Fraction(1, isqrt(samples))
    offset = np.array([[Fraction(1, 2)] + [Fraction(0)] * (K - 1)])
    return {"W0": V + offset, "H0": H, "W": 3 * V + offset, "H": 3 * H}


@dataclass(frozen=True)
class Start:
    """Where a flow begins; on a ``ray`` that it stays on, it is one equation for the scale."""

    name: str
    spec: SizeSpec
    build: Callable[[], tuple[Array, Array]]
    ray: bool = False


def gaussian(K: int, N: int, d: int, seed: int, scale: float = 1.0) -> tuple[Array, Array]:
    """Independent normal entries."""
    generator = np.random.default_rng(seed)
    return scale * generator.standard_normal((K, d)), scale * generator.standard_normal((d, N))


def balanced_start() -> tuple[Array, Array]:
    """K = 4 in three dimensions, of mean zero and with H = W^T: all invariants vanish."""
    W, _ = gaussian(4, 4, 3, 1)
    W -= W.mean(0)
    return W, W.T.copy()


def cross_polytope() -> tuple[Array, Array]:
    """Plus and minus two unit vectors, H = W^T: a ray that is no collapse."""
    W = np.array([[1.0, 0], [-1, 0], [0, 1], [0, -1]])
    return W, W.T.copy()


def one_sample_apart() -> tuple[Array, Array]:
    """Two classes of eight whose least margin falls before it grows (fixture N5)."""
    W = np.array([[1.0, 0], [-1, 0]])
    H = np.array([[3.0] + 7 * [3.01] + 8 * [-3.01], [8.0] + 7 * [-8.0] + 8 * [8.0]])
    return W, H


def skewed() -> tuple[Array, Array]:
    """Large and far from aligned: rows on the axes, features of very different lengths."""
    W = 6 * np.eye(3)
    H = np.array([[9.0, 0, 0], [0, 5.0, 0], [0, 0, 2.0]]) + 0.5
    return W, H


STARTS: tuple[Start, ...] = (
    Start("Gaussian", sizes(K=3, n=2, d=4), lambda: gaussian(3, 6, 4, 0)),
    Start("Gaussian, K-1 dimensions", sizes(K=4, n=1, d=3), lambda: gaussian(4, 4, 3, 1)),
    Start("all invariants zero", sizes(K=4, n=1, d=3), balanced_start),
    Start("Gaussian in the plane", sizes(K=5, n=1, d=2), lambda: gaussian(5, 5, 2, 0)),
    Start("cross-polytope", sizes(K=4, n=1, d=2), cross_polytope, ray=True),
    Start("one sample apart", sizes(K=2, n=8, d=2), one_sample_apart),
    Start("large and skewed", sizes(K=3, n=1, d=3), skewed),
    Start("classes of 4, 2 and 1", sizes((4, 2, 1), d=3), lambda: gaussian(3, 7, 3, 3)),
)


@lru_cache(maxsize=64)
def flow_from(start: Start, rho2: float, relative: float) -> Trajectory:
    """The flow of a start to a squared norm; computed once."""
    W, H = start.build()
    follow = along_ray if start.ray else integrate
    return follow(W, H, start.spec.labels(), rho2=rho2, relative=relative)
