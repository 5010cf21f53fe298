"""Does the flow checker notice? Wrong constants, runs cut short, drift, round-off."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import sympy

from checkers import catalogue
from checkers.instance import InvalidInput
from checkers.profile import PROFILES
from checkers.record import Curve, from_json, to_json
from checkers.report import plots
from checkers.sampling.draws import perturb, regimes_of
from checkers.settings.gradient_flow import (
    STARTS,
    Start,
    cross_polytope,
    flow_from,
    gaussian,
    turning,
)
from checkers.statement import Claim, Hypothesis, mutated, sizes
from checkers.variables import instance_from_arrays
from checkers.verdict import Evidence, Verdict
from late import Late

flow_check = Late("checkers.flow.check")
RATE = catalogue.load("ji2022_kkt_rate")
SETTLES = catalogue.load("ji2022_flow_to_kkt")
GAUSSIAN, SKEWED = STARTS[0], next(s for s in STARTS if s.name == "large and skewed")
CI = PROFILES["ci"]


def checked(statement, *starts: Start):
    return flow_check.check_flow(statement, CI, 0, starts=starts)


def test_the_theorem_holds_and_is_only_as_sure_as_its_samples() -> None:
    finding = checked(RATE, GAUSSIAN, SKEWED).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.evidence is Evidence.SAMPLED
    assert 0 < finding.admitted < finding.drawn
    assert {c.name for c in finding.curves} == {
        "Gaussian, K=3, n=2, d=4",
        "large and skewed, K=3, n=1, d=3",
    }


@pytest.mark.parametrize("id", ["quarter", "cosine", "twice"])
def test_a_wrong_constant_is_refuted_by_a_flow_that_was_not_made_for_it(id: str) -> None:
    (mutant,) = [m for m in RATE.mutants if m.id == id]
    result = checked(mutated(RATE, mutant), SKEWED)
    assert result.finding.verdict is Verdict.REFUTED
    assert "finer run" in result.finding.reason
    assert result.counterexample is not None


@pytest.mark.parametrize("id", ["N1", "N8"])
def test_limits_that_are_not_reached_are_refuted_along_the_ray(id: str) -> None:
    (mutant,) = [m for m in SETTLES.mutants if m.id == id]
    ray = next(s for s in STARTS if s.ray)
    claims = replace(mutated(SETTLES, mutant), hypotheses=SETTLES.hypotheses)
    assert checked(claims, ray).finding.verdict is Verdict.REFUTED


def test_a_violation_smaller_than_the_error_of_integration_is_a_touch() -> None:
    """turning <= turning (1 - 1e-10) is false by less than the integral is known to."""
    claim = Claim("barely", turning, turning * (1 - sympy.Rational(1, 10**10)))
    finding = checked(replace(RATE, claims=(claim,), mutants=()), SKEWED).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.touching > 0
    clearly = Claim("clearly", turning, turning * (1 - sympy.Rational(1, 10**5)))
    finding = checked(replace(RATE, claims=(clearly,), mutants=()), SKEWED).finding
    assert finding.verdict is Verdict.REFUTED


def near_the_cross_polytope() -> tuple[np.ndarray, np.ndarray]:
    W, H = cross_polytope()
    A, B = gaussian(4, 4, 3, 7)
    return W @ np.eye(2, 3) + 0.03 * A, np.eye(3, 2) @ H + 0.03 * B


def test_a_run_that_has_not_settled_decides_nothing() -> None:
    """Near a KKT point that is no limit the residual stalls or grows before it falls."""
    start = Start("near the cross-polytope", sizes(K=4, n=1, d=3), near_the_cross_polytope)
    short = replace(SETTLES, kind=replace(SETTLES.kind, rho2=4000))
    finding = checked(short, start).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "KKT residual goes like" in finding.reason


def test_a_run_that_drifts_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that is off by one part in a million is no state of the flow."""
    from checkers.flow import runs

    def spoilt(start: Start, rho2: int, relative: float):
        flow = flow_from(start, rho2, relative)
        W = flow.W.copy()
        W[-1] *= 1 + 1e-6
        return replace(flow, W=W)

    monkeypatch.setattr(runs, "flow_from", spoilt)
    finding = checked(RATE, GAUSSIAN).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "drift" in finding.reason


def test_hypotheses_that_no_pair_of_times_meets_are_vacuous() -> None:
    never = Hypothesis("never", sympy.Integer(-1))
    assert checked(replace(RATE, hypotheses=(never,)), SKEWED).finding.verdict is Verdict.VACUOUS


def test_a_claim_about_points_is_also_drawn_and_searched() -> None:
    invariants = catalogue.load("ji2022_flow_invariants")
    few = replace(CI, sizes=3)
    finding = flow_check.check_flow(invariants, few, 0, starts=(GAUSSIAN,)).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.touching > 20
    assert "invariants drift by" in finding.reason


def test_curves_survive_json_and_old_records_have_none(make_record) -> None:
    record = make_record()
    curve = Curve("Gaussian", (1.0, 2.0), {"margin": (0.1, 0.2), "residual": (0.5, 0.25)})
    finding = replace(record.findings[0], curves=(curve,))
    told = json.loads(json.dumps(to_json(replace(record, findings=(finding,)))))
    assert from_json(told).findings == (finding,)
    del told["findings"][0]["curves"]
    assert from_json(told).findings[0].curves == ()


def test_the_picture_of_curves_is_drawn(make_record) -> None:
    record = make_record()
    curve = Curve("Gaussian", (1.0, 2.0), {"margin": (0.1, 0.2), "residual": (0.5, 0.0)})
    record = replace(record, findings=(replace(record.findings[0], curves=(curve,)),))
    assert plots.FLOW in plots.plotted(record)
    (image,) = [data for name, data in plots.draw(record) if name.endswith("_flow.png")]
    assert image.startswith(b"\x89PNG")


def test_a_size_that_is_a_numeral_is_that_number() -> None:
    """The measured numbers of two times are matrices of one entry, and nothing else is accepted."""
    (witness,) = RATE.witnesses
    instance = witness.instance(witness.sizes[0])
    read = instance_from_arrays(RATE.variables, instance.arrays, "")
    assert dict(read.sizes) == dict(instance.sizes) == {"K": 3, "N": 3, "d": 3}
    wrong = {**instance.arrays, "turning": np.ones((1, 2))}
    with pytest.raises(InvalidInput, match="turning"):
        instance_from_arrays(RATE.variables, wrong, "")


def test_noise_is_not_put_on_two_times_of_a_flow() -> None:
    (witness,) = RATE.witnesses
    assert perturb(RATE, witness, witness.sizes[0], 4, 0) is None
    assert regimes_of(RATE) == ("two times of a flow",)
    assert "gaussian" in regimes_of(catalogue.load("ji2022_flow_invariants"))
