"""``check`` and ``report``: run the checks of statements, keep their records, write them up."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checkers import catalogue
from checkers.cli.output import AS_CLAIMED, CONTRADICTED, INTERRUPTED, JsonFile, console, number
from checkers.instance import InvalidInput
from checkers.record import Record, summary
from checkers.statement import Statement
from checkers.store import Store, check_cell, read_records
from checkers.swept import CellResult

STORE = Path("results/store.sqlite")
RECORDS = "records"
"""Folder beside the store with one exported record a statement."""

DEVICES = ("auto", "cpu", "cuda")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("check")(check)
    app.command("report")(report)


StoreOption = Annotated[Path, typer.Option("--store", metavar="PATH", help="The SQLite store.")]


def check(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Statements; all by default.")
    ] = None,
    profile: Annotated[str, typer.Option(help="quick, ci or nightly: how much work.")] = "quick",
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same verdict.")] = 0,
    device: Annotated[
        str, typer.Option(help="auto, cpu or cuda, for search and training.")
    ] = "auto",
    store: StoreOption = STORE,
    json: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write the results as JSON.")
    ] = None,
) -> int:
    """Check statements: draw, search, train, certify, prove; refute their mutants."""
    wanted = wanted_ids(ids or ())
    _require_choice("--device", device, DEVICES)
    target = JsonFile.at(json)
    from checkers.check import (
        check_statements,
        environment,
        exit_status,
        profiles,
        resolve_device,
    )

    _require_choice("--profile", profile, profiles())
    resolve_device(device)
    folder, progress, done = store.parent, console(stderr=True), []
    with store_with_records(store) as kept:
        found = check_statements(wanted, profile=profile, seed=seed, device=device, folder=folder)
        try:
            for record in found:
                kept.put(record, check_cell(profile, seed))
                done.append(record)
                _tell(progress, record, len(done), len(wanted))
        except KeyboardInterrupt:
            progress.print(f"interrupted: {len(done)} of {len(wanted)} records kept in {store}")
            return INTERRUPTED
        finally:
            kept.export(folder / RECORDS)
    done.sort(key=lambda record: record.id)
    console().print(_table(done))
    results = [_located(summary(record), folder) for record in done]
    target.write({"schema": 1, "environment": environment(), "results": results})
    return exit_status(done)


def wanted_ids(ids: Sequence[str]) -> tuple[str, ...]:
    """The ids that were given, each once and sorted, or all; InvalidInput for an unknown one."""
    known = catalogue.ids()
    for id in ids:
        if id not in known:
            catalogue.load(id)  # tells which ids are near
    return tuple(sorted(set(ids))) or known


def _require_choice(option: str, given: str, choices: Iterable[str]) -> None:
    if given not in choices:
        raise InvalidInput(f"{option} {given!r}: not known; expected one of {', '.join(choices)}")


@contextmanager
def store_with_records(path: Path) -> Iterator[Store]:
    """The store; a new one starts from the records that are kept beside it."""
    earlier = () if path.exists() else read_records(path.parent / RECORDS)
    with Store.open(path) as store:
        for record in earlier:
            store.put(record, check_cell(record.profile, record.seed))
        yield store


def _tell(progress: Console, record: Record, done: int, of: int) -> None:
    colour = "green" if record.agrees else "red"
    told = f"{record.verdict.word} ({record.evidence.word})"
    progress.print(
        f"[{done}/{of}] {record.id}: [{colour}]{told}[/{colour}] in {record.seconds:.1f} s",
        markup=True,
    )


def _table(records: Sequence[Record]) -> Table:
    table = Table("statement", "standing", "verdict", "evidence", "tightness", "mutants", "")
    for record in records:
        killed = sum(m.killed for m in record.mutants)
        tightness = summary(record)["tightness"]
        table.add_row(
            record.id,
            record.standing.value,
            record.verdict.word,
            record.evidence.word,
            number(tightness),
            f"{killed}/{len(record.mutants)} killed",
            "as claimed" if record.agrees else f"[red]{escape(_why(record))}[/red]",
        )
    return table


def _why(record: Record) -> str:
    survivors = [m.id for m in record.mutants if not m.killed]
    if not record.standing.agrees_with(record.verdict):
        return (record.main.reason if record.main else "") or f"{record.verdict.word}"
    return f"mutant {', '.join(survivors)} survived"


def _located(result: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Witness files as paths from here; records name them from the folder of the store."""

    def here(path: str | None) -> str | None:
        return None if path is None else str(folder / path)

    mutants = [{**m, "witness": here(m["witness"])} for m in result["mutants"]]
    return {**result, "mutants": mutants, "counterexample": here(result["counterexample"])}


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
    text = render(records, statements, folder, _cells(store))
    if check_only:
        fresh = output.is_file() and output.read_bytes() == text.encode()
        print(f"{output}: {'fresh' if fresh else 'stale; run ncheck report'}")
        return AS_CLAIMED if fresh else CONTRADICTED
    _write_figures(dict(figures(records)), store.parent / "figures")
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
    with Store.open(store, create=False) as opened:
        return opened.latest()


def _cells(store: Path) -> tuple[CellResult, ...]:
    """What sweeps have found, without the counterexamples, which are in files."""
    if not store.exists():
        return ()
    with Store.open(store, create=False) as opened:
        return tuple(replace(result, counterexample=None) for result in opened.cells())


def _statements(ids: Iterable[str]) -> dict[str, Statement]:
    """The statements that load; the report tells of the others by their records alone."""
    found = {}
    for id in ids:
        try:
            found[id] = catalogue.load(id)
        except catalogue.BrokenStatementError:
            continue
    return found
