"""One integrated flow: the states that are looked at, what it conserved, where it is heading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.instance import LABELS, Array, Batch, Instance
from checkers.models.flow import Trajectory, slope
from checkers.models.separation import fit_multipliers, margins_of
from checkers.provenance import Provenance
from checkers.record import Curve
from checkers.tolerance import FLOW_CLOCK, FLOW_DECAY, FLOW_DRIFT, FLOW_SETTLED
from checkers.ways import Way, WayKind
from conjectures.ji2022.setting.gradient_flow import Start, flow_from, two_times

STATES = 24
"""States of a run that are looked at; every pair of them is two times of the flow."""

POINTS = 48
"""Points of a curve."""

SAME = 0.1
"""States of two runs whose squared norms differ by less than this part are the same moment."""


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
    def drifts(self) -> dict[str, Array]:
        """Change of W^T W - H H^T over rho^2 and of the mean row of W over rho, at every state."""
        W, H, rho2 = self.flow.W, self.flow.H, self.flow.rho2
        C = W.swapaxes(1, 2) @ W - H @ H.swapaxes(1, 2)
        mean = W.mean(1)
        return {
            "matrix": np.linalg.norm(C - C[0], axis=(1, 2)) / rho2,
            "mean": np.linalg.norm(mean - mean[0], axis=1) / np.sqrt(rho2),
        }

    @property
    def way(self) -> Way:
        """How its states come about: along the flow from its start."""
        return Way(WayKind.FLOW, self.start.name)

    @property
    def drift(self) -> float:
        """The largest of these; NaN where one is."""
        return float(np.max([series.max() for series in self.drifts.values()]))

    @property
    def drifting(self) -> bool:
        """Whether what is conserved changes by more than the integrator may."""
        return not self.drift <= FLOW_DRIFT

    @property
    def clock(self) -> float:
        """4 gamma t L log t at the end, gamma = q_min / rho^2 there; it tends to 1."""
        flow = self.flow
        W, H, log_time = flow.W[-1], flow.H[-1], flow.log_time[-1]
        gamma = margins_of(W, H, flow.labels).min() / flow.rho2[-1]
        log_loss = slope(W, H, flow.labels).log_loss
        return float(4 * gamma * np.exp(log_loss + log_time) * log_time)

    @property
    def late(self) -> bool:
        """Whether the end is late enough for that to be near 1."""
        return bool(abs(self.clock - 1) <= FLOW_CLOCK)

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

    @cached_property
    def sizes(self) -> Array:
        """rho^2 of every state."""
        return self.flow.rho2

    def at(self, levels: Array) -> Array:
        """Indices of the first states, from the norm's least on, of these squared norms or more."""
        least = int(self.sizes.argmin())
        found = least + np.searchsorted(np.maximum.accumulate(self.sizes[least:]), levels)
        return np.minimum(found, len(self.sizes) - 1)

    @cached_property
    def times(self) -> tuple[Array, Array]:
        """Earlier and later state of every pair of those whose squared norms are looked at."""
        levels = np.geomspace(self.sizes.min(), self.sizes[-1], STATES)
        states = np.unique(self.at(levels))
        first, second = np.triu_indices(len(states), 1)
        return states[first], states[second]

    def pairs(self) -> Batch:
        """Every pair of these states as a batch of instances."""
        return self._batch(*self.times)

    def pair_at(self, levels: Array) -> Instance | None:
        """The pair of states of two squared norms; None where the run does not get there."""
        states = self.at(levels)
        apart = np.abs(self.sizes[states] / levels - 1)
        if states[0] == states[1] or not (apart < SAME).all():
            return None
        return self._batch(states[:1], states[1:])[0]

    def _batch(self, first: Array, second: Array) -> Batch:
        arrays = two_times(self.flow, first, second)
        arrays[LABELS] = self.flow.labels
        return Batch(self.start.spec.layout, arrays, Provenance(self.way, self.start.spec))

    def __str__(self) -> str:
        """Name and size of the start."""
        return f"{self.start.name}, {self.start.spec}"

    def limit_curve(self) -> Curve:
        """Margin over its bound for equal classes and KKT residual against log t."""
        kept = [i for i in self._moments() if np.isfinite(self._residual(i))]
        margins, residuals = map(self._margin, kept), map(self._residual, kept)
        series = {"margin": tuple(margins), "residual": tuple(residuals)}
        return Curve(str(self), self._log_times(kept), series)

    def drift_curve(self) -> Curve:
        """What is conserved, and by how much it is not, against log t."""
        kept = self._moments()
        series = {name: tuple(map(float, drift[kept])) for name, drift in self.drifts.items()}
        return Curve(str(self), self._log_times(kept), series)

    def _moments(self) -> list[int]:
        end = float(self.flow.log_time[-1])
        return sorted({self._at_time(x) for x in np.geomspace(min(1.0, end / 10), end, POINTS)})

    def _log_times(self, states: list[int]) -> tuple[float, ...]:
        return tuple(float(self.flow.log_time[i]) for i in states)

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
