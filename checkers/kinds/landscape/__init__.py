"""Is every critical point a global minimiser or a strict saddle?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checkers.declared.kinds import Landscape
from checkers.declared.statement import Statement
from checkers.kinds.claim_kind import ClaimKind, Findings, Picture
from checkers.profile import Profile
from checkers.record import Finding, Record
from checkers.result import CheckResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _check(statement: Statement, profile: Profile, seed: int, device: str) -> CheckResult:
    from checkers.kinds.landscape.check import check_landscape

    return check_landscape(statement, profile, seed, device)


def _shows(findings: Findings) -> bool:
    from checkers.kinds.landscape.carried import critical_points

    return any(map(critical_points, findings))


def _draw(figure: Figure, record: Record, findings: Findings) -> None:
    from checkers.kinds.landscape.figures import landscape

    landscape(figure, findings)


def _lists(finding: Finding) -> Iterator[str]:
    from checkers.kinds.landscape.figures import census

    return census(finding)


KIND = ClaimKind(
    name=Landscape.name,
    serves=Landscape,
    check=_check,
    pictures=(
        Picture("landscape", "Critical points: value against least curvature", _shows, _draw),
    ),
    lists=_lists,
    remedy="more starts (`--profile nightly`), or a certificate for the critical points that are"
    " left undecided",
)
