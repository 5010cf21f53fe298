"""The plainest counterexample that sweeps have found of each statement, as a witness file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from checkers.swept import CellResult, counterexample_path
from checkers.witness_file import write_text


class Plainest:
    """Keeps the shortest text of each statement, of equals the first in order, in its file.

    What a file holds from elsewhere is replaced: the cells of a store tell what it should be.
    """

    def __init__(self, folder: Path) -> None:
        """``folder`` is that of the store."""
        self._folder = folder
        self._texts: dict[str, str] = {}

    def see(self, results: Iterable[CellResult]) -> None:
        """Take these into account; all of one version of statement and code."""
        better: dict[str, str] = {}
        for result in results:
            text, id = result.counterexample, result.spec.statement
            kept = better.get(id) or self._texts.get(id)
            if text is not None and (kept is None or (len(text), text) < (len(kept), kept)):
                better[id] = text
        for id, text in better.items():
            write_text(text, self._folder / counterexample_path(id))
        self._texts |= better
