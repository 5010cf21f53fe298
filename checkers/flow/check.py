"""The flow checker: what gradient flow conserves, increases and converges to.

Claims between two times are evaluated on pairs of states of integrated flows. Formulas are
certified in balls on exactly the stored states; that these lie on one flow is known up to the error
of integration, so a violation counts only if it exceeds that error and a finer run repeats it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import torch

from checkers.arithmetic.balls import as_float
from checkers.evaluation import Evaluation, certify, evaluate_batch
from checkers.flow.runs import Run, follow
from checkers.inequality import check_inequality
from checkers.instance import Instance
from checkers.kinds import Flow
from checkers.profile import Profile
from checkers.record import Cell, Finding, Worst
from checkers.result import Certified, CheckResult
from checkers.settings.gradient_flow import STARTS, Start
from checkers.statement import Statement
from checkers.tolerance import FLOW_DRIFT, FLOW_ERROR, FLOW_RELATIVE
from checkers.verdict import Evidence, Verdict, merge

FINER = 1e-2
"""Tolerance of the run that has to repeat a violation, relative to the first."""


@dataclass(frozen=True)
class Pair:
    """A certified pair of times: the run, its number there, and the evaluations of the claims."""

    run: Run
    index: int
    certified: Certified


def check_flow(
    statement: Statement,
    profile: Profile,
    seed: int,
    device: str = "cpu",
    starts: tuple[Start, ...] = STARTS,
) -> CheckResult:
    """Integrate from every start; decide the claims and whether the runs can be believed."""
    begun = time.perf_counter()
    kind = statement.kind
    assert isinstance(kind, Flow)
    runs = list(follow(starts, kind.rho2, FLOW_RELATIVE))
    result = (
        _between(statement, profile, runs)
        if kind.between
        else check_inequality(statement, profile, seed, device)
    )
    doubts = list(_doubts(runs, kind.settles))
    drift = max(run.drift for run in runs)
    told = [result.finding.reason, *doubts]
    told.append(f"{len(runs)} flows to rho^2 = {kind.rho2}; invariants drift by {drift:.1g} of it")
    if kind.settles:
        slowest = max((run.decay for run in runs if not run.settled), default=0.0)
        told.append(f"KKT residuals fall at least like (log t)^{slowest:.2f}")
    finding = replace(
        result.finding,
        checker="flow",
        verdict=merge([result.finding.verdict, *([Verdict.INCONCLUSIVE] if doubts else [])]),
        curves=tuple(run.curve() for run in runs) if kind.between else (),
        reason="; ".join(t for t in told if t),
        seconds=time.perf_counter() - begun,
    )
    return replace(result, finding=finding)


def _doubts(runs: list[Run], settles: bool) -> list[str]:
    """Why the runs do not decide: not carried far enough, drifted, or not settling."""
    told = []
    for run in runs:
        if not run.complete:
            told.append(f"{run.start.name}: ends at rho^2 = {run.flow.rho2[-1]:.4g}")
        if run.drift > FLOW_DRIFT:
            told.append(f"{run.start.name}: invariants drift by {run.drift:.1g} of rho^2")
        if settles and not run.settling:
            told.append(f"{run.start.name}: KKT residual goes like (log t)^{run.decay:.2f}")
    return told


def _between(statement: Statement, profile: Profile, runs: list[Run]) -> CheckResult:
    cells: list[Cell] = []
    pairs: list[Pair] = []
    for run in runs:
        batch = run.pairs()
        found = evaluate_batch(statement, batch)
        admitted = found.admitted
        ratio = found.ratio(statement.claims[0].name)[admitted]
        best = float(ratio.max()) if ratio.isfinite().any() else None
        spec = str(run.start.spec)
        cells.append(Cell(spec, run.start.name, len(batch), int(admitted.sum()), best))
        for i in _closest(statement, found.admitted, found, profile.certified):
            instance = batch[i]
            pairs.append(Pair(run, i, Certified(instance, certify(statement, instance))))
    return _conclude(statement, cells, pairs)


def _closest(statement: Statement, admitted: torch.Tensor, found: object, keep: int) -> list[int]:
    """Pairs of least relative slack in each claim, and those whose values are not numbers."""
    chosen: set[int] = set()
    for claim in statement.claims:
        slack = found.relative_slack(claim.name)  # type: ignore[attr-defined]
        ranked = torch.where(admitted & ~slack.isnan(), slack, torch.inf)
        order = ranked.topk(min(keep, len(ranked)), largest=False).indices.tolist()
        chosen.update(i for i in order if ranked[i] < torch.inf)
        chosen.update((admitted & slack.isnan()).nonzero().flatten().tolist()[:keep])
    return sorted(chosen)


def _conclude(statement: Statement, cells: list[Cell], pairs: list[Pair]) -> CheckResult:
    decided = [p for p in pairs if all(e.admitted for e in p.certified.evaluations)]
    violating = [p for p in decided if any(_violates(e) for e in p.certified.evaluations)]
    repeated = next((p for p in violating if _repeats(statement, p)), None)
    tightness = _tightness(statement, decided)
    reason = ""
    if repeated is not None:
        verdict = Verdict.REFUTED
        reason = "a finer run repeats the violation"
    elif violating:
        verdict, reason = Verdict.INCONCLUSIVE, "a finer run does not repeat a violation"
    elif any(p.certified.verdict is Verdict.ERROR for p in pairs):
        verdict, reason = Verdict.ERROR, "a side of a claim is not a number on admitted instances"
    elif not decided:
        verdict, reason = Verdict.VACUOUS, "no pair of times meets the hypotheses"
    elif tightness is None or tightness <= 0:
        verdict, reason = Verdict.VACUOUS, "no admitted pair is told anything"
    else:
        verdict = Verdict.HOLDS
    holding = [p.certified for p in decided if p.certified.verdict is Verdict.HOLDS]
    shown = [repeated.certified] if repeated else holding
    sides = [(c, e) for c in shown for e in c.evaluations]
    apart = [pair for pair in sides if not _touches(pair[1])]
    worst = min(apart or sides, key=_relative, default=None)
    finding = Finding(
        checker="flow",
        verdict=verdict,
        evidence=Evidence.SAMPLED,
        drawn=sum(c.drawn for c in cells),
        admitted=sum(c.admitted for c in cells),
        touching=sum(any(_touches(e) for e in p.certified.evaluations) for p in decided),
        tightness=tightness,
        worst=_worst(*worst) if worst else None,
        cells=tuple(cells),
        reason=reason,
    )
    return CheckResult(
        finding, worst[0] if worst else None, repeated.certified if repeated else None
    )


def _relative(pair: tuple[Certified, Evaluation]) -> float:
    return pair[1].relative_slack


def _violates(evaluation: Evaluation) -> bool:
    return evaluation.verdict is Verdict.REFUTED and evaluation.relative_slack < -FLOW_ERROR


def _touches(evaluation: Evaluation) -> bool:
    return evaluation.touches or abs(evaluation.relative_slack) <= FLOW_ERROR


def _repeats(statement: Statement, pair: Pair) -> bool:
    """Whether a run of a hundredth of the tolerance violates the same claim, by half as much."""
    (finer,) = follow((pair.run.start,), pair.run.target, FINER * FLOW_RELATIVE)
    batch = finer.pairs()
    if pair.index >= len(batch):
        return False
    again = certify(statement, _at(batch, pair.index))
    return any(
        _violates(first) and _violates(e) and e.relative_slack < first.relative_slack / 2
        for first, e in zip(pair.certified.evaluations, again, strict=True)
    )


def _at(batch: object, index: int) -> Instance:
    return batch[index]  # type: ignore[index]


def _tightness(statement: Statement, decided: list[Pair]) -> float | None:
    """Over the claims, the least of their largest certified lhs / rhs."""
    largest = []
    for claim in statement.claims:
        ratios = [
            e.ratio for p in decided for e in p.certified.evaluations if e.claim == claim.name
        ]
        largest.append(max((x for x in ratios if x == x), default=None))
    known = [x for x in largest if x is not None]
    return min(known) if len(known) == len(largest) else None


def _worst(found: Certified, evaluation: Evaluation) -> Worst:
    ratio = evaluation.ratio
    return Worst(
        claim=evaluation.claim,
        lhs=as_float(evaluation.lhs),
        rhs=as_float(evaluation.rhs),
        slack=as_float(evaluation.slack),
        ratio=ratio if ratio == ratio else None,
        certified=True,
        touches=_touches(evaluation),
        where=found.instance.provenance,
        digest=found.instance.digest,
    )
