"""The nightly workflow: its commands exist, its parts are there, and it keeps one issue."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import complaint

WORKFLOW = ".github/workflows/nightly.yml"
ISSUE = ".ci/nightly-issue"

GH = """#!/usr/bin/env bash
echo "$@" >> "$LOG"
while [ $# -gt 0 ]; do
    if [ "$1" = --body-file ]; then cat "$2" > "$LOG.body"; fi
    shift
done
if [ "$(tail -n 1 "$LOG" | cut -d" " -f1-2)" = "issue list" ]; then printf "%s" "$OPEN"; fi
"""


@pytest.fixture(scope="module")
def workflow(root: Path) -> str:
    return (root / WORKFLOW).read_text(encoding="utf-8")


def scripts(workflow: str) -> Iterator[str]:
    """What the steps run."""
    lines = workflow.splitlines()
    for i, line in enumerate(lines):
        found = re.fullmatch(r"( *)(?:- )?run: (.*)", line)
        if found and found[2] != "|":
            yield found[2]
        elif found:
            block = []
            for following in lines[i + 1 :]:
                if following.strip() and not following.startswith(found[1] + "  "):
                    break
                block.append(following)
            yield textwrap.dedent("\n".join(block))


def commands(workflow: str) -> Iterator[list[str]]:
    """Every call of ncheck and make, in words, without what is done with its output."""
    for script in scripts(workflow):
        for line in script.splitlines():
            called = re.match(r"(?:\.venv/bin/)?((?:ncheck|make) .*)", line.strip())
            if called:
                yield shlex.split(re.split(r" (?:\|\||&&|[|>;]) ", called[1])[0])


def test_commands_exist(root: Path, workflow: str) -> None:
    found = list(commands(workflow))
    assert {words[1] for words in found} == {
        "install", "sweep", "merge", "check", "report",
    }  # fmt: skip
    assert not [told for words in found if (told := complaint(words, root))]


def test_commands_that_do_not_exist_are_found(root: Path) -> None:
    planted = """
      - run: make instal
      - name: Two
        run: |
          set -e
          .venv/bin/ncheck chekc --seed 1 || status=$?
          .venv/bin/ncheck check --sede 1 > x.txt
    """
    assert [complaint(words, root) for words in commands(planted)] == [
        "make has no target instal",
        "ncheck has no command chekc",
        "ncheck check has no option --sede",
    ]


def test_the_steps_are_shell_that_parses(workflow: str) -> None:
    found = list(scripts(workflow))
    assert len(found) >= 8
    for script in found:
        told = re.sub(r"\$\{\{.*?\}\}", "x", script)
        checked = subprocess.run(["bash", "-n", "-c", told], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr


def test_its_parts_are_there(workflow: str) -> None:
    assert "\t" not in workflow
    for part in (
        "schedule:", "workflow_dispatch:", "NCHECK_HYPOTHESIS_PROFILE: nightly", "issues: write",
        "path: results/store.sqlite", "path: .hypothesis/examples", "results/witnesses/",
        "date -u +%Y%m%d", "concurrency:", f"run: {ISSUE} ",
    ):  # fmt: skip
        assert part in workflow, part
    matrix = re.search(r"shard: \[([\d, ]+)\]", workflow)
    of = re.search(r"SHARD: \$\{\{ matrix.shard \}\}/(\d+)", workflow)
    assert matrix
    assert of
    assert [int(k) for k in matrix[1].split(",")] == list(range(1, int(of[1]) + 1))
    for cache in ("store", "hypothesis"):
        keys = re.findall(rf"^ *key: ncheck-{cache}-(.*)$", workflow, re.MULTILINE)
        saved = [key for key in keys if key.endswith("-${{ github.run_attempt }}")]
        assert len(saved) == 1, "saved once, under a key that no earlier run has"
        assert len(keys) > 1, "and restored"
    jobs = re.findall(r"^  (\w+):$", workflow.split("\njobs:\n")[1], re.MULTILINE)
    assert jobs == ["plan", "sweep", "properties", "report"]
    needed = re.findall(r"^    needs: \[?([\w, ]+)\]?$", workflow, re.MULTILINE)
    assert {name for names in needed for name in names.split(", ")} <= set(jobs)


@pytest.fixture
def issue(root: Path, tmp_path: Path):
    """``issue(open)``: calls of a recorded gh where that issue is open, and the body given."""
    (tmp_path / "bin").mkdir()
    gh = tmp_path / "bin" / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    report = ("# Report", "## Not as claimed", "- `a` fails", "## Refuted", "- `b`")
    (tmp_path / "REPORT.md").write_text("\n".join([*report, "## Found in sweeps", "- `c`", ""]))
    (tmp_path / "status.txt").write_text("a theorem refuted\n" + "x" * 70_000)

    def issue(number: str) -> tuple[list[str], str]:
        log = tmp_path / f"log{number}"
        environment = {
            **os.environ,
            "PATH": f"{gh.parent}:{os.environ['PATH']}",
            "LOG": str(log),
            "OPEN": number,
            "RUN": "https://example.org/7",
            "SEED": "20250102",
        }
        subprocess.run(
            [str(root / ISSUE), "REPORT.md", "status.txt", "properties.txt"],
            cwd=tmp_path, env=environment, check=True,
        )  # fmt: skip
        calls = log.read_text().splitlines()
        return [" ".join(call.split()[:3]) for call in calls], Path(f"{log}.body").read_text()

    return issue


def test_one_issue_is_opened_and_then_kept_up_to_date(issue) -> None:
    calls, body = issue("")
    assert calls == ["label create nightly", "issue list --state", "issue create --title"]
    assert "https://example.org/7 (seed 20250102" in body
    assert "- `a` fails" in body
    assert "- `c`" in body
    assert "- `b`" not in body
    assert "a theorem refuted" in body
    assert len(body) <= 60_000
    calls, again = issue("12")
    assert calls[2:] == ["issue edit 12", "issue comment 12"]
    assert again == body
