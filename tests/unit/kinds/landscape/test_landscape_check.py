"""The landscape checker as a whole: what makes it hold, doubt and refute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checkers import catalogue
from checkers.kinds.landscape.carried import critical_points
from checkers.profile import PROFILES
from checkers.verdict import Character, Evidence, Verdict
from late import Late

check = Late("checkers.kinds.landscape.check")

FEW = replace(PROFILES["ci"], starts=12)


def narrowed(id: str, classes, samples, beyond):
    """The statement on few sizes, without mutants."""
    statement = catalogue.load(id)
    kind = replace(statement.kind, classes=classes, samples=samples, beyond=beyond)
    return replace(statement.within(kind=kind), mutants=())


def test_wide_enough_holds_and_counts_what_it_saw() -> None:
    statement = narrowed("zhu2021_strict_saddle", (3, 3), (1, 1), (0, 1))
    finding = check.check_landscape(statement, FEW, 0).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.evidence is Evidence.CERTIFIED
    assert 0 < finding.admitted <= finding.drawn
    assert "distinct critical points" in finding.reason
    known = {p.character for p in critical_points(finding)}
    assert known == {Character.SADDLE, Character.GLOBAL}
    for point in critical_points(finding):
        assert point.gradient < 1e-11
        saddle = point.character is Character.SADDLE
        assert (point.curvature < -1e-9) == saddle
        assert (point.measured["excess"] > 1 + 1e-9) == saddle, "sigma_1 / s > 1 exactly at saddles"
        if not saddle and point.measured["nc2"] is not None:
            assert point.measured["nc1"] == pytest.approx(0, abs=1e-9), (
                "global minimisers are collapsed"
            )
            assert point.measured["nc2"] == pytest.approx(0, abs=1e-6), "to a simplex"


def test_too_narrow_is_refuted_where_a_minimum_is_not_global() -> None:
    statement = narrowed("zhu2021_strict_saddle_any_width", (5, 5), (1, 1), (-2, -2))
    result = check.check_landscape(statement, FEW, 0)
    assert result.finding.verdict is Verdict.REFUTED
    assert result.counterexample is not None
    assert "(5, 1, 2)" in result.finding.reason


def test_what_is_neither_is_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    """A critical point without certificate, in a statement that no instance refutes."""
    statement = narrowed("zhu2021_strict_saddle", (2, 2), (1, 1), (0, 0))

    def undecided(model, points, curvature, directions):
        return [Character.UNDECIDED] * len(points)

    monkeypatch.setattr("checkers.kinds.landscape.check.characters", undecided)
    finding = check.check_landscape(statement, FEW, 0).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert finding.evidence is Evidence.SEARCHED


def test_same_seed_same_finding() -> None:
    statement = narrowed("zhu2021_strict_saddle", (2, 3), (1, 1), (0, 0))
    first, second = (check.check_landscape(statement, FEW, 7).finding for _ in range(2))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)


def test_a_certified_minimum_refutes_without_being_stored_and_at_any_size() -> None:
    """K = 6, n = 2, d = 4: 72 coordinates, and no stored counterexample to help."""
    statement = narrowed("zhu2021_strict_saddle_any_width", (6, 6), (2, 2), (-1, -1))
    result = check.check_landscape(
        replace(statement.within(samplers=()), counterexamples=()), FEW, 0
    )
    finding = result.finding
    assert any(p.character is Character.MINIMUM for p in critical_points(finding))
    assert finding.verdict is Verdict.REFUTED
    assert result.counterexample is not None
    assert result.counterexample.instance.sizes["K"] == 6


def test_a_search_that_finds_nothing_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Starts that stay where they are: all are counted, none converges."""
    statement = narrowed("zhu2021_strict_saddle", (3, 3), (1, 1), (0, 0))
    monkeypatch.setattr("checkers.kinds.landscape.search.solve", lambda starts: starts)
    finding = check.check_landscape(statement, FEW, 0).finding
    assert finding.verdict is Verdict.VACUOUS
    assert finding.evidence is Evidence.SEARCHED
    assert finding.drawn > 0
    assert finding.admitted == 0
    assert "no critical point found" in finding.reason


def test_too_few_that_converge_are_inconclusive(monkeypatch: pytest.MonkeyPatch) -> None:
    from checkers.kinds.landscape import search

    plain = search.solve

    def sometimes(starts):
        ends = plain(starts)
        moved = ends.vector.clone()
        moved[::2] += 1.0
        return ends.at(moved)

    statement = narrowed("zhu2021_strict_saddle", (3, 3), (1, 1), (0, 0))
    monkeypatch.setattr("checkers.kinds.landscape.search.solve", sometimes)
    finding = check.check_landscape(statement, FEW, 0).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "did not converge" in finding.reason
