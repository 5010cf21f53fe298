"""The nightly workflow: its jobs, conditions, files and shell."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import complaint

from checkers import cli
from checkers.cli import catalogue as listing

WORKFLOW = ".github/workflows/nightly.yml"
ISSUE = ".ci/nightly-issue"
Step = Mapping[str, Any]

NCHECK = """#!/usr/bin/env bash
echo "$@" >> log
while [ $# -gt 0 ]; do
    if [ "$1" = -o ]; then echo new > "$2"; fi
    command=${command:-$1}
    shift
done
eval "exit \\${$command:-0}"
"""
"""Ends with the status that a variable of the command's name holds."""


@pytest.fixture(scope="module")
def workflow(root: Path) -> dict[Any, Any]:
    return yaml.safe_load((root / WORKFLOW).read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def jobs(workflow) -> dict[str, dict[str, Any]]:
    return workflow["jobs"]


def using(job: Mapping[str, Any], action: str) -> list[Step]:
    """The steps of a job that use an action, of whatever version."""
    return [s for s in job["steps"] if s.get("uses", "").partition("@")[0] == action]


def named(job: Mapping[str, Any], start: str) -> Step:
    """The one step of a job whose name begins so."""
    (found,) = (step for step in job["steps"] if step.get("name", "").startswith(start))
    return found


def commands(scripts: Sequence[str]) -> Iterator[list[str]]:
    """Every call of ncheck and make, in words, without what is done with its output."""
    for script in scripts:
        for line in script.splitlines():
            called = re.match(r"(?:\.venv/bin/)?((?:ncheck|make) .*)", line.strip())
            if called:
                yield shlex.split(re.split(r" (?:\|\||&&|[|>;]) ", called[1])[0])


@pytest.fixture(scope="module")
def scripts(jobs) -> list[str]:
    """What the steps run."""
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def test_commands_exist(root: Path, scripts) -> None:
    found = list(commands(scripts))
    assert {words[1] for words in found} == {
        "install", "sweep", "merge", "check", "report",
    }  # fmt: skip
    assert not [told for words in found if (told := complaint(words, root))]


def test_commands_that_do_not_exist_are_found(root: Path) -> None:
    planted = [
        "make instal",
        "set -e\n.venv/bin/ncheck chekc --seed 1 || status=$?\n"
        ".venv/bin/ncheck check --sede 1 > x.txt",
    ]
    assert [complaint(words, root) for words in commands(planted)] == [
        "make has no target instal",
        "ncheck has no command chekc",
        "ncheck check has no option --sede",
    ]


def test_the_steps_are_shell_that_parses_and_hold_no_expression(scripts) -> None:
    """What somebody typed comes in by the environment, where it is no shell."""
    assert len(scripts) >= 8
    for script in scripts:
        assert "${{" not in script
        checked = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


# --------------------------------------------------------------------------- jobs


def test_jobs_their_rights_and_what_they_wait_for(workflow, jobs) -> None:
    needs = {name: job.get("needs", []) for name, job in jobs.items()}
    assert needs == {
        "plan": [],
        "sweep": "plan",
        "properties": "plan",
        "report": ["plan", "sweep", "properties"],
    }
    assert workflow["permissions"] == {"contents": "read"}
    rights = {name: job["permissions"] for name, job in jobs.items() if "permissions" in job}
    assert rights == {"report": {"contents": "read", "issues": "write"}}
    assert workflow["concurrency"]["cancel-in-progress"] is False
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}, "`on` is a boolean in YAML"
    assert all("timeout-minutes" in job for job in jobs.values())
    shards = jobs["sweep"]["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, len(shards) + 1))
    assert jobs["sweep"]["env"]["SHARD"] == f"${{{{ matrix.shard }}}}/{len(shards)}"
    assert jobs["properties"]["env"] == {"NCHECK_HYPOTHESIS_PROFILE": "nightly"}


def test_every_output_that_is_read_is_one_that_is_set(jobs) -> None:
    for job in jobs.values():
        ids = {step["id"] for step in job["steps"] if "id" in step}
        for id, output in re.findall(r"steps\.(\w+)\.outputs\.(\w+)", str(job)):
            assert id in ids
            (step,) = (s for s in job["steps"] if s.get("id") == id)
            assert f"{output}=" in step["run"], output
        for needed, output in re.findall(r"needs\.(\w+)\.outputs\.(\w+)", str(job)):
            assert needed in job["needs"]
            assert output in jobs[needed]["outputs"], output


@pytest.mark.parametrize(("job", "path", "key"), [
    ("report", "results/store.sqlite", "ncheck-store-"),
    ("properties", ".hypothesis/examples", "ncheck-hypothesis-"),
])  # fmt: skip
def test_one_job_restores_and_saves_what_is_kept_from_night_to_night(jobs, job, path, key) -> None:
    """The shards of a new seed begin with nothing; a key that is saved is one of no other run."""
    for action in ("actions/cache/restore", "actions/cache/save"):
        found = {
            name: [s["with"] for s in using(j, action) if s["with"]["path"] == path]
            for name, j in jobs.items()
        }
        assert [name for name, steps in found.items() if steps] == [job]
        (given,) = found[job]
        assert given["key"].startswith(key + "${{ github.run_id }}")
        if action.endswith("save"):
            assert given["key"].endswith("-${{ github.run_attempt }}")
        else:
            assert given["restore-keys"] == key


def landed(paths: str, files: Sequence[str]) -> list[str]:
    """Where files lie in an artifact: from the folder of the one file, or that all paths share."""
    searched = [path.rstrip("/") for path in paths.split()]
    kept = [f for f in files if any(f == s or f.startswith(s + "/") for s in searched)]
    alone = len(searched) == 1
    top = os.path.dirname(searched[0]) if alone else os.path.commonpath(searched)
    return [os.path.relpath(file, top) for file in kept]


SWEPT = ("results/store.sqlite", "results/store.sqlite-wal", "results/witnesses/a/sweep.json")


def test_what_is_uploaded_is_kept_for_two_weeks_and_whatever_happened(jobs) -> None:
    uploads = [s for job in jobs.values() for s in using(job, "actions/upload-artifact")]
    assert len(uploads) == 3
    for step in uploads:
        assert step["if"] == "always()"
        assert step["with"]["retention-days"] == 14
    (shard,) = using(jobs["sweep"], "actions/upload-artifact")
    assert landed(shard["with"]["path"], SWEPT) == [
        "store.sqlite", "store.sqlite-wal", "witnesses/a/sweep.json",
    ]  # fmt: skip
    (properties,) = using(jobs["properties"], "actions/upload-artifact")
    assert landed(properties["with"]["path"], ["properties.txt"]) == ["properties.txt"]
    fetched = [s["with"] for s in using(jobs["report"], "actions/download-artifact")]
    assert fetched == [
        {"pattern": "shard-*", "path": "shards"}, {"name": properties["with"]["name"]},
    ]  # fmt: skip
    assert shard["with"]["name"] == "shard-${{ matrix.shard }}"


# --------------------------------------------------------------------------- conditions

CONTRADICTED = {"verdict": {"contradicted": "1"}}
FAILED = {"failed": "1"}


def runs(condition: str, known: Mapping[str, str], good: bool) -> bool:
    """The value of a condition; names that are not known are empty, as they are there."""
    text = condition if "always()" in condition else f"good and ({condition})"
    text = text.replace("always()", "True").replace("&&", " and ").replace("||", " or ")
    text = re.sub(r"\b(?:steps|needs)\.[\w.-]+", lambda m: repr(known.get(m[0], "")), text)
    return bool(eval(text, {"good": good}))


@pytest.mark.parametrize(
    ("broken", "verdict", "properties", "issue", "saved"),
    [
        (None, {}, {}, False, True),
        (None, CONTRADICTED, {}, True, True),
        (None, {}, FAILED, True, True),
        ("Merge", {}, FAILED, True, False),
        ("Merge", {}, {}, False, False),
        ("Check", {}, {}, False, True),
        ("Check", CONTRADICTED, {}, True, True),
        ("make install", {}, FAILED, True, False),
    ],
)
def test_an_issue_is_for_findings_only(jobs, broken, verdict, properties, issue, saved) -> None:
    """A job that could not be installed, or was out of time, has told nothing of a statement."""
    known = {
        f"{kind}.{name}.outputs.{output}": value
        for kind, told in (("steps", verdict), ("needs", {"properties": properties}))
        for name, outputs in told.items()
        for output, value in outputs.items()
    }
    good, ran = True, []
    for step in jobs["report"]["steps"]:
        if not runs(step.get("if", "True"), known, good):
            continue
        name = step.get("name") or step.get("run") or step["uses"]
        ran.append(name)
        fails = broken is not None and name.startswith(broken)
        known[f"steps.{step.get('id')}.outcome"] = "failure" if fails else "success"
        good &= not fails and name != "Fail where something contradicts its standing"
    assert any(name.startswith("Open the issue") for name in ran) == issue
    assert ("Save the store" in ran) == saved
    assert ("Fetch what the property tests printed" in ran) == bool(properties)
    assert "Keep the report and the witnesses" in ran
    assert good == (broken is None and not verdict)


def test_the_report_waits_for_all_and_runs_whatever_became_of_them(jobs) -> None:
    for result in ("success", "failure"):
        found = runs(jobs["report"]["if"], {"needs.plan.result": result}, good=False)
        assert found == (result == "success")


# --------------------------------------------------------------------------- shell

Shell = Callable[..., tuple[int, list[str]]]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """``shell(step, name=value)``: status and outputs of what a step runs, in a folder of its own.

    The ``ncheck`` and the ``python`` there do nothing but end with the status given.
    """
    stub = tmp_path / ".venv" / "bin"
    stub.mkdir(parents=True)
    (stub / "ncheck").write_text(NCHECK)
    (stub / "python").write_text('#!/usr/bin/env bash\necho "$@" >> log\nexit "$python"\n')
    for path in stub.iterdir():
        path.chmod(0o755)
    (tmp_path / "results").mkdir()

    def shell(step: Step, **given: object) -> tuple[int, list[str]]:
        output = tmp_path / "output"
        output.write_text("")
        environment = {"GITHUB_OUTPUT": str(output), "SEED": "7", "BUDGET": "50m", "SHARD": "1/4"}
        done = subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=tmp_path, capture_output=True, text=True,
            env={**os.environ, **environment, **{k: str(v) for k, v in given.items()}},
        )  # fmt: skip
        return done.returncode, output.read_text().splitlines()

    return shell


@pytest.mark.parametrize(
    ("budget", "minutes"),
    [("50m", 50), ("3h", 180), ("1h30m", 90), ("08m", 8), ("90s", 2), ("5h", 300)],
)
def test_a_budget_of_any_length_has_the_time_it_needs(shell, jobs, budget, minutes) -> None:
    status, told = shell(jobs["plan"]["steps"][0], BUDGET=budget, SEED="12")
    assert status == 0
    found = dict(line.split("=") for line in told)
    assert (found["seed"], found["budget"]) == ("12", budget)
    assert minutes + 15 <= int(found["sweep_minutes"]) <= int(found["job_minutes"]) - 30
    assert int(found["job_minutes"]) <= 360, "no job of GitHub's runs longer"
    assert set(found) == set(jobs["plan"]["outputs"])
    step = named(jobs["sweep"], "Sweep")
    for limited, output in ((step, "sweep_minutes"), (jobs["sweep"], "job_minutes")):
        assert limited["timeout-minutes"] == f"${{{{ fromJSON(needs.plan.outputs.{output}) }}}}"


@pytest.mark.parametrize("budget", ["6h", "an hour", "50", "1h; ls", "-5m"])
def test_a_budget_that_is_none_is_refused(shell, jobs, budget) -> None:
    assert shell(jobs["plan"]["steps"][0], BUDGET=budget, SEED="") == (2, [])


def test_the_seed_is_the_date_where_none_is_given(shell, jobs) -> None:
    _, told = shell(jobs["plan"]["steps"][0], SEED="")
    assert re.fullmatch(r"seed=20\d{6}", told[0])


@pytest.mark.parametrize(("status", "passes"), [(0, True), (1, True), (2, False), (3, False)])
def test_a_shard_that_found_something_has_not_failed(shell, jobs, status, passes) -> None:
    assert (shell(named(jobs["sweep"], "Sweep"), sweep=status)[0] == 0) == passes


@pytest.mark.parametrize(("status", "told"), [(0, []), (1, ["failed=1"]), (2, []), (4, [])])
def test_only_property_tests_that_failed_are_findings(shell, jobs, status, told) -> None:
    assert shell(named(jobs["properties"], "Property tests"), python=status) == (status, told)


@pytest.mark.parametrize("status", [0, 1, 2, 3])
@pytest.mark.parametrize("alone", [False, True])
def test_merge_takes_every_store_and_replaces_none_where_it_fails(
    shell, jobs, tmp_path: Path, status: int, alone: bool
) -> None:
    """One shard alone has, in some releases of the action, no folder of its own."""
    (upload,) = using(jobs["sweep"], "actions/upload-artifact")
    for shard in (1,) if alone else (1, 2):
        for name in landed(upload["with"]["path"], SWEPT):
            path = tmp_path / "shards" / ("" if alone else f"shard-{shard}") / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("swept")
    store = tmp_path / "results" / "store.sqlite"
    store.write_text("old")
    assert shell(named(jobs["report"], "Merge"), merge=status) == (status, [])
    shards = ["shards"] if alone else ["shards/shard-1", "shards/shard-2"]
    stores = " ".join(f"{folder}/store.sqlite" for folder in shards)
    assert (tmp_path / "log").read_text() == (
        f"merge --current results/store.sqlite {stores} -o results/merged.sqlite\n"
    )
    assert store.read_text() == ("old" if status else "new\n")


@pytest.mark.parametrize("check", [0, 1, 2, 3])
@pytest.mark.parametrize("sweep", [0, 1, 2, 3])
def test_a_crash_is_no_finding_and_hides_none(
    shell, jobs, tmp_path: Path, check: int, sweep: int
) -> None:
    (tmp_path / "REPORT.md").write_text("committed")
    step = named(jobs["report"], "Check")
    status, told = shell(step, check=check, sweep=sweep)
    assert (status == 0) == (check < 2 and sweep < 2)
    assert told == (["contradicted=1"] if 1 in (check, sweep) else [])
    quoted = named(jobs["report"], "Open the issue")["run"].split()
    assert quoted[0] == ISSUE
    assert (tmp_path / quoted[1]).read_text() == "new\n", "written by this run"
    assert (tmp_path / "REPORT.md").read_text() == "committed"
    assert quoted[1] != "REPORT.md"
    assert (tmp_path / quoted[2]).exists()


def test_a_crash_of_ncheck_has_a_status_of_its_own(monkeypatch, capsys) -> None:
    """Python's is 1, as is that of a finding."""

    def explode() -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(listing.catalogue, "ids", explode)
    assert cli.main(["list"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert "Traceback" in told.err
    assert "RuntimeError: boom" in told.err
    assert told.err.splitlines()[-1].startswith("ncheck: failed with the RuntimeError above")
