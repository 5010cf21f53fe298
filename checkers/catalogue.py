"""The catalogue: statements found by file name and loaded one by one.

A statement is a module with a ``STATEMENT``, and its id is the name of the file. Those of this
project are the files of ``conjectures/``. Another package adds its own through the entry-point
group ``ncheck.conjectures``: each entry names a package whose modules are statements, or one such
module. Where an id is taken, the other package's statement goes by the full name of its module.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import Counter
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
    own = {f"{PACKAGE}.{stem}" for stem in _files(PACKAGE)}
    others = {name for e in entry_points(group=GROUP) for name in _named(e.value)} - own
    short = Counter(_stem(module) for module in (*own, *others))
    found = {_stem(module): module for module in own}
    found |= {module if short[_stem(module)] > 1 else _stem(module): module for module in others}
    return dict(sorted(found.items()))


def _named(entry: str) -> tuple[str, ...]:
    """The modules that an entry stands for; itself where it is none that can be found.

    Loading a module that is not there fails, and that failure is told as the statement's own.
    """
    try:
        spec = importlib.util.find_spec(entry)
    except Exception:
        return (entry,)
    if spec is None or not spec.submodule_search_locations:
        return (entry,)
    return tuple(f"{entry}.{stem}" for stem in _files(entry))


def _files(package: str) -> Iterator[str]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput(f"package {package}: not found; install the project first")
    for folder in spec.submodule_search_locations:
        yield from (p.stem for p in Path(folder).glob("*.py") if not p.stem.startswith("_"))


def _stem(module: str) -> str:
    return module.rpartition(".")[2]


def own(id: str) -> bool:
    """Whether a statement is one of this project, not of another package."""
    return modules()[id] == f"{PACKAGE}.{id}"


def path(id: str) -> Path | None:
    """The file of a statement, where there is one; its package is imported, the file is not."""
    try:
        spec = importlib.util.find_spec(modules()[id])
    except Exception:
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def folders() -> tuple[Path, ...]:
    """Where the packages lie that other packages' statements are part of, sorted; each once.

    That is the topmost package with a file of its own: of a namespace, only the part in question,
    and where all are namespaces, the innermost. The order is that of their names, wherever they
    are installed.
    """
    names = {module for id, module in modules().items() if not own(id)}
    found = {folder for name in names for folder in _topmost(name)}
    return tuple(sorted(found, key=lambda folder: (folder.name, folder)))


def _topmost(module: str) -> tuple[Path, ...]:
    parts = module.split(".")
    folders: tuple[Path, ...] = ()
    for end in range(1, len(parts)):
        try:
            spec = importlib.util.find_spec(".".join(parts[:end]))
        except Exception:
            return ()
        if spec is None:
            return ()
        folders = tuple(map(Path, spec.submodule_search_locations or ()))
        if spec.origin:
            break
    return folders


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
        module = importlib.import_module(modules()[id])
        statement = module.STATEMENT
    except Exception as error:
        raise BrokenStatementError(f"{id}: {type(error).__name__}: {error}") from error
    if not isinstance(statement, Statement):
        raise BrokenStatementError(f"{id}: STATEMENT is a {type(statement).__name__}")
    if statement.id not in ("", _stem(modules()[id])):
        raise BrokenStatementError(f"{id}: the file calls its statement {statement.id!r}")
    return replace(statement, id=id, words=module.__doc__ or "")
