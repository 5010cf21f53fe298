"""The power of a check: every mutant must be refuted by its stored instance."""

from __future__ import annotations

from pathlib import Path

from checkers.declared.statement import Mutant, Statement, mutated
from checkers.evaluation import certify
from checkers.record import MutantRecord
from checkers.verdict import Verdict
from checkers.witnesses import keep


def check_mutants(
    statement: Statement, blind: frozenset[str], folder: Path
) -> tuple[MutantRecord, ...]:
    """Refute each mutant by its own instance, certified and kept as a witness file.

    ``blind`` are the mutants that drawn instances refuted; a mutant that only those refute counts
    as a survivor, because its stored instance does not do what it is stored for.
    """
    return tuple(
        _check(statement, mutant, mutant.id in blind, folder) for mutant in statement.mutants
    )


def _check(statement: Statement, mutant: Mutant, blind: bool, folder: Path) -> MutantRecord:
    other = mutated(statement, mutant)
    for spec in mutant.by.sizes:
        instance = mutant.by.instance(spec)
        evaluations = certify(other, instance)
        refuting = [e for e in evaluations if e.verdict is Verdict.REFUTED]
        if refuting:
            path = keep(statement.id, mutant.id, "counterexample", instance, evaluations, folder)
            ratio = refuting[0].ratio
            return MutantRecord(
                id=mutant.id,
                says=mutant.says,
                killed=True,
                by=f"{mutant.by.name}, {spec}",
                witness=path,
                ratio=ratio if ratio == ratio else None,
                blind=blind,
            )
    return MutantRecord(mutant.id, mutant.says, False, None, None, None, blind)
