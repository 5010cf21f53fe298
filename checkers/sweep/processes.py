"""Cells in worker processes of this machine, through concurrent.futures."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess

from checkers.check import settle
from checkers.instance import InvalidInput
from checkers.sweep.cell import run_cell
from checkers.sweep.engines import POLL, UNABLE, Run, lost, too_long
from checkers.swept import CellResult, CellSpec

TRIES = 2
"""Workers that a cell may cost."""

START = 120.0
"""Seconds that a worker has to be ready, or as long as a cell may run where that is longer."""


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
        self.begun = time.monotonic()
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

    @property
    def futures(self) -> list[Future[CellResult]]:
        """Those of the cells that run."""
        return [w.task.future for w in self._workers if w is not None and w.task is not None]

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
        wait(self.futures, timeout=POLL, return_when=FIRST_COMPLETED)
        working = [w for w in self._workers if w is not None and w.task is not None]
        found = []
        for worker in working:
            if worker.task is not None:
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
            if task.started is not None and now - task.started >= self._timeout:
                self._drop(worker)
                return lost(task.spec, too_long(self._timeout))
            if task.started is None and now - worker.begun >= max(START, self._timeout):
                self._drop(worker)
                self._not_begun(task)
            return None
        error = task.future.exception()
        if error is None:
            self._unable = 0
            worker.task = None
            return task.future.result()
        if isinstance(error, InvalidInput):
            worker.task = None
            raise error
        if not isinstance(error, BrokenProcessPool):  # the result could not be sent, say
            worker.task = None
            return lost(task.spec, f"{type(error).__name__}: {error}")
        begun = worker.ready.done() and worker.ready.exception() is None
        self._drop(worker)
        if not begun:
            self._not_begun(task)
            return None
        self._unable = 0
        if task.tries >= TRIES:
            return lost(task.spec, f"its worker died, {TRIES} times")
        self._again.append((task.spec, task.tries))
        return None

    def _not_begun(self, task: _Task) -> None:
        """Its worker was never ready, which is no fault of the cell."""
        self._again.append((task.spec, task.tries - 1))
        self._unable += 1
        if self._unable >= UNABLE:
            raise InvalidInput(
                f"{UNABLE} worker processes in a row died before they were ready, or were not in"
                " time; check the memory of this machine or give fewer --workers"
            )

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
