"""Witness files: an instance in JSON with exact entries and the values it is claimed to have.

No pickle and no library version is needed to read one: entries are hexadecimal floats, integers
or fractions as strings.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from checkers.arithmetic.balls import digits
from checkers.evaluation import Evaluation
from checkers.instance import LABELS, Array, Instance, InvalidInput
from checkers.tolerance import CLAIMED_DIGITS

SCHEMA = 1


@dataclass(frozen=True)
class StoredWitness:
    """A witness file: which statement (and mutant) it speaks of, its instance, what it claims.

    ``kind`` is ``counterexample``, ``witness`` (of equality) or ``worst``; ``claimed`` maps each
    claim to its lhs and rhs as decimal text or fractions.
    """

    statement: str
    mutant: str | None
    kind: str
    instance: Instance
    claimed: dict[str, dict[str, str]]


def claimed_values(evaluations: tuple[Evaluation, ...]) -> dict[str, dict[str, str]]:
    """Both sides of every claim as text of 25 significant digits, or exact fractions."""
    return {
        e.claim: {"lhs": digits(e.lhs, CLAIMED_DIGITS), "rhs": digits(e.rhs, CLAIMED_DIGITS)}
        for e in evaluations
    }


def _array_to_json(array: Array) -> dict[str, Any]:
    kind = {"i": "integer", "f": "float64", "O": "rational"}[array.dtype.kind]
    return {
        "type": kind,
        "shape": list(array.shape),
        "values": [_text(x) for x in array.ravel().tolist()],
    }


def _text(x: float | int | Fraction) -> str:
    """Short where that is exact: ``3`` and ``-1/4`` rather than hexadecimal."""
    if isinstance(x, float):
        if x == int(x) and abs(x) < 2**53:
            return str(int(x)) if x or str(x) == "0.0" else "-0x0.0p+0"
        return x.hex()
    return str(x)


def _array_from_json(data: dict[str, Any]) -> Array:
    shape = tuple(int(n) for n in data["shape"])
    texts = data["values"]
    if data["type"] == "integer":
        return np.array([int(x) for x in texts], dtype=np.int64).reshape(shape)
    if data["type"] == "rational":
        array = np.empty(len(texts), dtype=object)
        array[:] = [Fraction(x) for x in texts]
        return array.reshape(shape)
    return np.array([float.fromhex(x) if "x" in x else float(int(x)) for x in texts]).reshape(shape)


def write(witness: StoredWitness, path: Path) -> None:
    """Write a witness file, whole or not at all; folders are made."""
    body = {
        "schema": SCHEMA,
        "statement": witness.statement,
        "mutant": witness.mutant,
        "kind": witness.kind,
        "provenance": witness.instance.provenance,
        "sizes": dict(witness.instance.sizes),
        "claimed": witness.claimed,
        "arrays": {k: _array_to_json(a) for k, a in sorted(witness.instance.arrays.items())},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.write_text(json.dumps({**body, "digest": _digest(body)}, indent=1) + "\n")
    part.replace(path)


def _digest(body: dict[str, Any]) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def read(path: Path) -> StoredWitness:
    """Read a witness file; InvalidInput where it is missing, truncated, edited or of no use."""
    try:
        body = json.loads(path.read_text())
    except FileNotFoundError:
        raise InvalidInput(f"{path}: no such file; give a witness file (.json)") from None
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InvalidInput(
            f"{path}: not a whole JSON file ({error}); fetch or write it again"
        ) from None
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        raise InvalidInput(f"{path}: no witness file of schema {SCHEMA}; write it again")
    told = body.pop("digest", None)
    if told != _digest(body):
        raise InvalidInput(
            f"{path}: the contents do not match their digest, so the file was edited or damaged;"
            " fetch or write it again"
        )
    try:
        arrays = {name: _array_from_json(data) for name, data in body["arrays"].items()}
        sizes = {name: int(value) for name, value in body["sizes"].items()}
        if LABELS in arrays and arrays[LABELS].dtype.kind != "i":
            raise ValueError("labels are not integers")
        instance = Instance(sizes, arrays, str(body["provenance"]))
        return StoredWitness(
            str(body["statement"]), body["mutant"], str(body["kind"]), instance, body["claimed"]
        )
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInput(
            f"{path}: not a witness file ({type(error).__name__}: {error}); write it again"
        ) from None
