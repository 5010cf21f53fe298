"""Cells on a local Dask cluster, one of whose workers is killed on the way."""

from __future__ import annotations

import os
import signal
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from functools import partial

import pytest
import workers

from checkers.instance import InvalidInput
from checkers.store import Store
from checkers.swept import CellResult
from checkers.verdict import Verdict
from late import Late

distributed = pytest.importorskip(
    "distributed", reason="distributed is not installed; it comes with the extra cluster"
)
dask = Late("dask")
Cluster = Late("checkers.sweep.cluster", "Cluster")
dask_engine = Late("checkers.sweep.cluster", "cluster")
sweep = Late("checkers.sweep.run", "sweep")

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Dask and what it is built on


def cluster(workers):
    return distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=100,
    )


@pytest.fixture
def local():
    with cluster(2) as made:
        yield made


@pytest.fixture
def strict():
    """A cluster of one worker whose cells have one try."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 0}), cluster(1) as made:
        yield made


def test_a_worker_killed_half_way_changes_nothing(
    local, small, stored, report, uninterrupted, run_with
):
    told = []

    def kill(result, before):
        if result is not None:
            told.append(result)
            if len(told) == len(small.cells) // 2:
                os.kill(local.workers[0].pid, signal.SIGKILL)

    path = run_with(
        small.cells, lambda: dask_engine(local.scheduler_address, 60, workers.waits), kill
    )
    assert len(told) == len(small.cells)
    assert stored(path) == small.results
    assert report(path) == report(uninterrupted)


def test_a_cell_that_runs_too_long_is_lost_and_so_is_nothing_else(strict, run_with, small):
    cells = [replace(cell, index=i) for i, cell in enumerate(small.cells[:5])]
    path = run_with(cells, lambda: dask_engine(strict.scheduler_address, 1, workers.hangs))
    with Store.read(path) as store:
        found = {r.spec.index: r for r in store.cells()}
    bad = found.pop(workers.TOUCHY)
    assert (bad.verdict, bad.lost) == (Verdict.ERROR, True)
    assert "ran for more than 1 s" in bad.reason
    assert {i: r.verdict for i, r in found.items()} == dict.fromkeys((0, 1, 2, 4), Verdict.HOLDS)


def test_workers_that_cannot_run_cells_end_the_sweep_and_leave_no_trace(strict, small, tmp_path):
    engine = partial(dask_engine, strict.scheduler_address, 60, workers.Foreign())
    with Store.open(tmp_path / "s.sqlite") as store:
        arguments = (small.cells, engine, store, tmp_path, {}, None, lambda r, before: None)
        with pytest.raises(InvalidInput, match="cannot run cells") as caught:
            sweep(*arguments)
    assert "\n" not in str(caught.value)
    with Store.read(tmp_path / "s.sqlite") as store:
        assert store.counts() == (0, 0)


def test_a_sweep_without_workers_ends_with_its_budget(small, tmp_path):
    with cluster(0) as empty, Store.open(tmp_path / "s.sqlite") as store:
        engine = partial(dask_engine, empty.scheduler_address, 60)
        outcome = sweep(small.cells, engine, store, tmp_path, {}, 1, lambda r, before: None)
        assert store.counts() == (0, 0)
    assert (outcome.before, outcome.given_up) == (0, 1)


class Client:
    """Of a cluster of some threads on which ``outcome(spec, tries)`` decides what comes of a cell.

    Nothing runs: what is submitted is done at once.
    """

    def __init__(self, outcome, threads=4):
        self._outcome, self._tries, self._threads = outcome, Counter(), threads

    def get_executor(self, pure):
        return self

    def nthreads(self):
        return {"a worker": self._threads}

    def submit(self, function, run, spec, timeout):
        self._tries[spec.key] += 1
        future = Future()
        outcome = self._outcome(spec, self._tries[spec.key])
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
        return future


def finish(cells, outcome):
    """All cells through the engine; results, and the refusal that ends them if there is one."""
    engine, waiting, found = Cluster(Client(outcome), 60), list(cells), []
    try:
        while waiting or engine.busy:
            while waiting and engine.free > 0:
                engine.submit(waiting.pop(0))
            found += engine.finished()
    except InvalidInput as refusal:
        return found, refusal
    return found, None


def test_a_cell_that_alone_fails_in_another_way_is_lost(small):
    bad = small.cells[5]

    def outcome(spec, tries):
        return ImportError("no") if spec is bad else CellResult(spec, Verdict.HOLDS)

    found, refusal = finish(small.cells, outcome)
    assert refusal is None
    assert {r.spec for r in found} == set(small.cells)
    assert len(found) == len(small.cells)
    assert [(r.spec, r.reason) for r in found if r.lost] == [(bad, "ImportError: no")]
    assert finish([bad], outcome)[0][0].lost  # where there is no other to compare with


def test_a_cell_that_fails_in_another_way_is_tried_again(small):
    def outcome(spec, tries):
        return OSError("gone") if tries == 1 else CellResult(spec, Verdict.HOLDS)

    found, refusal = finish(small.cells[:2], outcome)
    assert refusal is None
    assert [r.verdict for r in found] == [Verdict.HOLDS] * 2


@pytest.mark.parametrize("error", [ImportError("no"), InvalidInput("same version")])
def test_what_was_done_is_handed_on_before_a_refusal(small, error):
    good = set(small.cells[:2])

    def outcome(spec, tries):
        return CellResult(spec, Verdict.HOLDS) if spec in good else error

    found, refusal = finish(small.cells, outcome)
    assert {r.spec for r in found} == good
    assert not any(r.lost for r in found)
    assert str(error) in str(refusal)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "gopher://x:1"])
def test_where_no_scheduler_answers(address, monkeypatch):
    monkeypatch.setattr("checkers.sweep.cluster.PATIENCE", 1)
    with pytest.raises(InvalidInput, match="--dask") as caught, dask_engine(address, 60):
        pass
    assert "\n" not in str(caught.value)
