"""REPORT.md: a pure function of records, sorted and byte-stable, with math that GitHub renders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from checkers.declared.statement import Statement
from checkers.record import Record
from checkers.report import markdown, plots
from checkers.swept import Total


def render(
    records: Iterable[Record],
    statements: Mapping[str, Statement],
    folder: str = "results",
    swept: Iterable[Total] = (),
) -> str:
    """The report of one record a statement, as GitHub-flavoured Markdown.

    ``folder`` is where links to figures and witness files point, relative to the report. ``swept``
    are totals of sweeps, which count where they are of the statement and code of the record.
    """
    ordered = sorted(records, key=lambda r: r.id)
    versions = {r.id: (r.digest, r.code) for r in ordered}
    found = {t.statement: t for t in swept if versions.get(t.statement) == (t.digest, t.code)}
    return markdown.document(ordered, statements, folder, found)


def figures(records: Iterable[Record]) -> Iterator[tuple[str, bytes]]:
    """File name and bytes of every plot that the report links to in ``figures/``."""
    for record in sorted(records, key=lambda r: r.id):
        yield from plots.draw(record)
