"""The one way to conclude: from certified instances, and what was looked at, to a finding.

A violation counts once it is certified with its hypotheses. Where instances are known up to an
error only, such as two states of an integrated flow, a ``Judgement`` says what counts beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import isnan

from checkers.arithmetic.balls import as_float
from checkers.declared.statement import Statement
from checkers.evaluation import Evaluation, certify
from checkers.instance import Instance
from checkers.record import Cell, Finding, Worst
from checkers.result import Certified, CheckResult
from checkers.verdict import Evidence, Verdict, merge
from checkers.ways import WayKind


@dataclass(frozen=True)
class Coverage:
    """What was looked at: instances, those that floats admitted, and each batch.

    ``whole`` says that all of a statement was looked at, not a part: where a part decides nothing,
    nothing speaks against the statement. ``telling`` says that a bound that tells nothing here
    counts against it; on a single training run it does not.
    """

    drawn: int
    admitted: int
    cells: tuple[Cell, ...] = ()
    whole: bool = True
    telling: bool = True


@dataclass(frozen=True)
class Judgement:
    """What counts, of certified instances; and how they are called.

    ``error`` is the relative slack that the error of what was measured accounts for: of either
    sign, it counts as touching. ``confirmed`` gives, of instances that violate a claim beyond it,
    those that count; ``refuted`` and ``unconfirmed`` say why.
    """

    noun: str = "instance"
    nouns: str = "instances drawn"
    error: float = 0.0
    confirmed: Callable[[Sequence[Certified]], Sequence[Certified]] = lambda violating: violating
    refuted: str = ""
    unconfirmed: str = ""

    def violated(self, evaluation: Evaluation) -> bool:
        """Certified to fail, by more than the error."""
        return evaluation.verdict is Verdict.REFUTED and self._beyond(evaluation)

    def violates(self, certified: Certified) -> bool:
        """Whether some claim is violated."""
        return any(map(self.violated, certified.evaluations))

    def open(self, evaluation: Evaluation) -> bool:
        """A violation that would count if its hypotheses were decided."""
        undecided = evaluation.verdict is Verdict.INCONCLUSIVE
        return undecided and evaluation.sign == -1 and self._beyond(evaluation)

    def touches(self, evaluation: Evaluation) -> bool:
        """Equality, or what the error cannot tell from it."""
        return evaluation.touches or self.blurred(evaluation)

    def blurred(self, evaluation: Evaluation) -> bool:
        """Within the error of equality."""
        return self.error > 0 and abs(evaluation.relative_slack) <= self.error

    def _beyond(self, evaluation: Evaluation) -> bool:
        return not self.error or evaluation.relative_slack < -self.error


EXACT = Judgement()
"""Instances are what they are: every certified violation counts."""


def conclude(
    checker: str,
    statement: Statement,
    certified: Sequence[Certified],
    coverage: Coverage,
    judgement: Judgement = EXACT,
    shrink: Callable[[Instance], Instance] | None = None,
) -> CheckResult:
    """The finding of a checker, its worst instance, and the counterexample where there is one.

    ``shrink`` makes a counterexample small; the smallest is taken as it is where there is none.
    """
    decided = [c for c in certified if all(e.admitted for e in c.evaluations)]
    violating = [c for c in decided if judgement.violates(c)]
    refuting = judgement.confirmed(violating) if violating else ()
    counterexample = None
    if refuting:
        counterexample = min(refuting, key=_entries)
        if shrink is not None:
            small = shrink(counterexample.instance)
            counterexample = Certified(small, certify(statement, small))
    tightness = _tightness(statement, decided, judgement)
    verdict, reason = Verdict.HOLDS, ""
    if refuting:
        verdict, reason = Verdict.REFUTED, judgement.refuted or _violations(refuting)
    elif violating:
        verdict, reason = Verdict.INCONCLUSIVE, judgement.unconfirmed
    elif any(c.verdict is Verdict.ERROR for c in certified):
        verdict, reason = Verdict.ERROR, "a side of a claim is not a number on admitted instances"
    elif any(judgement.open(e) for c in certified for e in c.evaluations):
        verdict = Verdict.INCONCLUSIVE
        reason = "a claim fails where a hypothesis cannot be decided at 1024 bits"
    elif not decided and any(c.verdict is Verdict.INCONCLUSIVE for c in certified):
        verdict = Verdict.INCONCLUSIVE if coverage.whole else Verdict.VACUOUS
        reason = f"hypotheses cannot be decided on any certified {judgement.noun}"
    elif not coverage.admitted or not decided:
        verdict = Verdict.VACUOUS
        reason = f"none of {coverage.drawn} {judgement.nouns} meets the hypotheses"
    elif coverage.telling and not _tells(decided, tightness, judgement):
        verdict, reason = Verdict.VACUOUS, f"no admitted {judgement.noun} is told anything"
    holding = [c for c in decided if c.verdict is not Verdict.REFUTED]
    worst = _worst([counterexample] if counterexample else holding, judgement)
    finding = Finding(
        checker=checker,
        verdict=verdict,
        evidence=Evidence.CERTIFIED if decided and not judgement.error else Evidence.SAMPLED,
        drawn=coverage.drawn,
        admitted=coverage.admitted,
        touching=sum(any(map(judgement.touches, c.evaluations)) for c in decided),
        tightness=tightness,
        worst=None if worst is None else _worst_record(*worst, judgement),
        cells=coverage.cells,
        reason=reason,
    )
    return CheckResult(finding, worst[0] if worst else None, counterexample)


def doubted(finding: Finding, doubts: Sequence[str], nothing: bool = False) -> Finding:
    """What is not to be relied on decides nothing, whichever way it points but for a violation.

    The finding as it is where there are no doubts; VACUOUS at least where there was ``nothing``.
    """
    if not doubts:
        return finding
    least = Verdict.VACUOUS if nothing else Verdict.INCONCLUSIVE
    return replace(finding, verdict=merge([finding.verdict, least]))


def told(*parts: str) -> str:
    """Reasons, one after the other."""
    return "; ".join(part for part in parts if part)


def _entries(certified: Certified) -> int:
    return sum(a.size for a in certified.instance.arrays.values())


def _violations(refuting: Sequence[Certified]) -> str:
    drawn = any(c.instance.provenance.way.kind is not WayKind.WITNESS for c in refuting)
    return f"{len(refuting)} certified violations, hypotheses certified; " + (
        "drawn instances refute it too" if drawn else "only the stored construction refutes it"
    )


def _tells(decided: Sequence[Certified], tightness: float | None, judgement: Judgement) -> bool:
    """Some instance is told more than a trivial value, and the sides meet or come close."""
    telling = [e for c in decided for e in c.evaluations if e.told]
    return any(map(judgement.touches, telling)) or (bool(telling) and (tightness or 0) > 0)


def _tightness(
    statement: Statement, decided: Sequence[Certified], judgement: Judgement
) -> float | None:
    """Over the claims, the least of their largest certified tightness: that of the loosest.

    Of a violation within the error nothing is known but that it is 1 up to that error.
    """
    largest = []
    for claim in statement.claims:
        sides = [e for c in decided for e in c.evaluations if e.claim == claim.name]
        values = [e.tightness for e in sides if not (e.sign == -1 and judgement.blurred(e))]
        largest.append(max((x for x in values if x is not None and not isnan(x)), default=None))
    numbers = [x for x in largest if x is not None]
    return min(numbers) if len(numbers) == len(largest) else None


def _worst(shown: Sequence[Certified], judgement: Judgement) -> tuple[Certified, Evaluation] | None:
    """The instance and claim of smallest relative slack; beyond the error where one is."""
    pairs = [(c, e) for c in shown for e in c.evaluations if not isnan(e.relative_slack)]
    apart = [p for p in pairs if not (judgement.error and judgement.touches(p[1]))]
    return min(apart or pairs, key=lambda pair: pair[1].relative_slack, default=None)


def _worst_record(certified: Certified, evaluation: Evaluation, judgement: Judgement) -> Worst:
    ratio = evaluation.ratio
    return Worst(
        claim=evaluation.claim,
        lhs=as_float(evaluation.lhs),
        rhs=as_float(evaluation.rhs),
        slack=as_float(evaluation.slack),
        ratio=ratio if ratio == ratio else None,
        certified=True,
        touches=judgement.touches(evaluation),
        where=certified.instance.provenance,
        digest=certified.instance.digest,
    )
