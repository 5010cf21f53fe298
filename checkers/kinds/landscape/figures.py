"""Critical points: the picture of value against least curvature, and the table by size."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checkers.kinds.claim_kind import Findings
from checkers.kinds.landscape.carried import critical_points
from checkers.record import Finding
from checkers.typeset import cell, details, escape, table
from checkers.verdict import Character

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STYLES = {
    Character.SADDLE: ("#8c8c8c", "o"),
    Character.GLOBAL: ("#1f6fb4", "^"),
    Character.LEAST: ("#57a773", "v"),
    Character.UNDECIDED: ("#d9822b", "s"),
    Character.MINIMUM: ("#b03a2e", "D"),
}


def landscape(figure: Figure, findings: Findings) -> None:
    """One mark a critical point; every saddle is below the line of zero curvature."""
    points = [point for finding in findings for point in critical_points(finding)]
    figure.set_size_inches(7.2, 4.4)
    axes = figure.subplots()
    axes.axhline(0, color="#404040", linewidth=0.8)
    for character, (colour, marker) in _STYLES.items():
        mine = [p for p in points if p.character is character]
        if mine:
            axes.scatter(
                [p.value for p in mine],
                [p.curvature for p in mine],
                s=16,
                alpha=0.6,
                c=colour,
                marker=marker,
                linewidths=0,
                label=f"{character.value} ({len(mine)})",
            )
    axes.set_xlabel("value of the loss with its penalties")
    axes.set_ylabel("least eigenvalue of the Hessian")
    axes.set_title("Critical points: a mark for each, one of an orbit")
    figure.legend(loc="outside lower center", ncols=3)


def census(finding: Finding) -> Iterator[str]:
    """How many critical points of each character are shown, by size, folded away."""
    points = critical_points(finding)
    if not points:
        return
    known = [c for c in Character if any(p.character is c for p in points)]
    heads = ("sizes", *(escape(c.value) for c in known), "least curvature", "largest gradient")
    rows = []
    for sizes in sorted({p.sizes for p in points}, key=str):
        mine = [p for p in points if p.sizes == sizes]
        rows.append(
            (
                escape(str(sizes)),
                *(str(sum(p.character is c for p in mine)) for c in known),
                cell(min(p.curvature for p in mine)),
                cell(max(p.gradient for p in mine)),
            )
        )
    body = "\n".join(table(heads, rows, " " + "r" * (len(heads) - 1)))
    yield details("Critical points shown in the picture", body)
