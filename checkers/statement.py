"""What a statement is: variables, hypotheses, claims, witnesses, mutants, proofs.

Everything here is a declaration; behaviour is in the layers above. Formulas are sympy expressions
in sizes and measured quantities (``checkers.quantities``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NoReturn

import numpy as np
import sympy

from checkers.declared.kinds import INEQUALITY, Kind
from checkers.instance import LABELS, Array, Instance
from checkers.provenance import Provenance
from checkers.sizes import SizeSpec
from checkers.variables import Variable
from checkers.verdict import Standing, Transcription
from checkers.ways import Way, WayKind

if TYPE_CHECKING:
    from fractions import Fraction

    from checkers.models.experiments import Experiment

Arrays = dict[str, Array]
Layout = Mapping[str, int]


@dataclass(frozen=True)
class Source:
    """Where a statement is printed."""

    authors: str
    year: int
    title: str
    arxiv: str
    locator: str = ""

    def at(self, locator: str) -> Source:
        """The same paper, at a theorem or equation."""
        return replace(self, locator=locator)

    def __str__(self) -> str:
        """``Authors (year), locator, arXiv:number``."""
        return ", ".join(
            p for p in (f"{self.authors} ({self.year})", self.locator, f"arXiv:{self.arxiv}") if p
        )


@dataclass(frozen=True)
class Paper:
    """A paper whose statements are a folder of the catalogue.

    ``model`` says in words what the paper studies. ``order`` names the files of its statements as
    the paper has them; those that it does not name come after, by name.
    """

    source: Source
    model: str = ""
    order: tuple[str, ...] = ()

    def at(self, locator: str) -> Source:
        """The source of a theorem or equation of the paper."""
        return self.source.at(locator)


@dataclass(frozen=True)
class Hypothesis:
    """A condition: ``margin >= 0``, or ``margin > 0`` if strict. Margins are numbers, not truths.

    A condition that two things are equal is the margin ``-|difference|``.
    """

    name: str
    margin: sympy.Expr
    strict: bool = False
    says: str = ""


@dataclass(frozen=True)
class Claim:
    """``lhs <= rhs``. ``trivial`` is a value that lhs never exceeds in any case, where one exists.

    An instance on which ``rhs >= trivial`` is told nothing by the claim. A side may be a Python
    int or Fraction; a float is refused, because 0.1 is not a tenth. Claims have no truth value:
    evaluate one on an instance.
    """

    name: str
    lhs: sympy.Expr
    rhs: sympy.Expr
    trivial: sympy.Expr | None = None

    def __post_init__(self) -> None:
        """Numbers become sympy's."""
        for side in ("lhs", "rhs"):
            given = getattr(self, side)
            if isinstance(given, float):
                raise TypeError(
                    f"claim {self.name!r}: {side} is the float {given}; write a Rational"
                )
            object.__setattr__(self, side, sympy.sympify(given))

    def __bool__(self) -> NoReturn:
        """Raise: a claim is not true or false until it is evaluated."""
        raise TypeError(f"claim {self.name!r} has no truth value; evaluate it on an instance")


def identity(name: str, lhs: sympy.Expr, rhs: sympy.Expr) -> tuple[Claim, Claim]:
    """``lhs == rhs`` as the two claims that make it up."""
    return Claim(f"{name} (at most)", lhs, rhs), Claim(f"{name} (at least)", rhs, lhs)


@dataclass(frozen=True)
class Witness:
    """A named construction of arrays, for sizes and labels that it is given.

    ``build(sizes, labels)`` returns an array for every stored variable but the labels, float64 or
    exact ``Fraction``, or None where the sizes do not admit it. ``sizes`` are those at which it is
    stored: sizes of the variables, with ``counts`` the samples of each class. As a witness of a
    statement it brings lhs / rhs of the first claim to at least ``tight`` there; 1 is equality.
    """

    name: str
    build: Callable[[Layout, Array], Arrays | None]
    sizes: tuple[SizeSpec, ...]
    tight: float = 1.0
    says: str = ""

    def instance(self, spec: SizeSpec) -> Instance:
        """The instance at a size; raises ValueError where the construction does not fit it."""
        labels = spec.labels()
        arrays = self.build(spec.layout, labels)
        if arrays is None:
            raise ValueError(f"witness {self.name} does not fit {spec}")
        if spec.counts:
            arrays = {**arrays, LABELS: labels}
        return Instance(spec.layout, arrays, Provenance(Way(WayKind.WITNESS, self.name)))


@dataclass(frozen=True)
class Change:
    """What a mutant changes: other claims, hypotheses dropped or added."""

    claims: tuple[Claim, ...] = ()
    drop: tuple[str, ...] = ()
    assume: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True)
class Mutant:
    """A false neighbour of a statement, and the stored instance that refutes it."""

    id: str
    says: str
    change: Change
    refuted_by: Witness


@dataclass(frozen=True)
class Semidefinite:
    """An exact rational symmetric matrix that must be positive semidefinite."""

    matrix: list[list[Fraction]]


@dataclass(frozen=True)
class Vanishing:
    """sympy expressions that must simplify to zero."""

    expressions: tuple[sympy.Expr, ...]


@dataclass(frozen=True)
class Proof:
    """An exact proof of a claim at named sizes (or at all, if ``at`` is empty).

    ``obligation`` maps a size of ``at`` to what has to be verified; the engine verifies it.
    """

    claim: str
    method: str
    obligation: Callable[..., Semidefinite | Vanishing]
    at: tuple[tuple[int, ...], ...] = ()
    names: tuple[str, ...] = ()
    says: str = ""


@dataclass(frozen=True)
class Ranges:
    """Which sizes are sampled: K classes, n samples a class, and further sizes by name.

    K = (0, 0) says that no variable has classes or samples. ``fit`` turns drawn numbers into the
    sizes of the variables (say, a width of at least K). Where balance is no hypothesis, classes as
    unequal as 1 against ``heavy`` are drawn too, with the further sizes that ``heavy_sizes`` gives
    for their counts. ``working`` says how many numbers an instance of a size takes beside its
    arrays (a Hessian, say), which bounds batches.
    """

    K: tuple[int, int]
    n: tuple[int, int]
    others: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    fit: Callable[[dict[str, int]], dict[str, int]] | None = None
    smallest: tuple[SizeSpec, ...] = ()
    heavy: int = 300
    heavy_sizes: Callable[[tuple[int, ...]], dict[str, int]] | None = None
    working: Callable[[Layout], int] | None = None


@dataclass(frozen=True)
class Sampler:
    """A structured way to draw instances: ``draw(generator, sizes, labels, batch)`` -> arrays."""

    name: str
    draw: Callable[[np.random.Generator, Layout, Array, int], Arrays]


@dataclass(frozen=True)
class Statement:
    """A theorem, lemma or conjecture; the file it is in gives it its ``id``.

    ``counterexamples`` are constructions that violate a false or printed statement.

    ``prepare(generator, layout, labels, arrays)`` maps raw batched draws to ones that meet the
    hypotheses where that is possible; ``samplers`` add structured draws; ``trained`` names the
    experiments along which the statement is also evaluated, and ``observed`` what is recorded
    there beside both sides of the claims. ``kind`` (``declared.kinds``) chooses the checker.
    ``words`` is the docstring of the file, put there when it is loaded.
    """

    title: str
    source: Source
    standing: Standing
    transcription: Transcription
    variables: tuple[Variable, ...]
    claims: tuple[Claim, ...]
    ranges: Ranges
    hypotheses: tuple[Hypothesis, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    counterexamples: tuple[Witness, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    proofs: tuple[Proof, ...] = ()
    samplers: tuple[Sampler, ...] = ()
    prepare: Callable[[np.random.Generator, Layout, Array, Arrays], Arrays] | None = None
    trained: tuple[Experiment, ...] = ()
    observed: tuple[tuple[str, sympy.Expr], ...] = ()
    kind: Kind = INEQUALITY
    notes: str = ""
    id: str = ""
    words: str = ""

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
    for name in mutant.change.drop:
        if name not in known:
            raise ValueError(f"mutant {mutant.id} drops {name!r}, which is no hypothesis: {known}")
    kept = tuple(h for h in statement.hypotheses if h.name not in mutant.change.drop)
    return replace(
        statement,
        hypotheses=kept + mutant.change.assume,
        claims=mutant.change.claims or statement.claims,
        mutants=(),
        proofs=(),
        trained=(),
        id=f"{statement.id}:{mutant.id}",
    )
