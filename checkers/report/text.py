"""Pieces of Markdown: numbers, links, commands, and text made safe for a table."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Iterator, Sequence

from checkers.record import Record

_SHOWN = 10**6


def escape(text: str) -> str:
    """Text on one line in which no character is markup."""
    flat = " ".join(text.split())
    for character in "\\|*_`<>$[]":
        flat = flat.replace(character, "\\" + character)
    return flat


def cell(x: float | None) -> str:
    """Six significant digits; a dash for what is no number."""
    return "–" if x is None or not math.isfinite(x) else f"{x:.6g}"


def tightness(x: float | None) -> str:
    """Rounded down to six decimals, so that 1 is printed only for what reaches 1."""
    if x is None or not math.isfinite(x):
        return "–"
    return "1" if x == 1 else f"{math.floor(x * _SHOWN) / _SHOWN:.6f}"


def plural(count: int, noun: str) -> str:
    """``1 statement``, ``2 statements``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


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


def table(heads: Sequence[str], rows: Iterable[Sequence[str]], right: str = "") -> Iterator[str]:
    """Lines of a table; columns marked ``r`` in ``right`` are set to the right."""
    sides = right.ljust(len(heads))[: len(heads)]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "|".join("---:" if side == "r" else "---" for side in sides) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def details(title: str, body: str) -> str:
    """A block that is folded away; its title is text, for Markdown is no markup in it."""
    return f"<details><summary>{html.escape(title, quote=False)}</summary>\n\n{body}\n\n</details>"
