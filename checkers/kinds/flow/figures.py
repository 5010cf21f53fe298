"""The picture of flows: what was measured along each, a panel for each series."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

from checkers.kinds.claim_kind import Findings
from checkers.kinds.flow.carried import curves, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BOUND = "#b03a2e"
_EPSILON = sys.float_info.epsilon


def flows(figure: Figure, findings: Findings) -> None:
    """What was measured along every flow against log t, a panel for each series."""
    lines = [c for f in findings for c in curves(f)]
    named = dict.fromkeys(p for f in findings for p in panels(f))
    shown = [p for p in named if any(p.name in c.series for c in lines)]
    figure.set_size_inches(9.5, 3.6 + 0.16 * len(lines))
    row = figure.subplots(1, len(shown), squeeze=False)[0]
    for panel, axes in zip(shown, row, strict=True):
        floor = _EPSILON if panel.scale == "log" else -math.inf
        for curve, colour in zip(lines, _colours(len(lines)), strict=True):
            values = [max(value, floor) for value in curve.series[panel.name]]
            axes.plot(curve.log_time, values, color=colour, linewidth=1.2, label=curve.name)
        if panel.largest is not None:
            axes.axhline(panel.largest, color=_BOUND, linewidth=0.8, linestyle="--")
        axes.set(title=panel.title, xscale="log", yscale=panel.scale, xlabel="log t")
    handles = row[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)


def _colours(count: int) -> list[Any]:
    import matplotlib as mpl

    return [mpl.colormaps["tab10"](k % 10) for k in range(count)]
