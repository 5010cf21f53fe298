"""The union of stores: every record and cell once, in a new file; the given ones stay as they are.

A cell that several stores have is the same in all of them, or the choice between the two does not
depend on their order. Of two records under the same key the one of the store named later is kept.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from checkers.instance import InvalidInput
from checkers.record import Record
from checkers.store import Codes, Store
from checkers.sweep.plainest import Plainest

Digests = Mapping[str, str]
"""The digest of each statement as it is now."""


def merge_stores(
    sources: Sequence[Path], target: Path, codes: Codes, only: Digests | None = None
) -> tuple[int, int]:
    """Write the union to ``target``; returns how many records and cells it holds.

    With ``only`` it has of each of these statements one record, of its version in ``codes`` where
    there is one, and the cells of that version and digest. Counterexamples of these versions
    become witness files beside the target, the plainest of each statement. Witness files that
    records name are copied where ``target`` is in another folder and has none of that name. Raises
    InvalidInput for a target that exists and for a source that is no store.
    """
    if target.exists():
        raise InvalidInput(
            f"-o {target}: is there already, and stores are not overwritten; give another name"
        )
    if not target.parent.is_dir():
        raise InvalidInput(f"-o {target}: no folder {target.parent}; make it first")
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with Store.open(part) as union:
            for path in sources:
                with Store.read(path) as source:
                    for cell, record in source.rows():
                        union.put(record, cell)
                    if only is None:
                        union.put_cells(source.cells())
                    else:
                        union.put_cells(
                            r
                            for r in source.cells(codes)
                            if only.get(r.spec.statement) == r.spec.digest
                        )
            if only is not None:
                union.keep_current(codes, only)
            counts = union.counts()
        _place(part, target)
        with Store.read(target) as union:
            Plainest(target.parent).see(union.cells(codes))
            for path in reversed(sources):  # the records of the store named last are the newest
                with Store.read(path) as source:
                    _copy_witnesses(source.records(), path.parent, target.parent)
    except FileExistsError:
        raise InvalidInput(f"-o {target}: another program has just made it") from None
    finally:
        for leftover in part.parent.glob(f"{part.name}*"):
            leftover.unlink()
    return counts


def _place(part: Path, target: Path) -> None:
    """Give a finished file its name, never that of another file."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with part.open("rb") as source, target.open("xb") as copy:
            shutil.copyfileobj(source, copy)


def _copy_witnesses(records: Sequence[Record], source: Path, target: Path) -> None:
    for record in records:
        for path in record.paths:
            if (source / path).is_file() and not (target / path).exists():
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source / path, target / path)
