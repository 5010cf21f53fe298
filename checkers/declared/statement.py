"""What a statement is: a setting, hypotheses, claims, witnesses, mutants, proofs.

Everything here is a declaration; behaviour is in the layers above. Formulas are sympy expressions
in sizes and measured quantities (``checkers.quantities``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy

from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.construction import Arrays, Layout, Ranges, Sampler, Witness
from checkers.declared.definition import Definition
from checkers.declared.kinds import INEQUALITY, Kind
from checkers.declared.proof import Proof
from checkers.declared.source import Source
from checkers.instance import Array
from checkers.variables import Variable
from checkers.verdict import Standing, Transcription

if TYPE_CHECKING:
    from checkers.models.experiments import Experiment


@dataclass(frozen=True)
class Mutant:
    """A false neighbour of a statement, and the stored construction that refutes it (``by``).

    With ``lhs`` or ``rhs`` it makes the statement's first claim with that side changed, and no
    other; with ``claims`` it makes these. Hypotheses are dropped by name, and others assumed.
    """

    id: str
    says: str
    lhs: sympy.Expr | None = None
    rhs: sympy.Expr | None = None
    claims: tuple[Claim, ...] = ()
    drop: tuple[str, ...] = ()
    assume: tuple[Hypothesis, ...] = ()
    by: Witness = field(kw_only=True)

    def __post_init__(self) -> None:
        """A side and whole claims exclude each other."""
        if self.claims and not self.lhs is self.rhs is None:
            raise TypeError(f"mutant {self.id}: give a side of the first claim, or claims")

    def claimed(self, claims: tuple[Claim, ...]) -> tuple[Claim, ...]:
        """What it claims in place of the statement's claims."""
        if self.lhs is self.rhs is None:
            return self.claims or claims
        first = claims[0]
        lhs, rhs = first.named
        lhs, rhs = lhs if self.lhs is None else self.lhs, rhs if self.rhs is None else self.rhs
        return (replace(first, lhs=lhs, rhs=rhs),)


@dataclass(frozen=True)
class Setting:
    """What is drawn, searched and measured, for several statements of a paper.

    ``prepare(generator, layout, labels, arrays)`` maps raw batched draws to ones that meet the
    hypotheses where that is possible; ``samplers`` add structured draws. ``kind``
    (``checkers.kinds``) chooses the checker. ``trained`` names the experiments along which
    statements are also evaluated, and ``observed`` what is recorded there beside both sides of the
    claims.
    """

    variables: tuple[Variable, ...]
    ranges: Ranges
    samplers: tuple[Sampler, ...] = ()
    prepare: Callable[[np.random.Generator, Layout, Array, Arrays], Arrays] | None = None
    kind: Kind = INEQUALITY
    trained: tuple[Experiment, ...] = ()
    observed: tuple[Definition, ...] = ()

    def but(self, **changes: Any) -> Setting:
        """The same setting but for these fields."""
        return replace(self, **changes)


@dataclass(frozen=True)
class Statement:
    """A theorem, lemma or conjecture; the file it is in gives it its ``id``.

    ``counterexamples`` are constructions that violate a false or printed statement. ``words`` is
    the docstring of the file, put there when it is loaded.
    """

    title: str
    source: Source
    standing: Standing
    transcription: Transcription
    setting: Setting
    claims: tuple[Claim, ...]
    hypotheses: tuple[Hypothesis, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    counterexamples: tuple[Witness, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    proofs: tuple[Proof, ...] = ()
    notes: str = ""
    id: str = ""
    words: str = ""

    @property
    def variables(self) -> tuple[Variable, ...]:
        """Those of the setting."""
        return self.setting.variables

    @property
    def ranges(self) -> Ranges:
        """Which sizes are sampled."""
        return self.setting.ranges

    @property
    def samplers(self) -> tuple[Sampler, ...]:
        """Structured ways to draw instances."""
        return self.setting.samplers

    @property
    def prepare(
        self,
    ) -> Callable[[np.random.Generator, Layout, Array, Arrays], Arrays] | None:
        """What raw draws go through."""
        return self.setting.prepare

    @property
    def kind(self) -> Kind:
        """The kind of its claims."""
        return self.setting.kind

    @property
    def trained(self) -> tuple[Experiment, ...]:
        """Experiments along which it is evaluated."""
        return self.setting.trained

    @property
    def observed(self) -> tuple[Definition, ...]:
        """What is recorded there."""
        return self.setting.observed

    def within(self, **changes: Any) -> Statement:
        """The statement in its setting but for these fields of it."""
        return replace(self, setting=self.setting.but(**changes))

    @property
    def digest(self) -> str:
        """Digest of what is claimed and of what tests it (16 hex digits)."""
        told = hashlib.sha256()
        for part in (
            self.id,
            self.standing,
            self.kind,
            [(v.name, v.shape) for v in self.variables],
            [(h.name, str(h.margin), h.strict) for h in self.hypotheses],
            [(c.name, str(c.lhs), str(c.rhs), str(c.trivial)) for c in self.claims],
            [(w.name, w.sizes) for w in (*self.witnesses, *self.counterexamples)],
            [(m.id, mutated(self, m).claims_text) for m in self.mutants],
            [(p.claim, p.method, p.at) for p in self.proofs],
        ):
            told.update(repr(part).encode())
        return told.hexdigest()[:16]

    @property
    def claims_text(self) -> str:
        """Hypotheses and claims as text, to tell a mutant from its statement."""
        hypotheses = [f"{h.name}: {h.margin} {h.strict}" for h in self.hypotheses]
        return "; ".join(hypotheses + [f"{c.lhs} <= {c.rhs}" for c in self.claims])

    @property
    def balanced(self) -> bool:
        """Whether equal class sizes are a hypothesis."""
        return any(h.name == "balanced" for h in self.hypotheses)

    @property
    def is_identity(self) -> bool:
        """Every claim is also made the other way round."""
        sides = {(c.lhs, c.rhs) for c in self.claims}
        return all((rhs, lhs) in sides for lhs, rhs in sides)


def mutated(statement: Statement, mutant: Mutant) -> Statement:
    """The false neighbour as a statement of its own. Raises ValueError for a name not there."""
    known = {h.name for h in statement.hypotheses}
    for name in mutant.drop:
        if name not in known:
            raise ValueError(f"mutant {mutant.id} drops {name!r}, which is no hypothesis: {known}")
    kept = tuple(h for h in statement.hypotheses if h.name not in mutant.drop)
    return replace(
        statement,
        setting=statement.setting.but(trained=()),
        hypotheses=kept + mutant.assume,
        claims=mutant.claimed(statement.claims),
        mutants=(),
        proofs=(),
        id=f"{statement.id}:{mutant.id}",
    )
