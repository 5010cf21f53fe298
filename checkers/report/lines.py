"""Long formulas in several lines: broken at the relation, then between the terms of a sum."""

from __future__ import annotations

import re
from collections.abc import Iterator

WIDEST = 66
"""Characters in a line, as a reader of the page sees them."""

_TOKEN = re.compile(r"\\\\|\\(?:left|right)\b|\\[a-zA-Z]+|\\.|.", re.DOTALL)
_RELATION = re.compile(r" (?:\\le|<|=) ")
_SIGN = re.compile(r" [+-] ")


def broken(formula: str) -> str:
    """The formula, or the same in aligned lines where it is wider than a page."""
    if width(formula) <= WIDEST:
        return formula
    relation = next(_outside(formula, _RELATION), None)
    if relation is None:
        return formula
    start, end = relation
    left, right = formula[:start], formula[start:end].strip() + " " + formula[end:]
    rows = [*_rows(left), *(rf"\quad {row}" for row in _rows(right))]
    body = " \\\\\n".join(f"&{row}" for row in rows)
    return f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}"


def _rows(side: str) -> Iterator[str]:
    """A side in lines that begin with a sign, each as long as fits."""
    row, last = "", 0
    for start, _ in [*_outside(side, _SIGN), (len(side), 0)]:
        term = side[last:start].strip()
        if row and width(f"{row} {term}") > WIDEST:
            yield row
            row = rf"\quad {term}"
        else:
            row = f"{row} {term}".strip()
        last = start
    yield row


def _outside(formula: str, pattern: re.Pattern[str]) -> Iterator[tuple[int, int]]:
    """Where the pattern occurs outside of braces and parentheses."""
    depth = 0
    for token in _TOKEN.finditer(formula):
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(token[0], 0)
        found = pattern.match(formula, token.start()) if depth == 0 else None
        if found:
            yield found.span()


def width(formula: str) -> int:
    """Characters side by side: a fraction is as wide as its wider part, a command one."""
    total, position = 0, 0
    while position < len(formula):
        if formula.startswith(r"\frac{", position):
            above = _group(formula, position + len(r"\frac"))
            below = _group(formula, above)
            total += max(
                width(formula[position + len(r"\frac") : above]), width(formula[above:below])
            )
            position = below
            continue
        token = _TOKEN.match(formula, position)
        assert token is not None
        total += token[0] not in (r"\left", r"\right", r"\mathrm", r"\quad", *"{}^_ ")
        position = token.end()
    return total


def _group(formula: str, start: int) -> int:
    """Where the braces that open at ``start`` have closed."""
    depth = 0
    for position in range(start, len(formula)):
        depth += {"{": 1, "}": -1}.get(formula[position], 0)
        if depth == 0:
            return position + 1
    raise ValueError(f"{formula!r}: braces that do not close")
