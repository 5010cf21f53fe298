"""The flow checker: what gradient flow conserves, increases and converges to.

Claims between two times are evaluated on pairs of states of integrated flows. Formulas are
certified in balls on exactly the stored states; that these lie on one flow is known up to the error
of integration, so a violation counts only if it exceeds that error and a finer run repeats it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import torch

from checkers.arithmetic.balls import as_float
from checkers.evaluation import BatchEvaluation, Evaluation, certify, evaluate_values
from checkers.flow.runs import Run, follow
from checkers.inequality import check_inequality
from checkers.instance import LABELS, Array, Batch, Instance
from checkers.kinds import Flow
from checkers.profile import Profile
from checkers.record import Cell, Finding, Worst
from checkers.result import Certified, CheckResult
from checkers.statement import Statement, mutated
from checkers.tolerance import FLOW_ERROR, FLOW_RELATIVE
from checkers.values import batch_tensors, tensor_values
from checkers.verdict import Evidence, Verdict, merge
from conjectures.ji2022.setting.gradient_flow import STARTS, Start

FINER = 1e-2
"""Tolerance of the run that has to repeat a violation, relative to the first."""


@dataclass(frozen=True)
class Pair:
    """A certified pair of times: the run, the squared norms, the evaluations of the claims."""

    run: Run
    levels: Array
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
    drift = np.max([run.drift for run in runs])
    told = [result.finding.reason, *doubts]
    told.append(f"{len(runs)} flows to rho^2 = {kind.rho2}; invariants drift by {drift:.1g} of it")
    if kind.settles:
        slowest = max((run.decay for run in runs if not run.settled), default=0.0)
        told.append(f"KKT residuals fall at least like (log t)^{slowest:.2f}")
        off = np.max([abs(run.clock - 1) for run in runs])
        told.append(f"4 gamma t L log t ends within {off:.1g} of 1")
    finding = replace(
        result.finding,
        checker="flow",
        verdict=merge([result.finding.verdict, *([Verdict.INCONCLUSIVE] if doubts else [])]),
        curves=tuple(r.limit_curve() if kind.between else r.drift_curve() for r in runs),
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
        if run.drifting:
            told.append(f"{run.start.name}: invariants drift by {run.drift:.1g} of rho^2")
        if settles and not run.settling:
            told.append(f"{run.start.name}: KKT residual goes like (log t)^{run.decay:.2f}")
        if settles and not run.late:
            told.append(f"{run.start.name}: 4 gamma t L log t ends at {run.clock:.4f}")
    return told


def _between(statement: Statement, profile: Profile, runs: list[Run]) -> CheckResult:
    cells: list[Cell] = []
    pairs: list[Pair] = []
    blind: dict[str, Instance] = {}
    others = {mutant.id: mutated(statement, mutant) for mutant in statement.mutants}
    for run in runs:
        batch = run.pairs()
        tensors = batch_tensors(batch)
        values = tensor_values(tensors, batch.arrays[LABELS], batch.sizes)
        like = next(iter(tensors.values()))
        found = evaluate_values(statement, values, like)
        admitted = found.admitted
        ratio = found.tightness(statement.claims[0].name)[admitted]
        best = float(ratio[ratio.isfinite()].max()) if ratio.isfinite().any() else None
        cells.append(Cell(run.start.spec, run.way, len(batch), int(admitted.sum()), best))
        for i in _closest(statement, found, profile.certified):
            pairs.append(_pair(statement, run, batch, i))
        for id, other in others.items():
            if id not in blind:
                worst = _furthest(other, evaluate_values(other, values, like))
                if worst is not None:
                    pair = _pair(other, run, batch, worst)
                    if _violating(pair) and _repeats(other, pair):
                        blind[id] = pair.certified.instance
    return replace(_conclude(statement, cells, pairs), blind=blind)


def _pair(statement: Statement, run: Run, batch: Batch, i: int) -> Pair:
    first, second = run.times
    instance = batch[i]
    levels = run.sizes[[first[i], second[i]]]
    return Pair(run, levels, Certified(instance, certify(statement, instance)))


def _closest(statement: Statement, found: BatchEvaluation, keep: int) -> list[int]:
    """Pairs of least relative slack in each claim, and those whose values are not numbers."""
    chosen: set[int] = set()
    for margin in found.margins.values():
        chosen.update(margin.isnan().nonzero().flatten().tolist()[:keep])
    for claim in statement.claims:
        slack = found.relative_slack(claim.name)
        ranked = torch.where(found.admitted & ~slack.isnan(), slack, torch.inf)
        order = ranked.topk(min(keep, len(ranked)), largest=False).indices.tolist()
        chosen.update(i for i in order if ranked[i] < torch.inf)
        chosen.update((found.admitted & slack.isnan()).nonzero().flatten().tolist()[:keep])
    return sorted(chosen)


def _furthest(statement: Statement, found: BatchEvaluation) -> int | None:
    """The admitted pair that violates a claim the most."""
    slacks = torch.stack([found.relative_slack(claim.name) for claim in statement.claims])
    wrong = torch.where(found.admitted & (slacks < -FLOW_ERROR), slacks, torch.inf).amin(0)
    return int(wrong.argmin()) if (wrong < torch.inf).any() else None


def _conclude(statement: Statement, cells: list[Cell], pairs: list[Pair]) -> CheckResult:
    decided = [p for p in pairs if all(e.admitted for e in p.certified.evaluations)]
    violating = [p for p in decided if _violating(p)]
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
    elif any(_open(e) for p in pairs for e in p.certified.evaluations):
        verdict = Verdict.INCONCLUSIVE
        reason = "a claim fails where a hypothesis cannot be decided at 1024 bits"
    elif not decided and any(p.certified.verdict is Verdict.INCONCLUSIVE for p in pairs):
        verdict = Verdict.INCONCLUSIVE
        reason = "hypotheses cannot be decided on any certified pair of times"
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


def _violating(pair: Pair) -> bool:
    return any(_violates(e) for e in pair.certified.evaluations)


def _violates(evaluation: Evaluation) -> bool:
    return evaluation.verdict is Verdict.REFUTED and evaluation.relative_slack < -FLOW_ERROR


def _open(evaluation: Evaluation) -> bool:
    """A violation that would count if its hypotheses were decided."""
    undecided = evaluation.verdict is Verdict.INCONCLUSIVE
    return undecided and evaluation.sign == -1 and evaluation.relative_slack < -FLOW_ERROR


def _touches(evaluation: Evaluation) -> bool:
    return evaluation.touches or abs(evaluation.relative_slack) <= FLOW_ERROR


def _repeats(statement: Statement, pair: Pair) -> bool:
    """Whether a run of a hundredth of the tolerance violates the same claim, by half as much."""
    (finer,) = follow((pair.run.start,), pair.run.target, FINER * FLOW_RELATIVE)
    instance = finer.pair_at(pair.levels)
    if instance is None:
        return False
    again = certify(statement, instance)
    return any(
        _violates(first) and _violates(e) and e.relative_slack < first.relative_slack / 2
        for first, e in zip(pair.certified.evaluations, again, strict=True)
    )


def _tightness(statement: Statement, decided: list[Pair]) -> float | None:
    """Over the claims, the least of their largest certified tightness where they tell something."""
    largest = []
    for claim in statement.claims:
        found = [e for p in decided for e in p.certified.evaluations if e.claim == claim.name]
        values = [e.tightness for e in found if e.told]
        largest.append(max((x for x in values if x is not None and not isnan(x)), default=None))
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
