"""Listing statements and collecting tests must be quick: neither loads torch."""

from __future__ import annotations

from pathlib import Path

import pytest

LIST_AND_SHOW = """
import sys
from checkers import catalogue
from checkers.cli import main

for id in catalogue.ids():
    catalogue.load(id)
    assert main(["show", id]) == 0
assert main(["list"]) == 0
assert main(["list", "--json"]) == 0
assert "torch" not in sys.modules, "torch was imported"
"""

WATCH = """
import sys

blamed = []


def pytest_collectreport(report):
    if "torch" in sys.modules and not blamed:
        blamed.append(report.nodeid)


def pytest_sessionfinish(session):
    assert session.testscollected, "nothing was collected"
    if "torch" in sys.modules:
        print("torch was imported by", *blamed)
        session.exitstatus = 77
"""

FOUND = 77


UNCHECKED = """
import sys
from checkers.quantities.norms import squared_norm

assert not hasattr(squared_norm.batched, "__wrapped__"), "shapes are checked"
assert not {"beartype", "shapes"} & set(sys.modules)
"""


@pytest.fixture
def collect(run, tmp_path: Path):
    """``collect(*folders, cwd=..., path=...)``: pytest --collect-only there, watched for torch."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "torch_watch.py").write_text(WATCH)

    def collect(*folders: str, cwd: Path, path: tuple[Path, ...] = ()):
        options = ("--collect-only", "-q", "-p", "torch_watch", "-p", "no:cacheprovider")
        return run("-m", "pytest", *options, *folders, cwd=cwd, path=(tmp_path / "watch", *path))

    return collect


def test_statements_are_listed_and_shown_without_torch(root: Path, run) -> None:
    found = run("-c", LIST_AND_SHOW, cwd=root)
    assert found.returncode == 0, found.stderr


def test_shapes_are_checked_in_tests_alone(root: Path, run) -> None:
    found = run("-c", UNCHECKED, cwd=root)
    assert found.returncode == 0, found.stderr


def test_tests_are_collected_without_torch(root: Path, collect) -> None:
    found = collect("tests", cwd=root)
    blamed = [line for line in found.stdout.splitlines() if "torch was imported" in line]
    assert found.returncode == 0, blamed or found.stdout[-2000:] + found.stderr


def test_a_test_that_imports_torch_at_collection_is_found(collect, tmp_path: Path) -> None:
    """A module of that name is planted, as the real one is slow to load."""
    (tmp_path / "torch.py").write_text("")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "test_late.py").write_text("def test_it():\n    import torch\n")
    assert collect("test_late.py", cwd=tmp_path, path=(tmp_path,)).returncode == 0
    (tmp_path / "test_early.py").write_text("import torch\n\n\ndef test_it():\n    pass\n")
    found = collect("test_late.py", "test_early.py", cwd=tmp_path, path=(tmp_path,))
    assert found.returncode == FOUND
    assert "torch was imported by test_early.py" in found.stdout
