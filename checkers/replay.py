"""Replay: a witness file evaluated again from its exact numbers, and what it claims confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from flint import ctx, fmpq

from checkers import catalogue, witness_file
from checkers.arithmetic.balls import Number, as_float
from checkers.declared.statement import Statement, mutated
from checkers.evaluation import Evaluation, certify
from checkers.existence import certify_existing, failure
from checkers.instance import Array, Instance, InvalidInput
from checkers.tolerance import CLAIMED_AGREEMENT, PRECISIONS
from checkers.variables import instance_from_arrays
from checkers.verdict import Verdict, merge
from checkers.witness_file import StoredWitness, WitnessKind


@dataclass(frozen=True)
class Replay:
    """A stored witness, the statement (or mutant) it speaks of, and its values recomputed."""

    stored: StoredWitness
    statement: Statement
    evaluations: tuple[Evaluation, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst certified verdict over the claims."""
        return merge(e.verdict for e in self.evaluations)

    @property
    def confirmed(self) -> bool:
        """Whether the instance shows what its kind says.

        A counterexample violates a claim with every hypothesis certified; the others satisfy all
        claims. A witness of equality in floats is off by its rounding, so its ratio is told.
        """
        expected = WitnessKind(self.stored.kind) is WitnessKind.COUNTEREXAMPLE
        return self.verdict is (Verdict.REFUTED if expected else Verdict.HOLDS)


def replay(path: Path) -> Replay:
    """Recompute a witness file; InvalidInput where it is unusable or claims other values."""
    stored = witness_file.read(path)
    try:
        statement = _statement(stored)
        _require_fit(statement, stored.instance)
        evaluations = _evaluated(statement, stored)
        _require_agreement(stored, evaluations)
    except (InvalidInput, catalogue.BrokenStatementError) as error:
        raise InvalidInput(f"{path}: {error}") from None
    return Replay(stored, statement, evaluations)


def _evaluated(statement: Statement, stored: StoredWitness) -> tuple[Evaluation, ...]:
    """At the instance or, where the file states existence and that is verified, at the point."""
    if stored.existence is None:
        return certify(statement, stored.instance)
    reason = failure(statement, stored.existence)
    if reason:
        raise InvalidInput(
            f"a point that satisfies the equality hypotheses is stated but not verified: {reason};"
            " the file was edited or the statement has changed"
        )
    return certify_existing(statement, stored.existence)


def _statement(stored: StoredWitness) -> Statement:
    statement = catalogue.load(stored.statement)
    if stored.mutant is None:
        return statement
    for mutant in statement.mutants:
        if mutant.id == stored.mutant:
            return mutated(statement, mutant)
    known = ", ".join(m.id for m in statement.mutants) or "none"
    raise InvalidInput(
        f"mutant {stored.mutant!r} of {stored.statement}: not known; expected one of {known}"
    )


def _require_fit(statement: Statement, instance: Instance) -> None:
    """The arrays are those of the variables, exactly, and the sizes are theirs."""
    shapes = {name: _as_given(array) for name, array in instance.arrays.items()}
    read = instance_from_arrays(statement.variables, shapes)
    extra = sorted(set(instance.arrays) ^ set(read.arrays))
    if extra:
        raise InvalidInput(
            f"arrays {', '.join(extra)} do not belong to {statement.id};"
            f" {', '.join(sorted(read.arrays))} expected"
        )
    if dict(read.sizes) != dict(instance.sizes):
        raise InvalidInput(
            f"sizes {dict(instance.sizes)} given, but the arrays say {dict(read.sizes)};"
            " fetch or write the file again"
        )


def _as_given(array: Array) -> Array:
    """Fractions have no dtype that a user's array may have: zeros stand for their shape."""
    return np.zeros(array.shape) if array.dtype == object else array


def _require_agreement(stored: StoredWitness, evaluations: tuple[Evaluation, ...]) -> None:
    names = {e.claim for e in evaluations}
    if set(stored.claimed) != names:
        raise InvalidInput(
            f"values of {sorted(stored.claimed)} claimed, of {sorted(names)} expected;"
            " the statement has changed or the file was edited"
        )
    for evaluation in evaluations:
        for side in ("lhs", "rhs"):
            claimed = stored.claimed[evaluation.claim][side]
            recomputed = getattr(evaluation, side)
            if not agrees(claimed, recomputed):
                raise InvalidInput(
                    f"{side} of {evaluation.claim!r} claimed as {claimed}, recomputed as"
                    f" {as_float(recomputed)!r}; the file was edited or the statement has changed"
                )


def agrees(claimed: str, recomputed: Number) -> bool:
    """Whether a claimed value is the recomputed one: exactly, or within its ball and digits."""
    if isinstance(recomputed, fmpq):
        try:
            told = witness_file.number(claimed)
        except ValueError:
            return False
        return told == Fraction(int(recomputed.p), int(recomputed.q))
    with ctx.workprec(max(PRECISIONS)):
        distance = abs(witness_file.ball(claimed) - recomputed)
        # balls: a distance that cannot be told from the allowed one agrees
        return recomputed.is_finite() and not distance > CLAIMED_AGREEMENT * abs(recomputed)
