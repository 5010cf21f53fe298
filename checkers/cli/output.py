"""Exit statuses, consoles, and JSON files that are written whole or not at all."""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from checkers.instance import InvalidInput

AS_CLAIMED = 0
CONTRADICTED = 1
WRONG_INPUT = 2
INTERRUPTED = 130

DEVICES = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))

WIDTH = 140
"""Columns of tables where the output is no terminal."""

UNLIMITED = 10**4
"""Columns of a table of which no cell is to be wrapped where the output is no terminal."""


def complain(message: str) -> int:
    """One line on stderr, whatever the message held; the status of a wrong input."""
    remark(message)
    return WRONG_INPUT


def remark(message: str) -> None:
    """One line on stderr, whatever the message held."""
    print(f"ncheck: {' '.join(message.split())}", file=sys.stderr)


def console(stderr: bool = False, width: int = WIDTH) -> Console:
    """Where tables go; of this many columns where it is no terminal."""
    found = Console(stderr=stderr, highlight=False)
    return found if found.is_terminal else Console(stderr=stderr, highlight=False, width=width)


@dataclass(frozen=True)
class JsonFile:
    """A JSON file still to be written; ``at`` has checked that it can be."""

    path: Path | None

    @staticmethod
    def at(path: Path | None) -> JsonFile:
        """Check before any work is done that the file can be written; nothing is left behind."""
        if path is None or _is_device(path):
            return JsonFile(path)
        if path.is_dir():
            raise InvalidInput(f"--json {path}: a folder given, a file expected; add a name")
        if not path.parent.is_dir():
            raise InvalidInput(f"--json {path}: no folder {path.parent}; make it first")
        try:
            with tempfile.TemporaryFile(dir=path.parent):
                return JsonFile(path)
        except OSError as error:
            raise InvalidInput(
                f"--json {path}: cannot write to {path.parent} ({error.strerror});"
                " give another folder"
            ) from None

    def write(self, data: Any) -> None:
        """Write the data, if a file was asked for; numbers that are none become null."""
        if self.path is None:
            return
        text = json.dumps(_plain(data), indent=1, allow_nan=False) + "\n"
        if _is_device(self.path):
            sys.stdout.flush()
            with self.path.open("a", encoding="utf-8") as device:
                device.write(text)
            return
        part = self.path.with_name(f".{self.path.name}.{os.getpid()}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(self.path)


def _is_device(path: Path) -> bool:
    """Such as /dev/stdout, which must not be replaced by a file, also where it leads to one."""
    if path.absolute().parent in DEVICES:
        return True
    return path.exists() and not path.is_file() and not path.is_dir()


def _plain(data: Any) -> Any:
    if isinstance(data, float) and not math.isfinite(data):
        return None
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    return data


def number(x: float | None) -> str:
    """Six significant digits, or a dash."""
    return "–" if x is None or not math.isfinite(x) else f"{x:.6g}"
