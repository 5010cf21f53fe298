"""Does the flow checker notice? Wrong constants, runs cut short, drift, round-off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import sympy

from checkers import catalogue
from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.statement import mutated
from checkers.instance import InvalidInput
from checkers.kinds.flow import runs
from checkers.kinds.flow.carried import curves
from checkers.models.flow import Trajectory, integrate
from checkers.profile import PROFILES
from checkers.sampling.draws import perturb, regimes_of
from checkers.sizes import sizes
from checkers.tolerance import FLOW_DRIFT, FLOW_RELATIVE
from checkers.variables import instance_from_arrays
from checkers.verdict import Evidence, Verdict
from checkers.ways import regime, sampler
from conjectures.ji2022.setting.flow_model import LAYER_PEELED, PeeledRun
from conjectures.ji2022.setting.gradient_flow import (
    STARTS,
    Start,
    carried,
    cross_polytope,
    flow_from,
    gaussian,
    rho2,
    rho2_before,
    turning,
)
from late import Late

flow_check = Late("checkers.kinds.flow.check")
RATE = catalogue.load("ji2022_kkt_rate")
SETTLES = catalogue.load("ji2022_flow_to_kkt")
GAUSSIAN, SKEWED = STARTS[0], next(s for s in STARTS if s.name == "large and skewed")
CI = PROFILES["ci"]


def named(name: str) -> Start:
    return next(s for s in STARTS if s.name == name)


def followed(statement, *starts: Start):
    """The statement along these flows only."""
    model = replace(statement.kind.model, starts=starts)
    return statement.within(kind=replace(statement.kind, model=model))


def checked(statement, *starts: Start):
    return flow_check.check_flow(followed(statement, *starts), CI, 0)


def run_of(start: Start, level: int = 60_000, relative: float = FLOW_RELATIVE, model=LAYER_PEELED):
    return runs.Run(model, start, model.follow(start, level, relative), level)


def spoilt(statement, change: Callable[[Trajectory, bool], Trajectory]):
    """Every flow changed; ``change`` is told whether it is the one that is integrated first."""

    def flow(start: Start, rho2: float, relative: float) -> Trajectory:
        return change(flow_from(start, rho2, relative), relative == FLOW_RELATIVE)

    return integrated(statement, flow)


def integrated(statement, flow: Callable[[Start, float, float], Trajectory]):
    """The statement along flows that something else integrates."""
    model = replace(statement.kind.model, integrate=flow)
    return statement.within(kind=replace(statement.kind, model=model))


def test_the_theorem_holds_and_is_only_as_sure_as_its_samples() -> None:
    finding = checked(RATE, GAUSSIAN, SKEWED).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.evidence is Evidence.SAMPLED
    assert 0 < finding.admitted < finding.drawn
    assert {c.name for c in curves(finding)} == {
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


def wide_cross_polytope() -> tuple[np.ndarray, np.ndarray]:
    W, H = cross_polytope()
    return W @ np.eye(2, 4), np.eye(4, 2) @ H


WIDE_RAY = Start("cross-polytope in R^4", sizes(K=4, n=1, d=4), wide_cross_polytope, ray=True)


@pytest.mark.parametrize("id", ["N1", "N8"])
def test_limits_that_are_not_reached_are_refuted_along_the_ray(id: str) -> None:
    (mutant,) = [m for m in SETTLES.mutants if m.id == id]
    result = checked(mutated(SETTLES, mutant), WIDE_RAY)
    assert result.finding.verdict is Verdict.REFUTED
    wide = [e.satisfied.get("wide") for e in result.counterexample.evaluations]
    assert wide == ([True] if id == "N1" else [None])


def test_what_the_flows_refute_without_being_told_the_witness_is_reported() -> None:
    result = checked(SETTLES, WIDE_RAY)
    assert result.finding.verdict is Verdict.HOLDS
    assert {"N1", "N8", "N10"} <= set(result.blind)
    assert "N3" not in result.blind
    assert checked(SETTLES, named("cross-polytope")).blind.keys().isdisjoint({"N1", "N10"})


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
    short = SETTLES.within(kind=replace(SETTLES.kind, rho2=4000))
    finding = checked(short, start).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "KKT residual goes like" in finding.reason


def with_last(flow: Trajectory, W: np.ndarray) -> Trajectory:
    return replace(flow, W=np.concatenate([flow.W[:-1], W[None]]))


def test_a_run_that_drifts_decides_nothing() -> None:
    """A state that is off by one part in a million is no state of the flow."""
    drifting = spoilt(RATE, lambda flow, _: with_last(flow, flow.W[-1] * (1 + 1e-6)))
    finding = checked(drifting, GAUSSIAN).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "Gaussian: invariants drift" in finding.reason


def test_a_mean_row_that_moves_decides_nothing() -> None:
    """Where the mean is zero, a common vector v changes W^T W by K v v^T, which is not seen."""
    moved = spoilt(RATE, lambda flow, _: with_last(flow, flow.W[-1] + 0.005))
    start = named("all invariants zero")
    flow = run_of(start, model=moved.kind.model).flow
    assert flow.drifts["matrix"].max() < FLOW_DRIFT < flow.drifts["mean"].max()
    assert flow.states.W[0].mean(0) == pytest.approx(0, abs=1e-14)
    finding = checked(moved, start).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "invariants drift" in finding.reason


@pytest.mark.parametrize("name", ["W", "H"])
def test_a_drift_that_is_not_a_number_is_a_drift(name: str) -> None:
    flow = flow_from(WIDE_RAY, 60_000, FLOW_RELATIVE)
    array = getattr(flow, name).copy()
    array[len(flow) // 2] = np.nan
    broken = PeeledRun(replace(flow, **{name: array}))
    run = runs.Run(LAYER_PEELED, WIDE_RAY, broken, 60_000)
    assert run.complete
    assert not run_of(WIDE_RAY).drifting
    assert run.drifting
    (doubt,) = run.doubts(settles=False)
    assert "drift by nan" in doubt


@pytest.mark.parametrize("statement", [RATE, SETTLES], ids=["rate", "settles"])
def test_a_run_that_stops_early_decides_nothing(statement) -> None:
    def few(start: Start, rho2: float, relative: float) -> Trajectory:
        flow = integrate(*start.build(), start.spec.labels(), rho2=rho2, steps=200)
        assert flow.rho2[-1] < rho2 / 10
        return flow

    finding = checked(integrated(statement, few), GAUSSIAN).finding
    assert finding.admitted
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "ends at rho^2" in finding.reason


@pytest.mark.parametrize("start", STARTS, ids=lambda s: s.name)
def test_every_run_ends_where_the_natural_clock_is_near_one(start: Start) -> None:
    """4 gamma t L log t from the textbook loss, in the log domain, and from the checker."""
    run = run_of(start, SETTLES.kind.rho2).flow
    flow, columns = run.states, np.arange(len(run.states.labels))
    Z = flow.W[-1] @ flow.H[-1]
    margins = np.delete(
        (Z[flow.labels, columns] - Z).T.ravel(),
        columns * len(Z) + flow.labels,
    )
    assert margins.min() > 100  # L is the sum of the exponentials to the last digit
    log_loss = np.logaddexp.reduce(-margins)
    log_time = flow.log_time[-1]
    rho2 = (flow.W[-1] ** 2).sum() + (flow.H[-1] ** 2).sum()
    expected = 4 * margins.min() / rho2 * np.exp(log_loss + log_time) * log_time
    assert run.clock == pytest.approx(expected, rel=1e-8)
    assert abs(expected - 1) < 0.01
    assert run.late


def test_a_clock_that_is_off_decides_nothing_about_a_limit() -> None:
    """At rho^2 = 10,000 the clock of this start is at .956, and its margin 3 % off the limit."""
    short = SETTLES.within(kind=replace(SETTLES.kind, rho2=10_000))
    finding = checked(short, named("one sample apart")).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "4 gamma t L log t ends at 0.95" in finding.reason
    assert "KKT residual goes like" not in finding.reason
    rate = RATE.within(kind=replace(RATE.kind, rho2=10_000))
    assert checked(rate, named("one sample apart")).finding.verdict is Verdict.HOLDS


def test_a_violation_of_the_first_run_alone_refutes_nothing() -> None:
    """The turning ten times too large in the run that is integrated first, right in the finer."""

    def wrong(flow: Trajectory, first: bool) -> Trajectory:
        return replace(flow, turning=10 * flow.turning) if first else flow

    result = checked(spoilt(RATE, wrong), SKEWED)
    assert result.finding.verdict is Verdict.INCONCLUSIVE
    assert "a finer run does not repeat a violation" in result.finding.reason
    assert result.counterexample is None
    assert "quarter" not in result.blind


GROWTH = Claim("growth", turning, sympy.log(rho2 / rho2_before))


@pytest.mark.parametrize(
    ("finer", "verdict"), [(1e-3, Verdict.INCONCLUSIVE), (8e-3, Verdict.REFUTED)]
)
def test_a_finer_run_has_to_repeat_a_violation_by_half_as_much(
    finer: float, verdict: Verdict
) -> None:
    """The turning is made (1 + e) log(rho^2), which violates by e / 2: e = 1e-2 in the first."""

    def wrong(flow: Trajectory, first: bool) -> Trajectory:
        return replace(flow, turning=(1 + (1e-2 if first else finer)) * np.log(flow.rho2))

    statement = replace(RATE, claims=(GROWTH,), mutants=())
    assert checked(spoilt(statement, wrong), SKEWED).finding.verdict is verdict


def test_a_violation_is_repeated_between_the_same_squared_norms() -> None:
    """A finer run of fewer states: its pairs have other numbers; the jump is before the last."""
    run = run_of(SKEWED)
    levels = run.levels[np.unique(run.times)]

    def wrong(flow: Trajectory, first: bool) -> Trajectory:
        jump = 10.0 * (flow.rho2 > np.sqrt(levels[-1] * levels[-2]))
        kept = (
            np.ones(len(flow), bool) if first else (flow.rho2 < levels[1]) | (flow.rho2 > levels[4])
        )
        told = {n: getattr(flow, n)[kept] for n in ("W", "H", "log_time", "turn")}
        return replace(flow, **told, turning=(flow.turning + jump)[kept])

    rate = spoilt(RATE, wrong)
    finer = run_of(SKEWED, relative=FLOW_RELATIVE / 100, model=rate.kind.model)
    assert len(finer.pairs()) < len(run.pairs())
    claim = next(c for c in RATE.claims if c.name == "turning")
    result = checked(replace(rate, claims=(claim,), mutants=()), SKEWED)
    assert result.finding.verdict is Verdict.REFUTED


def test_a_pair_is_found_by_its_squared_norms_or_not_at_all() -> None:
    run, short = run_of(GAUSSIAN), run_of(GAUSSIAN, 1000)
    found = run.pair_at(np.array([100.0, 5000.0]))
    sizes = [
        (found.arrays[w] ** 2).sum() + (found.arrays[h] ** 2).sum()
        for w, h in (("W0", "H0"), ("W", "H"))
    ]
    assert sizes == pytest.approx([100, 5000], rel=0.1)
    assert short.pair_at(np.array([100.0, 5000.0])) is None
    assert run.pair_at(np.array([5000.0, 5000.0])) is None


def test_a_side_that_is_not_a_number_is_an_error() -> None:
    nan = Claim("not a number", turning, sympy.log(turning - 10**6))
    finding = checked(replace(RATE, claims=(nan,), mutants=()), SKEWED).finding
    assert finding.verdict is Verdict.ERROR
    both = replace(RATE, claims=(*RATE.claims, nan), mutants=())
    assert checked(both, SKEWED).finding.verdict is Verdict.ERROR


@pytest.mark.parametrize(
    "claim",
    [
        Claim("below zero", -rho2, rho2),
        Claim("nothing", sympy.Integer(0), rho2),
        Claim("neither", -rho2, sympy.Integer(0)),
        Claim("more than it can be", turning, 1 + turning, trivial=turning),
    ],
    ids=["negative", "zero", "undefined", "trivial"],
)
def test_a_claim_that_says_nothing_is_vacuous(claim: Claim) -> None:
    finding = checked(replace(RATE, claims=(claim,), mutants=()), SKEWED).finding
    assert finding.admitted
    assert finding.verdict is Verdict.VACUOUS
    assert "told anything" in finding.reason


def test_negative_sides_have_a_tightness_of_at_most_one() -> None:
    claim = Claim("minus", -2 * rho2, -rho2)
    finding = checked(replace(RATE, claims=(claim,), mutants=()), SKEWED).finding
    assert finding.tightness == pytest.approx(0.5)
    assert [cell.best for cell in finding.cells] == pytest.approx([0.5])


def test_a_hypothesis_that_only_floats_meet_is_not_met() -> None:
    """log(x) - log(x (1 + 1e-20)) is zero in floats and negative."""
    tiny = sympy.Rational(1, 10**20)
    never = Hypothesis("never", sympy.log(rho2) - sympy.log(rho2 * (1 + tiny)))
    finding = checked(replace(RATE, hypotheses=(never,), mutants=()), SKEWED).finding
    assert finding.admitted
    assert finding.verdict is Verdict.VACUOUS
    assert "pairs of times meets the hypotheses" in finding.reason


@pytest.mark.parametrize("wrong", [False, True])
def test_a_hypothesis_that_balls_leave_open_decides_nothing(wrong: bool) -> None:
    """log(2 x) - log(x / 2) - log(4) is zero, which no number of bits shows."""
    zero = sympy.log(2 * rho2) - sympy.log(rho2 / 2) - sympy.log(4)
    claims = (Claim("false", rho2, rho2_before),) if wrong else RATE.claims
    statement = replace(RATE, claims=claims, hypotheses=(Hypothesis("zero", zero),), mutants=())
    finding = checked(statement, SKEWED).finding
    assert finding.admitted
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert ("a claim fails" in finding.reason) is wrong


def test_a_hypothesis_that_is_no_number_is_not_passed_over() -> None:
    nan = Hypothesis("not a number", sympy.log(turning - 10**6))
    finding = checked(replace(RATE, hypotheses=(nan,), mutants=()), SKEWED).finding
    assert finding.verdict is Verdict.INCONCLUSIVE


def test_a_witness_whose_flow_ends_too_early_is_none() -> None:
    flow = integrate(*SKEWED.build(), SKEWED.spec.labels(), rho2=1000, steps=30)
    with pytest.raises(ArithmeticError, match=r"before rho\^2 = 1000"):
        carried(flow, rho2=1000)
    with pytest.raises(ArithmeticError, match="before log t = 900"):
        carried(flow, log_time=900)
    assert carried(flow, rho2=236) is flow


def test_hypotheses_that_no_pair_of_times_meets_are_vacuous() -> None:
    never = Hypothesis("never", sympy.Integer(-1))
    assert checked(replace(RATE, hypotheses=(never,)), SKEWED).finding.verdict is Verdict.VACUOUS


def test_a_claim_about_points_is_also_drawn_and_searched() -> None:
    invariants = catalogue.load("ji2022_flow_invariants")
    few = replace(CI, sizes=3)
    finding = flow_check.check_flow(followed(invariants, GAUSSIAN), few, 0).finding
    assert finding.verdict is Verdict.HOLDS
    assert finding.touching > 20
    assert "invariants drift by" in finding.reason
    (curve,) = curves(finding)
    assert set(curve.series) == {"matrix", "mean"}
    assert 0 < max(curve.series["matrix"]) < FLOW_DRIFT
    assert max(curve.series["mean"]) < 1e-13


def test_a_size_that_is_a_numeral_is_that_number() -> None:
    """The measured numbers of two times are matrices of one entry, and nothing else is accepted."""
    (witness,) = RATE.witnesses
    instance = witness.instance(witness.sizes[0])
    read = instance_from_arrays(RATE.variables, instance.arrays)
    assert dict(read.sizes) == dict(instance.sizes) == {"K": 3, "N": 3, "d": 3}
    wrong = {**instance.arrays, "turning": np.ones((1, 2))}
    with pytest.raises(InvalidInput, match="turning"):
        instance_from_arrays(RATE.variables, wrong)


def test_noise_is_not_put_on_two_times_of_a_flow() -> None:
    (witness,) = RATE.witnesses
    assert perturb(RATE, witness, witness.sizes[0], 4, 0) is None
    assert regimes_of(RATE) == (sampler("two times of a flow"),)
    assert regime("gaussian") in regimes_of(catalogue.load("ji2022_flow_invariants"))
