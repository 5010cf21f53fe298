"""Does the promise hold along real training?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from checkers.declared.kinds import Training
from checkers.declared.statement import Statement
from checkers.kinds.claim_kind import ClaimKind, Findings, Picture
from checkers.profile import Profile
from checkers.record import Finding, Record
from checkers.result import CheckResult

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _check(statement: Statement, profile: Profile, seed: int, device: str) -> CheckResult:
    from checkers.kinds.training.recorded import check_recorded

    return check_recorded(statement, profile, seed, device)


def _trained(findings: Findings) -> bool:
    from checkers.kinds.training.carried import checkpoints

    return any(map(checkpoints, findings))


def _draw_training(figure: Figure, record: Record, findings: Findings) -> None:
    from checkers.kinds.training.figures import training

    training(figure, record.claims, findings)


def _compared(findings: Findings) -> bool:
    from checkers.kinds.training.carried import comparison

    return any(map(comparison, findings))


def _draw_comparison(figure: Figure, record: Record, findings: Findings) -> None:
    from checkers.kinds.training.comparison_figures import compared

    compared(figure, findings)


def _tables(finding: Finding) -> Iterator[str]:
    from checkers.kinds.training.tables import training

    return training(finding)


KIND = ClaimKind(
    name=Training.name,
    serves=Training,
    check=_check,
    pictures=(
        Picture("training", "Measured quantity and bound along training", _trained, _draw_training),
        Picture(
            "comparison",
            "Networks compared: a dot each, and the mean with its error",
            _compared,
            _draw_comparison,
        ),
    ),
    tables=_tables,
    remedy="runs that converge: a lower learning rate or more steps (`--profile nightly`)",
)
