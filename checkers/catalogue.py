"""The catalogue: statements found by path and loaded one by one.

A statement is a module with a ``STATEMENT``. Those of this project are in the folders of
``conjectures/``, one a paper: ``conjectures/jacot2025/nc1.py`` has the id ``jacot2025_nc1``. A
folder is a paper if its ``__init__.py`` has a ``PAPER``. Another package adds its own through the
entry-point group ``ncheck.conjectures``: each entry names a package whose modules are statements,
or whose folders are papers, or one such module; the id of a module that is in no paper's folder is
its name. Where an id is taken, the other package's statement goes by the full name of its module.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, lru_cache
from importlib.metadata import entry_points
from pathlib import Path

from checkers.declared.source import Paper
from checkers.declared.statement import Statement
from checkers.instance import InvalidInput

GROUP = "ncheck.conjectures"
PACKAGE = "conjectures"

_PAPER = re.compile(r"^PAPER\b", re.MULTILINE)


class BrokenStatementError(Exception):
    """A statement file that cannot be loaded; the message names the file and the error."""


@lru_cache(maxsize=1)
def modules() -> dict[str, str]:
    """Id and module name of every statement, sorted by id; nothing is imported but packages."""
    own = _statements(PACKAGE)
    others = {
        module: short
        for entry in entry_points(group=GROUP)
        for module, short in _named(entry.value).items()
        if module not in own
    }
    named = Counter(own.values())
    ids = {short if named[short] == 1 else module: module for module, short in own.items()}
    named.update(others.values())
    ids |= {short if named[short] == 1 else module: module for module, short in others.items()}
    return dict(sorted(ids.items()))


def _named(entry: str) -> dict[str, str]:
    """The modules that an entry stands for; itself where it is none that can be found.

    Loading a module that is not there fails, and that failure is told as the statement's own.
    """
    try:
        spec = importlib.util.find_spec(entry)
    except Exception:
        return {entry: _stem(entry)}
    if spec is None or not spec.submodule_search_locations:
        return {entry: _stem(entry)}
    return _statements(entry)


def _statements(package: str) -> dict[str, str]:
    """Modules of a package that are statements, and their ids: flat ones, and those of papers."""
    shorts: dict[str, str] = {}
    for folder in map(Path, _locations(package)):
        shorts |= {f"{package}.{stem}": stem for stem in _files(folder)}
        for paper in sorted(_papers(folder)):
            shorts |= {
                f"{package}.{paper.name}.{stem}": f"{paper.name}_{stem}" for stem in _files(paper)
            }
    return shorts


def _files(folder: Path) -> Iterator[str]:
    return (p.stem for p in folder.glob("*.py") if not p.stem.startswith("_"))


def _papers(folder: Path) -> Iterator[Path]:
    """The folders of papers in a folder; nothing is imported."""
    for begin in folder.glob("*/__init__.py"):
        try:
            text = begin.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue
        if declares_paper(text):
            yield begin.parent


def declares_paper(text: str) -> bool:
    """Whether the ``__init__.py`` of a folder, of this text, makes it that of a paper."""
    return bool(_PAPER.search(text))


def paper_folders() -> dict[str, Path]:
    """The folders of this project's papers, by name."""
    return {paper.name: paper for place in places() for paper in _papers(place)}


def places() -> tuple[Path, ...]:
    """Where this project's papers and statements are; new ones go to the first."""
    return tuple(map(Path, _locations(PACKAGE)))


def _locations(package: str) -> list[str]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput(f"package {package}: not found; install the project first")
    return list(spec.submodule_search_locations)


def _stem(module: str) -> str:
    return module.rpartition(".")[2]


def own(id: str) -> bool:
    """Whether a statement is one of this project, not of another package."""
    return modules()[id].startswith(f"{PACKAGE}.")


def path(id: str) -> Path | None:
    """The file of a statement, where there is one; its package is imported, the file is not."""
    try:
        spec = importlib.util.find_spec(modules()[id])
    except Exception:
        return None
    return Path(spec.origin) if spec is not None and spec.origin else None


def packages(id: str) -> tuple[Path, ...]:
    """Where the package lies that another package's statement is part of; none for a lone module.

    That is the topmost package with a file of its own: of a namespace, only the part in question,
    and where all are namespaces, the innermost.
    """
    parts = modules()[id].split(".")
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


def family_of(id: str) -> str:
    """The paper of a statement: its folder or, of a flat module, what its name begins with."""
    module = modules()[id]
    folder = _stem(module.rpartition(".")[0])
    stem = _stem(module)
    return folder if id.endswith(f"{folder}_{stem}") else stem.partition("_")[0]


def family(name: str) -> tuple[str, ...]:
    """Ids of the statements of one paper, in its order; none where there is no such paper."""
    members = [id for id in ids() if family_of(id) == name]
    return tuple(sorted(members, key=lambda id: (_place(id), id)))


def paper(id: str) -> Paper | None:
    """The paper in whose folder a statement is; None for a flat module, or if it does not load."""
    module = modules()[id]
    package = module.rpartition(".")[0]
    if not package or family_of(id) != _stem(package):
        return None
    try:
        declared = getattr(importlib.import_module(package), "PAPER", None)
    except Exception:
        return None
    return declared if isinstance(declared, Paper) else None


def _place(id: str) -> int:
    """Where a paper has its statement; those that it does not name come last."""
    source, stem = paper(id), _stem(modules()[id])
    order = source.order if source else ()
    return order.index(stem) if stem in order else len(order)


@cache
def load(id: str) -> Statement:
    """The statement of a file, its id being that of the file.

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
    if statement.id not in ("", id, _stem(modules()[id])):
        raise BrokenStatementError(f"{id}: the file calls its statement {statement.id!r}")
    return replace(statement, id=id, words=module.__doc__ or "")
