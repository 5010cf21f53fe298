"""One integrated flow: the states that are looked at, what it conserved, where it is heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.instance import LABELS, Array, Batch
from checkers.models.flow import Trajectory
from checkers.models.separation import fit_multipliers, margins_of
from checkers.record import Curve
from checkers.settings.gradient_flow import Start, flow_from, two_times
from checkers.tolerance import FLOW_DECAY, FLOW_DRIFT, FLOW_SETTLED

STATES = 24
"""States of a run that are looked at; every pair of them is two times of the flow."""

POINTS = 48
"""Points of a curve."""


@dataclass(frozen=True)
class Run:
    """A flow from a start to a squared norm."""

    start: Start
    flow: Trajectory
    target: int

    @property
    def complete(self) -> bool:
        """Whether the squared norm was reached."""
        return bool(self.flow.rho2[-1] >= self.target * (1 - FLOW_DRIFT))

    @cached_property
    def drift(self) -> float:
        """Largest change of W^T W - H H^T relative to rho^2, and of the mean row to rho."""
        W, H, rho2 = self.flow.W, self.flow.H, self.flow.rho2
        C = W.swapaxes(1, 2) @ W - H @ H.swapaxes(1, 2)
        mean = W.mean(1)
        change = np.linalg.norm(C - C[0], axis=(1, 2)) / rho2
        moved = np.linalg.norm(mean - mean[0], axis=1) / np.sqrt(rho2)
        return float(max(change.max(), moved.max()))

    @cached_property
    def last_decade(self) -> tuple[Array, Array]:
        """log t over its last factor of ten, and the KKT residuals there."""
        end = float(self.flow.log_time[-1])
        chosen = [self._at_time(x) for x in np.geomspace(end / 10, end, 8)]
        return self.flow.log_time[chosen], np.array([self._residual(i) for i in chosen])

    @property
    def decay(self) -> float:
        """Slope of log10 of the residual in log10 of log t, over the last decade."""
        times, residuals = self.last_decade
        if not np.isfinite(residuals).all():
            return float("inf")
        floored = np.log10(np.maximum(residuals, FLOW_SETTLED))
        return float(np.polyfit(np.log10(times), floored, 1)[0])

    @property
    def settling(self) -> bool:
        """Whether the residual falls at a rate, or has nothing left to fall."""
        return self.settled or self.decay <= FLOW_DECAY

    @property
    def settled(self) -> bool:
        """Whether the residual is round-off all through the last decade of log t."""
        return bool((self.last_decade[1] <= FLOW_SETTLED).all())

    def states(self) -> Array:
        """Indices of states whose squared norms grow in equal ratios, after the norm's least."""
        rho2 = self.flow.rho2
        least = int(rho2.argmin())
        levels = np.geomspace(rho2[least], rho2[-1], STATES)
        found = least + np.searchsorted(np.maximum.accumulate(rho2[least:]), levels)
        return np.unique(np.minimum(found, len(rho2) - 1))

    def pairs(self) -> Batch:
        """Every pair of these states as a batch of instances."""
        states = self.states()
        first, second = np.triu_indices(len(states), 1)
        arrays = two_times(self.flow, states[first], states[second])
        arrays[LABELS] = self.flow.labels
        where = f"flow from {self.start.name}, {self.start.spec}"
        return Batch(self.start.spec.layout, arrays, where)

    def curve(self) -> Curve:
        """Margin over its bound for equal classes and KKT residual against log t."""
        end = float(self.flow.log_time[-1])
        chosen = sorted({self._at_time(x) for x in np.geomspace(min(1.0, end / 10), end, POINTS)})
        kept = [i for i in chosen if np.isfinite(self._residual(i))]
        return Curve(
            f"{self.start.name}, {self.start.spec}",
            tuple(float(self.flow.log_time[i]) for i in kept),
            {
                "margin": tuple(self._margin(i) for i in kept),
                "residual": tuple(self._residual(i) for i in kept),
            },
        )

    def _at_time(self, log_time: float) -> int:
        return min(int(np.searchsorted(self.flow.log_time, log_time)), len(self.flow) - 1)

    def _margin(self, i: int) -> float:
        W, H = self.flow.W[i], self.flow.H[i]
        K, samples = len(W), len(self.flow.labels) / len(W)
        q = margins_of(W, H, self.flow.labels).min()
        return float(q / self.flow.rho2[i] * 2 * (K - 1) * np.sqrt(samples))

    def _residual(self, i: int) -> float:
        W, H = self.flow.W[i], self.flow.H[i]
        if not margins_of(W, H, self.flow.labels).min() > 0:
            return float("nan")
        return fit_multipliers(W, H, self.flow.labels).residual


def follow(starts: tuple[Start, ...], rho2: int, relative: float) -> Iterator[Run]:
    """A run from every start."""
    for start in starts:
        yield Run(start, flow_from(start, rho2, relative), rho2)
