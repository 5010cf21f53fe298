"""The inequality checker: does lhs <= rhs hold on every admitted instance?

Instances are drawn in regimes, around witnesses and by ascent on the ratio. Floats choose which
are certified: those of least relative slack, every apparent violation, and every instance whose
values are not numbers.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import isnan

import torch
from torch import Tensor

from checkers.arithmetic.balls import as_float
from checkers.evaluation import (
    BatchEvaluation,
    Evaluation,
    certify,
    evaluate_values,
    violates,
)
from checkers.instance import LABELS, Batch, Instance
from checkers.profile import Profile
from checkers.record import Cell, Finding, Worst
from checkers.result import Certified, CheckResult
from checkers.sampling.draws import batch_size, draw, perturb, plan_sizes, regimes_of
from checkers.search.ascent import ascend
from checkers.search.simplify import simplify
from checkers.sizes import SizeSpec
from checkers.statement import Statement, mutated
from checkers.tolerance import FLOAT_DOUBT
from checkers.values import batch_tensors, tensor_values
from checkers.verdict import Evidence, Verdict
from checkers.ways import GAUSSIAN, Way, WayKind, ascent, near, sampler

MODERATE = 40
"""Samples up to which an ascent has all its steps."""

ASCENT_ENTRIES = 16_000
"""Array entries of all starts of an ascent; larger instances have fewer starts, at least four."""


@dataclass
class Survey:
    """What has been seen so far; ``closest`` keeps the instances of least relative slack."""

    statement: Statement
    keep: int
    drawn: int = 0
    admitted: int = 0
    cells: list[Cell] = field(default_factory=list)
    violations: list[tuple[float, Instance]] = field(default_factory=list)
    doubtful: list[Instance] = field(default_factory=list)
    closest: dict[str, list[tuple[float, Instance]]] = field(default_factory=dict)
    blind: dict[str, Instance] = field(default_factory=dict)

    def see(self, batch: Batch, spec: SizeSpec, way: Way) -> None:
        """Evaluate a batch and keep what has to be certified."""
        tensors = batch_tensors(batch)
        values = tensor_values(tensors, batch.arrays.get(LABELS), batch.sizes)
        like = next(iter(tensors.values()))
        found = evaluate_values(self.statement, values, like)
        self.drawn += len(batch)
        self.admitted += int(found.admitted.sum())
        best = None
        main = found.tightness(self.statement.claims[0].name)[found.admitted]
        if main.isfinite().any():
            best = float(main[main.isfinite()].max())
        self.cells.append(Cell(spec, way, len(batch), int(found.admitted.sum()), best))
        self._collect(batch, found)
        for mutant in self.statement.mutants:
            if mutant.id not in self.blind:
                other = mutated(self.statement, mutant)
                self._blind_kill(mutant.id, batch, evaluate_values(other, values, like))

    def _collect(self, batch: Batch, found: BatchEvaluation) -> None:
        unclear = torch.zeros_like(found.admitted)
        for margin in found.margins.values():
            unclear |= margin.isnan()
        for claim in self.statement.claims:
            slack = found.relative_slack(claim.name)
            unclear |= found.admitted & slack.isnan()
            wrong = found.admitted & (slack < 0)
            self.violations += [(float(slack[i]), batch[i]) for i in _indices(wrong)]
            # 0 <= 0 is a touch that says nothing of how tight the claim is
            empty = (found.lhs[claim.name] == 0) & (found.rhs[claim.name] == 0)
            ranked = torch.where(found.admitted & ~slack.isnan() & ~empty, slack, torch.inf)
            kept = self.closest.setdefault(claim.name, [])
            for i in ranked.topk(min(self.keep, len(batch)), largest=False).indices.tolist():
                if ranked[i] < torch.inf:
                    kept.append((float(slack[i]), batch[i]))
            kept.sort(key=lambda entry: entry[0])
            del kept[self.keep :]
            self.doubtful += [batch[i] for i in _indices(found.admitted & empty)[:1]]
        self.doubtful += [batch[i] for i in _indices(unclear)]

    def _blind_kill(self, mutant: str, batch: Batch, found: BatchEvaluation) -> None:
        for name in found.lhs:
            slack = found.relative_slack(name)
            wrong = found.admitted & (slack < -FLOAT_DOUBT)
            if wrong.any():
                i = int(torch.where(wrong, slack, torch.inf).argmin())
                self.blind[mutant] = batch[i]
                return


def _indices(mask: Tensor) -> list[int]:
    return [int(i) for i in mask.nonzero().flatten()]


def check_inequality(
    statement: Statement, profile: Profile, seed: int, device: str = "cpu"
) -> CheckResult:
    """Draw, search and certify; the verdict is reached in balls or rationals on the CPU."""
    start = time.perf_counter()
    survey = Survey(statement, profile.certified)
    specs = plan_sizes(statement, profile.sizes, seed)
    draws = profile.identity_draws if statement.is_identity else profile.draws
    perturbed = profile.identity_draws if statement.is_identity else profile.perturbed
    for spec in specs:
        for way in regimes_of(statement):
            survey.see(draw(statement, spec, way, draws, seed), spec, way)
        for witness in statement.witnesses:
            batch = perturb(statement, witness, spec, perturbed, seed)
            if batch is not None:
                survey.see(batch, spec, near(witness.name))
    if not statement.is_identity:
        for spec, found in _ascents(statement, profile, specs, seed, device):
            survey.see(found, spec, ascent())
    certified = list(certify_survey(statement, survey))
    return conclude(statement, profile, survey, certified, time.perf_counter() - start)


def _ascents(
    statement: Statement, profile: Profile, specs: list[SizeSpec], seed: int, device: str
) -> Iterator[tuple[SizeSpec, Batch]]:
    """From random starts of two regimes, and from witnesses with noise, at moderate sizes.

    From the witnesses also at the largest size, with few starts and steps.
    """
    steps = round(getattr(statement.kind, "effort", 1.0) * profile.steps)
    moderate = [s for s in specs if sum(s.counts) <= MODERATE]
    largest = max(specs, key=lambda s: sum(s.counts))
    if largest not in moderate:
        for witness in statement.witnesses:
            few = perturb(statement, witness, largest, 4, seed + 1)
            if few is not None:
                yield largest, ascend(statement, statement.claims[0], few, steps // 16, device)
    for spec in moderate[-profile.ascent_sizes :]:
        shared = profile.starts // len(statement.claims)
        count = batch_size(statement, spec, shared, ASCENT_ENTRIES)
        drawn = (GAUSSIAN, *(sampler(s.name) for s in statement.samplers[:1]))
        starts = [draw(statement, spec, way, count, seed + 1) for way in drawn]
        adapted = [perturb(statement, w, spec, count, seed + 1) for w in statement.witnesses]
        for claim in statement.claims:
            for batch in starts:
                yield spec, ascend(statement, claim, batch, steps, device)
            for found in adapted:
                if found is not None:
                    yield spec, ascend(statement, claim, found, steps // 2, device)


def certify_survey(statement: Statement, survey: Survey) -> Iterator[Certified]:
    """Witnesses, the closest instances, all apparent violations (the largest first), and NaNs.

    Stops at the first certified counterexample: the rest would not change the verdict.
    """
    for witness in (*statement.counterexamples, *statement.witnesses):
        for spec in witness.sizes:
            instance = witness.instance(spec)
            yield Certified(instance, certify(statement, instance))
    yield from certify_seen(statement, survey)


def certify_seen(statement: Statement, survey: Survey) -> Iterator[Certified]:
    """As ``certify_survey``, without the stored constructions."""
    queue = [entry for _, entry in sorted(survey.violations, key=lambda entry: entry[0])]
    queue += survey.doubtful
    queue += [instance for kept in survey.closest.values() for _, instance in kept]
    seen: set[str] = set()
    for instance in queue:
        if instance.digest in seen:
            continue
        seen.add(instance.digest)
        found = Certified(instance, certify(statement, instance))
        yield found
        if found.verdict is Verdict.REFUTED:
            return


def conclude(
    statement: Statement,
    profile: Profile,
    survey: Survey,
    certified: list[Certified],
    seconds: float,
) -> CheckResult:
    """The finding of what was seen and certified; a counterexample is made small first."""
    decided = [c for c in certified if all(e.admitted for e in c.evaluations)]
    refuting = [c for c in decided if c.verdict is Verdict.REFUTED]
    counterexample = None
    if refuting:
        smallest = min(refuting, key=lambda c: sum(a.size for a in c.instance.arrays.values()))
        small = simplify(statement, smallest.instance, profile.simplify_tries)
        counterexample = Certified(small, certify(statement, small))
    tightness = _tightness(statement, decided)
    reason = ""
    if refuting:
        verdict = Verdict.REFUTED
        reason = f"{len(refuting)} certified violations, hypotheses certified; " + (
            "drawn instances refute it too"
            if any(c.instance.provenance.way.kind is not WayKind.WITNESS for c in refuting)
            else "only the stored construction refutes it"
        )
    elif any(c.verdict is Verdict.ERROR for c in certified):
        verdict, reason = Verdict.ERROR, "a side of a claim is not a number on admitted instances"
    elif any(_open(e) for c in certified for e in c.evaluations):
        verdict = Verdict.INCONCLUSIVE
        reason = "a claim fails where a hypothesis cannot be decided at 1024 bits"
    elif not decided and any(c.verdict is Verdict.INCONCLUSIVE for c in certified):
        verdict = Verdict.INCONCLUSIVE
        reason = "hypotheses cannot be decided on any certified instance"
    elif not survey.admitted or not decided:
        verdict = Verdict.VACUOUS
        reason = f"none of {survey.drawn} instances drawn meets the hypotheses"
    elif not _tells(decided, tightness):
        verdict, reason = Verdict.VACUOUS, "no admitted instance is told anything"
    else:
        verdict = Verdict.HOLDS
    worst = _worst([counterexample] if counterexample else decided)
    kills = {
        mutant.id: survey.blind[mutant.id]
        for mutant in statement.mutants
        if mutant.id in survey.blind
        and violates(mutated(statement, mutant), survey.blind[mutant.id])
    }
    finding = Finding(
        checker="inequality",
        verdict=verdict,
        evidence=Evidence.CERTIFIED if decided else Evidence.SAMPLED,
        drawn=survey.drawn,
        admitted=survey.admitted,
        touching=sum(any(e.touches for e in c.evaluations) for c in decided),
        tightness=tightness,
        worst=None if worst is None else _worst_record(*worst),
        cells=tuple(survey.cells),
        reason=reason,
        seconds=seconds,
    )
    return CheckResult(finding, worst[0] if worst else None, counterexample, kills)


def _open(evaluation: Evaluation) -> bool:
    """A violation that would count if its hypotheses were decided."""
    return evaluation.verdict is Verdict.INCONCLUSIVE and evaluation.sign == -1


def _tells(decided: list[Certified], tightness: float | None) -> bool:
    """Some instance is told more than a trivial value, and the sides meet or come close."""
    found = [e for c in decided for e in c.evaluations if e.told]
    return any(e.touches for e in found) or (bool(found) and (tightness or 0) > 0)


def _tightness(statement: Statement, decided: list[Certified]) -> float | None:
    """Over the claims, the least of their largest certified tightness: that of the loosest."""
    largest = []
    for claim in statement.claims:
        values = [e.tightness for c in decided for e in c.evaluations if e.claim == claim.name]
        largest.append(max((x for x in values if x is not None and not isnan(x)), default=None))
    known = [x for x in largest if x is not None]
    return min(known) if len(known) == len(largest) else None


def _worst(certified: list[Certified]) -> tuple[Certified, Evaluation] | None:
    """The certified instance and claim of smallest relative slack."""
    pairs = [(c, e) for c in certified for e in c.evaluations]
    known = [pair for pair in pairs if not isnan(pair[1].relative_slack)]
    return min(known, key=lambda pair: pair[1].relative_slack, default=None)


def _worst_record(found: Certified, evaluation: Evaluation) -> Worst:
    ratio = evaluation.ratio
    return Worst(
        claim=evaluation.claim,
        lhs=as_float(evaluation.lhs),
        rhs=as_float(evaluation.rhs),
        slack=as_float(evaluation.slack),
        ratio=ratio if ratio == ratio else None,
        certified=True,
        touches=evaluation.touches,
        where=found.instance.provenance,
        digest=found.instance.digest,
    )
