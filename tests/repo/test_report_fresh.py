"""REPORT.md and the stored results are those of the statements as they are now."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue
from checkers.cli import main
from checkers.record import Record
from checkers.store import read_records, read_totals

ADVICE = "run make check and commit REPORT.md and results/"


@pytest.fixture(scope="module")
def records(root: Path) -> tuple[Record, ...]:
    return read_records(root / "results" / "records")


def rendered(root: Path, records: tuple[Record, ...]) -> str:
    from checkers.report import render

    statements = {r.id: catalogue.load(r.id) for r in records}
    return render(records, statements, "results", read_totals(root / "results" / "swept"))


def stale(records: tuple[Record, ...]) -> list[str]:
    """Statements without a record, and those that have changed since they were checked."""
    digests = {record.id: record.digest for record in records}
    return [id for id in catalogue.ids() if digests.get(id) != catalogue.load(id).digest]


def test_every_statement_was_checked_as_it_is_now(records: tuple[Record, ...]) -> None:
    assert not stale(records), ADVICE
    assert {r.id for r in records} == set(catalogue.ids()), f"records of no statement; {ADVICE}"


def test_the_report_is_fresh_in_a_clone(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As ``ncheck report --check`` tells where there is no store, only what is committed."""
    for name in ("records", "swept"):
        if (root / "results" / name).is_dir():
            shutil.copytree(root / "results" / name, tmp_path / "results" / name)
    shutil.copy(root / "REPORT.md", tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--check"]) == 0, ADVICE
    assert "fresh" in capsys.readouterr().out


def test_changes_are_found(root: Path, records: tuple[Record, ...]) -> None:
    first, *others = (replace(r, digest=catalogue.load(r.id).digest) for r in records)
    assert not stale((first, *others))
    assert stale(tuple(others)) == [first.id]
    assert stale((replace(first, digest="of another wording"), *others)) == [first.id]
    report = (root / "REPORT.md").read_text(encoding="utf-8")
    assert rendered(root, (replace(first, title="Another title"), *others)) != report


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
