"""What a finding about a flow carries: what was measured along every run, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from checkers.declared.flow_model import Panel
from checkers.record import Finding, plain


@dataclass(frozen=True)
class Curve:
    """What was measured along one flow, against log t: series of equal length by name."""

    name: str
    log_time: tuple[float, ...]
    series: Mapping[str, tuple[float, ...]]


def written(curves: Sequence[Curve], panels: Sequence[Panel]) -> dict[str, Any]:
    """Plain data; ``curves`` and ``panels`` read it. Only panels with a series are kept."""
    shown = [p for p in panels if any(p.name in c.series for c in curves)]
    return {"curves": plain(curves), "panels": plain(shown)}


def curves(finding: Finding) -> tuple[Curve, ...]:
    """The curves of a finding, in the order of the starts."""
    return tuple(
        Curve(
            raw["name"],
            tuple(raw["log_time"]),
            {name: tuple(values) for name, values in raw["series"].items()},
        )
        for raw in finding.carried.get("curves", ())
    )


def panels(finding: Finding) -> tuple[Panel, ...]:
    """How the series of the curves are shown, in order."""
    return tuple(Panel(**raw) for raw in finding.carried.get("panels", ()))
