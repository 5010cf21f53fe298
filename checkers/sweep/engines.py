"""Where cells run: processes of this machine, or a Dask cluster; both through concurrent.futures.

A cell whose worker dies is tried once more and then recorded as lost; so is one that runs too long.
Nothing that a cell does stops the sweep.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from checkers.check import settle
from checkers.instance import InvalidInput
from checkers.sweep.cell import ALONE, run_cell
from checkers.swept import CellResult, CellSpec
from checkers.verdict import Verdict

Run = Callable[[CellSpec], CellResult]

TRIES = 2
"""Workers that a cell may cost."""

UNABLE = 3
"""Failures in a row that are not a cell's, after which the machines are to blame."""

PATIENCE = 10
"""Seconds that a Dask scheduler has to answer."""

_POLL = 0.5
"""Seconds between looks at the clock while nothing finishes."""


class Engine(Protocol):
    """Runs cells; ``free`` says how many it takes now."""

    @property
    def free(self) -> int:
        """How many more cells would run at once."""

    @property
    def busy(self) -> int:
        """How many cells are not finished."""

    @property
    def able(self) -> bool:
        """Whether there is anything that they could run on."""

    def submit(self, spec: CellSpec) -> None:
        """Start a cell."""

    def finished(self) -> list[CellResult]:
        """Results since the last call; waits a moment where there is none."""


def lost(spec: CellSpec, reason: str) -> CellResult:
    """What is recorded where the machine failed."""
    return CellResult(spec, Verdict.ERROR, reason=reason, lost=True)


def too_long(timeout: float) -> str:
    """The reason of a cell that ran out of time."""
    return f"ran for more than {timeout:g} s"


def _prepare() -> None:
    """One thread, deaf to interrupts; a worker whose parent was killed ends, too."""
    settle()
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _ready() -> bool:
    return True


@dataclass
class _Task:
    spec: CellSpec
    tries: int
    future: Future[CellResult]
    started: float | None = None


class _Worker:
    """A pool of one process, so that it is known which cell a death or a delay belongs to."""

    def __init__(self) -> None:
        before = set(active_children())
        context = get_context("spawn")
        self.pool: Executor = ProcessPoolExecutor(1, mp_context=context, initializer=_prepare)
        self.ready = self.pool.submit(_ready)
        self.processes: list[BaseProcess] = list(set(active_children()) - before)
        self.task: _Task | None = None

    def end(self) -> None:
        for process in self.processes:
            process.kill()
        self.pool.shutdown(wait=True, cancel_futures=True)


class Processes:
    """Worker processes of this machine, each with one cell at a time."""

    def __init__(self, workers: int, timeout: float, run: Run = run_cell) -> None:
        """Workers are started when they are needed; ``timeout`` is for one cell, in seconds."""
        self._run = run
        self._workers: list[_Worker | None] = [None] * workers
        self._timeout = timeout
        self._again: list[tuple[CellSpec, int]] = []
        self._unable = 0
        self._refusal: InvalidInput | None = None
        self.able = True

    @property
    def free(self) -> int:
        """Idle workers, less the cells that wait for another try."""
        idle = sum(w is None or w.task is None for w in self._workers)
        return idle - len(self._again)

    @property
    def busy(self) -> int:
        """Cells that run or wait for another try."""
        return len(self._workers) - self.free

    def submit(self, spec: CellSpec) -> None:
        """Give the cell to an idle worker, if need be a new one."""
        self._start(spec, 0)

    def _start(self, spec: CellSpec, tries: int) -> None:
        place = next(i for i, w in enumerate(self._workers) if w is None or w.task is None)
        worker = self._workers[place] or _Worker()
        self._workers[place] = worker
        try:
            worker.task = _Task(spec, tries + 1, worker.pool.submit(self._run, spec))
        except BrokenProcessPool:  # it died while it was idle, which is no fault of this cell
            worker.end()
            self._workers[place] = None
            self._again.append((spec, tries))

    def finished(self) -> list[CellResult]:
        """Results, with those of cells that were lost; starts cells again where they have tries."""
        again, self._again = self._again, []
        for spec, tries in again:
            self._start(spec, tries)
        working = [w for w in self._workers if w is not None and w.task is not None]
        futures = [w.task.future for w in working if w.task is not None]
        if futures:
            wait(futures, timeout=_POLL, return_when=FIRST_COMPLETED)
        found = []
        for worker in working:
            if worker.task is not None and self._refusal is None:
                try:
                    found.append(self._result(worker, worker.task))
                except InvalidInput as refusal:  # told once what is done has been handed on
                    self._refusal = refusal
        results = [result for result in found if result is not None]
        if self._refusal is not None and not results:
            raise self._refusal
        return results

    def _result(self, worker: _Worker, task: _Task) -> CellResult | None:
        now = time.monotonic()
        if not task.future.done():
            if task.started is None and worker.ready.done():
                task.started = now
            if task.started is None or now - task.started < self._timeout:
                return None
            self._drop(worker)
            return lost(task.spec, too_long(self._timeout))
        error = task.future.exception()
        if error is None:
            self._unable = 0
            worker.task = None
            return task.future.result()
        if isinstance(error, InvalidInput):
            raise error
        if not isinstance(error, BrokenProcessPool):  # the result could not be sent, say
            worker.task = None
            return lost(task.spec, f"{type(error).__name__}: {error}")
        begun = worker.ready.done() and worker.ready.exception() is None
        self._drop(worker)
        self._unable = 0 if begun else self._unable + 1
        if self._unable >= UNABLE:
            raise InvalidInput(
                f"{UNABLE} worker processes in a row died before they were ready; check the memory"
                " of this machine or give fewer --workers"
            )
        if begun and task.tries >= TRIES:
            return lost(task.spec, f"its worker died, {TRIES} times")
        self._again.append((task.spec, task.tries if begun else task.tries - 1))
        return None

    def _drop(self, worker: _Worker) -> None:
        self._workers[self._workers.index(worker)] = None
        worker.end()

    def end(self) -> None:
        """Kill the workers and what they do."""
        for worker in self._workers:
            if worker is not None:
                worker.end()


@contextmanager
def processes(workers: int, timeout: float, run: Run = run_cell) -> Iterator[Processes]:
    """The engine of this machine; at the end of the block nothing of it runs any more."""
    engine = Processes(workers, timeout, run)
    try:
        yield engine
    finally:
        engine.end()


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


class Cluster:
    """A Dask cluster, through the executor of its client.

    Dask itself runs a cell again when its worker dies, as often as its scheduler allows.
    """

    def __init__(self, client: Any, timeout: float, run: Run = run_cell) -> None:
        """``client`` is a ``distributed.Client``."""
        self._run = run
        self._client = client
        self._pool: Executor = client.get_executor(pure=False)
        self._timeout = timeout
        self._tasks: dict[Future[CellResult], CellSpec] = {}
        self._unable = 0

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
        """Cells on the cluster."""
        return len(self._tasks)

    @property
    def able(self) -> bool:
        """Whether the cluster has a worker now."""
        return self._threads > 0

    def submit(self, spec: CellSpec) -> None:
        """Send a cell to the scheduler."""
        self._tasks[self._pool.submit(run_limited, self._run, spec, self._timeout)] = spec

    def finished(self) -> list[CellResult]:
        """Results that have arrived; a cell that the scheduler gives up is lost."""
        done, _ = wait(self._tasks, timeout=_POLL, return_when=FIRST_COMPLETED)
        refusals = [e for e in map(self._refusal, done) if e is not None]
        if refusals and len(refusals) == len(done):
            raise refusals[0]
        results = [self._result(f, self._tasks.pop(f)) for f in done if not self._refusal(f)]
        return [result for result in results if result is not None]

    def _refusal(self, future: Future[CellResult]) -> InvalidInput | None:
        """Why no cell can run, where that is what came back."""
        if future.cancelled():
            return _gone("it has cancelled a cell")
        error = future.exception()
        return error if isinstance(error, InvalidInput) else None

    def _result(self, future: Future[CellResult], spec: CellSpec) -> CellResult | None:
        error = future.exception()
        if error is None:
            self._unable = 0
            return future.result()
        if type(error).__name__ == "KilledWorker":
            return lost(spec, f"its workers died, or it {too_long(self._timeout)} on each")
        # a cell catches what is raised in it: the worker could not even begin, or not answer
        self._unable += 1
        if self._unable >= UNABLE:
            raise InvalidInput(
                f"--dask: the workers cannot run cells ({_flat(error)}); install the same version"
                " of ncheck where they run"
            )
        self.submit(spec)
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
