"""A statement on one instance: what was certified, and whether that is as claimed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from checkers.advice import Improvement
from checkers.arithmetic.balls import Number, as_float
from checkers.declared.statement import Statement
from checkers.evaluation import Evaluation, certify
from checkers.instance import Instance
from checkers.values import SharedBalls
from checkers.verdict import Verdict


@dataclass(frozen=True)
class Evaluated:
    """A statement on an instance; ``failure`` tells why there are no evaluations."""

    statement: Statement
    instance: Instance
    evaluations: tuple[Evaluation, ...]
    failure: str = ""

    @property
    def verdict(self) -> Verdict:
        """The worst over the claims; ERROR where there are none."""
        return Verdict.ERROR if self.failure else decisive(self.evaluations).verdict

    @property
    def as_claimed(self) -> bool:
        """Whether the instance leaves what is said of the statement as it is.

        Where a hypothesis fails nothing is promised. A violation contradicts a theorem only: the
        others may be refuted.
        """
        if self.verdict is Verdict.REFUTED:
            return self.statement.standing.agrees_with(self.verdict)
        return self.verdict in (Verdict.HOLDS, Verdict.VACUOUS)


def evaluate(statement: Statement, instance: Instance, measured: SharedBalls) -> Evaluated:
    """Certify every claim; an exception is a failure of this statement, and of no other."""
    try:
        return Evaluated(statement, instance, certify(statement, instance, measured))
    except Exception as error:
        return Evaluated(statement, instance, (), f"{type(error).__name__}: {error}")


def to_json(evaluated: Evaluated, advice: Iterable[Improvement]) -> dict[str, Any]:
    """The instance as plain data: what decides, then every claim and what would have to improve."""
    id = evaluated.statement.id
    improve = [{"about": i.about, "says": i.says} for i in advice]
    if evaluated.failure:
        nothing = dict.fromkeys(("lhs", "rhs", "slack", "ratio"))
        verdict = {**nothing, "verdict": evaluated.verdict.word, "certified": False}
        more = {"claims": [], "improve": improve, "failure": evaluated.failure}
        return {"id": id, "hypotheses": [], **verdict, **more}
    return {"id": id, **evaluations_to_json(evaluated.evaluations), "improve": improve}


def evaluations_to_json(evaluations: tuple[Evaluation, ...]) -> dict[str, Any]:
    """The hypotheses, the claim that decides, and all claims."""
    main = decisive(evaluations)
    return {
        "hypotheses": hypotheses_to_json(main),
        **claim_to_json(main),
        "claims": [{"name": e.claim, **claim_to_json(e)} for e in evaluations],
    }


def decisive(evaluations: tuple[Evaluation, ...]) -> Evaluation:
    """The claim that decides: of worst verdict, then of smallest relative slack."""
    return max(evaluations, key=lambda e: (e.verdict, -_least(e.relative_slack)))


def _least(slack: float) -> float:
    """Not a number counts as the least slack of all."""
    return -math.inf if math.isnan(slack) else slack


def claim_to_json(evaluation: Evaluation) -> dict[str, Any]:
    """Both sides, slack, ratio and verdict as plain data, null where there is no number.

    ``certified`` says that the sign of the slack and of every margin is certain.
    """
    return {
        "lhs": _finite(as_float(evaluation.lhs)),
        "rhs": _finite(as_float(evaluation.rhs)),
        "slack": _finite(as_float(evaluation.slack)),
        "ratio": _finite(evaluation.ratio),
        "verdict": evaluation.verdict.word,
        "certified": evaluation.sign is not None and None not in evaluation.satisfied.values(),
    }


def hypotheses_to_json(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Name, margin and whether it holds (null where not decided) of every hypothesis."""
    margins: Mapping[str, Number] = evaluation.margins
    return [
        {"name": name, "margin": _finite(as_float(margin)), "holds": evaluation.satisfied[name]}
        for name, margin in margins.items()
    ]


def _finite(x: float) -> float | None:
    return x if math.isfinite(x) else None
