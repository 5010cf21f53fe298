"""Verified existence in a witness file: the solved entries, their radii and the equations.

The centre is the instance of the file. Nothing of this is believed: replay verifies the inclusion
again from the stored numbers.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from checkers.equalities import Entry
from checkers.existence import Existence
from checkers.instance import LABELS, Instance

LARGEST_BITS = 4096
"""More bits than any proof was found with; a file may not ask for a computation without end."""

_SOLVED = re.compile(r"\d{1,6},\d{1,6}:(\d{1,4000}|\d{1,4000}/\d{1,4000})", re.ASCII)
_INDEX = re.compile(r"\d{1,6}", re.ASCII)


def existence_to_json(existence: Existence) -> dict[str, Any]:
    """``solved`` has for each array its entries as ``row,column:radius``, radii exact fractions."""
    solved: dict[str, list[str]] = {}
    for (name, i, j), radius in existence.radii.items():
        solved.setdefault(name, []).append(f"{i},{j}:{radius}")
    return {
        "bits": existence.bits,
        "equations": " ".join(map(str, existence.kept)),
        "solved": {name: " ".join(entries) for name, entries in solved.items()},
    }


def existence_from_json(data: Any, centre: Instance) -> Existence:
    """The stored claim of existence, not verified; ValueError where it is not well formed."""
    if not isinstance(data, dict) or set(data) != {"bits", "equations", "solved"}:
        raise ValueError("existence: bits, equations and solved entries expected")
    bits, solved = data["bits"], data["solved"]
    if type(bits) is not int or not 2 <= bits <= LARGEST_BITS:
        raise ValueError(f"existence: {bits!r} bits given, 2 to {LARGEST_BITS} expected")
    if not isinstance(solved, dict):
        raise ValueError("existence: solved entries by array expected")
    radii: dict[Entry, Fraction] = {}
    for name, entries in solved.items():
        if name == LABELS or name not in centre.arrays:
            raise ValueError(f"existence: {name!r} given, the name of an array expected")
        rows, columns = centre.arrays[name].shape
        for text in _words(entries, _SOLVED):
            place, radius = text.split(":")
            i, j = map(int, place.split(","))
            if (name, i, j) in radii or i >= rows or j >= columns:
                raise ValueError(f"existence: entry {place} of {name} is none, or given twice")
            radii[name, i, j] = Fraction(radius)
    return Existence(centre, radii, tuple(map(int, _words(data["equations"], _INDEX))), bits)


def _words(text: Any, pattern: re.Pattern[str]) -> list[str]:
    if not isinstance(text, str):
        raise ValueError("existence: text expected")
    words = text.split()
    for word in words:
        if not pattern.fullmatch(word):
            raise ValueError(f"existence: entry {word[:40]!r} is of another form")
    return words
