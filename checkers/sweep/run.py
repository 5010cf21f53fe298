"""A sweep: cells of the plan that the store does not have yet, run until the budget is spent."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from checkers.store import Store
from checkers.sweep.engines import Engine
from checkers.swept import CellResult, CellSpec, counterexample_path
from checkers.witness_file import write_text


def sweep(
    cells: Iterable[CellSpec],
    engine: Callable[[], AbstractContextManager[Engine]],
    store: Store,
    folder: Path,
    code: str,
    budget: float | None,
    tell: Callable[[CellResult | None, int], None],
) -> int:
    """Run the cells that the store has not, and keep each as soon as it is done.

    No cell is started after ``budget`` seconds; those that run are finished. ``tell`` is called
    with every result, and with None while none comes, and with the number of cells that were found
    to be there before. Returns that number.
    """
    keep_counterexamples((r for r in store.cells() if r.spec.code == code), folder)
    known = store.cell_keys(code)
    skipped = 0

    def missing() -> Iterator[CellSpec]:
        nonlocal skipped
        for spec in cells:
            if (spec.statement, spec.digest, spec.key) in known:
                skipped += 1
            else:
                yield spec

    waiting = missing()
    spec = next(waiting, None)
    if spec is None:
        return skipped
    end = None if budget is None else time.monotonic() + budget
    with engine() as running:
        while True:
            while spec is not None and running.free > 0 and _before(end):
                running.submit(spec)
                spec = next(waiting, None)
            if not running.busy:
                if spec is None or not _before(end):
                    return skipped
                continue
            found = running.finished()
            if found:
                store.put_cells(found)
                keep_counterexamples(found, folder)
            for result in found or (None,):
                tell(result, skipped)


def _before(end: float | None) -> bool:
    return end is None or time.monotonic() < end


def keep_counterexamples(results: Iterable[CellResult], folder: Path) -> None:
    """Write one file a statement: the shortest counterexample, and of equals the first in order.

    A file that is there stays if it is at least as plain, so that any order of the same cells ends
    with the same file.
    """
    for result in results:
        text = result.counterexample
        if text is None:
            continue
        path = folder / counterexample_path(result.spec.statement)
        kept = path.read_text(encoding="utf-8") if path.exists() else None
        if kept is None or (len(text), text) < (len(kept), kept):
            write_text(text, path)
