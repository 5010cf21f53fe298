"""What an engine is: where cells run, on this machine or on many.

A cell whose worker dies is tried again and then recorded as lost; one that runs too long is lost.
Nothing that a cell does stops the sweep.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from checkers.swept import CellResult, CellSpec
from checkers.verdict import Verdict

Run = Callable[[CellSpec], CellResult]

UNABLE = 3
"""Failures in a row that are not a cell's, after which the machines are to blame."""

POLL = 0.5
"""Seconds between looks at the clock while nothing finishes."""


class Engine(Protocol):
    """Runs cells; ``free`` says how many it takes now."""

    @property
    def free(self) -> int:
        """How many more cells would run at once."""

    @property
    def busy(self) -> int:
        """How many cells are not finished."""

    @property
    def able(self) -> bool:
        """Whether there is anything that they could run on."""

    def submit(self, spec: CellSpec) -> None:
        """Start a cell."""

    def finished(self) -> list[CellResult]:
        """Results since the last call; waits a moment where there is none."""


def lost(spec: CellSpec, reason: str) -> CellResult:
    """What is recorded where the machine failed."""
    return CellResult(spec, Verdict.ERROR, reason=reason, lost=True)


def too_long(timeout: float) -> str:
    """The reason of a cell that ran out of time."""
    return f"ran for more than {timeout:g} s"
