"""What findings carried in records of schema 1, where every kind had fields of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from checkers.tolerance import FLOW_DRIFT

_FIELDS = ("checkpoints", "critical", "curves", "comparison")

_MEASURED = ("excess", "nc1", "nc2")

_PANELS = (
    ("margin", "Least margin over its largest value for equal classes", "linear", 1.0),
    ("residual", "KKT residual with fitted multipliers", "log", None),
    ("matrix", "Change of W^T W - H H^T since the start, over rho^2", "log", FLOW_DRIFT),
    ("mean", "Change of the mean row of W since the start, over rho", "log", FLOW_DRIFT),
)
"""Name, title, scale and the largest value allowed of the series of the one model there was."""


def carried_of(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a finding, with one field for what it carries."""
    carried: dict[str, Any] = {}
    if raw.get("checkpoints"):
        carried["checkpoints"] = list(raw["checkpoints"])
    if raw.get("comparison"):
        carried["comparison"] = raw["comparison"]
    if raw.get("critical"):
        carried["points"] = [_point(point) for point in raw["critical"]]
    if raw.get("curves"):
        names = ("name", "title", "scale", "largest")
        carried["curves"] = list(raw["curves"])
        carried["panels"] = [dict(zip(names, panel, strict=True)) for panel in _PANELS]
    kept = {name: value for name, value in raw.items() if name not in _FIELDS}
    return {**kept, "carried": carried}


def _point(raw: Mapping[str, Any]) -> dict[str, Any]:
    measured = {name: raw[name] for name in _MEASURED}
    return {**{k: v for k, v in raw.items() if k not in measured}, "measured": measured}
