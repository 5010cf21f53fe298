"""Pieces of Markdown: numbers, tables, folded blocks, and text made safe for them."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Iterator, Sequence

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
