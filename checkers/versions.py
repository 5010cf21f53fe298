"""Versions of code: a digest of every source file that a check of one statement can import.

What a module imports is read from its source, imports within functions included; nothing is
executed. Only modules of this project are followed. The files of an installed library are told by
its own version, and those of another package with statements are taken whole.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from checkers import catalogue

FOLLOWED = ("checkers", catalogue.PACKAGE)
"""Packages whose modules are followed from import to import."""

DIGITS = 12

SHOWS = re.compile(r"checkers\.kinds\..*(figures|tables)")
"""Modules that a kind of claim imports to show a record: they change none."""


@dataclass(frozen=True)
class Source:
    """A source file: its path from the folder of its package, its bytes, the modules it imports.

    ``counts`` is False where nothing is computed with it.
    """

    path: str
    text: bytes
    imports: tuple[str, ...]
    counts: bool = True


def version_of(id: str, machinery: Iterable[str]) -> str:
    """Version of a statement's code: modules that decide it, and what it imports (12 hex digits).

    The sources of another package's statement are all Python files of that package, as what it
    measures may be computed in any of them.
    """
    if catalogue.own(id):
        return version((*machinery, catalogue.modules()[id]))
    return version(machinery, _files(id))


def version(
    modules: Iterable[str], files: Mapping[str, Path] | None = None, shown: bool = False
) -> str:
    """Digest of these modules and files and of all that they import (12 hex digits).

    With ``shown``, also of what kinds of claim show their records with.
    """
    given = [_read(path, name, ()) for name, path in (files or {}).items()]
    names = {*modules, *(name for source in given for name in source.imports)}
    told = hashlib.sha256()
    for source in sorted((*given, *closure(names, shown)), key=lambda source: source.path):
        told.update(f"{source.path} {len(source.text)}\n".encode() + source.text)
    return told.hexdigest()[:DIGITS]


def closure(modules: Iterable[str], shown: bool = False) -> tuple[Source, ...]:
    """The sources of these modules and of all that they import, of those that count; sorted."""
    waiting, reached = list(modules), dict[str, Source | None]()
    while waiting:
        name = waiting.pop()
        if name not in reached and (shown or not SHOWS.fullmatch(name)):
            source = reached[name] = _source(name)
            waiting += source.imports if source else ()
    counted = (source for source in reached.values() if source and source.counts)
    return tuple(sorted(counted, key=lambda source: source.path))


def forget() -> None:
    """Read every file again: a process otherwise keeps what it has read first."""
    _source.cache_clear()


def _files(id: str) -> dict[str, Path]:
    """The Python files of the package that another package's statement is part of, by name."""
    found = {
        path.relative_to(folder.parent).as_posix(): path
        for folder in catalogue.packages(id)
        for path in folder.rglob("*.py")
    }
    own = catalogue.path(id)
    if own is not None and own.is_file() and own not in found.values():
        found[f"{id}.py"] = own
    return found


@cache
def _source(module: str) -> Source | None:
    """The source of a module of this project; None for what is none, as a name within a module."""
    top, *rest = module.split(".")
    if top not in FOLLOWED:
        return None
    spec = importlib.util.find_spec(top)
    for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
        place = folder.joinpath(*rest)
        begin = place / "__init__.py"
        if begin.is_file():
            return _read(begin, "/".join((top, *rest, "__init__.py")), (top, *rest))
        file = place.with_suffix(".py")
        if rest and file.is_file():
            return _read(file, "/".join((top, *rest)) + ".py", (top, *rest[:-1]))
    return None


def _read(path: Path, name: str, package: Sequence[str]) -> Source:
    text = b""
    try:
        text = path.read_bytes()
        module = ast.parse(text)
    except (OSError, SyntaxError, ValueError):  # the check of what imports it tells of that
        return Source(name, text, _parents(package))
    if path.name == "__init__.py":
        if package[:1] == (catalogue.PACKAGE,) and catalogue.declares_paper(
            text.decode(errors="replace")
        ):
            # A source, words and an order, with which nothing is computed: the name of a new
            # theorem in the order is to leave the versions of all others as they are.
            return Source(name, text, (), counts=False)
        if all(map(_is_words, module.body)):
            return Source(name, text, _parents(package), counts=False)
    imports = {name for node in _statements(module.body) for name in _imported(node, package)}
    return Source(name, text, tuple(sorted({*imports, *_parents(package)})))


def _parents(package: Sequence[str]) -> tuple[str, ...]:
    """The packages that are imported before one of their modules is."""
    return tuple(".".join(package[:end]) for end in range(1, len(package) + 1))


def _is_words(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _statements(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """Statements and those within them; no expressions, which hold no imports."""
    for node in body:
        if isinstance(node, ast.If) and _for_types(node.test):
            yield from _statements(node.orelse)
            continue
        yield node
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            yield from _statements(getattr(node, field, ()))


def _for_types(test: ast.expr) -> bool:
    """Whether a condition is that of type checkers, whose imports are never made."""
    return getattr(test, "id", getattr(test, "attr", "")) == "TYPE_CHECKING"


def _imported(node: ast.AST, package: Sequence[str]) -> Iterator[str]:
    """Names that may be modules of this project, where a node imports any."""
    names: list[str] = []
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        above = package[: len(package) - node.level + 1] if node.level else ()
        origin = ".".join((*above, *filter(None, [node.module])))
        names = [origin, *(f"{origin}.{alias.name}" for alias in node.names)]
    for name in names:
        if name.split(".")[0] in FOLLOWED:
            yield name
