"""REPORT.md: a pure function of records, sorted and byte-stable, with math that GitHub renders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checkers.record import Record
from checkers.report import markdown, plots
from checkers.statement import Statement


def render(
    records: Iterable[Record], statements: Mapping[str, Statement], folder: str = "results"
) -> str:
    """The report of one record a statement, as GitHub-flavoured Markdown.

    ``folder`` is where links to figures and witness files point, relative to the report.
    """
    return markdown.document(sorted(records, key=lambda r: r.id), statements, folder)


def figures(records: Iterable[Record]) -> Iterator[tuple[str, bytes]]:
    """File name and bytes of every plot that the report links to in ``figures/``."""
    for record in sorted(records, key=lambda r: r.id):
        yield from plots.draw(record)
