"""Plots of a record, as PNG bytes that are the same for the same record."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from checkers import kinds
from checkers.kinds.claim_kind import Findings, Picture
from checkers.record import Cell, Record
from checkers.verdict import Verdict
from checkers.ways import Manner, Way

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TIGHTNESS = "tightness"
"""The picture that every kind of claim has."""

_CAPTION = "Distance from equality, by way of drawing and by size"

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
_BOUND = "#b03a2e"
_EPSILON = sys.float_info.epsilon
_FARTHEST = 10.0


def plotted(record: Record) -> tuple[tuple[str, str], ...]:
    """Name and caption of every plot that a record has anything to show on."""
    named = [(TIGHTNESS, _CAPTION)] if _has_distances(record) else []
    return (*named, *((p.name, p.caption) for p, _ in _pictures(record)))


def _has_distances(record: Record) -> bool:
    distances = [_height(cell, refuted=False) for cell in _cells(record)]
    # an identity shows nothing
    return len(distances) > 1 and max(distances) > math.sqrt(_EPSILON)


def _pictures(record: Record) -> Iterator[tuple[Picture, Findings]]:
    """The pictures of the kinds whose checkers made the findings, each with those findings."""
    for name in dict.fromkeys(kinds.of_finding(f).name for f in record.findings):
        mine = [f for f in record.findings if kinds.of_finding(f).name == name]
        for picture in kinds.of_finding(mine[0]).pictures:
            if picture.shows(mine):
                yield picture, mine


def file_name(record: Record, what: str) -> str:
    """Name of the picture of a plot."""
    return f"{record.id}_{what}.png"


def is_plot(name: str) -> bool:
    """Whether a file name is that of one of these plots."""
    known = [TIGHTNESS, *(p.name for kind in kinds.kinds() for p in kind.pictures)]
    return name.endswith(tuple(f"_{what}.png" for what in known))


def draw(record: Record) -> Iterator[tuple[str, bytes]]:
    """File name and bytes of every plot of a record."""
    if _has_distances(record):
        yield file_name(record, TIGHTNESS), _png(lambda figure: _tightness(figure, record))
    for picture, findings in _pictures(record):
        yield file_name(record, picture.name), _png(_drawn(picture, record, findings))


def _drawn(picture: Picture, record: Record, findings: Findings) -> Callable[[Figure], None]:
    return lambda figure: picture.draw(figure, record, findings)


def _png(make: Callable[[Figure], None]) -> bytes:
    import matplotlib as mpl
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE)
        figure = Figure(dpi=110, layout="constrained")
        FigureCanvasAgg(figure)
        make(figure)
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
