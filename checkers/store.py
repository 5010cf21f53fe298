"""The store: records in one SQLite file, each put whole or not at all.

A record is kept under (statement, its digest, cell, code version), so that a check that is run
again replaces itself and the union of two stores holds nothing twice. Of two records of a
statement the newer is the one put later.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from checkers.instance import InvalidInput
from checkers.record import Record, from_json, to_json

SCHEMA = 1
"""Kept in the file as ``user_version``."""

APPLICATION = 0x6E636865
"""Kept in the file as ``application_id``: tells our files from other SQLite files ("nche")."""

WAIT = 30.0
"""Seconds to wait for another process that is writing."""

_TABLE = """
CREATE TABLE records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    statement TEXT NOT NULL,
    digest TEXT NOT NULL,
    cell TEXT NOT NULL,
    code TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (statement, digest, cell, code)
)
"""


class Store:
    """An open store; obtain one with ``Store.open``."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        """``connection`` is to a file of our schema."""
        self._connection = connection
        self._path = path

    @classmethod
    @contextmanager
    def open(cls, path: Path, create: bool = True) -> Iterator[Store]:
        """Open a store, closed at the end of the block; ``create`` makes it where there is none.

        Raises InvalidInput for a file that is none of ours, which is left as it is.
        """
        if path.is_dir():
            raise InvalidInput(f"store {path}: a folder given, an SQLite file expected")
        if not path.exists() and not create:
            raise InvalidInput(f"store {path}: no such file; run ncheck check first")
        with _refusals(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(path.absolute(), timeout=WAIT, isolation_level=None)
        with closing(connection):
            with _refusals(path):
                if not create and _is_empty(connection):
                    raise InvalidInput(f"store {path}: an empty file; run ncheck check first")
                _prepare(connection, path)
            yield cls(connection, path)

    def put(self, record: Record, cell: str) -> None:
        """Keep a record; the same statement, cell and code version are replaced."""
        key = (record.id, record.digest, cell, record.code)
        text = json.dumps(to_json(record), sort_keys=True)
        with _refusals(self._path), _transaction(self._connection):
            self._connection.execute(
                "DELETE FROM records WHERE statement = ? AND digest = ? AND cell = ? AND code = ?",
                key,
            )
            self._connection.execute(
                "INSERT INTO records (statement, digest, cell, code, record)"
                " VALUES (?, ?, ?, ?, ?)",
                (*key, text),
            )

    def records(self) -> tuple[Record, ...]:
        """All records, in the order in which they were put."""
        with _refusals(self._path):
            rows = self._connection.execute("SELECT record FROM records ORDER BY sequence")
            return tuple(_parse(text, str(self._path)) for (text,) in rows)

    def latest(self) -> tuple[Record, ...]:
        """The newest record of every statement, sorted by id."""
        with _refusals(self._path):
            rows = self._connection.execute(
                "SELECT record FROM records WHERE sequence IN"
                " (SELECT MAX(sequence) FROM records GROUP BY statement) ORDER BY statement"
            )
            return tuple(_parse(text, str(self._path)) for (text,) in rows)

    def export(self, folder: Path) -> None:
        """Write the newest record of every statement to ``<folder>/<id>.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        for record in self.latest():
            part = folder / f".{record.id}.{os.getpid()}.part"
            part.write_text(
                json.dumps(to_json(record), sort_keys=True, indent=1) + "\n", encoding="utf-8"
            )
            part.replace(folder / f"{record.id}.json")

    def import_records(self, folder: Path) -> None:
        """Put the records of exported files, in the order of their names."""
        for record in read_records(folder):
            self.put(record, check_cell(record.profile, record.seed))


def check_cell(profile: str, seed: int) -> str:
    """The cell of a record that ``ncheck check`` makes."""
    return f"check:{profile}:{seed}"


def read_records(folder: Path) -> tuple[Record, ...]:
    """The records that ``Store.export`` wrote to a folder, sorted by id."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"{path}: a record expected, but it cannot be read ({error}); remove it"
            ) from None
        found.append(_parse(text, str(path)))
    return tuple(sorted(found, key=lambda record: record.id))


def _parse(text: str, where: str) -> Record:
    try:
        return from_json(json.loads(text))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise InvalidInput(
            f"{where}: holds a record that this version cannot read ({error}); remove it and run"
            " ncheck check again"
        ) from None


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """What SQLite and the system say of a file, as one line of ours."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise InvalidInput(
            f"store {path}: cannot be used as an SQLite file ({error}); give another --store"
        ) from None


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Everything in the block or, on any exception, nothing; waits for another writer."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make the table in an empty file; refuse a file that is not of our schema."""
    if _is_empty(connection):
        with _transaction(connection):
            if _is_empty(connection):  # another process may have been faster
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
    application, schema = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    if application != APPLICATION:
        raise InvalidInput(f"store {path}: an SQLite file of another program; give another --store")
    if schema != SCHEMA:
        raise InvalidInput(
            f"store {path}: schema {schema} given, {SCHEMA} expected; give another --store or"
            " move this file away"
        )
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _is_empty(connection: sqlite3.Connection) -> bool:
    (objects,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    return not (objects or _pragma(connection, "application_id"))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
