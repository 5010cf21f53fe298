"""Cells on a Dask cluster, through the executor of its client."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from checkers.instance import InvalidInput
from checkers.sweep.cell import ALONE, run_cell
from checkers.sweep.engines import POLL, UNABLE, Run, lost, too_long
from checkers.swept import CellResult, CellSpec

PATIENCE = 10
"""Seconds that a Dask scheduler has to answer."""


def run_limited(run: Run, spec: CellSpec, timeout: float) -> CellResult:
    """``run`` on a worker that nobody else watches: it ends itself when time is out.

    The time of a cell begins with its turn, where a worker has several threads.
    """
    with ALONE:
        watch = threading.Timer(timeout, os._exit, (1,))
        watch.daemon = True
        watch.start()
        try:
            return run(spec)
        finally:
            watch.cancel()


@dataclass(frozen=True)
class _Task:
    spec: CellSpec
    tries: int


class Cluster:
    """A Dask cluster, through the executor of its client.

    Dask itself runs a cell again when its worker dies, as often as its scheduler allows. What else
    goes wrong is not the cell's doing, which catches what is raised in it: the worker could not
    begin, or not answer. Such a cell is tried again, and lost if it alone fails so; where several
    do, and none succeeds, no worker can run cells.
    """

    def __init__(self, client: Any, timeout: float, run: Run = run_cell) -> None:
        """``client`` is a ``distributed.Client``."""
        self._run = run
        self._client = client
        self._pool: Executor = client.get_executor(pure=False)
        self._timeout = timeout
        self._tasks: dict[Future[CellResult], _Task] = {}
        self._failing: dict[str, str] = {}
        self._suspects: list[CellResult] = []
        self._refusal: InvalidInput | None = None

    @property
    def _threads(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except (OSError, TimeoutError) as error:
            raise _gone(_flat(error)) from None

    @property
    def free(self) -> int:
        """One cell for every thread: one that waited behind another would share its worker's end.

        Without a worker there is one cell, for those to come.
        """
        return max(1, self._threads) - len(self._tasks)

    @property
    def busy(self) -> int:
        """Cells on the cluster, and those of which it is not known yet what they failed of."""
        return len(self._tasks) + len(self._suspects)

    @property
    def able(self) -> bool:
        """Whether the cluster has a worker now."""
        return self._threads > 0

    def submit(self, spec: CellSpec) -> None:
        """Send a cell to the scheduler."""
        self._submit(_Task(spec, 1))

    def _submit(self, task: _Task) -> None:
        self._tasks[self._pool.submit(run_limited, self._run, task.spec, self._timeout)] = task

    def finished(self) -> list[CellResult]:
        """Results that have arrived; a cell that the scheduler gives up is lost."""
        last = not self._tasks  # nothing else was left to compare the suspects with
        done, _ = wait(self._tasks, timeout=POLL, return_when=FIRST_COMPLETED)
        found = [self._result(future, self._tasks.pop(future)) for future in done]
        results = [result for result in found if result is not None]
        if results or (last and len(self._failing) < UNABLE):
            results += self._suspects
            self._suspects = []
        if self._refusal is None and len(self._failing) >= UNABLE and not results:
            told = next(iter(self._failing.values()))
            self._refusal = InvalidInput(
                f"--dask: the workers cannot run cells ({told}); install the same version of ncheck"
                " where they run"
            )
        if self._refusal is not None and not results:  # first, what is done is handed on
            raise self._refusal
        return results

    def _result(self, future: Future[CellResult], task: _Task) -> CellResult | None:
        if future.cancelled():
            self._refusal = _gone("it has cancelled a cell")
            return None
        error = future.exception()
        if error is None:
            self._failing.clear()
            return future.result()
        if isinstance(error, InvalidInput):
            self._refusal = error
            return None
        if type(error).__name__ == "KilledWorker":
            died = f"its workers died, or it {too_long(self._timeout)} on each"
            return lost(task.spec, died)
        self._failing[task.spec.key] = _flat(error)
        if task.tries >= UNABLE:
            self._suspects.append(lost(task.spec, _flat(error)))
        else:
            self._submit(replace(task, tries=task.tries + 1))
        return None


def _flat(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def _gone(why: object) -> InvalidInput:
    return InvalidInput(
        f"--dask: the scheduler does not answer any more ({why}); start it and call the same sweep"
        " again, which goes on from here"
    )


@contextmanager
def cluster(address: str, timeout: float, run: Run = run_cell) -> Iterator[Cluster]:
    """The engine of a Dask scheduler; InvalidInput where none answers at the address."""
    try:
        from distributed import Client
    except ImportError:
        raise InvalidInput(
            f"--dask {address}: distributed is not installed; install the extra cluster"
            " (pip install 'neural-collapse-theorems[cluster]')"
        ) from None
    for name in ("distributed", "tornado"):  # what goes wrong is told of in one line
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        client: Any = Client(address, timeout=PATIENCE, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError, TypeError) as error:
        raise InvalidInput(
            f"--dask {address}: no scheduler answers ({_flat(error)}); expected an"
            " address such as tcp://host:8786"
        ) from None
    try:
        yield Cluster(client, timeout, run)
    finally:
        with suppress(Exception):
            client.close(timeout=5)
