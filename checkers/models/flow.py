"""Gradient flow of the unconstrained layer-peeled model, carried to log t of several thousand.

dW/dt = G H^T and dH/dt = W^T G for the summed cross-entropy L of W H, where G = Y - P has the
one-hot labels less the softmax columns (Ji et al. 2022, arXiv:2110.02796, section 3). Time is
replaced by s with dt/ds = 1 / (L sqrt(1 + rho^2)), rho^2 = |W|^2 + |H|^2, in which the
speed is bounded and changes slowly; log(t + t0) is carried along, where t0 = max(1, 1 / L(0)), and
all that vanishes with the loss is kept in the log domain, so that nothing underflows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from checkers.instance import Array
from checkers.tolerance import FLOW_ABSOLUTE, FLOW_RELATIVE, RANK

if TYPE_CHECKING:
    from jaxtyping import Float, Int

MAX_STEPS = 20_000

SEPARATED = float(np.log(np.log(2.0)))
"""log L below which every sample is classified correctly and rho grows from then on."""


@dataclass(frozen=True)
class Slope:
    """The loss and its derivatives at a point, all divided by the loss.

    ``log_loss`` is log L; ``G`` (K, N) is (Y - P) / L; ``margins`` (K, N) are those of each sample
    against each class, infinite against its own.
    """

    log_loss: float
    G: Array
    margins: Array


def slope(W: Array, H: Array, labels: Array) -> Slope:
    """Evaluate the loss in the log domain; W (K, d), H (d, N), labels (N,)."""
    columns = np.arange(len(labels))
    Z = W @ H
    margins = Z[labels, columns] - Z
    margins[labels, columns] = np.inf
    least = margins.min(0)
    weights = np.exp(least - margins)
    sums = weights.sum(0)
    wrong = np.log(sums) - least
    """log of the sum of exp(-margin) over the wrong classes, a number a sample."""
    losses = np.logaddexp(0.0, wrong)
    tiny = wrong < -30.0
    with np.errstate(divide="ignore"):
        logs = np.where(tiny, wrong, np.log(losses))
    top = logs.max()
    log_loss = float(top + np.log(np.exp(logs - top).sum()))
    G = -weights / sums * np.exp(wrong - losses - log_loss)
    G[labels, columns] = 0.0
    G[labels, columns] = -G.sum(0)
    return Slope(log_loss, G, margins)


@dataclass(frozen=True)
class Trajectory:
    """States of one flow at the steps of the integrator, the start first.

    ``log_time`` is log(t + t0) with t0 = max(1, 1 / L(0)). ``turning`` is the integral of
    tan^2(beta) d log(rho) since the loss fell below log 2, beta being the angle between the state
    and the direction it moves in; ``turn`` is tan^2(beta).
    """

    W: Array
    H: Array
    labels: Array
    log_time: Array
    turning: Array
    turn: Array

    def __len__(self) -> int:
        """Number of states."""
        return len(self.log_time)

    @property
    def rho2(self) -> Array:
        """|W|^2 + |H|^2 at every state."""
        return (self.W**2).sum((1, 2)) + (self.H**2).sum((1, 2))

    @property
    def separated(self) -> int:
        """Index of the first state whose loss is below log 2, or the last."""
        for i, (W, H) in enumerate(zip(self.W, self.H, strict=True)):
            if slope(W, H, self.labels).log_loss < SEPARATED:
                return i
        return len(self) - 1


def integrate(
    W: Float[np.ndarray, "K d"],
    H: Float[np.ndarray, "d N"],
    labels: Int[np.ndarray, " N"],
    *,
    rho2: float = np.inf,
    log_time: float = np.inf,
    relative: float = FLOW_RELATIVE,
    steps: int = MAX_STEPS,
) -> Trajectory:
    """Follow the flow from (W, H) until ``rho2`` or ``log_time`` is reached, or ``steps`` taken.

    The flow stays in the span of the rows of W and the columns of H and is integrated there: in
    more dimensions round-off would leave a span that is not all of the space.
    """
    basis = span(W, H)
    small_W, small_H = W @ basis, basis.T @ H
    split, shape_W, shape_H = small_W.size, small_W.shape, small_H.shape

    def unpack(y: Array) -> tuple[Array, Array]:
        return y[:split].reshape(shape_W), y[split:-2].reshape(shape_H)

    def speed(_: float, y: Array) -> Array:
        return _speed(*unpack(y), labels, y[-2])

    def before(_: float, y: Array) -> Array:
        return np.append(speed(_, y)[:-1], 0.0)

    def separated(y: Array) -> bool:
        return slope(*unpack(y), labels).log_loss < SEPARATED

    def finished(y: Array) -> bool:
        return bool((y[:-2] ** 2).sum() >= rho2 or y[-2] >= log_time)

    clock = _clock(small_W, small_H, labels)
    start = np.concatenate([small_W.ravel(), small_H.ravel(), [clock, 0.0]])
    early = _run(before, start, lambda y: separated(y) or finished(y), relative, steps)
    states = early
    if not finished(early[-1]):
        late = _run(speed, early[-1], finished, relative, steps - len(early))
        states = np.concatenate([early[:-1], late])
    Ws = states[:, :split].reshape(-1, *shape_W)
    Hs = states[:, split:-2].reshape(-1, *shape_H)
    turn = np.array([_rates(a, b, slope(a, b, labels))[2] for a, b in zip(Ws, Hs, strict=True)])
    return Trajectory(Ws @ basis.T, basis @ Hs, labels, states[:, -2], states[:, -1], turn)


def along_ray(
    W: Float[np.ndarray, "K d"],
    H: Float[np.ndarray, "d N"],
    labels: Int[np.ndarray, " N"],
    *,
    rho2: float,
    relative: float = FLOW_RELATIVE,
) -> Trajectory:
    """The flow from a point of a ray that it stays on, as an equation for the scale alone."""
    size = float((W**2).sum() + (H**2).sum())

    def speed(_: float, y: Array) -> Array:
        scale = y[0]
        at = slope(scale * W, scale * H, labels)
        rho = np.sqrt(size) * scale
        radial = 2 * float((at.G * (scale**2 * (W @ H))).sum())
        pace = 1 / np.hypot(1.0, rho)
        return np.array([pace * radial / (rho * np.sqrt(size)), pace * _tick(at, y[-2]), 0.0])

    start = np.array([1.0, _clock(W, H, labels), 0.0])
    states = _run(speed, start, lambda y: y[0] ** 2 * size >= rho2, relative, MAX_STEPS)
    scales = states[:, 0, None, None]
    zeros = np.zeros(len(states))
    return Trajectory(scales * W, scales * H, labels, states[:, -2], zeros, zeros)


def _clock(W: Array, H: Array, labels: Array) -> float:
    """log t0: an origin of time that the loss at the start sets."""
    return max(0.0, -slope(W, H, labels).log_loss)


def span(W: Float[np.ndarray, "K d"], H: Float[np.ndarray, "d N"]) -> Float[np.ndarray, "d r"]:
    """Orthonormal columns (d, r) that span the rows of W and the columns of H."""
    U, sizes, _ = np.linalg.svd(np.concatenate([W.T, H], axis=1), full_matrices=False)
    rank = int((sizes > RANK * sizes[0]).sum())
    return np.eye(len(U)) if rank == len(U) else U[:, :rank]


def _speed(W: Array, H: Array, labels: Array, log_time: float) -> Array:
    """Derivatives of the state, of log(t + t0) and of the turning with respect to s."""
    at = slope(W, H, labels)
    radial, rho2, turn = _rates(W, H, at)
    pace = 1 / np.sqrt(1 + rho2)
    return np.concatenate(
        [
            pace * (at.G @ H.T).ravel(),
            pace * (W.T @ at.G).ravel(),
            [pace * _tick(at, log_time), pace * turn * radial / rho2],
        ]
    )


def _tick(at: Slope, log_time: float) -> float:
    """d log(t + t0) = exp(-log(t + t0)) / L, in units of s up to the pace."""
    return float(np.exp(-at.log_loss - log_time))


def _rates(W: Array, H: Array, at: Slope) -> tuple[float, float, float]:
    """<theta, -grad L> / L, rho^2 and tan^2 of the angle between theta and -grad L."""
    A, B = at.G @ H.T, W.T @ at.G
    radial = float((A * W).sum() + (B * H).sum())
    rho2 = float((W**2).sum() + (H**2).sum())
    part = radial / rho2
    across = float(((A - part * W) ** 2).sum() + ((B - part * H) ** 2).sum())
    return radial, rho2, across * rho2 / radial**2 if radial else np.inf


def _run(
    speed: Callable[[float, Array], Array],
    start: Array,
    finished: Callable[[Array], bool],
    relative: float,
    steps: int,
) -> Array:
    """States (steps, size) of the integrator; the last two entries are clock and turning."""
    from scipy.integrate import LSODA

    solver = LSODA(speed, 0.0, start, np.inf, rtol=relative, atol=FLOW_ABSOLUTE, first_step=1e-3)
    states = [start]
    while len(states) < steps and not finished(states[-1]):
        message = solver.step()
        if solver.status == "failed":
            raise ArithmeticError(f"the flow could not be integrated: {message}")
        states.append(solver.y.copy())
    return np.array(states)
