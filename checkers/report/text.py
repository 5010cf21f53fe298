"""Links, commands and prose of the report."""

from __future__ import annotations

import re

from checkers.record import Record
from checkers.typeset import escape


def link(record: Record) -> str:
    """A link to the section of a statement."""
    return f"[`{record.id}`](#{anchor(record.id)})"


def anchor(heading: str) -> str:
    """What GitHub makes of a heading: lower case, spaces to hyphens, punctuation dropped."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def check_command(record: Record) -> str:
    """The command that repeats a check."""
    return f"ncheck check {record.id} --profile {record.profile} --seed {record.seed}"


def replay_command(record: Record, folder: str) -> str:
    """The command that rechecks the counterexample, or else repeats the check."""
    if record.counterexample:
        return f"ncheck replay {place(folder, record.counterexample)}"
    return check_command(record)


def prose(docstring: str) -> str:
    """A docstring as one paragraph, with its ``code`` as code and nothing else as markup."""
    signs = docstring.replace("<=", "≤").replace(">=", "≥")
    parts = re.split("``(.*?)``", " ".join(signs.split()))
    return "".join(
        f"`{part}`" if i % 2 else escape(f"x{part}x")[1:-1] for i, part in enumerate(parts)
    )


def place(folder: str, path: str) -> str:
    """A path from the report to a file that is named from the folder of the store."""
    return path if folder in ("", ".") else f"{folder}/{path}"
