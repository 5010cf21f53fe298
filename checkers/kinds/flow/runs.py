"""One integrated flow of a model: the states that are looked at, and what it conserved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from checkers.declared.flow_model import FlowModel, FlowRun, FlowStart
from checkers.instance import Array, Batch, Instance
from checkers.kinds.flow.carried import Curve
from checkers.provenance import Provenance
from checkers.tolerance import FLOW_DRIFT
from checkers.ways import Way, WayKind

STATES = 24
"""States of a run that are looked at; every pair of them is two times of the flow."""

SAME = 0.1
"""States of two runs whose levels differ by less than this part are the same moment."""

AnyModel = FlowModel[Any, Any]


@dataclass(frozen=True)
class Run:
    """A flow of a model from a start to a level."""

    model: AnyModel
    start: FlowStart
    flow: FlowRun
    level: float

    @property
    def way(self) -> Way:
        """How its states come about: along the flow from its start."""
        return Way(WayKind.FLOW, self.start.name)

    @property
    def complete(self) -> bool:
        """Whether the level was reached."""
        return bool(self.levels[-1] >= self.level * (1 - FLOW_DRIFT))

    @property
    def drift(self) -> float:
        """The largest change of what is conserved; NaN where one is."""
        return float(np.max([series.max() for series in self.flow.drifts.values()]))

    @property
    def drifting(self) -> bool:
        """Whether what is conserved changes by more than the integrator may."""
        return not self.drift <= FLOW_DRIFT

    @cached_property
    def levels(self) -> Array:
        """How far every state is."""
        return self.flow.levels

    def doubts(self, settles: bool) -> Iterator[str]:
        """Why the run decides nothing: not carried far enough, drifted, or not near its limit."""
        if not self.complete:
            yield f"{self.start.name}: ends at {self.model.measure} = {self.levels[-1]:.4g}"
        if self.drifting:
            yield f"{self.start.name}: invariants drift by {self.drift:.1g} of {self.model.scale}"
        if settles:
            yield from (f"{self.start.name}: {doubt}" for doubt in self.flow.doubts())

    def at(self, levels: Array) -> Array:
        """Indices of the first states, from the least level on, of these levels or more."""
        least = int(self.levels.argmin())
        index = least + np.searchsorted(np.maximum.accumulate(self.levels[least:]), levels)
        return np.minimum(index, len(self.levels) - 1)

    @cached_property
    def times(self) -> tuple[Array, Array]:
        """Earlier and later state of every pair of those that are looked at."""
        levels = np.geomspace(self.levels.min(), self.levels[-1], STATES)
        states = np.unique(self.at(levels))
        first, second = np.triu_indices(len(states), 1)
        return states[first], states[second]

    def pairs(self) -> Batch:
        """Every pair of these states as a batch of instances."""
        return self._batch(*self.times)

    def pair_at(self, levels: Array) -> Instance | None:
        """The pair of states of two levels; None where the run does not get there."""
        states = self.at(levels)
        apart = np.abs(self.levels[states] / levels - 1)
        if states[0] == states[1] or not (apart < SAME).all():
            return None
        return self._batch(states[:1], states[1:])[0]

    def _batch(self, first: Array, second: Array) -> Batch:
        spec = self.start.spec
        return Batch(spec.layout, self.flow.arrays(first, second), Provenance(self.way, spec))

    def curve(self, limit: bool) -> Curve:
        """What is shown of the run against log t: what tends to a limit, or what is conserved."""
        times, series = self.flow.curve(limit)
        plain = {name: tuple(map(float, values)) for name, values in series.items()}
        return Curve(str(self), tuple(map(float, times)), plain)

    def __str__(self) -> str:
        """Name and size of the start."""
        return f"{self.start.name}, {self.start.spec}"


def follow(
    model: AnyModel, level: float, relative: float, starts: Sequence[FlowStart] | None = None
) -> Iterator[Run]:
    """A run from every start, or from some."""
    for start in model.starts if starts is None else starts:
        yield Run(model, start, model.follow(start, level, relative), level)
