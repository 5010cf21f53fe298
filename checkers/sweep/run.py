"""A sweep: cells of the plan that the store does not have yet, run until the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from checkers.store import Codes, Store
from checkers.sweep.engines import Engine
from checkers.sweep.plainest import Plainest
from checkers.swept import CellResult, CellSpec


@dataclass(frozen=True)
class Outcome:
    """How many cells of the plan were there before, and how many were begun and given up."""

    before: int
    given_up: int


def sweep(
    cells: Iterable[CellSpec],
    engine: Callable[[], AbstractContextManager[Engine]],
    store: Store,
    folder: Path,
    codes: Codes,
    budget: float | None,
    tell: Callable[[CellResult | None, int], None],
) -> Outcome:
    """Run the cells that the store has not, and keep each as soon as it is done.

    ``codes`` are the versions of the code of the statements in ``cells``. No cell is started after
    ``budget`` seconds; those that run are finished, unless there is no worker left. ``tell`` is
    called with every result, and with None while none comes, and with the number of cells that
    were found to be there before.
    """
    plainest = Plainest(folder)
    plainest.see(store.cells(codes))
    known = store.cell_keys(codes)
    skipped = 0
    end = None if budget is None else time.monotonic() + budget

    def missing() -> Iterator[CellSpec]:
        nonlocal skipped
        for spec in cells:
            if not _before(end):  # the cells of a small shard are far apart
                return
            if (spec.statement, spec.digest, spec.key) in known:
                skipped += 1
            else:
                yield spec

    waiting = missing()
    spec = next(waiting, None)
    if spec is None:
        return Outcome(skipped, 0)
    with engine() as running:
        while True:
            while spec is not None and running.free > 0 and _before(end):
                running.submit(spec)
                spec = next(waiting, None)
            if not running.busy:
                if spec is None or not _before(end):
                    return Outcome(skipped, 0)
                continue
            found = running.finished()
            if found:
                store.put_cells(found)
                plainest.see(found)
            elif not _before(end) and not running.able:
                return Outcome(skipped, running.busy)
            for result in found or (None,):
                tell(result, skipped)


def _before(end: float | None) -> bool:
    return end is None or time.monotonic() < end
