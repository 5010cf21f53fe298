"""REPORT.md and the stored results are those of the statements as they are now."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue
from checkers.record import Record
from checkers.store import read_records

ADVICE = "run make check and commit REPORT.md and results/"


@pytest.fixture(scope="module")
def records(root: Path) -> tuple[Record, ...]:
    return read_records(root / "results" / "records")


def rendered(records: tuple[Record, ...]) -> str:
    from checkers.report import render

    return render(records, {r.id: catalogue.load(r.id) for r in records}, "results")


def stale(records: tuple[Record, ...]) -> list[str]:
    """Statements without a record, and those that have changed since they were checked."""
    digests = {record.id: record.digest for record in records}
    return [id for id in catalogue.ids() if digests.get(id) != catalogue.load(id).digest]


def test_every_statement_was_checked_as_it_is_now(records: tuple[Record, ...]) -> None:
    assert not stale(records), ADVICE
    assert {r.id for r in records} == set(catalogue.ids()), f"records of no statement; {ADVICE}"


def test_the_report_is_that_of_the_records(root: Path, records: tuple[Record, ...]) -> None:
    assert (root / "REPORT.md").read_text(encoding="utf-8") == rendered(records), ADVICE


def test_changes_are_found(root: Path, records: tuple[Record, ...]) -> None:
    first, *others = (replace(r, digest=catalogue.load(r.id).digest) for r in records)
    assert not stale((first, *others))
    assert stale(tuple(others)) == [first.id]
    assert stale((replace(first, digest="of another wording"), *others)) == [first.id]
    report = (root / "REPORT.md").read_text(encoding="utf-8")
    assert rendered((replace(first, title="Another title"), *others)) != report


def test_links_of_the_report_lead_somewhere(root: Path) -> None:
    report = (root / "REPORT.md").read_text(encoding="utf-8")
    targets = set(re.findall(r"\]\((results/[^)]+)\)", report))
    assert targets
    absent = sorted(t for t in targets if not (root / t).is_file())
    assert not absent, f"{absent}; {ADVICE}"


def test_everything_is_as_claimed(records: tuple[Record, ...]) -> None:
    assert not [record.id for record in records if not record.agrees]


@pytest.mark.parametrize("id", catalogue.ids())
def test_stored_instances_are_confirmed_from_their_files(root: Path, id: str) -> None:
    """All that are committed, whichever run wrote them."""
    from checkers.replay import replay

    files = sorted((root / "results" / "witnesses" / id).glob("*.json"))
    assert files, ADVICE
    assert not [path.name for path in files if not replay(path).confirmed]
