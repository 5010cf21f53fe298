"""Exact proofs at fixed sizes: semidefinite forms over the rationals, vanishing expressions."""

from __future__ import annotations

from collections.abc import Iterator

import sympy

from checkers.arithmetic.rationals import is_positive_semidefinite
from checkers.declared.proof import Semidefinite, Vanishing
from checkers.declared.statement import Statement
from checkers.record import ProofRecord
from checkers.verdict import Verdict


def discharge(obligation: Semidefinite | Vanishing) -> bool:
    """Whether the obligation is met, in exact arithmetic."""
    if isinstance(obligation, Semidefinite):
        return is_positive_semidefinite(obligation.matrix)
    return bool(obligation.expressions) and all(
        sympy.simplify(e) == 0 for e in obligation.expressions
    )


def prove(statement: Statement) -> Iterator[ProofRecord]:
    """Every proof of a statement at every size; a failing one is REFUTED."""
    for proof in statement.proofs:
        for size in proof.at or ((),):
            met = discharge(proof.obligation(*size))
            yield ProofRecord(
                claim=proof.claim,
                method=proof.method,
                at=dict(zip(proof.names, size, strict=True)),
                verdict=Verdict.HOLDS if met else Verdict.REFUTED,
            )
