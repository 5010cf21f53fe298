"""A theorem is one file: a copied one is listed, checked, reported and tested by itself."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

MODEL = "ji2022_margin_bound"
COPY = "ji2022_copied_margin_bound"
FILE = "conjectures/ji2022/copied_margin_bound.py"


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    """A copy of the project, and in it a copy of one statement under another name."""
    ignore = shutil.ignore_patterns("__pycache__")
    for package in ("checkers", "conjectures"):
        shutil.copytree(root / package, tmp_path / package, ignore=ignore)
    (tmp_path / "tests").mkdir()
    for name in (
        "pyproject.toml",
        "tests/conftest.py",
        "tests/shapes.py",
        "tests/test_statements.py",
    ):
        shutil.copy(root / name, tmp_path / name)
    shutil.copy(tmp_path / "conjectures/ji2022/margin_bound.py", tmp_path / FILE)
    return tmp_path


def test_a_copied_file_is_a_statement_everywhere(project: Path, run) -> None:
    def ncheck(*arguments: str) -> str:
        found = run("-m", "checkers", *arguments, cwd=project, path=(project,))
        assert found.returncode == 0, found.stdout + found.stderr
        return found.stdout

    listed = {row["id"]: row["standing"] for row in json.loads(ncheck("list", "--json"))}
    assert listed[COPY] == listed[MODEL] == "theorem"

    options = ("--profile", "ci", "--store", "results/store.sqlite", "--json", "check.json")
    ncheck("check", COPY, *options)
    (result,) = json.loads((project / "check.json").read_text())["results"]
    assert (result["id"], result["verdict"], result["agrees"]) == (COPY, "holds", True)
    assert result["mutants"]
    assert all(m["killed"] and (project / m["witness"]).is_file() for m in result["mutants"])

    ncheck("report", "--store", "results/store.sqlite")
    report = (project / "REPORT.md").read_text(encoding="utf-8")
    assert f"\n### {COPY}\n" in report
    assert f"\n### {MODEL}\n" not in report

    # Those of its tests that need no second check.
    chosen = f"{COPY} and (well_formed or differ or witnesses or smallest)"
    options = ("-q", "-p", "no:cacheprovider", "-k", chosen)
    tested = run("-m", "pytest", *options, "tests", cwd=project, path=(project,))
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "4 passed" in tested.stdout


def test_a_broken_file_fails_alone(project: Path, run) -> None:
    """The copy does not load; the others are listed and the copy's own check says why."""
    (project / FILE).write_text('"""Not a statement."""\n\n1 / 0\n')
    listed = run("-m", "checkers", "list", "--json", cwd=project, path=(project,))
    standings = {row["id"]: row["standing"] for row in json.loads(listed.stdout)}
    assert listed.returncode == 0
    assert standings[COPY] == "broken"
    assert standings[MODEL] == "theorem"
    shown = run("-m", "checkers", "show", COPY, cwd=project, path=(project,))
    assert shown.returncode == 2
    assert len(shown.stderr.splitlines()) == 1
    assert "ZeroDivisionError" in shown.stderr
