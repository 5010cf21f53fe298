"""The picture of a training run: both sides of a claim, a panel a network."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from checkers.kinds.claim_kind import Findings
from checkers.kinds.training.carried import Checkpoint, checkpoints

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MEASURED, _BOUND, _HELD = "#1f6fb4", "#b03a2e", "#eef4e6"


def training(figure: Figure, claims: tuple[str, ...], findings: Findings) -> None:
    """One panel a network: both sides of the first claim along training."""
    points = [c for f in findings for c in checkpoints(f)]
    lines = _lines(points)
    claim = next((c for c in claims if c in points[0].lhs), min(points[0].lhs))
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


def _lines(points: Iterable[Checkpoint]) -> dict[int, list[Checkpoint]]:
    """Checkpoints of each network in order of steps."""
    found: dict[int, list[Checkpoint]] = {}
    for checkpoint in sorted(points, key=lambda c: (c.network, c.step)):
        found.setdefault(checkpoint.network, []).append(checkpoint)
    return found
