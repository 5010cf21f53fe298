"""Certification: precision grows until the sign is certain; equality is a touch, never a pass."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import sympy
from flint import ctx

from checkers import catalogue
from checkers.declared.claim import Claim, Hypothesis
from checkers.evaluation import certify, evaluate_batch, violates
from checkers.instance import LABELS, Batch, Instance
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import COLLAPSED_EXACTLY, H, W
from checkers.sizes import sizes
from checkers.verdict import Standing, Verdict, merge
from checkers.ways import regime

MARGIN = catalogue.load("ji2022_margin_bound")


def pair(w: float, h: float) -> Instance:
    arrays = {"W": np.array([[w], [0.0]]), "H": np.array([[h, 0.0]]), LABELS: np.array([0, 1])}
    return Instance({"K": 2, "N": 2, "d": 1}, arrays)


def comparing(lhs: sympy.Expr, rhs: sympy.Expr, *hypotheses: Hypothesis):
    return replace(MARGIN, claims=(Claim("c", lhs, rhs),), hypotheses=hypotheses)


def test_the_last_bit_of_a_float_decides() -> None:
    """Squares of neighbouring floats differ; no tolerance hides it."""
    statement = comparing(squared_norm(W), squared_norm(H))
    up = np.nextafter(1.0, 2)
    assert certify(statement, pair(up, 1.0))[0].verdict is Verdict.REFUTED
    assert certify(statement, pair(1.0, up))[0].verdict is Verdict.HOLDS
    assert not certify(statement, pair(1.0, up))[0].touches
    assert certify(statement, pair(1.0, 1.0))[0].touches


def test_precision_grows_with_the_closeness_of_the_sides() -> None:
    """exp(w) against exp(1): decided at 64 bits, or only after doubling."""
    for exponent, bits in ((-10, 64), (-52, 128)):
        w = 1.0 + 2.0**exponent
        far = comparing(sympy.exp(squared_norm(W) * 2**20), sympy.exp(squared_norm(H) * 2**20))
        found = certify(far, pair(w, 1.0))[0]
        assert found.verdict is Verdict.REFUTED
        assert found.bits <= bits


def test_equality_of_irrational_sides_is_a_touch_at_1024_bits() -> None:
    statement = comparing(sympy.exp(squared_norm(W)), sympy.exp(squared_norm(H)))
    found = certify(statement, pair(1.25, 1.25))[0]
    assert found.sign is None
    assert found.bits == 1024
    assert found.touches
    assert found.verdict is Verdict.HOLDS


def test_equality_of_rational_sides_is_settled_exactly() -> None:
    instance = COLLAPSED_EXACTLY.instance(sizes(K=3, n=4, d=3))
    found = certify(MARGIN, instance)[0]
    assert found.exact
    assert found.sign == 0
    assert Fraction(str(found.lhs)) == Fraction(str(found.rhs)) == Fraction(1, 2)


def test_a_violation_without_its_hypotheses_is_no_refutation() -> None:
    false = comparing(squared_norm(W), squared_norm(H), Hypothesis("h", squared_norm(H) - 10))
    assert certify(false, pair(5.0, 1.0))[0].verdict is Verdict.VACUOUS
    assert certify(false, pair(5.0, 4.0))[0].verdict is Verdict.REFUTED


def test_strict_hypotheses_exclude_equality_and_others_include_it() -> None:
    edge = squared_norm(H) - 4
    for strict, verdict in ((True, Verdict.VACUOUS), (False, Verdict.REFUTED)):
        statement = comparing(squared_norm(W), squared_norm(H), Hypothesis("h", edge, strict))
        assert certify(statement, pair(5.0, 2.0))[0].verdict is verdict
        batch = Batch({"K": 2, "N": 2, "d": 1}, _batched(pair(5.0, 2.0)))
        assert bool(evaluate_batch(statement, batch).admitted[0]) is not strict


def _batched(instance: Instance) -> dict[str, np.ndarray]:
    return {k: a if k == LABELS else a[None] for k, a in instance.arrays.items()}


def test_a_hypothesis_that_cannot_be_decided_gives_inconclusive() -> None:
    undecided = Hypothesis("h", sympy.exp(squared_norm(W)) - sympy.exp(squared_norm(H)))
    statement = comparing(squared_norm(W), squared_norm(H) + 1, undecided)
    assert certify(statement, pair(1.0, 1.0))[0].verdict is Verdict.INCONCLUSIVE


def test_rational_instances_are_not_rounded() -> None:
    third = Instance(
        {"K": 2, "N": 2, "d": 1},
        {
            "W": np.array([[Fraction(1, 3)], [Fraction(0)]], dtype=object),
            "H": np.array([[1 / 3, 0.0]]),
            LABELS: np.array([0, 1]),
        },
    )
    assert violates(comparing(squared_norm(W), squared_norm(H)), third), "1/3 exceeds its float"


def test_the_working_precision_is_left_alone() -> None:
    before = ctx.prec
    certify(MARGIN, COLLAPSED_EXACTLY.instance(sizes(K=2, n=1, d=2)))
    assert ctx.prec == before


def test_float_scales_from_1e_minus_8_to_1e8_never_refute_a_theorem() -> None:
    """Round-off makes apparent violations there; none survives certification."""
    from checkers.sampling.draws import draw

    apparent = 0
    for name in ("scales", "integers"):
        batch = draw(MARGIN, sizes(K=2, n=1, d=1), regime(name), 2000, 0)
        slack = evaluate_batch(MARGIN, batch).relative_slack("margin bound")
        for i in (slack <= 0).nonzero().flatten()[:40].tolist():
            apparent += 1
            assert not violates(MARGIN, batch[i])
    assert apparent


def test_relative_slack_is_zero_where_both_sides_are() -> None:
    batch = Batch({"K": 2, "N": 2, "d": 1}, _batched(pair(0.0, 0.0)))
    assert float(evaluate_batch(MARGIN, batch).relative_slack("margin bound")[0]) == 0


@pytest.mark.parametrize("standing", Standing)
def test_standings_and_verdicts(standing: Standing) -> None:
    agreeing = {v for v in Verdict if standing.agrees_with(v)}
    expected = {
        Standing.THEOREM: {Verdict.HOLDS},
        Standing.FALSE: {Verdict.REFUTED},
        Standing.PRINTED: {Verdict.HOLDS, Verdict.REFUTED},
        Standing.CONJECTURE: {Verdict.HOLDS, Verdict.REFUTED},
    }
    assert agreeing == expected[standing]


def test_merging_takes_the_worst_and_nothing_is_vacuous() -> None:
    assert merge([]) is Verdict.VACUOUS
    assert merge([Verdict.HOLDS, Verdict.HOLDS]) is Verdict.HOLDS
    order = [Verdict.HOLDS, Verdict.VACUOUS, Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.REFUTED]
    for small, large in itertools.pairwise(order):
        assert merge([large, small]) is large


def test_exact_hypotheses_are_decided_exactly_beside_inexact_claims() -> None:
    """Rows and features in thirds: stationarity is exactly zero, the claim an exponential."""
    statement = catalogue.load("ji2022_kkt_is_critical")
    for witness in statement.counterexamples:
        found = certify(statement, witness.instance(witness.sizes[0]))
        assert all(e.admitted for e in found)
        assert {e.verdict for e in found} == {Verdict.REFUTED}
        assert not found[0].exact


@pytest.mark.parametrize("side", ["lhs", "rhs"])
def test_floats_are_refused_in_claims(side: str) -> None:
    """0.1 is not a tenth."""
    with pytest.raises(TypeError, match="float"):
        Claim("c", **{"lhs": sympy.Integer(0), "rhs": sympy.Integer(0), side: 0.1})
    assert Claim("c", 0, 1).rhs == sympy.Integer(1)
