"""What a statement is: variables, hypotheses, claims, witnesses, mutants, proofs.

Everything here is a declaration; behaviour is in the layers above. Formulas are sympy expressions
in sizes and measured quantities (``checkers.quantities``).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np
import sympy
from sympy.printing.latex import translate

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


class Definition(sympy.Symbol):
    """A name for a formula, as the paper has it: formulas are shown with it, and checked without.

    ``Definition("Psi", r * (e1 / s_K + sqrt(e2)))`` stands for its ``expression`` wherever it is
    used. The names of sizes and measured quantities are not to be had.
    """

    __slots__ = ("expression", "tex")

    def __new__(cls, name: str, expression: sympy.Expr, latex: str = "") -> Definition:
        """``latex`` is by default made of the name: ``e1`` is e with the index 1."""
        symbol = sympy.Symbol.__xnew__(cls, name, real=True)
        symbol.expression = sympy.sympify(expression)
        symbol.tex = latex or translate(re.sub(r"_?(\d+)$", r"_\1", name))
        return symbol

    def _hashable_content(self) -> tuple[object, ...]:
        return (*super()._hashable_content(), self.expression)

    def _latex(self, printer: object) -> str:
        return str(self.tex)


def expanded(formula: sympy.Expr, keep: Collection[Definition] = ()) -> sympy.Expr:
    """The formula in sizes and measured quantities alone, and in the definitions to ``keep``."""
    formula = sympy.sympify(formula)
    while definitions := formula.atoms(Definition).difference(keep):
        formula = formula.xreplace({d: d.expression for d in definitions})
    return formula


def definitions_in(formulas: Iterable[sympy.Expr]) -> tuple[Definition, ...]:
    """The definitions that formulas use, in their own expressions too; the simplest first."""
    ordered: dict[Definition, None] = {}

    def visit(formula: sympy.Expr) -> None:
        for definition in sorted(formula.atoms(Definition), key=str):
            visit(definition.expression)
            ordered[definition] = None

    for formula in formulas:
        visit(sympy.sympify(formula))
    return tuple(ordered)


@dataclass(frozen=True)
class Hypothesis:
    """A condition: ``margin >= 0``, or ``margin > 0`` if strict. Margins are numbers, not truths.

    A condition that two things are equal is the margin ``-|difference|``. ``named`` is the margin
    as it was given, in the names of definitions.
    """

    name: str
    margin: sympy.Expr
    strict: bool = False
    says: str = ""
    named: sympy.Expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The margin is kept as it was given, and expanded."""
        object.__setattr__(self, "named", sympy.sympify(self.margin))
        object.__setattr__(self, "margin", expanded(self.margin))


class Side(Enum):
    """Which side of a claim is measured; the other is the bound. Of an identity it is either."""

    LEFT = "lhs"
    RIGHT = "rhs"


@dataclass(frozen=True)
class Claim:
    """``lhs <= rhs``, of which the side ``measured`` is bounded by the other one.

    ``trivial`` is the end of what is possible at all, where there is one: a value that a measured
    lhs never exceeds, or below which a measured rhs never is (a cosine is at least -1). An instance
    on which the bound is no better than that is told nothing by the claim. A side may be a Python
    int or Fraction; a float is refused, because 0.1 is not a tenth. Claims have no truth value:
    evaluate one on an instance. ``named`` has both sides as they were given, in the names of
    definitions; ``lhs`` and ``rhs`` are expanded.
    """

    name: str
    lhs: sympy.Expr
    rhs: sympy.Expr
    trivial: sympy.Expr | None = None
    measured: Side = Side.LEFT
    named: tuple[sympy.Expr, sympy.Expr] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Numbers become sympy's."""
        for side in ("lhs", "rhs"):
            given = getattr(self, side)
            if isinstance(given, float):
                raise TypeError(
                    f"claim {self.name!r}: {side} is the float {given}; write a Rational"
                )
        named = (sympy.sympify(self.lhs), sympy.sympify(self.rhs))
        object.__setattr__(self, "named", named)
        object.__setattr__(self, "lhs", expanded(self.lhs))
        object.__setattr__(self, "rhs", expanded(self.rhs))
        if self.trivial is not None:
            object.__setattr__(self, "trivial", expanded(self.trivial))

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


def construction(
    name: str, *sizes: SizeSpec, tight: float = 1.0, says: str = ""
) -> Callable[[Callable[[Layout, Array], Arrays | None]], Witness]:
    """Turns the function below it into the witness that it builds: see ``Witness``."""
    return lambda build: Witness(name, build, sizes, tight, says)


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
