"""How a sweep scales: cells a minute with one worker process and with two.

Both numbers of workers run the same cells of two statements, drawn, ascended and certified as
`ncheck sweep` does, each into a store of its own. Workers are started and have run a cell before
the clock starts. Rounds alternate between the two; the figure is the median over rounds of the
ratio within one round. On an idle machine with two cores it should be at least 1.7.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from checkers import catalogue
from checkers.check import code_version
from checkers.store import Store
from checkers.sweep.plan import plan
from checkers.sweep.processes import Processes, processes
from checkers.swept import CellSpec
from checkers.ways import WayKind
from commandline import options, write

IDS = ("ji2022_margin_bound", "jacot2025_nc1")
CELLS = 24
TIMEOUT = 120.0
WORKERS = (1, 2)
TARGET = 1.7


def cells(seed: int) -> list[CellSpec]:
    """The first cells of the plan, ascents first: a long one at the end would leave one worker."""
    statements = [catalogue.load(id) for id in IDS]
    found = islice(plan(statements, code_version(), seed, "full"), CELLS)
    return sorted(found, key=lambda cell: cell.way.kind is not WayKind.ASCENT)


def run(engine: Processes, todo: list[CellSpec], store: Store) -> float:
    """Seconds for all cells, each kept as soon as it is done."""
    waiting = list(reversed(todo))
    begun = time.perf_counter()
    while waiting or engine.busy:
        while waiting and engine.free > 0:
            engine.submit(waiting.pop())
        store.put_cells(engine.finished())
    return time.perf_counter() - begun


def measure(rounds: int) -> dict[str, float]:
    """Cells a minute by number of workers, and their ratio, from alternating rounds."""
    rates: dict[int, list[float]] = {count: [] for count in WORKERS}
    with (
        tempfile.TemporaryDirectory() as folder,
        processes(1, TIMEOUT) as one,
        processes(2, TIMEOUT) as two,
        Store.open(Path(folder) / "store.sqlite") as store,
    ):
        engines = dict(zip(WORKERS, (one, two), strict=True))
        for engine in engines.values():
            run(engine, cells(0)[:4], store)
        for seed in range(1, rounds + 1):
            for count, engine in engines.items():
                rates[count].append(60 * CELLS / run(engine, cells(seed), store))
    pairs = zip(rates[2], rates[1], strict=True)
    return {
        "cells_per_minute_1": statistics.median(rates[1]),
        "cells_per_minute_2": statistics.median(rates[2]),
        "ratio": statistics.median(two / one for two, one in pairs),
        "target": TARGET,
        "rounds": rounds,
    }


def table(figures: dict[str, float]) -> Table:
    """The figures for people."""
    made = Table(title=f"sweep of {' and '.join(IDS)} (medians over rounds)")
    for heading in ("workers", "cells a minute", "over one worker"):
        made.add_column(heading, justify="right")
    made.add_row("1", f"{figures['cells_per_minute_1']:,.0f}", "")
    made.add_row("2", f"{figures['cells_per_minute_2']:,.0f}", f"{figures['ratio']:.2f}")
    return made


def main() -> None:
    """Measure, print the table, write the figures where asked."""
    rounds, path = options(__doc__, rounds=2)
    figures = measure(rounds)
    Console(width=100).print(table(figures))
    write(figures, path)


if __name__ == "__main__":
    main()
