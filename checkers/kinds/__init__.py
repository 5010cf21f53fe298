"""Kinds of claim: a folder a kind, found by looking; nothing else names them.

The ``__init__`` of a folder has a ``KIND``, a ``ClaimKind``; it is light, and loads what checks or
draws when that is first needed.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache

from checkers.declared.kinds import INEQUALITY, Kind
from checkers.kinds.claim_kind import ClaimKind
from checkers.record import Finding


def kinds() -> tuple[ClaimKind, ...]:
    """All kinds, sorted by name."""
    return _kinds(tuple(__path__))


@lru_cache(maxsize=8)
def _kinds(folders: tuple[str, ...]) -> tuple[ClaimKind, ...]:
    names = sorted(m.name for m in pkgutil.iter_modules(folders) if m.ispkg)
    loaded = (importlib.import_module(f"{__name__}.{name}").KIND for name in names)
    return tuple(sorted(loaded, key=lambda kind: kind.name))


def of(declared: Kind) -> ClaimKind:
    """The kind that serves a declaration. Raises LookupError where no folder does."""
    for kind in kinds():
        if type(declared) is kind.serves:
            return kind
    names = ", ".join(kind.serves.__name__ for kind in kinds())
    raise LookupError(f"{type(declared).__name__} is served by no kind of claim; {names} are")


def of_finding(finding: Finding) -> ClaimKind:
    """The kind whose checker made a finding; that of inequalities for one of no checker."""
    name = finding.checker.partition(" (")[0]
    known = {kind.name: kind for kind in kinds()}
    return known.get(name, known[INEQUALITY.name])
