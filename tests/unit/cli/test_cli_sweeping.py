from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue
from checkers.store import Store
from checkers.swept import CellResult
from checkers.verdict import Verdict
from late import Late

ID = "ji2022_margin_bound"

plan = Late("checkers.sweep.plan", "plan")
code_of = Late("checkers.check", "code_of")


@pytest.fixture
def put():
    """Put cells of one verdict each into the store."""

    def make(*verdicts, **changes):
        cells = list(plan([catalogue.load(ID)], {ID: code_of(ID)}, 0, "tiny", cells=len(verdicts)))
        lost = changes.pop("lost", False)
        results = [
            CellResult(replace(c, **changes), v, 10, 9, reason=f"for a {v.word}", lost=lost)
            for c, v in zip(cells, verdicts, strict=True)
        ]
        with Store.open(Path("results/store.sqlite")) as store:
            store.put_cells(results)

    return make


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("no budget", "--budget 30m")),
        (("nobody2020_nothing", "--cells", "3"), ("nobody2020_nothing",)),
        (("--budget", "soon"), ("--budget", "soon", "1h30m")),
        (("--budget", "0s"), ("--budget", "0s")),
        (("--budget", "30"), ("--budget", "30m")),
        (("--budget", "-3m"), ("-3m",)),
        (("--cells", "0"), ("--cells",)),
        (("--cells", "3", "--shard", "3/2"), ("--shard", "3/2")),
        (("--cells", "3", "--shard", "0/2"), ("--shard", "0/2")),
        (("--cells", "3", "--shard", "half"), ("--shard", "half")),
        (("--cells", "3", "--workers", "0"), ("--workers",)),
        (("--cells", "3", "--timeout", "0"), ("--timeout",)),
        (("--cells", "3", "--work", "none"), ("--work", "none")),
        (("--cells", "3", "--workers", "2", "--dask", "tcp://h:1"), ("--workers", "--dask")),
        (("--budget", "9" * 400 + "h"), ("--budget", "1h30m")),
        (("--cells", "3", "--shard", "1/" + "9" * 5000), ("--shard",)),
        (("--status", "--cells", "3"), ("--status", "--cells")),
        (("--status", "--shard", "2/2"), ("--status", "--shard")),
        (("--status", "--workers", "2"), ("--status", "--workers")),
        (("--status",), ("no such file",)),
    ],
)
def test_a_wrong_call_is_told_in_one_line(ncheck, written, arguments, words):
    assert ncheck("sweep", *arguments).is_refused(*words)
    assert written() == []


def test_a_store_that_is_none_is_refused(ncheck):
    Path("s.sqlite").write_text("no database\n" * 100)
    assert ncheck("sweep", ID, "--cells", 3, "--store", "s.sqlite").is_refused("SQLite")
    assert ncheck("sweep", "--status", "--store", "s.sqlite").is_refused("SQLite")


@pytest.mark.parametrize(
    ("verdicts", "status"),
    [
        ([Verdict.HOLDS, Verdict.VACUOUS], 0),
        ([Verdict.HOLDS, Verdict.REFUTED], 1),
        ([Verdict.HOLDS, Verdict.ERROR], 1),
    ],
)
def test_the_status_is_told_and_is_the_exit_status(ncheck, put, verdicts, status):
    put(*verdicts)
    before = Path("results/store.sqlite").read_bytes()
    found = ncheck("sweep", "--status")
    assert (found.status, found.err) == (status, "")
    assert ID in found.out
    assert "2 cells" in found.out
    assert ("for a" in found.out) == bool(status)
    assert Path("results/store.sqlite").read_bytes() == before


def test_what_was_lost_is_told_and_contradicts_nothing(ncheck, put):
    put(Verdict.HOLDS)
    put(Verdict.ERROR, Verdict.ERROR, lost=True, seed=5)
    found = ncheck("sweep", "--status")
    assert (found.status, found.err) == (0, "")
    assert "3 cells" in found.out
    assert "lost" in found.out


def test_the_name_of_a_store_is_no_markup(ncheck, put):
    put(Verdict.HOLDS)
    Path("a[/b]").mkdir(parents=True)
    Path("results/store.sqlite").rename("a[/b]/[red].sqlite")
    found = ncheck("sweep", "--status", "--store", "a[/b]/[red].sqlite")
    assert found.status == 0
    assert "in a[/b]/[red].sqlite" in found.out


def test_cells_of_another_version_are_told_of_but_not_counted(ncheck, put):
    put(Verdict.HOLDS)
    put(Verdict.REFUTED, Verdict.REFUTED, code="other")
    put(Verdict.ERROR, digest="other")
    found = ncheck("sweep", "--status", ID)
    assert found.status == 0
    assert "1 cell, " in found.out
    assert "3 of other versions" in found.out


def test_what_is_there_is_not_done_again_and_counts(ncheck, put):
    put(Verdict.HOLDS, Verdict.REFUTED, Verdict.HOLDS)
    found = ncheck("sweep", ID, "--cells", 3, "--work", "tiny", "--workers", 1)
    assert found.status == 1
    assert "0 cells in 0 s, 3 of the plan were there before" in found.out


def test_a_sweep_through_the_command_line(ncheck):
    found = ncheck("sweep", ID, "--budget", "1s", "--work", "tiny", "--workers", 1)
    assert (found.status, found.err) == (0, "")
    assert "holds" in found.out
    with Store.open(Path("results/store.sqlite")) as store:
        assert all(r.verdict <= Verdict.VACUOUS for r in store.cells())


def test_a_file_that_does_not_load_is_told_of_and_ends_no_sweep(ncheck, more_statements, put):
    (more_statements / "broken_claim.py").write_text("1 / 0\n")
    wanted = (ID, "broken_claim", "--cells", 2, "--work", "tiny", "--workers", 1)
    put(Verdict.HOLDS, Verdict.HOLDS)
    for found in (ncheck("sweep", *wanted), ncheck("sweep", "--status", ID, "broken_claim")):
        assert found.status == 1
        assert "holds" in found.out
        assert found.err.startswith("ncheck: left out: broken_claim")
        assert found.err.count("\n") == 1
    assert ncheck("sweep", "broken_claim", "--cells", 2).is_refused("broken_claim", "division")


def test_merge(ncheck, put):
    put(Verdict.HOLDS, Verdict.HOLDS)
    Path("results/store.sqlite").rename("a.sqlite")
    put(Verdict.HOLDS)
    found = ncheck("merge", "a.sqlite", "results/store.sqlite", "-o", "c.sqlite")
    assert (found.status, found.out) == (0, "c.sqlite: 0 records, 2 cells of 2 stores\n")


def test_merge_of_what_is_current(ncheck, put):
    put(Verdict.HOLDS, Verdict.HOLDS)
    put(Verdict.HOLDS, code="old")
    found = ncheck("merge", "results/store.sqlite", "-o", "c.sqlite", "--current")
    assert (found.status, found.out) == (0, "c.sqlite: 0 records, 2 cells of 1 store\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("STORE",)),
        (("a.sqlite",), ("--output",)),
        (("a.sqlite", "missing.sqlite", "-o", "c.sqlite"), ("missing.sqlite", "no such file")),
        (("a.sqlite", "-o", "a.sqlite"), ("a.sqlite", "not overwritten")),
        (("a.sqlite", "-o", "deep/c.sqlite"), ("no folder",)),
        (("results", "-o", "c.sqlite"), ("results", "folder given")),
    ],
)
def test_a_wrong_merge_is_told_in_one_line(ncheck, put, written, arguments, words):
    put(Verdict.HOLDS)
    Path("results/store.sqlite").rename("a.sqlite")
    before = written()
    assert ncheck("merge", *arguments).is_refused(*words)
    assert written() == before
