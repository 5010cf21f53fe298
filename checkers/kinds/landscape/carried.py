"""What a finding about a landscape carries: critical points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.record import Finding, plain
from checkers.sizes import SizeSpec
from checkers.verdict import Character


@dataclass(frozen=True)
class CriticalPoint:
    """A critical point: its value, gradient norm, least curvature, and what it is.

    ``measured`` is what the model records of it beside them, None where that means nothing.
    """

    sizes: SizeSpec
    value: float
    gradient: float
    curvature: float
    character: Character
    measured: Mapping[str, float | None]


def written(points: Sequence[CriticalPoint]) -> dict[str, Any]:
    """Plain data; ``critical_points`` reads it."""
    return {"points": plain(points)}


def critical_points(finding: Finding) -> tuple[CriticalPoint, ...]:
    """The critical points of a finding, as they were found."""
    return tuple(
        CriticalPoint(
            **{
                **raw,
                "sizes": SizeSpec.from_json(raw["sizes"]),
                "character": Character(raw["character"]),
            }
        )
        for raw in finding.carried.get("points", ())
    )
