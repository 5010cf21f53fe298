"""A small plan, and what its cells give when they are run one by one in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from checkers import catalogue
from checkers.store import Store
from late import Late

plan = Late("checkers.sweep.plan", "plan")
run_cell = Late("checkers.sweep.cell", "run_cell")
sweep = Late("checkers.sweep.run", "sweep")
code_of = Late("checkers.check", "code_of")
render = Late("checkers.report", "render")
totals = Late("checkers.swept", "totals")

IDS = ("ji2022_margin_bound", "ji2022_kkt_is_collapse")
"""A theorem, and a statement that is false and refuted by some of the cells."""

CELLS = 120


@dataclass(frozen=True)
class Small:
    """The first cells of a sweep of ``IDS`` with the seed 3."""

    cells: tuple[Any, ...]
    results: frozenset[Any]

    @property
    def words(self) -> list[str]:
        """``sweep``'s arguments for the same cells."""
        return [*IDS, "--cells", str(len(self.cells)), "--seed", "3", "--work", "tiny"]


@pytest.fixture(scope="session")
def small() -> Small:
    statements, codes = [catalogue.load(id) for id in IDS], {id: code_of(id) for id in IDS}
    cells = tuple(plan(statements, codes, 3, "tiny", cells=CELLS))
    results = frozenset(run_cell(cell) for cell in cells)
    assert len(results) == len(cells)
    return Small(cells, results)


@pytest.fixture
def stored(small) -> Callable[[Path], frozenset[Any]]:
    """The cells of a store, each of them there once."""

    def read(path: Path) -> frozenset[Any]:
        with Store.open(path, create=False) as store:
            found = list(store.cells())
        assert len(set(found)) == len(found)
        return frozenset(found)

    return read


@pytest.fixture
def report(make_record) -> Callable[[Path], str]:
    """The report of a store to which the same records are added."""
    statements = {id: catalogue.load(id) for id in IDS}
    records = [make_record(s.id, digest=s.digest, code=code_of(s.id)) for s in statements.values()]

    def rendered(path: Path) -> str:
        with Store.open(path, create=False) as store:
            text = render(records, statements, "results", totals(store.cells()))
        assert text != render(records, statements, "results")
        return text

    return rendered


@pytest.fixture
def uninterrupted(small, tmp_path) -> Path:
    """A store with the cells as they were run in this process."""
    path = tmp_path / "uninterrupted" / "store.sqlite"
    with Store.open(path) as store:
        store.put_cells(small.results)
    return path


@pytest.fixture
def run_with(tmp_path) -> Callable[..., Path]:
    """Sweep cells with an engine into a new store; returns its path."""

    def run(
        cells: Sequence[Any], engine: Callable[[], Any], tell: Any = lambda r, before: None
    ) -> Path:
        path = tmp_path / "run" / "store.sqlite"
        with Store.open(path) as store:
            sweep(cells, engine, store, path.parent, {id: code_of(id) for id in IDS}, None, tell)
        return path

    return run


@pytest.fixture
def once(tmp_path, monkeypatch) -> Path:
    """A folder, known to the workers, for marks of what has happened there once."""
    monkeypatch.setitem(os.environ, "NCHECK_TEST_MARKS", str(tmp_path))
    return tmp_path
