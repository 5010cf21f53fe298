"""What a finding along training carries: checkpoints of networks, or a comparison of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.record import Finding, plain


@dataclass(frozen=True)
class Checkpoint:
    """A network at a step of a training run: measured quantities, both sides of each claim."""

    network: int
    step: int
    admitted: bool
    measured: Mapping[str, float]
    lhs: Mapping[str, float]
    rhs: Mapping[str, float]


@dataclass(frozen=True)
class Spread:
    """Values measured at one x, one a seed."""

    x: float
    values: tuple[float, ...]


@dataclass(frozen=True)
class Comparison:
    """What is compared: names of the axes, and the spreads in order."""

    across: str
    along: str
    spreads: tuple[Spread, ...]


def written(
    checkpoints: Sequence[Checkpoint], comparison: Comparison | None = None
) -> dict[str, Any]:
    """Plain data of what there is; ``checkpoints`` and ``comparison`` read it."""
    data = {"checkpoints": plain(checkpoints)} if checkpoints else {}
    return data if comparison is None else {**data, "comparison": plain(comparison)}


def checkpoints(finding: Finding) -> tuple[Checkpoint, ...]:
    """The checkpoints of a finding, in the order in which they were evaluated."""
    return tuple(Checkpoint(**raw) for raw in finding.carried.get("checkpoints", ()))


def comparison(finding: Finding) -> Comparison | None:
    """The comparison of a finding, where it has one."""
    raw = finding.carried.get("comparison")
    if raw is None:
        return None
    spreads = tuple(Spread(s["x"], tuple(s["values"])) for s in raw["spreads"])
    return Comparison(raw["across"], raw["along"], spreads)
