"""The store: records in one SQLite file, each put whole or not at all.

A record is kept under (statement, its digest, cell, code version), so that a check that is run
again replaces itself and the union of two stores holds nothing twice. Of two records of a
statement the newer is the one put later. The cells of sweeps are kept under the same key, each
once, whichever run, machine or merged store it comes from.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from checkers.instance import InvalidInput
from checkers.record import Record, from_json, to_json
from checkers.swept import (
    CellResult,
    Total,
    from_text,
    to_text,
    total_from_text,
    total_to_text,
)

SCHEMA = 2
"""Kept in the file as ``user_version``. Schema 1 had no cells; such a file gets a table of them."""

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

_CELLS = """
CREATE TABLE cells (
    statement TEXT NOT NULL,
    digest TEXT NOT NULL,
    cell TEXT NOT NULL,
    code TEXT NOT NULL,
    lost INTEGER NOT NULL,
    result TEXT NOT NULL,
    seconds REAL NOT NULL,
    PRIMARY KEY (statement, digest, cell, code)
) WITHOUT ROWID
"""

_PUT_CELL = """
INSERT INTO cells (statement, digest, cell, code, lost, result, seconds)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    lost = excluded.lost, result = excluded.result, seconds = excluded.seconds
WHERE (excluded.lost, excluded.result) < (cells.lost, cells.result)
"""
"""A cell is written once. Where two machines disagree, what was found counts rather than that a
worker was lost, and then the same one of the two whichever came first."""


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

    @classmethod
    @contextmanager
    def read(cls, path: Path) -> Iterator[Store]:
        """A copy of a store in memory, with an older schema migrated; the file stays as it is."""
        if path.is_dir():
            raise InvalidInput(f"store {path}: a folder given, an SQLite file expected")
        if not path.is_file():
            raise InvalidInput(
                f"store {path}: no such file; run ncheck check or ncheck sweep first"
            )
        log = path.with_name(path.name + "-wal")
        # without a log nobody is writing, and nothing need be made beside the file to read it
        how = "mode=ro" if log.exists() and log.stat().st_size else "immutable=1"
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            with _refusals(path):
                uri = f"{path.absolute().as_uri()}?{how}"
                with closing(sqlite3.connect(uri, uri=True, timeout=WAIT)) as source:
                    source.backup(copy)
                if _is_empty(copy):
                    raise InvalidInput(f"store {path}: an empty file; run ncheck check first")
                _prepare(copy, path)
            yield cls(copy, path)

    def put(self, record: Record, cell: str) -> None:
        """Keep a record; the same statement, cell and code version are replaced."""
        key = (record.id, record.digest, cell, record.code)
        text = json.dumps(to_json(record))
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
        return tuple(record for _, record in self.rows())

    def latest(self) -> tuple[Record, ...]:
        """The newest record of every statement, sorted by id."""
        with _refusals(self._path):
            rows = self._connection.execute(
                "SELECT record FROM records WHERE sequence IN"
                " (SELECT MAX(sequence) FROM records GROUP BY statement) ORDER BY statement"
            )
            return tuple(_parse(text, str(self._path)) for (text,) in rows)

    def put_cells(self, results: Iterable[CellResult]) -> None:
        """Keep what came of cells; one that is there already stays as it is."""
        rows = [
            (
                r.spec.statement,
                r.spec.digest,
                r.spec.key,
                r.spec.code,
                r.lost,
                to_text(r),
                r.seconds,
            )
            for r in results
        ]
        with _refusals(self._path), _transaction(self._connection):
            self._connection.executemany(_PUT_CELL, rows)

    def cell_keys(self, code: str) -> frozenset[tuple[str, str, str]]:
        """Statement, digest and key of every cell that a version of the code has done, not lost."""
        with _refusals(self._path):
            rows = self._connection.execute(
                "SELECT statement, digest, cell FROM cells WHERE code = ? AND NOT lost", (code,)
            )
            return frozenset((id, digest, key) for id, digest, key in rows)

    def cells(self, code: str | None = None) -> Iterator[CellResult]:
        """What came of all cells, or those of a version of the code, in the order of their keys."""
        where, given = ("", ()) if code is None else ("WHERE code = ?", (code,))
        with _refusals(self._path):
            rows = self._connection.execute(
                f"SELECT result, seconds FROM cells {where} ORDER BY statement, digest, cell, code",
                given,
            )
            for text, seconds in rows:
                try:
                    yield from_text(text, seconds)
                except (AttributeError, KeyError, TypeError, ValueError) as error:
                    raise InvalidInput(
                        f"store {self._path}: holds a cell that this version cannot read"
                        f" ({error}); give another --store"
                    ) from None

    def rows(self) -> Iterator[tuple[str, Record]]:
        """Every record with its cell, in the order in which they were put."""
        with _refusals(self._path):
            rows = self._connection.execute("SELECT cell, record FROM records ORDER BY sequence")
            for cell, text in rows:
                yield cell, _parse(text, str(self._path))

    def counts(self) -> tuple[int, int]:
        """How many records and cells there are."""
        with _refusals(self._path):
            (records,) = self._connection.execute("SELECT COUNT(*) FROM records").fetchone()
            (cells,) = self._connection.execute("SELECT COUNT(*) FROM cells").fetchone()
        return records, cells

    def cell_counts(self) -> dict[str, int]:
        """How many cells there are of each statement, of any version."""
        with _refusals(self._path):
            rows = self._connection.execute("SELECT statement, COUNT(*) FROM cells GROUP BY 1")
            return dict(rows.fetchall())

    def keep_current(self, code: str, digests: Mapping[str, str]) -> None:
        """Drop records of other statements than these, and all but one of each.

        That one is the newest of this version of the code and of the statement's digest or, where
        there is none, the newest.
        """
        with _refusals(self._path), _transaction(self._connection):
            rows = self._connection.execute(
                "SELECT statement, digest, code, sequence FROM records"
            ).fetchall()
            best: dict[str, tuple[bool, int]] = {}
            for id, digest, of, sequence in rows:
                if id in digests:
                    one = ((digest, of) == (digests[id], code), sequence)
                    best[id] = max(best.get(id, one), one)
            kept = {sequence for _, sequence in best.values()}
            self._connection.executemany(
                "DELETE FROM records WHERE sequence = ?",
                [(row[3],) for row in rows if row[3] not in kept],
            )

    def export(self, folder: Path) -> None:
        """Write the newest record of every statement to ``<folder>/<id>.json``."""
        folder.mkdir(parents=True, exist_ok=True)
        for record in self.latest():
            part = folder / f".{record.id}.{os.getpid()}.part"
            part.write_text(json.dumps(to_json(record), indent=1) + "\n", encoding="utf-8")
            part.replace(folder / f"{record.id}.json")

    def import_records(self, folder: Path) -> None:
        """Put the records of exported files, in the order of their names."""
        for record in read_records(folder):
            self.put(record, check_cell(record.profile, record.seed))


def export_totals(totals: Iterable[Total], folder: Path) -> None:
    """Write each total to ``<folder>/<id>.json``; the files of other statements are removed."""
    files = {f"{total.statement}.json": total_to_text(total) for total in totals}
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.json"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        part = folder / f".{name}.{os.getpid()}.part"
        part.write_text(text, encoding="utf-8")
        part.replace(folder / name)


def read_totals(folder: Path) -> tuple[Total, ...]:
    """The totals that ``export_totals`` wrote to a folder, sorted by id; none without a folder."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(total_from_text(path.read_text(encoding="utf-8")))
        except (OSError, AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput(
                f"{path}: what sweeps have found expected, but it cannot be read ({error}); remove"
                " it and run ncheck report"
            ) from None
    return tuple(sorted(found, key=lambda total: total.statement))


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
                connection.execute(_CELLS)
                connection.execute(f"PRAGMA application_id = {APPLICATION}")
                connection.execute(f"PRAGMA user_version = {SCHEMA}")
    application, schema = _pragma(connection, "application_id"), _pragma(connection, "user_version")
    if application != APPLICATION:
        raise InvalidInput(f"store {path}: an SQLite file of another program; give another --store")
    if schema == 1:
        schema = _migrate(connection)
    if schema != SCHEMA:
        raise InvalidInput(
            f"store {path}: schema {schema} given, {SCHEMA} expected; give another --store or"
            " move this file away"
        )
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")


def _migrate(connection: sqlite3.Connection) -> int:
    """Give a file of schema 1 its table of cells; returns the schema that it then has."""
    with _transaction(connection):
        if _pragma(connection, "user_version") == 1:  # another process may have been faster
            connection.execute(_CELLS)
            connection.execute(f"PRAGMA user_version = {SCHEMA}")
    return _pragma(connection, "user_version")


def _is_empty(connection: sqlite3.Connection) -> bool:
    (objects,) = connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    return not (objects or _pragma(connection, "application_id"))


def _pragma(connection: sqlite3.Connection, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
