"""``report``: REPORT.md, plots and what goes with them, from what checks and sweeps have kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from checkers import catalogue
from checkers.cli.checking import RECORDS, STORE, StoreOption
from checkers.cli.output import AS_CLAIMED, CONTRADICTED
from checkers.declared.statement import Statement
from checkers.instance import InvalidInput
from checkers.record import Record
from checkers.store import Store, export_totals, read_records, read_totals
from checkers.swept import Total, counterexample_path, totals

SWEPT = "swept"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("report")(report)


def report(
    store: StoreOption = STORE,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="REPORT.md", help="The file to write.")
    ] = Path("REPORT.md"),
    check_only: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when the file is stale.")
    ] = False,
) -> int:
    """Write REPORT.md, with plots, from the stored records."""
    from checkers.report import render
    from checkers.report.drawn import write_figures

    with _opened(store) as opened:
        known = set(catalogue.ids())
        found = opened.latest() if opened else read_records(store.parent / RECORDS)
        records = [record for record in found if record.id in known]
        if not records:
            raise InvalidInput(f"store {store}: no record of a statement; run ncheck check first")
        if not output.parent.is_dir():
            raise InvalidInput(f"-o {output}: no folder {output.parent}; make it first")
        if output.is_dir():
            raise InvalidInput(f"-o {output}: a folder given, a file expected; add a name")
        folder = Path(os.path.relpath(store.parent, output.parent)).as_posix()
        statements = _statements(record.id for record in records)
        swept = _swept(opened, store.parent, records)
        text = render(records, statements, folder, swept)
        if check_only:
            fresh = output.is_file() and output.read_bytes() == text.encode()
            print(f"{output}: {'fresh' if fresh else 'stale; run ncheck report'}")
            return AS_CLAIMED if fresh else CONTRADICTED
        write_figures(records, store.parent / "figures")
        _write_swept(swept, opened, store.parent)
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(output)
    print(f"{output}: {len(records)} statements")
    return AS_CLAIMED


@contextmanager
def _opened(store: Path) -> Iterator[Store | None]:
    """The store; None where only what was exported beside it is there, as in a fresh clone."""
    if not store.exists() and (store.parent / RECORDS).is_dir():
        yield None
        return
    with Store.read(store) as opened:
        yield opened


def _swept(opened: Store | None, folder: Path, records: Sequence[Record]) -> tuple[Total, ...]:
    """What sweeps have found with the code of each statement's record.

    A total exported beside the store may hold cells that the store has not. They may also be the
    same, so that one of the two counts: what has something to tell, and then the larger.
    """
    versions = {(record.id, record.digest, record.code) for record in records}
    found = list(read_totals(folder / SWEPT))
    if opened is not None:
        found += totals(opened.cells({record.id: record.code for record in records}))
    best: dict[str, Total] = {}
    for total in found:
        if (total.statement, total.digest, total.code) in versions:
            best[total.statement] = max(best.get(total.statement, total), total, key=_weight)
    return tuple(total for _, total in sorted(best.items()))


def _weight(total: Total) -> tuple[bool, bool, int]:
    return total.refuting > 0, total.failed + total.undecided > 0, total.cells


def _write_swept(swept: Sequence[Total], opened: Store | None, folder: Path) -> None:
    """Export the totals, and write the plainest counterexamples that the store has.

    Those of the code as it is now go before those of an earlier one that is reported. A file that
    neither a cell nor a total stands for is removed.
    """
    from checkers.check import code_of
    from checkers.sweep.plainest import Plainest

    export_totals(swept, folder / SWEPT)
    reported = {t.statement: t for t in swept if t.refuting}
    kept = set(reported)
    if opened is not None:
        now = {id: code_of(id) for id in catalogue.ids()}
        earlier = {t.statement: t.code for t in swept if t.refuting and t.code != now[t.statement]}
        Plainest(folder).see(
            r for r in opened.cells(earlier) if r.spec.digest == reported[r.spec.statement].digest
        )
        current = [r for r in opened.cells(now) if r.counterexample is not None]
        Plainest(folder).see(current)
        kept |= {r.spec.statement for r in current}
    for path in folder.glob(counterexample_path("*")):
        if path.parent.name not in kept:
            path.unlink()


def _statements(ids: Iterable[str]) -> dict[str, Statement]:
    """The statements that load; the report tells of the others by their records alone."""
    found = {}
    for id in ids:
        try:
            found[id] = catalogue.load(id)
        except catalogue.BrokenStatementError:
            continue
    return found
