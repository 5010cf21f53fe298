"""The flow checker: what gradient flow conserves, increases and converges to.

Claims between two times are evaluated on pairs of states of integrated flows. Formulas are
certified in balls on exactly the stored states; that these lie on one flow is known up to the error
of integration, so a violation counts only if it exceeds that error and a finer run repeats it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch

from checkers.conclusion import Coverage, Judgement, conclude, doubted, told
from checkers.declared.kinds import Flow
from checkers.declared.statement import Statement, mutated
from checkers.evaluation import BatchEvaluation, certify, evaluate_values
from checkers.instance import LABELS, Array, Batch, Instance
from checkers.kinds.flow import BETWEEN
from checkers.kinds.flow.carried import written
from checkers.kinds.flow.runs import Run, follow
from checkers.kinds.inequality.check import check_inequality
from checkers.profile import Profile
from checkers.record import Cell
from checkers.result import Certified, CheckResult
from checkers.tolerance import FLOW_ERROR, FLOW_RELATIVE
from checkers.values import batch_tensors, tensor_values

FINER = 1e-2
"""Tolerance of the run that has to repeat a violation, relative to the first."""


@dataclass(frozen=True)
class Pair:
    """A certified pair of times: the run, the levels, the evaluations of the claims."""

    run: Run
    levels: Array
    certified: Certified


def check_flow(
    statement: Statement, profile: Profile, seed: int, device: str = "cpu"
) -> CheckResult:
    """Integrate from every start; decide the claims and whether the runs can be believed."""
    begun = time.perf_counter()
    kind = statement.kind
    assert isinstance(kind, Flow)
    model = kind.model
    runs = list(follow(model, kind.rho2, FLOW_RELATIVE))
    result = (
        _between(statement, profile, runs)
        if kind.between
        else check_inequality(statement, profile, seed, device)
    )
    doubts = [doubt for run in runs for doubt in run.doubts(kind.settles)]
    drift = np.max([run.drift for run in runs])
    scale = "it" if model.scale == model.measure else model.scale
    finding = replace(
        doubted(result.finding, doubts),
        checker=kind.name,
        carried=written([run.curve(kind.between) for run in runs], model.panels),
        reason=told(
            result.finding.reason,
            *doubts,
            f"{len(runs)} flows to {model.measure} = {kind.rho2}; invariants drift by {drift:.1g}"
            f" of {scale}",
            *(model.limits([run.flow for run in runs]) if kind.settles else ()),
        ),
        seconds=time.perf_counter() - begun,
    )
    return replace(result, finding=finding)


def _between(statement: Statement, profile: Profile, runs: list[Run]) -> CheckResult:
    cells: list[Cell] = []
    pairs: list[Pair] = []
    blind: dict[str, Instance] = {}
    others = {mutant.id: mutated(statement, mutant) for mutant in statement.mutants}
    for run in runs:
        batch = run.pairs()
        tensors = batch_tensors(batch)
        values = tensor_values(tensors, batch.arrays.get(LABELS), batch.sizes)
        like = next(iter(tensors.values()))
        evaluated = evaluate_values(statement, values, like)
        admitted = evaluated.admitted
        ratio = evaluated.tightness(statement.claims[0].name)[admitted]
        best = float(ratio[ratio.isfinite()].max()) if ratio.isfinite().any() else None
        cells.append(Cell(run.start.spec, run.way, len(batch), int(admitted.sum()), best))
        for i in _closest(statement, evaluated, profile.certified):
            pairs.append(_pair(statement, run, batch, i))
        for id, other in others.items():
            if id not in blind:
                worst = _furthest(other, evaluate_values(other, values, like))
                if worst is not None:
                    pair = _pair(other, run, batch, worst)
                    if BETWEEN.violates(pair.certified) and _repeats(other, pair):
                        blind[id] = pair.certified.instance
    drawn, met = sum(c.drawn for c in cells), sum(c.admitted for c in cells)
    coverage = Coverage(drawn, met, tuple(cells))
    certified = [pair.certified for pair in pairs]
    result = conclude(Flow.name, statement, certified, coverage, _judgement(statement, pairs))
    return replace(result, blind=blind)


def _judgement(statement: Statement, pairs: list[Pair]) -> Judgement:
    """The first violation that a finer run repeats counts."""

    def confirmed(violating: Sequence[Certified]) -> list[Certified]:
        mine = (p for p in pairs if any(p.certified is v for v in violating))
        return [p.certified for p in islice((p for p in mine if _repeats(statement, p)), 1)]

    return replace(
        BETWEEN, confirmed=confirmed, unconfirmed="a finer run does not repeat a violation"
    )


def _pair(statement: Statement, run: Run, batch: Batch, i: int) -> Pair:
    first, second = run.times
    instance = batch[i]
    levels = run.levels[[first[i], second[i]]]
    return Pair(run, levels, Certified(instance, certify(statement, instance)))


def _closest(statement: Statement, evaluated: BatchEvaluation, keep: int) -> list[int]:
    """Pairs of least relative slack in each claim, and those whose values are not numbers."""
    chosen: set[int] = set()
    admitted = evaluated.admitted
    for margin in evaluated.margins.values():
        chosen.update(margin.isnan().nonzero().flatten().tolist()[:keep])
    for claim in statement.claims:
        slack = evaluated.relative_slack(claim.name)
        ranked = torch.where(admitted & ~slack.isnan(), slack, torch.inf)
        order = ranked.topk(min(keep, len(ranked)), largest=False).indices.tolist()
        chosen.update(i for i in order if ranked[i] < torch.inf)
        chosen.update((admitted & slack.isnan()).nonzero().flatten().tolist()[:keep])
    return sorted(chosen)


def _furthest(statement: Statement, evaluated: BatchEvaluation) -> int | None:
    """The admitted pair that violates a claim the most."""
    slacks = torch.stack([evaluated.relative_slack(claim.name) for claim in statement.claims])
    wrong = torch.where(evaluated.admitted & (slacks < -FLOW_ERROR), slacks, torch.inf).amin(0)
    return int(wrong.argmin()) if (wrong < torch.inf).any() else None


def _repeats(statement: Statement, pair: Pair) -> bool:
    """Whether a run of a hundredth of the tolerance violates the same claim, by half as much."""
    run = pair.run
    (finer,) = follow(run.model, run.level, FINER * FLOW_RELATIVE, [run.start])
    instance = finer.pair_at(pair.levels)
    if instance is None:
        return False
    again = certify(statement, instance)
    return any(
        BETWEEN.violated(first)
        and BETWEEN.violated(e)
        and e.relative_slack < first.relative_slack / 2
        for first, e in zip(pair.certified.evaluations, again, strict=True)
    )
