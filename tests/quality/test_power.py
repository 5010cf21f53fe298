"""Does the checker notice? False theorems are refuted, empty ones are vacuous, NaNs are errors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import sympy

from checkers import catalogue
from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.construction import Witness
from checkers.declared.statement import Mutant, Statement, mutated
from checkers.profile import PROFILES
from checkers.quantities import Quantity
from checkers.result import CheckResult
from checkers.settings.unconstrained import H, W
from checkers.sizes import sizes
from checkers.verdict import Evidence, Verdict
from late import Late

check_inequality = Late("checkers.kinds.inequality.check", "check_inequality")
simplify = Late("checkers.search.simplify", "simplify")
MARGIN = catalogue.load("ji2022_margin_bound")
FEW = replace(PROFILES["ci"], sizes=6, ascent_sizes=3, steps=500)


def blindly(statement: Statement, **changes: object) -> CheckResult:
    """Checked without witnesses, mutants or proofs: only draws and ascent are left."""
    alone = replace(statement, witnesses=(), mutants=(), proofs=(), **changes)
    return check_inequality(alone, FEW, 0)


@pytest.mark.parametrize("factor", ["9/10", "99/100"])
def test_a_bound_that_is_too_small_is_refuted_without_being_told_where(factor: str) -> None:
    claim = MARGIN.claims[0]
    scaled = Claim("scaled", claim.lhs, claim.rhs * sympy.Rational(factor))
    result = blindly(MARGIN, claims=(scaled,))
    assert result.finding.verdict is Verdict.REFUTED
    assert result.finding.evidence is Evidence.CERTIFIED
    assert result.counterexample is not None


def test_a_bound_that_is_hardly_too_small_is_refuted_near_its_witness() -> None:
    """One part in a billion: seen because witnesses are perturbed by as little as 1e-12."""
    claim = MARGIN.claims[0]
    scaled = Claim("scaled", claim.lhs, claim.rhs * (1 - sympy.Rational(1, 10**9)))
    result = check_inequality(replace(MARGIN, claims=(scaled,), mutants=()), FEW, 0)
    assert result.finding.verdict is Verdict.REFUTED


def test_the_true_bound_is_not() -> None:
    result = blindly(MARGIN)
    assert result.finding.verdict is Verdict.HOLDS
    assert result.finding.tightness is not None
    assert 0.99 < result.finding.tightness <= 1


def test_hypotheses_that_nothing_meets_make_a_statement_vacuous() -> None:
    never = Hypothesis("never", sympy.Integer(-1))
    result = blindly(MARGIN, hypotheses=(*MARGIN.hypotheses, never))
    assert result.finding.verdict is Verdict.VACUOUS
    assert result.finding.admitted == 0


def test_a_bound_that_says_nothing_is_vacuous() -> None:
    claim = Claim("huge", MARGIN.claims[0].lhs, MARGIN.claims[0].rhs, trivial=sympy.Integer(-1))
    assert blindly(MARGIN, claims=(claim,)).finding.verdict is Verdict.VACUOUS


def test_every_claim_is_searched_not_only_the_first() -> None:
    from checkers.quantities.norms import squared_norm

    claim = MARGIN.claims[0]
    harmless = Claim("norms", squared_norm(W), squared_norm(W) + squared_norm(H))
    tight = Claim("scaled", claim.lhs, claim.rhs * sympy.Rational(97, 100))
    for claims in ((harmless, tight), (tight, harmless)):
        assert blindly(MARGIN, claims=claims).finding.verdict is Verdict.REFUTED


def test_a_claim_is_searched_whatever_the_signs_of_its_sides() -> None:
    """The same false inequality, negated and brought to one side."""
    q, bound = MARGIN.claims[0].lhs, MARGIN.claims[0].rhs * sympy.Rational(97, 100)
    for claim in (Claim("negated", -bound, -q), Claim("difference", q - bound, sympy.Integer(0))):
        found = blindly(MARGIN, claims=(claim,)).finding
        assert found.verdict is Verdict.REFUTED, claim.name


def test_tightness_of_a_true_negated_claim_is_at_most_one() -> None:
    negated = Claim("negated", -MARGIN.claims[0].rhs, -MARGIN.claims[0].lhs)
    found = blindly(MARGIN, claims=(negated,)).finding
    assert found.verdict is Verdict.HOLDS
    assert 0.99 < found.tightness <= 1


def test_positivity_with_equality_attained_is_no_vacuity() -> None:
    from checkers.quantities.duality import etf_defect

    claim = Claim("positive", sympy.Integer(0), etf_defect(W))
    result = check_inequality(replace(MARGIN, claims=(claim,), mutants=(), proofs=()), FEW, 0)
    assert result.finding.verdict is Verdict.HOLDS
    assert result.finding.touching > 0


def test_a_violation_under_an_undecided_hypothesis_is_inconclusive() -> None:
    """exp(a) - exp(a), written so that no arithmetic sees that it vanishes."""
    from checkers.quantities.duality import centred_norm, mean_row
    from checkers.quantities.norms import squared_norm

    nothing = sympy.exp(squared_norm(W)) - sympy.exp(centred_norm(W) + mean_row(W))
    shadow = Hypothesis("undecided", sympy.Max(nothing, -sympy.Abs(nothing)))
    claim = Claim("false", squared_norm(W), squared_norm(H) / 1000)
    found = blindly(MARGIN, claims=(claim,), hypotheses=(*MARGIN.hypotheses, shadow)).finding
    assert found.verdict is Verdict.INCONCLUSIVE, found.reason


def test_a_side_that_is_no_number_is_an_error() -> None:
    nothing = Quantity(
        "nothing",
        "0/0",
        batched=lambda A: A.sum((-2, -1)) * float("nan"),
        rigorous=lambda A: A[0, 0] * 0 / (A[0, 0] * 0),
        exact=False,
    )
    claim = Claim("broken", nothing(W), MARGIN.claims[0].rhs)
    assert blindly(MARGIN, claims=(claim,)).finding.verdict is Verdict.ERROR


def test_a_violation_outside_the_hypotheses_does_not_count() -> None:
    """The bound fails for unequal classes; with balance a hypothesis that is no counterexample."""
    unequal = MARGIN.mutants[3].by.instance(sizes((4, 1, 1), d=2))
    from checkers.evaluation import verdict_on

    assert verdict_on(MARGIN, unequal) is Verdict.VACUOUS
    assert verdict_on(mutated(MARGIN, MARGIN.mutants[3]), unequal) is Verdict.REFUTED


def test_a_mutant_that_its_instance_does_not_refute_survives(tmp_path) -> None:
    from checkers.mutation import check_mutants

    harmless = Mutant(
        "harmless",
        "twice the bound",
        rhs=2 * MARGIN.claims[0].rhs,
        by=MARGIN.witnesses[0],
    )
    (record,) = check_mutants(replace(MARGIN, mutants=(harmless,)), frozenset(), tmp_path)
    assert not record.killed
    assert record.witness is None


def test_counterexamples_become_simple() -> None:
    """From a random counterexample to few samples and few different numbers, still certified."""
    claim = MARGIN.claims[0]
    false = replace(MARGIN, claims=(Claim("third", claim.lhs, claim.rhs / 3),), mutants=())
    result = blindly(false)
    small = simplify(false, result.counterexample.instance)
    from checkers.evaluation import violates

    assert violates(false, small)
    values = np.concatenate([small.arrays["W"].ravel(), small.arrays["H"].ravel()])
    assert small.sizes["N"] <= 7
    before = np.concatenate([a.ravel() for a in result.counterexample.instance.arrays.values()])
    assert len(values) <= len(before)
    assert len(set(np.abs(values).tolist())) <= 8


def test_a_mutant_cannot_drop_what_is_not_there() -> None:
    with pytest.raises(ValueError, match="no hypothesis"):
        mutated(MARGIN, Mutant("x", "", drop=("typo",), by=MARGIN.witnesses[0]))


def test_a_witness_says_when_it_does_not_fit() -> None:
    small = Witness("simplex", MARGIN.witnesses[0].build, (sizes(K=4, n=1, d=1),))
    with pytest.raises(ValueError, match="does not fit"):
        small.instance(small.sizes[0])


def test_the_same_seed_gives_the_same_finding_at_one_and_two_threads() -> None:
    import torch

    threads = torch.get_num_threads()
    found = []
    try:
        for count in (1, 2):
            torch.set_num_threads(count)
            result = check_inequality(MARGIN, FEW, 5)
            found.append((result.finding.verdict, result.finding.drawn, result.finding.touching))
    finally:
        torch.set_num_threads(threads)
    assert found[0] == found[1]


def test_features_and_classifier_are_both_searched() -> None:
    """A claim about one array only is refuted through that array."""
    from checkers.quantities.norms import squared_norm

    claim = Claim("norms", squared_norm(W), 2 * squared_norm(H))
    assert blindly(MARGIN, claims=(claim,)).finding.verdict is Verdict.REFUTED
