"""Two nightly runs draw different instances, two runs of ci the same; what failed is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_statements as battery
from hypothesis import Phase, settings
from hypothesis.database import InMemoryExampleDatabase

from checkers import evaluation
from checkers.verdict import Verdict

RECORDING = """
import json
import os
import runpy
import sys

from hypothesis import given, settings

from checkers import catalogue
from checkers.sampling.strategies import instances


def record(profile):
    os.environ["NCHECK_HYPOTHESIS_PROFILE"] = profile
    runpy.run_path(sys.argv[1])
    drawn = []

    @settings(max_examples=6)
    @given(instances(catalogue.load("ji2022_margin_bound")))
    def test(instance):
        drawn.append(f"{instance.provenance}{instance.digest}")

    test()
    print(json.dumps([drawn, settings.default.max_examples]), flush=True)


for profile in sys.argv[2:]:
    if os.fork() == 0:  # each has Hypothesis as it was; what is imported is imported once
        record(profile)
        os._exit(0)
    os.wait()
"""


def test_nightly_runs_differ_and_ci_runs_do_not(
    root: Path, run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an environment with ``CI``, as where they run, which Hypothesis heeds too."""
    monkeypatch.setenv("CI", "true")
    (tmp_path / "tests").mkdir()
    conftest = shutil.copy(root / "tests" / "conftest.py", tmp_path / "tests")
    profiles = ("nightly", "nightly", "ci", "ci")
    found = run(
        "-c", RECORDING, str(conftest), *profiles, cwd=tmp_path, path=(root, root / "tests")
    )
    assert found.returncode == 0, found.stderr
    (first, many), (second, _), (third, few), (fourth, _) = map(
        json.loads, found.stdout.splitlines()
    )
    assert many == 2000
    assert len(first) >= 6
    assert set(first) != set(second)
    assert len(set(first) & set(second)) < 4, "the plainest example may be drawn by both"
    assert third == fourth
    assert few < many


@pytest.fixture
def database() -> Iterator[InMemoryExampleDatabase]:
    """What Hypothesis keeps, in a profile of few examples."""
    before = settings.get_current_profile_name()
    kept = InMemoryExampleDatabase()
    settings.register_profile(
        "kept", deadline=None, max_examples=3, derandomize=False, database=kept,
        phases=(Phase.reuse, Phase.generate),
    )  # fmt: skip
    settings.load_profile("kept")
    yield kept
    settings.load_profile(before)


def test_a_statement_that_passes_leaves_the_failures_of_others(
    database: InMemoryExampleDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The battery's property test, where one statement is said to be refuted by all instances."""
    wrong, right = "ji2022_margin_bound", "ji2022_loss_bound"

    def verdict(statement, _) -> Verdict:
        return Verdict.REFUTED if statement.id == wrong else Verdict.HOLDS

    monkeypatch.setattr(evaluation, "verdict_on", verdict)
    test = battery.TestStatement().test_no_drawn_instance_refutes_a_theorem
    with pytest.raises(AssertionError):
        test(wrong)
    kept = {key: set(examples) for key, examples in database.data.items()}
    assert any(kept.values())
    test(right)
    assert {key: set(examples) for key, examples in database.data.items()} == kept
