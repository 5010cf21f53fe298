"""Gradient flow of the layer-peeled model, as the flow checker takes it: what a run has to show.

rho^2 says how far a state is. A run is believed while W^T W - H H^T and the mean row of W stay
what they are. It is near its limit where the residual of the KKT conditions falls like a power of
log t, or is round-off, and where 4 gamma t L log t, gamma = q_min / rho^2, is within 1 % of 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from checkers.declared.flow_model import Panel
from checkers.instance import LABELS, Array
from checkers.models.flow import Trajectory, slope
from checkers.models.separation import fit_multipliers, margins_of
from checkers.declared.construction import Arrays
from checkers.tolerance import FLOW_CLOCK, FLOW_DECAY, FLOW_DRIFT, FLOW_SETTLED

from .gradient_flow import STARTS, Start, flow_from, two_times

POINTS = 48
"""Points of a curve."""

PANELS = (
    Panel("margin", "Least margin over its largest value for equal classes", "linear", 1.0),
    Panel("residual", "KKT residual with fitted multipliers"),
    Panel("matrix", "Change of W^T W - H H^T since the start, over rho^2", largest=FLOW_DRIFT),
    Panel("mean", "Change of the mean row of W since the start, over rho", largest=FLOW_DRIFT),
)


@dataclass(frozen=True)
class PeeledRun:
    """The states of a flow, what they conserved and where they are heading."""

    states: Trajectory

    @property
    def levels(self) -> Array:
        """rho^2 of every state."""
        return self.states.rho2

    @cached_property
    def drifts(self) -> dict[str, Array]:
        """Change of W^T W - H H^T over rho^2 and of the mean row of W over rho, at every state."""
        W, H, rho2 = self.states.W, self.states.H, self.states.rho2
        C = W.swapaxes(1, 2) @ W - H @ H.swapaxes(1, 2)
        mean = W.mean(1)
        return {
            "matrix": np.linalg.norm(C - C[0], axis=(1, 2)) / rho2,
            "mean": np.linalg.norm(mean - mean[0], axis=1) / np.sqrt(rho2),
        }

    def arrays(self, first: Array, second: Array) -> Arrays:
        """Two times of the flow."""
        return {**two_times(self.states, first, second), LABELS: self.states.labels}

    def doubts(self) -> Iterator[str]:
        """A residual that does not fall, a clock that is off."""
        if not self.settling:
            yield f"KKT residual goes like (log t)^{self.decay:.2f}"
        if not self.late:
            yield f"4 gamma t L log t ends at {self.clock:.4f}"

    @property
    def clock(self) -> float:
        """4 gamma t L log t at the end, gamma = q_min / rho^2 there; it tends to 1."""
        flow = self.states
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
        end = float(self.states.log_time[-1])
        chosen = [self._at_time(x) for x in np.geomspace(end / 10, end, 8)]
        return self.states.log_time[chosen], np.array([self._residual(i) for i in chosen])

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

    def curve(self, limit: bool) -> tuple[Array, Mapping[str, Array]]:
        """Margin over its bound and KKT residual, or the drifts, against log t."""
        end = float(self.states.log_time[-1])
        times = np.geomspace(min(1.0, end / 10), end, POINTS)
        moments = sorted({self._at_time(x) for x in times})
        if not limit:
            return self.states.log_time[moments], {k: a[moments] for k, a in self.drifts.items()}
        kept = [i for i in moments if np.isfinite(self._residual(i))]
        series = {"margin": self._margin, "residual": self._residual}
        shown = {name: np.array([at(i) for i in kept]) for name, at in series.items()}
        return self.states.log_time[kept], shown

    def _at_time(self, log_time: float) -> int:
        return min(int(np.searchsorted(self.states.log_time, log_time)), len(self.states) - 1)

    def _margin(self, i: int) -> float:
        """Over its largest value for equal classes."""
        W, H = self.states.W[i], self.states.H[i]
        K, samples = len(W), len(self.states.labels) / len(W)
        q = margins_of(W, H, self.states.labels).min()
        return float(q / self.states.rho2[i] * 2 * (K - 1) * np.sqrt(samples))

    def _residual(self, i: int) -> float:
        W, H = self.states.W[i], self.states.H[i]
        if not margins_of(W, H, self.states.labels).min() > 0:
            return float("nan")
        return fit_multipliers(W, H, self.states.labels).residual


@dataclass(frozen=True)
class LayerPeeledFlow:
    """Flows of the unconstrained layer-peeled model from ``starts``, integrated to a rho^2."""

    starts: tuple[Start, ...] = STARTS
    integrate: Callable[[Start, float, float], Trajectory] = flow_from
    measure: str = "rho^2"
    scale: str = "rho^2"
    panels: tuple[Panel, ...] = PANELS

    def follow(self, start: Start, level: float, relative: float) -> PeeledRun:
        """The flow from a start to a squared norm."""
        return PeeledRun(self.integrate(start, level, relative))

    def limits(self, runs: Sequence[PeeledRun]) -> Iterator[str]:
        """The slowest residual that has something to fall, and the clock that is furthest off."""
        slowest = max((run.decay for run in runs if not run.settled), default=0.0)
        yield f"KKT residuals fall at least like (log t)^{slowest:.2f}"
        off = np.max([abs(run.clock - 1) for run in runs])
        yield f"4 gamma t L log t ends within {off:.1g} of 1"


LAYER_PEELED = LayerPeeledFlow()
