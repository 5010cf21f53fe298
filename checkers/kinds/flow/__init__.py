"""What does gradient flow conserve, increase and converge to?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from checkers.conclusion import EXACT, Judgement
from checkers.declared.kinds import Flow, Kind
from checkers.declared.statement import Statement
from checkers.kinds.claim_kind import ClaimKind, Findings, Picture
from checkers.profile import Profile
from checkers.record import Record
from checkers.result import CheckResult
from checkers.tolerance import FLOW_ERROR

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BETWEEN = Judgement(
    noun="pair of times",
    nouns="pairs of times",
    error=FLOW_ERROR,
    confirmed=lambda violating: (),
    refuted="a finer run repeats the violation",
    unconfirmed="a violation that only ncheck check can repeat by a finer run",
)
"""That states lie on one flow is known up to the error of integration."""


def _check(statement: Statement, profile: Profile, seed: int, device: str) -> CheckResult:
    from checkers.kinds.flow.check import check_flow

    return check_flow(statement, profile, seed, device)


def _cells(declared: Kind) -> Judgement:
    assert isinstance(declared, Flow)
    return BETWEEN if declared.between else EXACT


def _shows(findings: Findings) -> bool:
    from checkers.kinds.flow.carried import curves

    return any(map(curves, findings))


def _draw(figure: Figure, record: Record, findings: Findings) -> None:
    from checkers.kinds.flow.figures import flows

    flows(figure, findings)


KIND = ClaimKind(
    name=Flow.name,
    serves=Flow,
    check=_check,
    cells=_cells,
    pictures=(Picture("flow", "Measured along gradient flow, against log t", _shows, _draw),),
    remedy="a finer integration, or states that meet the hypotheses with room to spare",
)
