"""``sweep`` and ``merge``: random cells without end, resumable, and the union of their stores."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table

from checkers import catalogue
from checkers.cli.checking import STORE, StoreOption, store_with_records, wanted_ids
from checkers.cli.output import AS_CLAIMED, CONTRADICTED, INTERRUPTED, console, number, remark
from checkers.declared.statement import Statement
from checkers.instance import InvalidInput
from checkers.store import Store
from checkers.typeset import plural

if TYPE_CHECKING:
    from checkers.swept import CellResult, Total

TIMEOUT = 300.0
_BUDGET = re.compile(r"(?:(\d{1,7})h)?(?:(\d{1,7})m)?(?:(\d{1,7})s)?")
_SHARD = re.compile(r"([1-9]\d{0,6})/([1-9]\d{0,6})")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sweep")(sweep)
    app.command("merge")(merge)


def sweep(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID", help="Statements; all by default.")
    ] = None,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="How long, as in 90s, 30m or 1h30m.")
    ] = None,
    cells: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="The first N cells of the plan.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same cells.")] = 0,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes; one a core by default.")
    ] = None,
    dask: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler, as tcp://host:8786.")
    ] = None,
    shard: Annotated[
        str, typer.Option(metavar="I/N", help="Only the cells of one of N machines.")
    ] = "1/1",
    timeout: Annotated[
        float, typer.Option(min=1, metavar="SECONDS", help="The longest that a cell may run.")
    ] = TIMEOUT,
    status: Annotated[
        bool, typer.Option("--status", help="Run nothing; tell what the store holds.")
    ] = False,
    work: Annotated[str, typer.Option(hidden=True)] = "full",
    store: StoreOption = STORE,
) -> int:
    """Sweep statements at random sizes, cell by cell; what is done is kept and not done again."""
    statements, broken = _loaded(wanted_ids(ids or ()))
    if status:
        running = {"--budget": budget, "--cells": cells, "--workers": workers, "--dask": dask}
        for option, value in {**running, "--shard": None if shard == "1/1" else shard}.items():
            if value is not None:
                raise InvalidInput(f"--status given with {option}; it runs nothing, leave one out")
        agree = _print_store(store, statements)
        return AS_CLAIMED if agree and not broken else CONTRADICTED
    if budget is None and cells is None:
        raise InvalidInput("no budget given; expected --budget 30m or --cells 1000")
    if dask is not None and workers is not None:
        raise InvalidInput("--workers and --dask given; the workers of a cluster are its own")
    seconds, part = _seconds(budget), _shard(shard)
    from checkers.check import code_of
    from checkers.sweep.cell import WORK
    from checkers.sweep.cluster import cluster
    from checkers.sweep.plan import plan
    from checkers.sweep.processes import processes
    from checkers.sweep.run import sweep as run

    if work not in WORK:
        raise InvalidInput(f"--work {work!r}: not known; expected one of {', '.join(WORK)}")
    codes = {id: code_of(id) for id in statements}
    engine: Callable[[], AbstractContextManager[Any]] = (
        partial(processes, workers or os.cpu_count() or 1, timeout)
        if dask is None
        else partial(cluster, dask, timeout)
    )
    done, outcome, begun = 0, None, time.monotonic()
    with store_with_records(store) as kept, _progress(seconds, cells, part) as tell:

        def take(result: CellResult | None, before: int) -> None:
            nonlocal done
            done += result is not None
            tell(done, before)

        planned = plan(list(statements.values()), codes, seed, work, part, cells)
        with suppress(KeyboardInterrupt):
            outcome = run(planned, engine, kept, store.parent, codes, seconds, take)
    agree = _print_store(store, statements)
    told = f"{plural(done, 'cell')} in {time.monotonic() - begun:.0f} s"
    if outcome is None:
        print(f"interrupted: {told}, kept in {store}", file=sys.stderr)
        return INTERRUPTED
    if outcome.given_up:
        remark(f"{plural(outcome.given_up, 'cell')} given up at the end: no worker was left")
    print(f"{told}, {outcome.before} of the plan were there before; kept in {store}")
    return AS_CLAIMED if agree and not broken else CONTRADICTED


def _loaded(ids: Sequence[str]) -> tuple[dict[str, Statement], bool]:
    """The statements that load, and whether some do not; BrokenStatementError where none does."""
    from checkers.sampling.draws import size_of_round
    from checkers.swept import ROUNDS

    statements: dict[str, Statement] = {}
    complaints: list[catalogue.BrokenStatementError] = []
    for id in ids:
        try:
            statement = catalogue.load(id)
            _ = [size_of_round(statement, index, 0) for index in range(ROUNDS)]
        except catalogue.BrokenStatementError as error:
            complaints.append(error)
        except Exception as error:
            told = f"{id}: its ranges give no sizes ({type(error).__name__}: {error})"
            complaints.append(catalogue.BrokenStatementError(told))
        else:
            statements[id] = statement
    if not statements:
        raise complaints[0]
    for complaint in complaints:
        remark(f"left out: {complaint}")
    return statements, bool(complaints)


def _print_store(store: Path, statements: Mapping[str, Statement]) -> bool:
    """Tell what the store holds of statements as they are now; whether all is as claimed."""
    from checkers.check import code_of
    from checkers.swept import totals

    codes, seconds = {id: code_of(id) for id in statements}, 0.0
    versions = {(s.id, s.digest) for s in statements.values()}

    def current(results: Iterable[CellResult]) -> Iterator[CellResult]:
        nonlocal seconds
        for result in results:
            if (result.spec.statement, result.spec.digest) in versions:
                seconds += result.seconds
                yield result

    with Store.read(store) as opened:
        found = totals(current(opened.cells(codes)))
        counts = opened.cell_counts()
    cells = sum(total.cells for total in found)
    others = sum(counts.get(id, 0) for id in statements) - cells
    agree = _print(found, statements)
    told = f"; {others} of other versions of the code or of a statement" if others else ""
    print(f"{plural(cells, 'cell')}, {seconds:.0f} s of work, in {store}{told}")
    return agree


def _print(found: Sequence[Total], statements: Mapping[str, Statement]) -> bool:
    """One row a statement; whether all of them are as claimed."""
    from checkers.sweep.plan import ways

    heads = ("statement", "standing", "verdict", "cells", "drawn", "admitted", "refuting")
    table = Table(*heads, "failed", "lost", "tightness", "", box=None)
    everything = True
    for total in found:
        statement = statements[total.statement]
        agrees = total.agrees(statement.standing, len(ways(statement)))
        everything &= agrees
        table.add_row(
            total.statement,
            statement.standing.value,
            total.verdict.word,
            f"{total.cells:,}",
            f"{total.drawn:,}",
            f"{total.admitted:,}",
            f"{total.refuting:,}",
            f"{total.failed:,}",
            f"{total.lost:,}",
            number(total.tightness),
            "" if agrees else f"[red]{escape(total.reason or total.verdict.word)}[/red]",
        )
    if found:
        console().print(table)
    return everything


@contextmanager
def _progress(
    seconds: float | None, cells: int | None, shard: tuple[int, int]
) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal: cells done, cells a minute, time that remains."""
    screen = console(stderr=True)
    if not screen.is_terminal:
        yield lambda done, before: None
        return
    begun = time.monotonic()
    columns = (
        TextColumn("sweep"),
        BarColumn(),
        TextColumn("{task.fields[told]}"),
        TimeElapsedColumn(),
        TextColumn("of"),
        TimeRemainingColumn(),
    )
    total = seconds if cells is None else cells / shard[1]
    with Progress(*columns, console=screen, transient=True) as progress:
        task = progress.add_task("sweep", total=total, told="starting workers")

        def tell(done: int, before: int) -> None:
            elapsed = time.monotonic() - begun
            told = f"{done} cells, {60 * done / max(elapsed, 1):.0f} a minute"
            completed = elapsed if cells is None else done + before
            progress.update(task, completed=completed, told=told)

        yield tell


def _seconds(budget: str | None) -> float | None:
    if budget is None:
        return None
    matched = _BUDGET.fullmatch(budget)
    hours, minutes, seconds = (int(x or 0) for x in matched.groups()) if matched else (0, 0, 0)
    found = 3600 * hours + 60 * minutes + seconds
    if not found:
        raise InvalidInput(f"--budget {budget!r}: a time expected, such as 90s, 30m or 1h30m")
    return float(found)


def _shard(text: str) -> tuple[int, int]:
    matched = _SHARD.fullmatch(text)
    part, of = map(int, matched.groups()) if matched else (1, 0)
    if part > of:
        raise InvalidInput(f"--shard {text!r}: expected I/N with I from 1 to N, such as 1/2")
    return part, of


def merge(
    stores: Annotated[list[Path], typer.Argument(metavar="STORE", help="Stores to unite.")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="STORE", help="The new one.")],
    current: Annotated[
        bool,
        typer.Option(
            "--current", help="Only what is of statements and their code as they are now."
        ),
    ] = False,
) -> int:
    """Unite stores: every record and every cell once; the given ones are left as they are."""
    from checkers.check import code_of
    from checkers.sweep.merge import merge_stores

    only, broken = None, False
    if current:
        statements, broken = _loaded(catalogue.ids())
        only = {id: statement.digest for id, statement in statements.items()}
    codes = {id: code_of(id) for id in catalogue.ids()}
    records, cells = merge_stores(stores, output, codes, only)
    told = f"{plural(records, 'record')}, {plural(cells, 'cell')}"
    print(f"{output}: {told} of {plural(len(stores), 'store')}")
    return CONTRADICTED if broken else AS_CLAIMED
