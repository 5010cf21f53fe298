"""Whether the commands that texts and workflows show exist."""

from __future__ import annotations

import re
from pathlib import Path

import typer

from checkers.cli import app


def complaint(words: list[str], root: Path) -> str | None:
    """Why a command cannot be run as it is written, or None."""
    program, *rest = words
    if program == "python":
        return None if (root / rest[0]).exists() else f"there is no file {rest[0]}"
    if program == "make":
        targets = re.findall(r"^(\w+):", (root / "Makefile").read_text(), re.MULTILINE)
        wrong = [word for word in rest if "=" not in word and word not in targets]
        return f"make has no target {wrong[0]}" if wrong else None
    if program != "ncheck":
        return f"{program}: neither make, python nor ncheck"
    commands = typer.main.get_command(app).commands
    name, *arguments = rest
    if name not in commands:
        return f"ncheck has no command {name}"
    known = {option for p in commands[name].params for option in p.opts}
    wrong = [a for a in arguments if a.startswith("-") and a.split("=")[0] not in known]
    if wrong:
        return f"ncheck {name} has no option {wrong[0]}"
    absent = [
        a for a in arguments if a.startswith("results/witnesses/") and not (root / a).exists()
    ]
    return f"there is no file {absent[0]}" if absent else None
