from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from checkers.instance import InvalidInput
from checkers.store import Store
from checkers.swept import counterexample_path
from checkers.verdict import Verdict
from late import Late

merge_stores = Late("checkers.sweep.merge", "merge_stores")
code_of = Late("checkers.check", "code_of")

IDS = ("ji2022_margin_bound", "ji2022_kkt_is_collapse")


@pytest.fixture
def halves(small, tmp_path):
    """Two stores, each with one shard, and some cells in both."""
    paths = []
    for i in (1, 2):
        path = tmp_path / f"half{i}" / "store.sqlite"
        with Store.open(path) as store:
            store.put_cells(r for r in small.results if r.spec.in_shard((i, 2)))
            store.put_cells(r for r in small.results if r.spec.index == 0)
        paths.append(path)
    return paths


def test_two_shards_are_one_run(halves, small, stored, report, uninterrupted, tmp_path):
    before = [path.read_bytes() for path in halves]
    for order, name in ((halves, "ab"), (halves[::-1], "ba")):
        target = tmp_path / f"{name}.sqlite"
        codes = {id: code_of(id) for id in IDS}
        assert merge_stores(order, target, codes) == (0, len(small.results))
        assert stored(target) == small.results
        assert report(target) == report(uninterrupted)
    assert [path.read_bytes() for path in halves] == before
    assert [p.name for p in halves[0].parent.iterdir()] == ["store.sqlite"]
    assert (tmp_path / counterexample_path("ji2022_kkt_is_collapse")).exists()
    assert not list(tmp_path.glob("*.part*"))


def test_records_are_united_and_their_witness_files_come_along(halves, make_record, tmp_path):
    for path, id in zip(halves, ("b", "a"), strict=True):
        witness = f"witnesses/{id}/worst.json"
        with Store.open(path) as store:
            store.put(make_record(id, witnesses={"worst": witness}), "check:quick:7")
            store.put(make_record("both", seconds=1.0, witnesses={}), "check:quick:7")
        (path.parent / witness).parent.mkdir(parents=True)
        (path.parent / witness).write_text(id)
    (tmp_path / "new").mkdir()
    target = tmp_path / "new" / "store.sqlite"
    assert merge_stores(halves, target, {})[0] == 3
    with Store.open(target) as store:
        assert [r.id for r in store.latest()] == ["a", "b", "both"]
    for id in "ab":
        assert (target.parent / f"witnesses/{id}/worst.json").read_text() == id


def test_what_a_machine_has_lost_gives_way_to_what_another_has_found(small, tmp_path):
    result = next(iter(small.results))
    lost = replace(result, verdict=Verdict.ERROR, reason="its worker died", lost=True)
    paths = [tmp_path / name for name in ("found.sqlite", "lost.sqlite")]
    for path, kept in zip(paths, (result, lost), strict=True):
        with Store.open(path) as store:
            store.put_cells([kept])
    for order, name in ((paths, "a"), (paths[::-1], "b")):
        merge_stores(order, tmp_path / name, {})
        with Store.open(tmp_path / name) as store:
            assert list(store.cells()) == [result]


def test_only_what_is_current_can_be_kept(small, make_record, stored, tmp_path):
    result = max(small.results, key=lambda r: r.spec.key)
    id, digest, code = result.spec.statement, result.spec.digest, result.spec.code
    others = [
        replace(result, spec=replace(result.spec, code="old")),
        replace(result, spec=replace(result.spec, digest="old")),
        replace(result, spec=replace(result.spec, statement="gone2020_statement")),
    ]
    lost = replace(result, spec=replace(result.spec, seed=9), verdict=Verdict.ERROR, lost=True)
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put_cells([result, lost, *others])
        for name in (id, "gone2020_statement"):
            store.put(make_record(name, digest=digest, code=code), "check:quick:7")
            store.put(make_record(name, digest=digest, code="old"), "check:quick:7")
    target = tmp_path / "t.sqlite"
    assert merge_stores([tmp_path / "s.sqlite"], target, {id: code}, {id: digest}) == (1, 2)
    assert stored(target) == {result, lost}
    with Store.read(target) as store:
        assert [(r.id, r.code) for r in store.records()] == [(id, code)]
    assert merge_stores([tmp_path / "s.sqlite"], tmp_path / "all.sqlite", {}) == (4, 5)


def test_every_statement_has_a_version_of_its_own(small, make_record, stored, tmp_path):
    """What is current of one statement is so whatever has become of the other."""
    one, other = IDS
    codes = {one: "new", other: "as before"}
    results = {
        (r.spec.statement, code): replace(r, spec=replace(r.spec, code=code))
        for r in small.results
        for code in ("new", "as before")
    }
    digests = {r.spec.statement: r.spec.digest for r in small.results}
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put_cells(results.values())
        for id in IDS:
            for code in ("as before", "new"):
                store.put(make_record(id, digest=digests[id], code=code), "check:quick:7")
        kept = {results[one, "new"], results[other, "as before"]}
        assert set(store.cells(codes)) == kept
        assert store.cell_keys(codes) == {
            (r.spec.statement, r.spec.digest, r.spec.key) for r in kept
        }
        assert list(store.cells({})) == []
        assert store.cell_keys({one: "older"}) == frozenset()
    merge_stores([tmp_path / "s.sqlite"], tmp_path / "t.sqlite", codes, digests)
    assert stored(tmp_path / "t.sqlite") == kept
    with Store.read(tmp_path / "t.sqlite") as store:
        assert {r.id: r.code for r in store.records()} == codes


def test_a_cell_that_this_version_cannot_read_stands_in_no_way_of_the_current_ones(
    small, stored, tmp_path
):
    result = max(small.results, key=lambda r: r.spec.key)
    old = replace(result, spec=replace(result.spec, code="old"))
    path = tmp_path / "s.sqlite"
    with Store.open(path) as store:
        store.put_cells([result, old])
    connection = sqlite3.connect(path)
    connection.execute("""UPDATE cells SET result = '{"of": "the future"}' WHERE code = 'old'""")
    connection.commit()
    connection.close()
    id = result.spec.statement
    codes, only = {id: result.spec.code}, {id: result.spec.digest}
    assert merge_stores([path], tmp_path / "t.sqlite", codes, only) == (0, 1)
    with pytest.raises(InvalidInput, match="cannot read"):
        merge_stores([path], tmp_path / "all.sqlite", {})


def test_where_there_are_no_links_the_file_is_copied(halves, tmp_path, monkeypatch):
    def refuse(source, target):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("checkers.sweep.merge.os.link", refuse)
    target = tmp_path / "new.sqlite"
    _, cells = merge_stores(halves, target, {})
    with Store.read(target) as store:
        assert store.counts() == (0, cells)
    assert not list(tmp_path.glob("*.part*"))


def test_a_cell_is_written_once(small, tmp_path):
    result = replace(next(iter(small.results)), seconds=1.0)
    with Store.open(tmp_path / "s.sqlite") as store:
        for seconds in (1.0, 2.0):
            store.put_cells([replace(result, seconds=seconds)])
        assert [r.seconds for r in store.cells()] == [1.0]


def test_a_store_of_an_older_schema_is_read_and_left_as_it_is(halves, make_record, tmp_path):
    old = tmp_path / "old.sqlite"
    with Store.open(old) as store:
        store.put(make_record(), "check:quick:7")
    connection = sqlite3.connect(old)
    connection.executescript("DROP TABLE cells; PRAGMA user_version = 1")
    connection.close()
    before = old.read_bytes()
    assert merge_stores([old, halves[0]], tmp_path / "new.sqlite", {})[0] == 1
    assert old.read_bytes() == before


def test_a_store_that_is_being_written_can_be_read(halves, small, tmp_path):
    with Store.open(halves[0]) as writing:
        writing.put_cells(small.results)
        assert merge_stores(halves, tmp_path / "new.sqlite", {}) == (0, len(small.results))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("PRAGMA user_version = 9", "schema 9"),
        ("PRAGMA application_id = 9", "another program"),
    ],
)
def test_other_files_are_refused(halves, tmp_path, change, words):
    connection = sqlite3.connect(halves[1])
    connection.executescript(change)
    connection.close()
    target = tmp_path / "new.sqlite"
    with pytest.raises(InvalidInput, match=words):
        merge_stores(halves, target, {})
    assert not target.exists()
    assert not list(tmp_path.glob("*.part*"))


def test_a_store_that_is_there_is_not_overwritten(halves):
    before = halves[0].read_bytes()
    with pytest.raises(InvalidInput, match="not overwritten"):
        merge_stores(halves, halves[0], {})
    assert halves[0].read_bytes() == before
