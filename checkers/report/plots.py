"""Plots of a record, as PNG bytes that are the same for the same record."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from checkers.record import Cell, Checkpoint, Finding, Record
from checkers.tolerance import FLOW_DRIFT
from checkers.verdict import Verdict
from checkers.ways import Manner, Way

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TIGHTNESS = "tightness"
TRAINING = "training"
LANDSCAPE = "landscape"
FLOW = "flow"
COMPARISON = "comparison"

_STYLE: Any = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e6e6e6",
    "grid.linewidth": 0.6,
    "axes.axisbelow": True,
    "legend.frameon": False,
}
_MARKS = {
    Manner.DRAWN: ("#8c8c8c", "o"),
    Manner.NEAR: ("#1f6fb4", "^"),
    Manner.ASCENT: ("#d9822b", "s"),
}
_MEASURED, _BOUND, _HELD = "#1f6fb4", "#b03a2e", "#eef4e6"
_PANELS = {
    "margin": ("Least margin over its largest value for equal classes", "linear", 1.0),
    "residual": ("KKT residual with fitted multipliers", "log", None),
    "matrix": ("Change of W^T W - H H^T since the start, over rho^2", "log", FLOW_DRIFT),
    "mean": ("Change of the mean row of W since the start, over rho", "log", FLOW_DRIFT),
}
"""Title, scale and the largest value allowed, for each series of a curve."""
_EPSILON = sys.float_info.epsilon
_FARTHEST = 10.0


def plotted(record: Record) -> tuple[str, ...]:
    """Which plots a record has anything to show on."""
    found = []
    distances = [_height(cell, refuted=False) for cell in _cells(record)]
    if len(distances) > 1 and max(distances) > math.sqrt(_EPSILON):  # an identity shows nothing
        found.append(TIGHTNESS)
    if any(_lines(f.checkpoints) for f in record.findings):
        found.append(TRAINING)
    if any(f.critical for f in record.findings):
        found.append(LANDSCAPE)
    if any(f.curves for f in record.findings):
        found.append(FLOW)
    if any(f.comparison for f in record.findings):
        found.append(COMPARISON)
    return tuple(found)


def file_name(record: Record, what: str) -> str:
    """Name of the picture of a plot."""
    return f"{record.id}_{what}.png"


def is_plot(name: str) -> bool:
    """Whether a file name is that of one of these plots."""
    kinds = (TIGHTNESS, TRAINING, LANDSCAPE, FLOW, COMPARISON)
    return name.endswith(tuple(f"_{what}.png" for what in kinds))


def draw(record: Record) -> Iterator[tuple[str, bytes]]:
    """File name and bytes of every plot of a record."""
    from checkers.report.comparison import comparison
    from checkers.report.landscape import landscape

    makers = {
        TIGHTNESS: _tightness,
        TRAINING: _training,
        LANDSCAPE: landscape,
        FLOW: _flow,
        COMPARISON: comparison,
    }
    for what in plotted(record):
        yield file_name(record, what), _png(makers[what], record)


def _png(make: Any, record: Record) -> bytes:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        make(figure, record)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


def _cells(record: Record) -> list[Cell]:
    """Cells in which an instance was admitted and has a ratio."""
    return [
        cell
        for finding in record.findings
        for cell in sorted(finding.cells, key=lambda c: (str(c.way), str(c.sizes)))
        if cell.best is not None and math.isfinite(cell.best)
    ]


def _height(cell: Cell, refuted: bool) -> float:
    """What is plotted: 1 - lhs/rhs, or, of a refuted statement, lhs/rhs itself."""
    best = cell.best or 0.0
    if refuted:
        return max(best, 0.0)
    return min(max(abs(1 - best), _EPSILON), _FARTHEST)


def _tightness(figure: Figure, record: Record) -> None:
    """How near each way of drawing came to equality; and at which numbers of samples."""
    cells = _cells(record)
    refuted = record.verdict is Verdict.REFUTED
    best: dict[Way, float] = {}
    for cell in cells:
        best[cell.way] = max(cell.best or 0.0, best.get(cell.way, -math.inf))
    order = sorted(best, key=lambda w: (-list(_MARKS).index(w.kind.manner), -best[w], str(w)))
    figure.set_size_inches(9.5, 1.3 + 0.22 * max(len(order), 9))
    left, right = figure.subplots(1, 2, width_ratios=(1.1, 1))
    for cell in cells:
        colour, marker = _MARKS[cell.way.kind.manner]
        violates = refuted and (cell.best or 0.0) > 1
        style = {"c": _BOUND if violates else colour, "marker": marker, "linewidths": 0}
        height = _height(cell, refuted)
        left.scatter(height, order.index(cell.way), s=18, alpha=0.6, **style)
        right.scatter(cell.sizes.samples, height, s=18, alpha=0.6, **style)
    left.set_yticks(range(len(order)), [_short(str(w)) for w in order])
    left.set_ylim(-0.7, len(order) - 0.3)
    left.set_title("By way of drawing: a mark for each size")
    right.set_title("By size: a mark for each way of drawing")
    right.set_xscale("log")
    right.set_xlabel("number of samples N")
    _plain_ticks(right, [cell.sizes.samples for cell in cells])
    heights = [_height(cell, refuted) for cell in cells]
    for axes, letter in ((left, "x"), (right, "y")):
        _scale(axes, letter, heights, refuted)
    _legend(right, cells, refuted)


def _scale(axes: Axes, letter: str, heights: list[float], refuted: bool) -> None:
    """The axis of the ratio: to the right, or up, is closer to equality or beyond it."""
    from matplotlib.ticker import LogLocator, NullFormatter, NullLocator

    axis = axes.xaxis if letter == "x" else axes.yaxis
    if refuted:
        if max(heights) > _FARTHEST:
            axes.set(**{f"{letter}scale": "symlog"})
        axis.set_label_text("largest lhs / rhs")
        (axes.axvline if letter == "x" else axes.axhline)(1, color=_BOUND, linewidth=0.8)
        return
    axes.set(**{f"{letter}scale": "log"})
    low = 10 ** math.floor(math.log10(min(heights)) - 0.3)
    axes.set(**{f"{letter}lim": (2 * max(max(heights), 1.0), min(low, 1 / _FARTHEST) / 2)})
    axis.set_major_locator(LogLocator(numticks=9))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    nearer = "right" if letter == "x" else "up"
    axis.set_label_text(f"smallest 1 − lhs / rhs ({nearer} is tighter)")


def _legend(axes: Axes, cells: list[Cell], refuted: bool) -> None:
    for manner, (colour, marker) in _MARKS.items():
        if any(cell.way.kind.manner is manner for cell in cells):
            axes.scatter([], [], c=colour, marker=marker, s=20, label=manner.value)
    if refuted:
        axes.scatter([], [], c=_BOUND, marker="o", s=20, label="violates the claim")
    axes.figure.legend(loc="outside lower center", ncols=4)


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:28] + "…"


def _plain_ticks(axes: Axes, values: Iterable[int]) -> None:
    from matplotlib.ticker import NullLocator

    ticks = sorted({2**k for k in range(12)} & set(range(min(values), max(values) + 1)))
    axes.set_xticks(ticks, [str(t) for t in ticks])
    axes.set_xlim(min(values) / 1.25, max(values) * 1.25)
    axes.xaxis.set_minor_locator(NullLocator())


def _lines(checkpoints: Iterable[Checkpoint]) -> dict[int, list[Checkpoint]]:
    """Checkpoints of each network in order of steps."""
    found: dict[int, list[Checkpoint]] = {}
    for checkpoint in sorted(checkpoints, key=lambda c: (c.network, c.step)):
        found.setdefault(checkpoint.network, []).append(checkpoint)
    return found


def _training(figure: Figure, record: Record) -> None:
    """One panel a network: both sides of the first claim along training."""
    points = [c for f in record.findings for c in f.checkpoints]
    lines = _lines(points)
    claim = next((c for c in record.claims if c in points[0].lhs), min(points[0].lhs))
    columns = min(len(lines), 4)
    rows = math.ceil(len(lines) / columns)
    figure.set_size_inches(max(2.5 * columns, 4.6) + 0.6, 2.2 * rows + 0.7)
    grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
    longest = max(lines.values(), key=lambda line: line[-1].step)
    for axes, (network, line) in zip(grid.flat, lines.items(), strict=False):
        _panel(axes, line, claim, longest)
        axes.set_title(f"network {network}")
    for axes in grid.flat[len(lines) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("step of gradient descent")
    low, high = grid.flat[0].get_ylim()
    if high < 10 * low:  # no power of ten in between to be labelled
        grid.flat[0].yaxis.set_minor_formatter("{x:.2g}")
    handles, labels = grid.flat[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4)


def _panel(axes: Axes, line: list[Checkpoint], claim: str, longest: list[Checkpoint]) -> None:
    """One network; the axis is that of the longest course."""
    steps, all_steps = [c.step for c in line], [c.step for c in longest]
    first = min((s for s in all_steps if s > 0), default=1)
    axes.set_xscale("symlog", linthresh=first, linscale=0.4)
    axes.set_yscale("log")
    edges = _edges(steps, first)
    held = False
    for checkpoint, (low, high) in zip(line, pairwise(edges), strict=True):
        if checkpoint.admitted:
            label = None if held else "the hypotheses hold"
            axes.axvspan(low, high, color=_HELD, linewidth=0, label=label)
            held = True
    if not held:
        axes.axvspan(math.nan, math.nan, color=_HELD, label="the hypotheses hold")
    for values, colour, style, label in (
        ([c.lhs[claim] for c in line], _MEASURED, "-", f"measured ({claim})"),
        ([c.rhs[claim] if c.admitted else math.nan for c in line], _BOUND, "--", "bound"),
    ):
        shown = [v if 0 < v < math.inf else math.nan for v in values]
        axes.plot(steps, shown, style, color=colour, marker="o", markersize=3, label=label)
    whole = _edges(all_steps, first)
    axes.set_xlim(whole[0], whole[-1])
    ticks = [0, *(s for s in all_steps if s > 0 and _is_labelled(s, first))]
    axes.set_xticks(ticks, [str(t) for t in ticks])
    axes.minorticks_off()


def _edges(steps: list[int], first: int) -> list[float]:
    """Boundaries half-way (in the logarithm, above the first step) between checkpoints."""
    inner = [math.sqrt(a * b) if a > 0 else b / 2 for a, b in pairwise(steps)]
    last = steps[-1] * math.sqrt(steps[-1] / steps[-2]) if len(steps) > 1 and steps[-2] else first
    return [min(steps[0] * 0.8, -first / 8), *inner, max(float(last), steps[-1] * 1.2)]


def _is_labelled(step: int, first: int) -> bool:
    """Every other doubling of the first step: as many labels as fit."""
    return math.log2(step / first) % 2 == 0


def _flow(figure: Figure, record: Record) -> None:
    """What was measured along every flow against log t, a panel for each series."""
    curves = [c for f in record.findings for c in f.curves]
    shown = [name for name in _PANELS if any(name in c.series for c in curves)]
    figure.set_size_inches(9.5, 3.6 + 0.16 * len(curves))
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    for name, axes in zip(shown, panels, strict=True):
        title, scale, largest = _PANELS[name]
        floor = _EPSILON if scale == "log" else -math.inf
        for curve, colour in zip(curves, _colours(len(curves)), strict=True):
            values = [max(value, floor) for value in curve.series[name]]
            axes.plot(curve.log_time, values, color=colour, linewidth=1.2, label=curve.name)
        if largest is not None:
            axes.axhline(largest, color=_BOUND, linewidth=0.8, linestyle="--")
        axes.set(title=title, xscale="log", yscale=scale, xlabel="log t")
    handles = panels[0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", ncols=2)


def _colours(count: int) -> list[Any]:
    import matplotlib as mpl

    return [mpl.colormaps["tab10"](k % 10) for k in range(count)]


def training_findings(record: Record) -> tuple[Finding, ...]:
    """The findings that have checkpoints."""
    return tuple(f for f in record.findings if f.checkpoints)
