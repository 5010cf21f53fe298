"""Ways in which a worker fails, as functions that worker processes can import."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from checkers.instance import InvalidInput
from checkers.swept import CellResult, CellSpec
from checkers.verdict import Verdict

TOUCHY = 3
"""The number of the cell on which a worker fails, in the order of the plan."""


def ready() -> None:
    """What a worker does first where it is to be quick."""


def never_ready() -> None:
    """As where an import hangs."""
    time.sleep(600)


def _result(spec: CellSpec) -> CellResult:
    return CellResult(spec, Verdict.HOLDS, drawn=1)


def dies_once(spec: CellSpec) -> CellResult:
    mark = Path(os.environ["NCHECK_TEST_MARKS"]) / "died"
    if spec.index == TOUCHY and not mark.exists():
        mark.touch()
        os._exit(9)
    return _result(spec)


def dies(spec: CellSpec) -> CellResult:
    if spec.index == TOUCHY:
        os._exit(9)
    return _result(spec)


def hangs(spec: CellSpec) -> CellResult:
    if spec.index == TOUCHY:
        time.sleep(600)
    return _result(spec)


def waits(spec: CellSpec) -> CellResult:
    """As the cell is, but slow enough for its worker to be killed on the way."""
    from checkers.sweep.cell import run_cell

    time.sleep(0.1)
    return run_cell(spec)


def rests(spec: CellSpec) -> CellResult:
    """Takes its turn among the threads of a worker, as a cell does."""
    from checkers.sweep.cell import ALONE

    with ALONE:
        time.sleep(0.3)
    return _result(spec)


def refuses(spec: CellSpec) -> CellResult:
    """As on a machine with another version of the code, but for the first cells."""
    if spec.index >= TOUCHY:
        raise InvalidInput("install the same version")
    return _result(spec)


def _fail() -> None:
    raise ModuleNotFoundError("No module named 'checkers'")


class Foreign:
    """A run that cannot even be read where it should run."""

    def __call__(self, spec: CellSpec) -> CellResult:
        return _result(spec)

    def __reduce__(self) -> Any:
        return _fail, ()
