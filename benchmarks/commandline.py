"""What the benchmarks share: their options, and the file that figures are written to."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path


def options(told: str, rounds: int) -> tuple[int, Path | None]:
    """Rounds (``rounds`` by default) and the file asked for, if any; ends where one is wrong.

    ``told`` is the docstring of the benchmark, of which the first line is shown as help.
    """
    parser = argparse.ArgumentParser(description=told.splitlines()[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    parser.add_argument("--rounds", type=int, default=rounds, help="rounds a figure is taken from")
    given = parser.parse_args()
    if given.rounds < 1:
        parser.error(f"--rounds must be at least 1, not {given.rounds}")
    if given.json is not None and given.json.is_dir():
        parser.error(f"--json must name a file, {given.json} is a folder")
    return given.rounds, given.json


def write(figures: Mapping[str, object], path: Path | None) -> None:
    """The figures as JSON, where a file was asked for."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(figures, indent=2) + "\n")
