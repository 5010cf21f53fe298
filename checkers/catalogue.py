"""The catalogue: statements found by file name and loaded one by one.

A statement is a module with a ``STATEMENT``. Those of this project are the files of
``conjectures/``; another package adds its own through the entry-point group
``ncheck.conjectures``, each entry naming a package whose modules are statements.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from checkers.instance import InvalidInput
from checkers.statement import Statement

GROUP = "ncheck.conjectures"
PACKAGE = "conjectures"


class BrokenStatementError(Exception):
    """A statement file that cannot be loaded; the message names the file and the error."""


@lru_cache(maxsize=1)
def modules() -> dict[str, str]:
    """Id and module name of every statement, sorted by id; nothing is imported but packages."""
    packages = [PACKAGE, *(e.value for e in entry_points(group=GROUP))]
    found: dict[str, str] = {}
    for package in packages:
        for id in _files(package):
            if id in found:
                raise InvalidInput(
                    f"statement {id}: in {found[id]} and in {package}.{id}, one expected;"
                    " rename one file"
                )
            found[id] = f"{package}.{id}"
    return dict(sorted(found.items()))


def _files(package: str) -> Iterator[str]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput(f"package {package}: named by an entry point, but not found")
    for folder in spec.submodule_search_locations:
        yield from (p.stem for p in Path(folder).glob("*.py") if not p.stem.startswith("_"))


def ids() -> tuple[str, ...]:
    """Ids of all statements, sorted."""
    return tuple(modules())


def family(name: str) -> tuple[str, ...]:
    """Ids of the statements of one paper, which begin with its name: ``jacot2025_...``."""
    return tuple(id for id in ids() if id.partition("_")[0] == name)


@cache
def load(id: str) -> Statement:
    """The statement of a file, its id being the file's name.

    Raises InvalidInput for an unknown id and BrokenStatementError for a file that fails to load.
    """
    if id not in modules():
        near = ", ".join(i for i in ids() if id.split("_")[0] in i) or ", ".join(ids())
        raise InvalidInput(f"statement {id!r}: not in the catalogue; expected one of {near}")
    try:
        statement = importlib.import_module(modules()[id]).STATEMENT
    except Exception as error:
        raise BrokenStatementError(f"{id}: {type(error).__name__}: {error}") from error
    if not isinstance(statement, Statement):
        raise BrokenStatementError(f"{id}: STATEMENT is a {type(statement).__name__}")
    if statement.id not in ("", id):
        raise BrokenStatementError(f"{id}: the file calls its statement {statement.id!r}")
    return replace(statement, id=id)
