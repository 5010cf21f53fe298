"""Cells on a local Dask cluster, one of whose workers is killed on the way."""

from __future__ import annotations

import os
import signal

import pytest
import workers

from checkers.instance import InvalidInput
from late import Late

distributed = pytest.importorskip(
    "distributed", reason="distributed is not installed; it comes with the extra cluster"
)
engines = Late("checkers.sweep.engines")

pytestmark = pytest.mark.filterwarnings("ignore")  # those of Dask and what it is built on


@pytest.fixture
def local():
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        silence_logs=100,
    ) as made:
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
        small.cells, lambda: engines.cluster(local.scheduler_address, 60, workers.waits), kill
    )
    assert len(told) == len(small.cells)
    assert stored(path) == small.results
    assert report(path) == report(uninterrupted)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nowhere", "gopher://x:1"])
def test_where_no_scheduler_answers(address, monkeypatch):
    monkeypatch.setattr("checkers.sweep.engines.PATIENCE", 1)
    with pytest.raises(InvalidInput, match="--dask") as caught, engines.cluster(address, 60):
        pass
    assert "\n" not in str(caught.value)
