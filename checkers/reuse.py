"""Whether the record of an earlier check says what a check would say now."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from checkers import catalogue
from checkers.check import code_of, environment
from checkers.record import Record
from checkers.store import Store, check_cell
from checkers.verdict import Verdict
from checkers.witnesses import file_digests


def stored_record(store: Store, id: str, profile: str, seed: int, folder: Path) -> Record | None:
    """The stored record of a statement that has not changed since; None where there is none.

    Formulas, code, profile, seed and the versions of the libraries are those of now, and its
    witness files in ``folder`` are as it left them. A check in which something failed is none that
    counts: the failure may have been the machine's. The device is not asked for, as a verdict does
    not depend on it.
    """
    try:
        statement = catalogue.load(id)
    except catalogue.BrokenStatementError:
        return None
    record = store.record(id, statement.digest, check_cell(profile, seed), code_of(id))
    if record is None or any(f.verdict is Verdict.ERROR for f in record.findings):
        return None
    if _libraries(record.environment) != _libraries(environment()):
        return None
    files = dict(record.files)
    if files != file_digests(record, folder) or set(files) != set(record.paths):
        return None
    return record


def _libraries(versions: Mapping[str, str]) -> dict[str, str]:
    """Versions of everything but our own code, which each statement has of its own."""
    return {name: version for name, version in versions.items() if name != "code"}
