"""The picture of a comparison: values of every seed against x, and their mean with its error."""

from __future__ import annotations

import math
from statistics import fmean, stdev
from typing import TYPE_CHECKING

from checkers.kinds.claim_kind import Findings
from checkers.kinds.training.carried import comparison

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_DOTS, _MEAN = "#9fc0de", "#1f4e79"


def compared(figure: Figure, findings: Findings) -> None:
    """A dot a seed; the geometric mean with two standard errors of the mean logarithm."""
    found = next(c for c in map(comparison, findings) if c is not None)
    figure.set_size_inches(5.6, 3.6)
    axes = figure.subplots()
    xs = [s.x for s in found.spreads]
    for k, spread in enumerate(found.spreads):
        label = "one network" if k == 0 else None
        x = [spread.x] * len(spread.values)
        axes.plot(x, spread.values, "o", color=_DOTS, markersize=4, label=label)
    logs = [[math.log(v) for v in s.values] for s in found.spreads]
    means = [fmean(values) for values in logs]
    errors = [2 * stdev(v) / math.sqrt(len(v)) if len(v) > 1 else 0.0 for v in logs]
    centre = [math.exp(m) for m in means]
    bars = [
        [math.exp(m) - math.exp(m - e) for m, e in zip(means, errors, strict=True)],
        [math.exp(m + e) - math.exp(m) for m, e in zip(means, errors, strict=True)],
    ]
    axes.errorbar(
        xs, centre, bars, color=_MEAN, capsize=3, linewidth=1.2,
        label="geometric mean, two standard errors",
    )  # fmt: skip
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    axes.set_xticks(xs)
    axes.set_xlabel(found.across)
    axes.set_title(found.along)
    axes.legend()
