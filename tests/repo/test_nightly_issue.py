"""The nightly run keeps one issue: opened, brought up to date, and no other touched."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ISSUE = ".ci/nightly-issue"
TITLE = "Nightly: a finding contradicts its standing"

GH = """#!/usr/bin/env bash
echo "$@" >> "$LOG"
while [ $# -gt 0 ]; do
    if [ "$1" = --body-file ]; then cat "$2" > "$LOG.body"; fi
    shift
done
if [ "$(tail -n 1 "$LOG" | cut -d" " -f1-2)" = "issue list" ]; then
    if [ "$OPEN" = none ]; then exit 1; fi
    printf "%s" "$OPEN"
fi
"""


@pytest.fixture
def issue(root: Path, tmp_path: Path):
    """``issue(open)``: calls of a recorded gh where those issues are open, and the body given."""
    (tmp_path / "bin").mkdir()
    gh = tmp_path / "bin" / "gh"
    gh.write_text(GH)
    gh.chmod(0o755)
    report = ("# Report", "## Not as claimed", "- `a` fails", "## Refuted", "- `b`")
    (tmp_path / "tonight.md").write_text("\n".join([*report, "## Found in sweeps", "- `c`", ""]))
    (tmp_path / "status.txt").write_text("a theorem refuted\n" + "x" * 70_000)

    def issue(*found: str, status: int = 0) -> tuple[list[str], str]:
        log = tmp_path / "log"
        log.unlink(missing_ok=True)
        environment = {
            **os.environ,
            "PATH": f"{gh.parent}:{os.environ['PATH']}",
            "LOG": str(log),
            "OPEN": "\n".join(found),
            "RUN": "https://example.org/7",
            "SEED": "20250102",
        }
        done = subprocess.run(
            [str(root / ISSUE), "tonight.md", "status.txt", "properties.txt"],
            cwd=tmp_path, env=environment,
        )  # fmt: skip
        assert done.returncode == status
        calls = log.read_text().splitlines()
        body = Path(f"{log}.body")
        return [" ".join(c.split()[:3]) for c in calls], body.read_text() if body.exists() else ""

    return issue


def test_one_issue_is_opened_and_then_kept_up_to_date(issue) -> None:
    calls, body = issue()
    assert calls == ["label create nightly", "issue list --state", "issue create --title"]
    assert "https://example.org/7 (seed 20250102" in body
    assert "- `a` fails" in body
    assert "- `c`" in body
    assert "- `b`" not in body
    assert "a theorem refuted" in body
    assert len(body) <= 60_000
    calls, again = issue(f"14\t{TITLE}, or not", f"12\t{TITLE}", f"9\t{TITLE}")
    assert calls[2:] == ["issue edit 12", "issue comment 12"]
    assert again == body


def test_an_issue_of_another_title_is_left_alone(issue) -> None:
    calls, _ = issue("14\tThe nightly run is slow", f"13\tRe: {TITLE}")
    assert calls[2:] == ["issue create --title"]


def test_where_issues_cannot_be_listed_none_is_opened(issue) -> None:
    assert issue("none", status=1)[0] == ["label create nightly", "issue list --state"]
