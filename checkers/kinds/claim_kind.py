"""What a kind of claim knows of itself: its checker, what a finding carries, how that is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from checkers.conclusion import EXACT, Judgement
from checkers.declared.kinds import Kind
from checkers.declared.statement import Statement
from checkers.profile import Profile
from checkers.record import Finding, Record
from checkers.result import CheckResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Findings = Sequence[Finding]
"""Those of one record that a kind has made."""


@dataclass(frozen=True)
class Picture:
    """A picture of what findings carry; its file is named after the statement and ``name``."""

    name: str
    caption: str
    shows: Callable[[Findings], bool]
    draw: Callable[[Figure, Record, Findings], None]


def nothing(finding: Finding) -> Iterator[str]:
    """No blocks."""
    return iter(())


@dataclass(frozen=True)
class ClaimKind:
    """A kind of claim: ``KIND`` of a folder of ``checkers.kinds``.

    ``name`` is that of the declaration that it ``serves``, which says how instances may be drawn;
    the name of a finding's checker is the same, or begins with it. ``check(statement, profile,
    seed, device)`` decides. ``cells`` judges what a cell of a sweep finds, which has nothing but
    the instances it draws. What a finding carries is written and read by the folder alone, and
    shown in ``pictures``, in ``tables`` below them and in ``lists`` after the proofs: blocks of
    Markdown. ``remedy`` says what would settle a verdict that is not.
    """

    name: str
    serves: type[Kind]
    check: Callable[[Statement, Profile, int, str], CheckResult]
    remedy: str
    cells: Callable[[Kind], Judgement] = lambda declared: EXACT
    pictures: tuple[Picture, ...] = ()
    tables: Callable[[Finding], Iterator[str]] = nothing
    lists: Callable[[Finding], Iterator[str]] = nothing
