"""Which instances of a check are kept as witness files, and under which names."""

from __future__ import annotations

import hashlib
from pathlib import Path

from checkers.declared.construction import Witness
from checkers.declared.statement import Statement
from checkers.evaluation import Evaluation, certify
from checkers.instance import Instance
from checkers.record import Record
from checkers.result import Certified, CheckResult
from checkers.witness_file import StoredWitness, claimed_values, path_for, write


def keep(
    statement: str,
    mutant: str | None,
    kind: str,
    instance: Instance,
    evaluations: tuple[Evaluation, ...],
    folder: Path,
    name: str = "",
) -> str:
    """Write one witness file; returns its path relative to ``folder``."""
    path = path_for(folder, statement, name or mutant or kind)
    write(StoredWitness(statement, mutant, kind, instance, claimed_values(evaluations)), path)
    return path.relative_to(folder).as_posix()


def keep_result(
    statement: Statement, result: CheckResult, folder: Path, kept: dict[str, str]
) -> str | None:
    """Write the counterexample or the worst instance, and one file for each witness of equality.

    Fills ``kept`` with names and paths; returns the path of the counterexample, if there is one.
    """
    counterexample = None
    for stale in ("counterexample", "worst"):
        path_for(folder, statement.id, stale).unlink(missing_ok=True)
    if result.counterexample:
        found = result.counterexample
        counterexample = keep(
            statement.id, None, "counterexample", found.instance, found.evaluations, folder
        )
        kept["counterexample"] = counterexample
    elif result.worst:
        worst = result.worst
        kept["worst"] = keep(statement.id, None, "worst", worst.instance, worst.evaluations, folder)
    for witness in statement.witnesses:
        one = result.witnesses.get(witness.name) or _certified(statement, witness)
        kept[witness.name] = keep(
            statement.id, None, "witness", one.instance, one.evaluations, folder, witness.name
        )
    return counterexample


def file_digests(record: Record, folder: Path) -> dict[str, str]:
    """Path and digest (16 hex digits) of the witness files of a record that are there."""
    return {
        path: hashlib.sha256((folder / path).read_bytes()).hexdigest()[:16]
        for path in record.paths
        if (folder / path).is_file()
    }


def _certified(statement: Statement, witness: Witness) -> Certified:
    """For a checker that has looked at none of them."""
    instance = witness.instance(witness.sizes[0])
    return Certified(instance, certify(statement, instance))
