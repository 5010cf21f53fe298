from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from checkers.instance import InvalidInput
from checkers.store import Store, read_records
from checkers.verdict import Verdict


def test_a_record_comes_back_as_it_was_put(tmp_path, make_record):
    record = make_record()
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put(record, "check:quick:7")
    with Store.open(tmp_path / "s.sqlite", create=False) as store:
        assert store.records() == (record,)


def test_the_same_statement_cell_and_code_are_kept_once(tmp_path, make_record):
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put(make_record(seconds=1.0), "check:quick:7")
        store.put(make_record(seconds=2.0), "check:quick:7")
        assert [r.seconds for r in store.records()] == [2.0]


@pytest.mark.parametrize("change", [{"code": "other"}, {"digest": "other"}, {"id": "other"}])
def test_another_code_digest_or_statement_is_another_record(tmp_path, make_record, change):
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put(make_record(), "cell")
        store.put(make_record(**change), "cell")
        store.put(make_record(), "another cell")
        assert len(store.records()) == 3


def test_latest_is_the_one_put_last_whatever_its_cell_and_sorted_by_id(tmp_path, make_record):
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put(make_record("b", seed=1), "check:quick:1")
        store.put(make_record("a", seed=2), "check:quick:2")
        store.put(make_record("b", seed=3), "check:quick:3")
        store.put(make_record("b", seed=1, seconds=9.0), "check:quick:1")
        assert [(r.id, r.seed, r.seconds) for r in store.latest()] == [
            ("a", 2, 31.4159),
            ("b", 1, 9.0),
        ]


def test_a_store_in_a_folder_that_does_not_exist_is_made(tmp_path):
    with Store.open(tmp_path / "results" / "deep" / "s.sqlite") as store:
        assert store.records() == ()


def test_export_is_one_file_a_statement_and_import_reads_it_back(tmp_path, make_record):
    records = (make_record("a"), make_record("b", verdict=Verdict.REFUTED, reason="violated"))
    with Store.open(tmp_path / "s.sqlite") as store:
        store.put(replace(records[1], seed=1), "older")
        for record in records:
            store.put(record, "cell")
        store.export(tmp_path / "records")
    texts = {p.name: p.read_text() for p in (tmp_path / "records").iterdir()}
    assert sorted(texts) == ["a.json", "b.json"]
    for text in texts.values():
        assert text == json.dumps(json.loads(text), indent=1) + "\n"
    assert read_records(tmp_path / "records") == records
    with Store.open(tmp_path / "other.sqlite") as other:
        other.import_records(tmp_path / "records")
        assert other.latest() == records


def _refused(path: Path, create: bool = True) -> str:
    with pytest.raises(InvalidInput) as caught, Store.open(path, create=create):
        pass
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_a_folder_is_refused(tmp_path):
    assert "folder" in _refused(tmp_path)


def test_a_missing_store_is_refused_where_it_must_exist(tmp_path):
    assert "ncheck check" in _refused(tmp_path / "s.sqlite", create=False)
    assert not (tmp_path / "s.sqlite").exists()


def test_an_empty_file_holds_no_records_but_can_become_a_store(tmp_path):
    (tmp_path / "s.sqlite").touch()
    assert "empty" in _refused(tmp_path / "s.sqlite", create=False)
    with Store.open(tmp_path / "s.sqlite") as store:
        assert store.records() == ()


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "s.sqlite"
    path.write_text("a text of which somebody is fond\n" * 100)
    before = path.read_bytes()
    assert "SQLite" in _refused(path)
    assert path.read_bytes() == before


def test_a_parent_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    _refused(tmp_path / "file" / "s.sqlite")


@pytest.mark.parametrize(
    "script",
    [
        "CREATE TABLE theirs (x)",
        "CREATE TABLE records (x); PRAGMA user_version = 1",
        "PRAGMA application_id = 1234",
    ],
)
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path, script):
    path = tmp_path / "s.sqlite"
    foreign = sqlite3.connect(path)
    foreign.executescript(script)
    foreign.close()
    before = path.read_bytes()
    assert "another program" in _refused(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("version", [0, 3])
def test_another_schema_is_refused_and_left_alone(tmp_path, version):
    path = tmp_path / "s.sqlite"
    with Store.open(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {version}")
    connection.close()
    before = path.read_bytes()
    assert f"schema {version}" in _refused(path)
    assert path.read_bytes() == before


def test_a_store_without_cells_gets_a_table_of_them_and_keeps_its_records(tmp_path, make_record):
    path = tmp_path / "s.sqlite"
    with Store.open(path) as store:
        store.put(make_record(), "check:quick:7")
    connection = sqlite3.connect(path)
    connection.executescript("DROP TABLE cells; PRAGMA user_version = 1")
    connection.close()
    before = path.read_bytes()
    with Store.read(path) as store:
        assert (store.records(), list(store.cells())) == ((make_record(),), [])
    assert path.read_bytes() == before
    with Store.open(path) as store:
        assert (store.records(), list(store.cells())) == ((make_record(),), [])
    with Store.open(path) as store:
        assert store.records() == (make_record(),)


def test_a_record_of_another_schema_is_refused(tmp_path, make_record):
    path = tmp_path / "s.sqlite"
    with Store.open(path) as store:
        store.put(make_record(schema=99), "cell")
        with pytest.raises(InvalidInput, match="99"):
            store.records()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}', "null"])
def test_a_damaged_exported_record_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(InvalidInput, match=r"a\.json"):
        read_records(tmp_path)


def test_two_writers_wait_for_each_other(tmp_path, make_record):
    path = tmp_path / "s.sqlite"
    failures: list[BaseException] = []

    def write(name: str) -> None:
        try:
            with Store.open(path) as store:
                for i in range(20):
                    store.put(make_record(name), f"{name}:{i}")
        except BaseException as error:
            failures.append(error)

    writers = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert not failures
    with Store.open(path) as store:
        assert len(store.records()) == 60


WRITER = """
import sys
from pathlib import Path
from checkers.store import Store
source, target = map(Path, sys.argv[1:])
with Store.open(source) as store:
    (record,) = store.records()
with Store.open(target) as store:
    for i in range(10**6):
        store.put(record, str(i))
"""


def test_a_killed_writer_leaves_whole_records(tmp_path, make_record):
    source, target = tmp_path / "source.sqlite", tmp_path / "s.sqlite"
    with Store.open(source) as store:
        store.put(make_record(), "cell")
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(source), str(target)])
    try:
        deadline = time.monotonic() + 60
        while not target.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.5)
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    with Store.open(target) as store:
        before = store.records()
        assert before
        assert all(record == make_record() for record in before)
        store.put(make_record("another"), "cell")
        assert len(store.records()) == len(before) + 1
    connection = sqlite3.connect(target)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
