"""Witness files: an instance in JSON with exact entries and the values it is claimed to have.

No pickle and no library version is needed to read one: the entries of an array are one line of
hexadecimal floats, integers or fractions.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, fmpq

from checkers.arithmetic.balls import digits
from checkers.evaluation import Evaluation
from checkers.instance import LABELS, Array, Instance, InvalidInput
from checkers.provenance import Provenance, recorded
from checkers.tolerance import CLAIMED_DIGITS

SCHEMA = 2
"""Files of schema 1, which are still read, have the provenance as text."""

_INTEGER = re.compile(r"-?\d+", re.ASCII)
_FRACTION = re.compile(r"-?\d+(/\d+)?", re.ASCII)
_HEXADECIMAL = re.compile(r"(-?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]?\d{1,4})", re.ASCII)
_DECIMAL = re.compile(r"-?\d+(/\d+|(\.\d*)?(e[+-]?\d{1,18})?)", re.ASCII)
_MODERATE = re.compile(r"-?\d+(/\d+|(\.\d*)?(e[+-]?\d{1,4})?)", re.ASCII)
_EXACT_INTEGERS = 2**53


class WitnessKind(StrEnum):
    """What a witness file shows."""

    COUNTEREXAMPLE = "counterexample"
    EQUALITY = "witness"
    WORST = "worst"


@dataclass(frozen=True)
class StoredWitness:
    """A witness file: which statement (and mutant) it speaks of, its instance, what it claims.

    ``kind`` is a ``WitnessKind``: ``counterexample``, ``witness`` (of equality) or ``worst``;
    ``claimed`` maps each claim to its lhs and rhs as decimal text or fractions.
    """

    statement: str
    mutant: str | None
    kind: str
    instance: Instance
    claimed: dict[str, dict[str, str]]


def path_for(folder: Path, statement: str, name: str) -> Path:
    """``folder/witnesses/<statement>/<name>.json``: different names are different files.

    ``folder`` is that of the store; a name is made safe for any file system.
    """
    spaced = name.replace(" ", "-")
    safe = re.sub(r"[^A-Za-z0-9_.-]+", "-", spaced).lstrip(".")[:80] or "unnamed"
    if safe != spaced:
        safe += "-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return folder / "witnesses" / re.sub(r"[^A-Za-z0-9_-]", "-", statement) / f"{safe}.json"


def claimed_values(evaluations: tuple[Evaluation, ...]) -> dict[str, dict[str, str]]:
    """Both sides of every claim as text of 25 significant digits, or exact fractions."""
    return {
        e.claim: {"lhs": digits(e.lhs, CLAIMED_DIGITS), "rhs": digits(e.rhs, CLAIMED_DIGITS)}
        for e in evaluations
    }


def text_of(witness: StoredWitness) -> str:
    """The text of a witness file."""
    body = {
        "schema": SCHEMA,
        "statement": witness.statement,
        "mutant": witness.mutant,
        "kind": WitnessKind(witness.kind).value,
        "provenance": witness.instance.provenance.to_json(),
        "sizes": {name: int(value) for name, value in witness.instance.sizes.items()},
        "claimed": witness.claimed,
        "arrays": {k: _array_to_json(k, a) for k, a in sorted(witness.instance.arrays.items())},
    }
    return _layout({**body, "digest": _digest(body)})


def write(witness: StoredWitness, path: Path) -> None:
    """Write a witness file, whole or not at all; folders are made."""
    write_text(text_of(witness), path)


def write_text(text: str, path: Path) -> None:
    """As ``write``, from the text of the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def _layout(body: Mapping[str, Any]) -> str:
    """JSON with one line an entry: a line for each array and each claim."""
    lines = []
    for key, value in body.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items())
            lines.append(f" {json.dumps(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def read(path: Path) -> StoredWitness:
    """Read a witness file; InvalidInput where it is missing, truncated, edited or of no use."""
    body = _read_json(path)
    if body.pop("digest", None) != _digest(body):
        raise InvalidInput(
            f"{path}: the contents do not match their digest, so the file was edited or damaged;"
            " fetch or write it again"
        )
    try:
        arrays = {
            _text(name, "the name of an array"): _array_from_json(name, data)
            for name, data in _mapping(body["arrays"], "arrays").items()
        }
        sizes = {
            name: _size(name, value) for name, value in _mapping(body["sizes"], "sizes").items()
        }
        if LABELS in arrays and arrays[LABELS].dtype.kind != "i":
            raise ValueError("labels are not integers")
        instance = Instance(sizes, arrays, _provenance(body["provenance"], body["schema"]))
        mutant = body["mutant"]
        return StoredWitness(
            _text(body["statement"], "statement"),
            None if mutant is None else _text(mutant, "mutant"),
            WitnessKind(body["kind"]),
            instance,
            _claimed(body["claimed"]),
        )
    except (AttributeError, KeyError, TypeError, ValueError, ArithmeticError) as error:
        told = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise InvalidInput(f"{path}: not a witness file ({told}); write it again") from None


def _read_json(path: Path) -> dict[str, Any]:
    if path.exists() and not path.is_file():
        raise InvalidInput(f"{path}: not a regular file; give a witness file (.json)")
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InvalidInput(f"{path}: no such file; give a witness file (.json)") from None
    except OSError as error:
        raise InvalidInput(
            f"{path}: cannot be read ({error.strerror}); give a witness file (.json)"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(
            f"{path}: not a whole JSON file ({error}); fetch or write it again"
        ) from None
    if not isinstance(body, dict) or body.get("schema") not in (1, SCHEMA):
        raise InvalidInput(
            f"{path}: not a witness file of schema 1 or {SCHEMA};"
            " give one that ncheck check has written"
        )
    return body


def _digest(body: Mapping[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _mapping(data: Any, what: str) -> dict[str, Any]:
    if not isinstance(data, dict) or not data:
        raise ValueError(f"{what}: names with values expected")
    return data


def _text(data: Any, what: str) -> str:
    if not isinstance(data, str) or any("\ud800" <= c <= "\udfff" for c in data):
        raise ValueError(f"{what}: {data!r} given, text expected")
    return data


def _provenance(data: Any, schema: int) -> Provenance:
    if schema == 1:
        return recorded(_text(data, "provenance"))
    json.dumps(data, ensure_ascii=False).encode()  # refuses half of a surrogate pair in any text
    return Provenance.from_json(_mapping(data, "provenance"))


def _size(name: str, value: Any) -> int:
    if type(value) is not int or value < 1:
        raise ValueError(f"size {name}: {value!r} given, a positive integer expected")
    return value


def _claimed(data: Any) -> dict[str, dict[str, str]]:
    """Both sides of each claim, each of them a number."""
    sides = {}
    for claim, values in _mapping(data, "claimed").items():
        sides[claim] = {side: _text(values[side], side) for side in ("lhs", "rhs")}
        for text in sides[claim].values():
            _match(_DECIMAL, text, "claimed value")
            if "/" in text:
                number(text)
    return sides


def number(text: str) -> Fraction:
    """The exact value of a claimed side; ValueError for text that is no number of usual size."""
    return Fraction(_match(_MODERATE, text, "claimed value"))


def ball(text: str) -> arb:
    """A claimed side, decimal or p/q, as a ball at the current precision, however large."""
    if "/" in text:
        exact = number(text)
        return arb(fmpq(exact.numerator, exact.denominator))
    return arb(_match(_DECIMAL, text, "claimed value"))


def _array_to_json(name: str, array: Array) -> dict[str, Any]:
    kind = {"i": "integer", "f": "float64", "O": "rational"}[array.dtype.kind]
    entries = array.ravel().tolist()
    if kind == "float64" and not all(map(math.isfinite, entries)):
        raise InvalidInput(f"{name}: NaN or infinite entries given, a witness has finite numbers")
    return {
        "type": kind,
        "shape": list(array.shape),
        "values": " ".join(_entry_to_text(x) for x in entries),
    }


def _entry_to_text(x: float | int | Fraction) -> str:
    """Short where that is exact: ``3`` and ``-1/4`` rather than hexadecimal."""
    if isinstance(x, float):
        if x == int(x) and abs(x) < _EXACT_INTEGERS and not (x == 0 and math.copysign(1, x) < 0):
            return str(int(x))
        return x.hex()
    return str(x)


def _array_from_json(name: str, data: Any) -> Array:
    shape = data["shape"]
    if not isinstance(shape, list) or any(type(n) is not int or n < 1 for n in shape):
        raise ValueError(f"{name}: shape {shape!r} given, positive integers expected")
    texts = _text(data["values"], f"{name}: values").split()
    if len(texts) != math.prod(shape):
        raise ValueError(f"{name}: {len(texts)} values given, {math.prod(shape)} expected")
    if data["type"] == "integer":
        return np.array([int(_match(_INTEGER, x, name)) for x in texts], np.int64).reshape(shape)
    if data["type"] == "float64":
        return np.array([_float(x, name) for x in texts]).reshape(shape)
    if data["type"] == "rational":
        array = np.empty(len(texts), dtype=object)
        array[:] = [Fraction(_match(_FRACTION, x, name)) for x in texts]
        return array.reshape(shape)
    raise ValueError(f"{name}: type {data['type']!r} given, integer, float64 or rational expected")


def _match(pattern: re.Pattern[str], text: str, name: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{name}: entry {text[:40]!r} is no number of its type")
    return text


def _float(text: str, name: str) -> float:
    """A float64 from hexadecimal or integer text that is exactly one; never rounded."""
    if "x" not in text:
        integer = int(_match(_INTEGER, text, name))
        exact, value = Fraction(integer), float(integer)
    else:
        parts = _HEXADECIMAL.fullmatch(_match(_HEXADECIMAL, text, name))
        assert parts is not None  # it matched on the line above
        minus, whole, behind, power = parts.groups(default="")
        mantissa = Fraction(int(whole + behind, 16), 16 ** len(behind))
        exact = (-1 if minus else 1) * mantissa * Fraction(2) ** int(power)
        value = float.fromhex(text)
    if Fraction(value) != exact:
        raise ValueError(f"{name}: entry {text[:40]!r} is not a float64 number")
    return value
