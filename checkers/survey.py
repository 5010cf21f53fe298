"""What has been seen of a statement: batches evaluated in floats, and what has to be certified.

Floats choose which instances are certified: those of least relative slack, every apparent
violation, and every instance whose values are not numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor

from checkers.conclusion import EXACT, Coverage, Judgement, conclude
from checkers.declared.statement import Statement, mutated
from checkers.evaluation import BatchEvaluation, certify, evaluate_values, violates
from checkers.instance import LABELS, Batch, Instance
from checkers.record import Cell
from checkers.result import Certified, CheckResult
from checkers.search.simplify import simplify
from checkers.sizes import SizeSpec
from checkers.tolerance import FLOAT_DOUBT
from checkers.values import batch_tensors, tensor_values
from checkers.verdict import Verdict
from checkers.ways import Way


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


@dataclass(frozen=True)
class Constructions:
    """The stored instances of a statement, certified: all, and those of each witness of equality.

    ``witnesses`` maps the name of a witness to the instance at its first size.
    """

    certified: tuple[Certified, ...]
    witnesses: Mapping[str, Certified]


NOT_CERTIFIED = Constructions((), {})
"""Where stored instances are not looked at."""


def certify_constructions(statement: Statement) -> Constructions:
    """Counterexamples and witnesses at every size at which they are stored."""
    certified: list[Certified] = []
    witnesses: dict[str, Certified] = {}
    for witness in (*statement.counterexamples, *statement.witnesses):
        for spec in witness.sizes:
            instance = witness.instance(spec)
            certified.append(Certified(instance, certify(statement, instance)))
            if witness in statement.witnesses:
                witnesses.setdefault(witness.name, certified[-1])
    return Constructions(tuple(certified), witnesses)


def certify_seen(statement: Statement, survey: Survey) -> Iterator[Certified]:
    """The closest instances, all apparent violations (the largest first), and NaNs.

    Stops at the first certified counterexample: the rest would not change the verdict.
    """
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


def conclude_survey(
    checker: str,
    statement: Statement,
    survey: Survey,
    tries: int,
    constructions: Constructions = NOT_CERTIFIED,
    more: Sequence[Certified] = (),
    judgement: Judgement = EXACT,
    whole: bool = True,
) -> CheckResult:
    """Certify what has to be and conclude; a counterexample is made small by so many ``tries``.

    ``more`` is what was certified on the way. Blind kills of mutants are certified, too.
    """
    certified = [*constructions.certified, *certify_seen(statement, survey), *more]
    coverage = Coverage(survey.drawn, survey.admitted, tuple(survey.cells), whole)
    result = conclude(
        checker, statement, certified, coverage, judgement,
        lambda instance: simplify(statement, instance, tries),
    )  # fmt: skip
    kills = {
        mutant.id: survey.blind[mutant.id]
        for mutant in statement.mutants
        if mutant.id in survey.blind
        and violates(mutated(statement, mutant), survey.blind[mutant.id])
    }
    return replace(result, blind=kills, witnesses=constructions.witnesses)
