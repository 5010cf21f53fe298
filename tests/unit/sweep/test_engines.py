from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
import workers

from checkers.instance import InvalidInput
from checkers.sizes import sizes
from checkers.swept import CellSpec
from checkers.verdict import Verdict
from checkers.ways import GAUSSIAN
from late import Late

processes = Late("checkers.sweep.processes", "processes")
run_limited = Late("checkers.sweep.cluster", "run_limited")

CELLS = [
    CellSpec("a", "digest", "c0de", sizes(K=2, n=2, d=2), GAUSSIAN, i, 0, "tiny") for i in range(8)
]
TOUCHY = CELLS[workers.TOUCHY]


@pytest.fixture(autouse=True)
def light(monkeypatch):
    """Workers that load no torch, for these cells need none."""
    monkeypatch.setattr("checkers.sweep.processes._prepare", workers.ready)


def finish(run, count=2, timeout=60.0):
    """All cells through an engine; their results in the order of the plan."""
    waiting, found = list(CELLS), []
    with processes(count, timeout, run) as engine:
        while waiting or engine.busy:
            while waiting and engine.free > 0:
                engine.submit(waiting.pop(0))
            found += engine.finished()
    return sorted(found, key=lambda r: r.spec.index)


def test_a_worker_that_dies_costs_its_cell_one_retry(once):
    found = finish(workers.dies_once)
    assert (once / "died").exists()
    assert [r.spec for r in found] == CELLS
    assert all(r.verdict is Verdict.HOLDS for r in found)


def test_a_cell_that_kills_its_worker_again_is_an_error_and_nothing_else_is():
    found = finish(workers.dies)
    assert [r.spec for r in found] == CELLS
    (bad,) = [r for r in found if r.verdict is not Verdict.HOLDS]
    assert (bad.spec, bad.verdict, bad.lost) == (TOUCHY, Verdict.ERROR, True)
    assert bad.reason == "its worker died, 2 times"


def test_a_cell_that_runs_too_long_is_an_error_and_its_worker_is_replaced():
    begun = time.monotonic()
    found = finish(workers.hangs, count=1, timeout=1.0)
    assert time.monotonic() - begun < 60
    assert [r.spec for r in found] == CELLS
    (bad,) = [r for r in found if r.verdict is not Verdict.HOLDS]
    assert (bad.spec, bad.verdict, bad.lost) == (TOUCHY, Verdict.ERROR, True)
    assert bad.reason == "ran for more than 1 s"


def test_workers_that_cannot_start_stop_the_sweep(monkeypatch):
    monkeypatch.setattr("checkers.sweep.processes._prepare", partial(int, "no number"))
    with pytest.raises(InvalidInput, match="died before they were ready"):
        finish(workers.dies, count=1)


def test_a_refusal_is_told_after_what_was_done_before():
    refused, fine = CELLS[workers.TOUCHY], CELLS[0]
    with processes(2, 60.0, workers.refuses) as engine:
        for cell in (refused, fine):
            engine.submit(cell)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(f.done() for f in engine.futures):
            time.sleep(0.01)
        assert [r.spec for r in engine.finished()] == [fine]
        with pytest.raises(InvalidInput, match="same version"):
            engine.finished()


def test_a_worker_that_is_never_ready_stops_the_sweep(monkeypatch):
    monkeypatch.setattr("checkers.sweep.processes._prepare", workers.never_ready)
    monkeypatch.setattr("checkers.sweep.processes.START", 0.2)
    with pytest.raises(InvalidInput, match="not in time"):
        finish(workers.dies, count=1, timeout=0.2)


def test_the_time_of_a_cell_begins_with_its_turn(monkeypatch):
    ended = []
    monkeypatch.setattr("checkers.sweep.cluster.os._exit", ended.append)
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda c: run_limited(workers.rests, c, 0.6), CELLS[:4]))
    assert [r.spec for r in found] == CELLS[:4]
    assert not ended
    run_limited(workers.rests, CELLS[0], 0.1)
    assert ended == [1]
