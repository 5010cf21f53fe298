"""What the plots of a folder were drawn from, so that those of an unchanged record are not redrawn.

A plot takes half a second, the report of a catalogue otherwise three.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from checkers import kinds, versions
from checkers.record import Record, to_json
from checkers.report import figures, plots

MANIFEST = "drawn.json"
"""In the folder of the plots: of each record its digest, and the digest of each of its plots."""


def write_figures(records: Iterable[Record], folder: Path) -> None:
    """Write the plots of these records; those of others that an earlier report had are removed.

    The plots of a record stay as they are where they are those that this version of the plotting
    code, with this matplotlib, has drawn from the same record.
    """
    folder.mkdir(parents=True, exist_ok=True)
    before, now = _manifest(folder), dict[str, Any]()
    for record in sorted(records, key=lambda record: record.id):
        names = [plots.file_name(record, what) for what, _ in plots.plotted(record)]
        entry = {"record": _digest(record), "plots": _plots(folder, names)}
        if entry != before.get(record.id) or len(entry["plots"]) < len(names):
            for name, image in figures([record]):
                (folder / name).write_bytes(image)
            entry["plots"] = _plots(folder, names)
        now[record.id] = entry
    kept = {name for entry in now.values() for name in entry["plots"]}
    for path in folder.glob("*.png"):
        if path.name not in kept and plots.is_plot(path.name):
            path.unlink()
    part = folder / f".{MANIFEST}.{os.getpid()}.part"
    part.write_text(json.dumps(now, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    part.replace(folder / MANIFEST)


def _manifest(folder: Path) -> Mapping[str, Any]:
    """What was noted with the last report; nothing where that cannot be read."""
    try:
        noted = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def _plots(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Name and digest of the plots that are there."""
    return {
        name: _hexadecimal((folder / name).read_bytes())
        for name in names
        if (folder / name).is_file()
    }


def _digest(record: Record) -> str:
    text = json.dumps(to_json(record), sort_keys=True)
    return _hexadecimal(f"{_drawing()} {text}".encode())


@cache
def _drawing() -> str:
    """Version of what draws."""
    modules = [plots.__name__, *(f"{kinds.__name__}.{kind.name}" for kind in kinds.kinds())]
    return f"{versions.version(modules, shown=True)} matplotlib {version('matplotlib')}"


def _hexadecimal(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
