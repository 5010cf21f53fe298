from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import count

import pytest

from checkers.store import Store
from checkers.swept import CellResult, counterexample_path
from checkers.verdict import Verdict
from late import Late

ID = "ji2022_kkt_is_collapse"

sweep = Late("checkers.sweep.run", "sweep")
Plainest = Late("checkers.sweep.plainest", "Plainest")


class AtOnce:
    """An engine of this thread, with a verdict for every cell and a text for some."""

    free, able = 1, True

    def __init__(self, texts=()):
        self._texts = dict(texts)
        self._done = []

    @property
    def busy(self):
        return len(self._done)

    def submit(self, spec):
        self._done.append(
            CellResult(spec, Verdict.HOLDS, counterexample=self._texts.get(spec.index))
        )

    def finished(self):
        found, self._done = self._done, []
        return found


@pytest.fixture
def run(tmp_path):
    """Sweep cells with the engine above; what the sweep says of itself."""

    def swept(cells, budget=None, texts=()):
        @contextmanager
        def engine():
            yield AtOnce(texts)

        with Store.open(tmp_path / "s.sqlite") as store:
            codes = {ID: "c0de"}
            return sweep(cells, engine, store, tmp_path, codes, budget, lambda r, before: None)

    return swept


@pytest.fixture
def cells(small):
    return [replace(small.cells[0], statement=ID, index=i, code="c0de") for i in range(6)]


def test_the_shard_of_a_budget_may_be_empty(run, cells):
    begun = time.monotonic()
    outcome = run((replace(cells[0], index=0) for _ in iter(count())), budget=0.5)
    assert time.monotonic() - begun < 30
    assert outcome.given_up == 0
    begun = time.monotonic()
    known = run((cells[0] for _ in iter(count())), budget=0.5)  # all of them are there by now
    assert time.monotonic() - begun < 30
    assert known.before > 0


def test_a_lost_cell_is_tried_again(run, cells, tmp_path):
    lost = [CellResult(c, Verdict.ERROR, reason="its worker died", lost=True) for c in cells[:2]]
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put_cells([*lost, CellResult(cells[2], Verdict.ERROR, reason="ValueError: no")])
    assert run(cells).before == 1
    with Store.read(tmp_path / "s.sqlite") as store:
        found = {r.spec.index: r for r in store.cells()}
    assert not any(r.lost for r in found.values())
    assert [i for i, r in found.items() if r.verdict is Verdict.ERROR] == [2]


@pytest.mark.parametrize("there", [None, b"", b"\xff\xfe", b"x"])
def test_the_file_is_the_plainest_counterexample_of_the_store(run, cells, tmp_path, there):
    path = tmp_path / counterexample_path(cells[0].statement)
    if there is not None:
        path.parent.mkdir(parents=True)
        path.write_bytes(there)
    run(cells[:3], texts={0: "longer", 1: "bb", 2: "cc"})
    assert path.read_text() == "bb"
    path.unlink()
    run(cells, texts={3: "a long one", 4: "ab"})
    assert path.read_text() == "ab"
    path.write_text("")
    run(cells)
    assert path.read_text() == "ab"


def test_of_another_version_of_the_code_no_counterexample_counts(run, cells, tmp_path):
    old = CellResult(replace(cells[0], code="old"), Verdict.REFUTED, counterexample="o")
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put_cells([old])
    run(cells[:2], texts={1: "longer"})
    assert (tmp_path / counterexample_path(cells[0].statement)).read_text() == "longer"


def test_the_order_of_results_does_not_matter(cells, tmp_path):
    texts = ["bb", "a", "c", "aaa", "zz", "b"]
    results = [
        CellResult(c, Verdict.REFUTED, counterexample=t) for c, t in zip(cells, texts, strict=True)
    ]
    for name, order in (("one", results), ("other", results[::-1])):
        plainest = Plainest(tmp_path / name)
        plainest.see(order[:3])
        plainest.see(order[3:])
        path = tmp_path / name / counterexample_path(cells[0].statement)
        assert path.read_text() == "a"
