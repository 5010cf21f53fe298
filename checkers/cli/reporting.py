"""``report``: REPORT.md, plots and what goes with them, from what checks and sweeps have kept."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from checkers import catalogue
from checkers.cli.checking import RECORDS, STORE, StoreOption
from checkers.cli.output import AS_CLAIMED, CONTRADICTED
from checkers.instance import InvalidInput
from checkers.record import Record
from checkers.statement import Statement
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
    from checkers.report import figures, render

    known = set(catalogue.ids())
    records = [record for record in _records(store) if record.id in known]
    if not records:
        raise InvalidInput(f"store {store}: no record of a statement; run ncheck check first")
    if not output.parent.is_dir():
        raise InvalidInput(f"-o {output}: no folder {output.parent}; make it first")
    if output.is_dir():
        raise InvalidInput(f"-o {output}: a folder given, a file expected; add a name")
    folder = Path(os.path.relpath(store.parent, output.parent)).as_posix()
    statements = _statements(record.id for record in records)
    swept = _swept(store, records)
    text = render(records, statements, folder, swept)
    if check_only:
        fresh = output.is_file() and output.read_bytes() == text.encode()
        print(f"{output}: {'fresh' if fresh else 'stale; run ncheck report'}")
        return AS_CLAIMED if fresh else CONTRADICTED
    _write_figures(dict(figures(records)), store.parent / "figures")
    _write_swept(swept, store)
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(output)
    print(f"{output}: {len(records)} statements")
    return AS_CLAIMED


def _write_figures(images: Mapping[str, bytes], folder: Path) -> None:
    """Write the plots; those of an earlier report that are no longer linked to are removed."""
    from checkers.report.plots import is_plot

    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.png"):
        if path.name not in images and is_plot(path.name):
            path.unlink()
    for name, image in images.items():
        (folder / name).write_bytes(image)


def _records(store: Path) -> tuple[Record, ...]:
    """Those of the store, or those exported beside it where there is no store (a fresh clone)."""
    exported = store.parent / RECORDS
    if not store.exists() and exported.is_dir():
        return read_records(exported)
    with Store.read(store) as opened:
        return opened.latest()


def _swept(store: Path, records: Sequence[Record]) -> tuple[Total, ...]:
    """What sweeps have found with the code of each statement's record.

    Where the store has no such cells of a statement, it is what was exported beside it.
    """
    versions = {(record.id, record.digest, record.code) for record in records}
    found = list(read_totals(store.parent / SWEPT))
    if store.exists():
        with Store.read(store) as opened:
            for code in sorted({record.code for record in records}):
                found += totals(opened.cells(code))
    by_id = {t.statement: t for t in found if (t.statement, t.digest, t.code) in versions}
    return tuple(total for _, total in sorted(by_id.items()))


def _write_swept(swept: Sequence[Total], store: Path) -> None:
    """Export the totals; bring the counterexamples in line with them, and remove old ones."""
    from checkers.sweep.plainest import Plainest

    export_totals(swept, store.parent / SWEPT)
    refuted = {(t.statement, t.digest, t.code) for t in swept if t.refuting}
    if store.exists():
        with Store.read(store) as opened:
            Plainest(store.parent).see(
                result
                for code in sorted({code for _, _, code in refuted})
                for result in opened.cells(code)
                if (result.spec.statement, result.spec.digest, code) in refuted
            )
    kept = {counterexample_path(id) for id, _, _ in refuted}
    for path in store.parent.glob(counterexample_path("*")):
        if path.relative_to(store.parent).as_posix() not in kept:
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
