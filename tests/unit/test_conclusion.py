"""The one way to conclude, on evaluations written down by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from flint import arb, fmpq

from checkers import catalogue
from checkers.conclusion import EXACT, Coverage, Judgement, conclude, doubted
from checkers.evaluation import Evaluation
from checkers.instance import Instance
from checkers.provenance import Provenance
from checkers.record import Finding
from checkers.result import Certified
from checkers.verdict import Evidence, Verdict
from checkers.ways import GAUSSIAN, Way, WayKind

STATEMENT = catalogue.load("ji2022_margin_bound")
(CLAIM,) = (claim.name for claim in STATEMENT.claims)
DRAWN, WITNESS = Provenance(GAUSSIAN), Provenance(Way(WayKind.WITNESS, "made"))
UP_TO = Judgement(
    noun="pair", nouns="pairs", error=1e-6, confirmed=lambda violating: (), unconfirmed="alone"
)


def one(lhs, rhs, holds: bool | None = True, told: bool = True, where=DRAWN, size: int = 1):
    """An instance with one evaluation: exact sides, and one hypothesis that holds or not."""
    a, b = fmpq(*lhs) if isinstance(lhs, tuple) else lhs, fmpq(*rhs)
    slack = b - a
    known = not isinstance(slack, arb) or slack.is_finite()
    sign = (slack > 0) - (slack < 0) if known else None
    evaluation = Evaluation(CLAIM, a, b, sign, {}, {"assumed": holds}, 0, True, told)
    return Certified(Instance({}, {"x": np.zeros((size, 1))}, where), (evaluation,))


def concluded(*certified: Certified, drawn: int = 10, admitted: int = 10, judgement=EXACT, **more):
    coverage = Coverage(drawn, admitted, **more)
    return conclude("made", STATEMENT, certified, coverage, judgement)


NAN = arb("nan")


@pytest.mark.parametrize(
    ("certified", "verdict", "reason"),
    [
        ([one((1, 2), (1, 1)), one((0, 1), (1, 1))], Verdict.HOLDS, ""),
        ([one((1, 1), (1, 1), told=False)], Verdict.VACUOUS, "no admitted instance is told"),
        ([one((-1, 1), (1, 1))], Verdict.VACUOUS, "told anything"),
        ([one((1, 2), (1, 1), False)], Verdict.VACUOUS, "none of 10 instances drawn meets"),
        ([one((1, 2), (1, 1), None)], Verdict.INCONCLUSIVE, "cannot be decided on any"),
        ([one((1, 2), (1, 1)), one((1, 2), (1, 1), None)], Verdict.HOLDS, ""),
        ([one((1, 2), (1, 1)), one((2, 1), (1, 1), None)], Verdict.INCONCLUSIVE, "claim fails"),
        ([one((1, 2), (1, 1)), one(NAN, (1, 1))], Verdict.ERROR, "not a number"),
        ([one(NAN, (1, 1)), one((2, 1), (1, 1))], Verdict.REFUTED, "1 certified violations"),
        ([one((2, 1), (1, 1), where=WITNESS)], Verdict.REFUTED, "only the stored construction"),
    ],
)
def test_a_verdict_and_its_reason(certified, verdict: Verdict, reason: str) -> None:
    finding = concluded(*certified).finding
    assert finding.verdict is verdict
    assert reason in finding.reason
    assert (finding.reason == "") == (verdict is Verdict.HOLDS)


def test_the_worst_is_the_one_of_least_relative_slack() -> None:
    result = concluded(one((1, 2), (1, 1)), one((9, 10), (1, 1)), one((0, 1), (1, 1)))
    worst = result.finding.worst
    assert (worst.lhs, worst.rhs, worst.slack, worst.ratio) == (0.9, 1.0, 0.1, 0.9)
    assert (worst.certified, worst.touches, worst.claim) == (True, False, CLAIM)
    assert result.finding.tightness == 0.9
    assert result.finding.touching == 0
    assert result.finding.evidence is Evidence.CERTIFIED
    touching = concluded(one((1, 2), (1, 1)), one((1, 1), (1, 1))).finding
    assert (touching.touching, touching.tightness, touching.worst.touches) == (1, 1.0, True)


def test_the_smallest_violation_is_the_counterexample_and_is_made_small() -> None:
    large, small = one((2, 1), (1, 1), size=9), one((3, 1), (1, 1), size=2)
    assert concluded(large, small).counterexample is small
    witness = STATEMENT.mutants[0].by
    instance = witness.instance(witness.sizes[0])
    seen = []

    def shrink(given: Instance) -> Instance:
        seen.append(given)
        return instance

    result = conclude("made", STATEMENT, [large, small], Coverage(2, 2), EXACT, shrink)
    assert seen == [small.instance]
    assert result.counterexample.instance is instance
    assert result.finding.worst.digest == instance.digest


def test_a_part_that_decides_nothing_says_nothing() -> None:
    undecided = one((1, 2), (1, 1), None)
    assert concluded(undecided, whole=False).finding.verdict is Verdict.VACUOUS
    failing = one((2, 1), (1, 1), None)
    assert concluded(failing, whole=False).finding.verdict is Verdict.INCONCLUSIVE


def test_on_one_run_a_bound_may_tell_nothing() -> None:
    untold = one((1, 2), (1, 1), told=False)
    assert concluded(untold).finding.verdict is Verdict.VACUOUS
    assert concluded(untold, telling=False).finding.verdict is Verdict.HOLDS


def test_within_the_error_a_violation_is_a_touch() -> None:
    barely = one((10**9 + 1, 10**9), (1, 1))
    finding = concluded(barely, judgement=UP_TO).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.evidence is Evidence.SAMPLED
    assert finding.touching == 1
    assert finding.tightness is None, "it is 1 up to the error, and no more is known"
    assert concluded(barely).finding.verdict is Verdict.REFUTED


def test_beyond_the_error_a_violation_has_to_be_confirmed() -> None:
    clear, fine = one((2, 1), (1, 1)), one((1, 2), (1, 1))
    alone = concluded(clear, fine, judgement=UP_TO)
    assert (alone.finding.verdict, alone.finding.reason) == (Verdict.INCONCLUSIVE, "alone")
    assert alone.counterexample is None
    assert alone.finding.worst.lhs == 0.5, "what does not count is not shown"
    sure = replace(UP_TO, confirmed=lambda violating: violating, refuted="again")
    again = concluded(clear, fine, judgement=sure)
    assert (again.finding.verdict, again.finding.reason) == (Verdict.REFUTED, "again")
    assert again.counterexample is clear


def test_what_is_shown_is_beyond_the_error_where_anything_is() -> None:
    touching, apart = one((1, 1), (1, 1)), one((1, 2), (1, 1))
    assert concluded(touching, apart, judgement=UP_TO).finding.worst.lhs == 0.5
    assert concluded(touching, judgement=UP_TO).finding.worst.touches


@pytest.mark.parametrize(
    ("verdict", "doubtful", "of_nothing"),
    [
        (Verdict.HOLDS, Verdict.INCONCLUSIVE, Verdict.VACUOUS),
        (Verdict.VACUOUS, Verdict.INCONCLUSIVE, Verdict.VACUOUS),
        (Verdict.ERROR, Verdict.ERROR, Verdict.ERROR),
        (Verdict.REFUTED, Verdict.REFUTED, Verdict.REFUTED),
    ],
)
def test_doubts_decide_nothing_but_leave_a_violation(verdict, doubtful, of_nothing) -> None:
    finding = Finding("made", verdict, Evidence.SAMPLED)
    assert doubted(finding, []) is finding
    assert doubted(finding, ["why"]).verdict is doubtful
    assert doubted(finding, ["why"], nothing=True).verdict is of_nothing


def test_stored_constructions_are_certified_once(monkeypatch, tmp_path) -> None:
    from checkers import survey, witnesses
    from checkers.evaluation import certify

    times: dict[str, int] = {}

    def counted(statement, instance):
        times[instance.digest] = times.get(instance.digest, 0) + 1
        return certify(statement, instance)

    monkeypatch.setattr(survey, "certify", counted)
    monkeypatch.setattr(witnesses, "certify", counted)
    constructions = survey.certify_constructions(STATEMENT)
    seen = survey.Survey(STATEMENT, 1)
    result = survey.conclude_survey("made", STATEMENT, seen, 0, constructions)
    kept: dict[str, str] = {}
    witnesses.keep_result(STATEMENT, result, tmp_path, kept)
    assert {w.name for w in STATEMENT.witnesses} <= set(kept)
    stored = {w.instance(spec).digest for w in STATEMENT.witnesses for spec in w.sizes}
    assert dict.fromkeys(stored, 1).items() <= times.items()
