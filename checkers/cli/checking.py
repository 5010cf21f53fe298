"""``check``: run the checks of statements and keep their records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from checkers import catalogue
from checkers.cli.output import INTERRUPTED, JsonFile, console, number
from checkers.instance import InvalidInput
from checkers.record import Record, summary
from checkers.store import Store, check_cell, read_records

STORE = Path("results/store.sqlite")
RECORDS = "records"
"""Folder beside the store with one exported record a statement."""

DEVICES = ("auto", "cpu", "cuda")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check")(check)


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
    reuse: Annotated[
        bool, typer.Option("--reuse", help="Keep the stored records of what has not changed.")
    ] = False,
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
    from checkers.reuse import stored_record
    from checkers.typeset import plural

    _require_choice("--profile", profile, profiles())
    if device == "cuda":  # the others are there, and asking would load torch
        resolve_device(device)
    folder, progress, done = store.parent, console(stderr=True), list[Record]()
    with store_with_records(store) as kept:
        try:
            for id in wanted if reuse else ():
                stored = stored_record(kept, id, profile, seed, folder)
                if stored is not None:
                    kept.make_newest(stored, check_cell(profile, seed))
                    done.append(stored)
                    _tell(progress, stored, len(done), len(wanted), reused=True)
            reused = {record.id for record in done}
            rest = tuple(id for id in wanted if id not in reused)
            found = check_statements(rest, profile=profile, seed=seed, device=device, folder=folder)
            for record in found if rest else ():
                kept.put(record, check_cell(profile, seed))
                done.append(record)
                _tell(progress, record, len(done), len(wanted))
        except KeyboardInterrupt:
            progress.print(f"interrupted: {len(done)} of {len(wanted)} records kept in {store}")
            return INTERRUPTED
        finally:
            kept.export(folder / RECORDS)
    if reuse:
        progress.print(f"{plural(len(reused), 'record')} reused, {len(rest)} checked")
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


def _tell(progress: Console, record: Record, done: int, of: int, reused: bool = False) -> None:
    colour = "green" if record.agrees else "red"
    told = f"{record.verdict.word} ({record.evidence.word})"
    how = ", reused" if reused else f" in {record.seconds:.1f} s"
    progress.print(
        f"[{done}/{of}] {record.id}: [{colour}]{told}[/{colour}]{how}",
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
    if not record.standing.agrees_with(record.verdict):
        return (record.main.reason if record.main else "") or f"{record.verdict.word}"
    told = [f"mutant {m.id} survived" for m in record.mutants if not m.killed]
    told += [f"proof of {p.claim} at {p.sizes}: {p.verdict.word}" for p in record.failed_proofs]
    return "; ".join(told)


def _located(result: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Witness files as paths from here; records name them from the folder of the store."""

    def here(path: str | None) -> str | None:
        return None if path is None else str(folder / path)

    mutants = [{**m, "witness": here(m["witness"])} for m in result["mutants"]]
    return {**result, "mutants": mutants, "counterexample": here(result["counterexample"])}
