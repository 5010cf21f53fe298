"""Two nightly runs draw different instances, two runs of ci the same; CI is set in both."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

RECORDING = """
import json
from pathlib import Path

from hypothesis import given, settings

from checkers import catalogue
from checkers.sampling.strategies import instances

drawn = []


@settings(max_examples=6)
@given(instances(catalogue.load("ji2022_margin_bound")))
def test_record(instance):
    drawn.append(instance.provenance + instance.digest)


def test_keep():
    Path("drawn.json").write_text(json.dumps([drawn, settings.default.max_examples]))
"""


@pytest.fixture
def drawn(root: Path, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """``drawn(profile)``: digests of the instances of a run, and the profile's ``max_examples``."""
    tests = tmp_path / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(root / "tests" / "conftest.py", tests)
    (tests / "test_recording.py").write_text(RECORDING)
    monkeypatch.setenv("CI", "true")

    def drawn(profile: str) -> tuple[list[str], int]:
        monkeypatch.setenv("NCHECK_HYPOTHESIS_PROFILE", profile)
        options = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist")
        found = run("-m", "pytest", *options, "tests", cwd=tests.parent, path=(root,))
        assert found.returncode == 0, found.stdout + found.stderr
        told, examples = json.loads((tests.parent / "drawn.json").read_text())
        return told, examples

    return drawn


def test_nightly_runs_differ_and_ci_runs_do_not(drawn) -> None:
    first, many = drawn("nightly")
    second, _ = drawn("nightly")
    assert many == 2000
    assert len(first) >= 6
    assert set(first) != set(second)
    assert len(set(first) & set(second)) < 4, "the plainest example may be drawn by both"
    first, few = drawn("ci")
    assert first == drawn("ci")[0]
    assert few < many
