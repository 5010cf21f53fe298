"""What a gradient flow hands to the flow checker: starts, integrated runs, what can be believed.

A run is the states of one flow at the steps of its integrator. How far a state is, its *level*, is
measured by the model: by the squared norm where that grows without bound, or by time. Levels are
positive, and grow from their least on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from checkers.declared.construction import Arrays
    from checkers.instance import Array
    from checkers.sizes import SizeSpec


class FlowStart(Protocol):
    """Where a flow begins."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def spec(self) -> SizeSpec:
        """Its sizes."""


class FlowRun(Protocol):
    """The states of one integrated flow, the start first."""

    @property
    def levels(self) -> Array:
        """How far each state is (S,)."""

    @property
    def drifts(self) -> Mapping[str, Array]:
        """Change since the start of what the flow conserves, relative, at every state (S,)."""

    def arrays(self, first: Array, second: Array) -> Arrays:
        """Pairs of states as arrays of instances, ``first`` (B,) the earlier ones; with labels."""

    def doubts(self) -> Iterator[str]:
        """Why the run is not near its limit; nothing where it is."""

    def curve(self, limit: bool) -> tuple[Array, Mapping[str, Array]]:
        """log t (P,), and what is shown against it: what tends to a limit, or what is conserved."""


@dataclass(frozen=True)
class Panel:
    """How the series of a name is shown: its title, a scale of matplotlib, the largest allowed."""

    name: str
    title: str
    scale: str = "log"
    largest: float | None = None


StartT = TypeVar("StartT")
RunT = TypeVar("RunT")


class FlowModel(Protocol[StartT, RunT]):
    """A gradient flow, handed in by ``Flow(model=...)``."""

    @property
    def starts(self) -> Sequence[StartT]:
        """Where its flows begin."""

    @property
    def measure(self) -> str:
        """What levels are, as it is written: ``rho^2``."""

    @property
    def scale(self) -> str:
        """What drifts are relative to, as it is written."""

    @property
    def panels(self) -> Sequence[Panel]:
        """How the series of its curves are shown, in order."""

    def follow(self, start: StartT, level: float, relative: float) -> RunT:
        """The flow from a start to a level, each step of that relative error."""

    def limits(self, runs: Sequence[RunT]) -> Iterator[str]:
        """What is told of how near the runs come to their limits."""
