"""Verified existence: equality hypotheses that no floats satisfy, and claims decided at a point.

Near an instance that satisfies the equality hypotheses but for rounding, some entries are solved
for and the others kept. Krawczyk's operator in balls proves that a point which satisfies all of
them exactly lies within stated radii of a stated centre; claims and the other hypotheses are then
decided on that box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy.linalg
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat

from checkers.arithmetic.balls import BALLS, ball_matrix
from checkers.arithmetic.dual import Polynomial, slopes_of, value_of
from checkers.arithmetic.interval_newton import exact_ball, midpoint, not_included
from checkers.equalities import (
    NOT_COMPUTED,
    Entry,
    System,
    ball_system,
    entries_of,
    equalities,
    equation_lengths,
    polynomial_system,
)
from checkers.evaluation import Evaluation, certify, certify_enclosed
from checkers.instance import LABELS, Array, Instance
from checkers.quantities.classes import classes_of
from checkers.rational_points import rationalised
from checkers.statement import Statement
from checkers.tolerance import (
    EXISTENCE_BITS,
    EXISTENCE_RADIUS,
    EXISTENCE_RANK,
    EXISTENCE_REACH,
    NEWTON_STEP,
)
from checkers.values import Values
from checkers.verdict import Verdict, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 40
"""Of Gauss and Newton: a simple solution nearby takes five, a double one gains a bit a step."""


@dataclass(frozen=True)
class Existence:
    """A point near ``centre`` satisfies all equality hypotheses exactly, and is nowhere further.

    It differs from the centre by at most the radius in the solved entries and equals it elsewhere.
    ``radii`` names the solved entries (array, row, column), ``kept`` the equations they solve, as
    many, by their number in ``equalities``' order; the others follow from these. The inclusion is
    verified with ``bits`` bits. What is stored here is a claim: ``failure`` says whether it holds.
    """

    centre: Instance
    radii: Mapping[Entry, Fraction]
    kept: tuple[int, ...]
    bits: int

    @property
    def radius(self) -> float:
        """The largest radius."""
        return float(max(self.radii.values(), default=Fraction(0)))


@dataclass(frozen=True)
class NoCertificate:
    """No point was proved to exist; the reason, in words."""

    reason: str
    verdict: Verdict = Verdict.INCONCLUSIVE


@dataclass(frozen=True)
class Certified:
    """Claims decided at a point that satisfies the equality hypotheses exactly.

    The point is ``instance`` itself or, with ``existence``, near it.
    """

    instance: Instance
    existence: Existence | None
    evaluations: tuple[Evaluation, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst verdict over the claims; REFUTED needs every other hypothesis certain."""
        return merge(e.verdict for e in self.evaluations)


def certify_near(statement: Statement, instance: Instance) -> Certified | NoCertificate:
    """Decide the claims at a point near an instance where every equality hypothesis is exact.

    Exact rational points are tried first, then verified existence.
    """
    if not equalities(statement).equations:
        return Certified(instance, None, certify(statement, instance))
    exact = rationalised(statement, instance)
    if exact is not None:
        return Certified(exact, None, certify(statement, exact))
    existence = prove_existence(statement, instance)
    if isinstance(existence, NoCertificate):
        return existence
    return Certified(existence.centre, existence, certify_existing(statement, existence))


def certify_existing(statement: Statement, existence: Existence) -> tuple[Evaluation, ...]:
    """Every claim on the enclosure of a point that is proved to exist.

    The equality hypotheses count as satisfied; a sign that the enclosure leaves open is None.
    """
    settled = replace(statement, hypotheses=equalities(statement).rest)
    return certify_enclosed(settled, lambda: enclosure(existence))


def enclosure(existence: Existence) -> Values:
    """Values on the box around the point, at the precision now set in ``flint.ctx``."""
    arrays: dict[str, Any] = {}
    for name, array in existence.centre.arrays.items():
        if name == LABELS:
            arrays[name] = classes_of(array, existence.centre.sizes["K"])
        else:
            arrays[name] = ball_matrix(array)
    for (name, i, j), radius in existence.radii.items():
        arrays[name][i, j] = arrays[name][i, j] + arb(0, exact_ball(radius))
    return Values(
        arrays,
        existence.centre.sizes,
        BALLS,
        "rigorous",
        lambda value: arb(value) if isinstance(value, fmpq) else value,
    )


def failure(statement: Statement, existence: Existence) -> str:
    """Why what is stated of existence is not verified; empty text where it is proved."""
    with ctx.workprec(existence.bits):
        try:
            centre = ball_system(statement, existence.centre, ())
            solved = list(existence.radii)
            box = ball_system(statement, existence.centre, solved, existence.radii)
        except NOT_COMPUTED as error:
            return f"the equations are not differentiable in balls here ({error})"
        kept, m = existence.kept, len(box.sides)
        if len(set(kept)) != len(solved) or len(kept) != len(solved):
            return f"{len(kept)} equations for {len(solved)} solved entries"
        if not all(0 <= i < m for i in kept):
            return f"equation {max(kept)} of {m}"
        values = [arb(value_of(centre.sides[i])) for i in kept]
        reason = not_included(values, _jacobian(box, kept), list(existence.radii.values()))
        if reason:
            return reason
        if not all(value_of(x) > 0 for x in box.positive):
            return "a number that must be positive beside the equations may not be"
        rest = [i for i in range(m) if i not in set(kept)]
        return _not_implied(statement, existence.centre, box, rest)


def _jacobian(system: System, kept: Sequence[int]) -> arb_mat:
    zero = arb(0)
    rows = [slopes_of(system.sides[i]) for i in kept]
    m = len(kept)
    return arb_mat(m, m, [row.get(j, zero) for row in rows for j in range(m)])


def _not_implied(statement: Statement, centre: Instance, box: System, rest: list[int]) -> str:
    """Why the equations of ``rest`` do not follow from the others; empty text where they do."""
    rest = [i for i in rest if not _is_zero(box.sides[i])]
    relations = [[arb(value_of(x)) for x in row] for row in box.relations]
    if not rest or _determines(relations, rest):
        return ""
    relations += _polynomial_relations(statement, centre)
    if _determines(relations, rest):
        return ""
    return (
        f"{len(rest)} of {len(box.sides)} equations depend on the others to first order, and no"
        " exact relation says that they follow from them"
    )


def _is_zero(side: Any) -> bool:
    return not slopes_of(side) and bool(value_of(side) == 0)


def _determines(relations: Sequence[Sequence[arb]], rest: Sequence[int]) -> bool:
    """Whether sides on which the relations hold vanish in ``rest`` if they do elsewhere."""
    if len(relations) < len(rest):
        return False
    floats = np.array([[float(row[i].mid()) for i in rest] for row in relations])
    _, order = scipy.linalg.qr(floats.T, mode="r", pivoting=True)
    square = [[relations[r][i] for i in rest] for r in order[: len(rest)]]
    try:
        return all(x.is_finite() for x in arb_mat(square).inv().entries())
    except ZeroDivisionError:
        return False


def _polynomial_relations(statement: Statement, centre: Instance) -> list[list[arb]]:
    """Rational coefficients with which the equations that are polynomials add up to nothing."""
    lengths = equation_lengths(statement, centre)
    sides = polynomial_system(statement, centre, entries_of(centre), lengths).sides
    places = [i for i, side in enumerate(sides) if side is not None]
    terms = [_terms(sides[i]) for i in places]
    monomials = sorted({monomial for found in terms for monomial in found})
    zero = fmpq(0)
    table = fmpq_mat(
        len(monomials), len(places), [t.get(m, zero) for m in monomials for t in terms]
    )
    reduced, rank = table.rref()
    rows = reduced.tolist()[:rank]
    pivots = [next(j for j, x in enumerate(row) if x != 0) for row in rows]
    found = []
    for free in sorted(set(range(len(places))) - set(pivots)):
        relation = [arb(0)] * len(sides)
        relation[places[free]] = arb(1)
        for pivot, row in zip(pivots, rows, strict=True):
            relation[places[pivot]] = arb(-row[free])
        found.append(relation)
    return found


def _terms(side: Any) -> dict[tuple[int, ...], fmpq]:
    if isinstance(side, Polynomial):
        return dict(side.terms.to_dict())
    return {(): fmpq(side)} if side != 0 else {}


def prove_existence(statement: Statement, instance: Instance) -> Existence | NoCertificate:
    """A proved point near an instance of floats, or the reason why there is none.

    Entries move as little as they can (Gauss-Newton), then the solved ones are found to more bits.
    """
    try:
        near = polished(statement, instance)
        if isinstance(near, NoCertificate):
            return near
        solved, kept = _chosen(statement, near)
        reason = ""
        for bits in EXISTENCE_BITS:
            found = _refined(statement, near, solved, kept, bits)
            reason = failure(statement, found)
            if not reason:
                return found
    except NOT_COMPUTED as error:
        return NoCertificate(f"the equations are not differentiable in balls here ({error})")
    return NoCertificate(reason)


def polished(statement: Statement, instance: Instance) -> Instance | NoCertificate:
    """The nearest point, to first order, that satisfies the equations to rounding, in floats.

    Entries that hardly move stay as they are given.
    """
    variables = entries_of(instance)
    given = np.array([float(instance.arrays[name][i, j]) for name, i, j in variables])
    x, distance = given.copy(), np.inf
    for _ in range(STEPS):
        F, J = _linearised(statement, _at(instance, variables, x), variables)
        if not (np.isfinite(F).all() and np.isfinite(J).all()):
            return NoCertificate("the equations have no finite values or slopes here")
        size = np.linalg.norm(J, axis=1)
        flat = (size == 0) & (F != 0)
        if flat.any():
            return NoCertificate(f"{flat.sum()} equations are not met and have no slope")
        size[size == 0] = 1
        step = np.linalg.lstsq(J / size[:, None], F / size, rcond=EXISTENCE_RANK)[0]
        scale = np.abs(x).max() or 1.0
        distance = np.abs(F / size).max(initial=0) / scale
        x = x - step
        if np.abs(step).max(initial=0) <= NEWTON_STEP * scale:
            break
    if not distance <= EXISTENCE_REACH:
        return NoCertificate(
            f"no solution nearby: after {STEPS} steps of Gauss and Newton an equation is off by"
            f" {distance:.1g} of the largest entry"
        )
    return _at(
        instance, variables, np.where(np.abs(x - given) <= EXISTENCE_REACH * scale, given, x)
    )


def _linearised(
    statement: Statement, instance: Instance, variables: Sequence[Entry]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values (m) and slopes (m, n) of the equations, in floats."""
    sides = ball_system(statement, instance, variables).sides
    F = np.array([float(arb(value_of(side)).mid()) for side in sides])
    J = np.zeros((len(sides), len(variables)))
    for i, side in enumerate(sides):
        for j, slope in slopes_of(side).items():
            J[i, j] = float(arb(slope).mid())
    return F, J


def _at(
    instance: Instance, entries: Sequence[Entry], values: Sequence[Fraction] | NDArray[np.float64]
) -> Instance:
    """The instance with other values of some entries, floats or Fractions."""
    arrays: dict[str, Array] = dict(instance.arrays)
    exact = not isinstance(values, np.ndarray)
    for name in {name for name, _, _ in entries}:
        array = arrays[name]
        arrays[name] = _as_fractions(array) if exact else array.astype(np.float64)
    for (name, i, j), value in zip(entries, values, strict=True):
        arrays[name][i, j] = value
    return replace(instance, arrays=arrays)


def _as_fractions(array: Array) -> Array:
    exact = np.empty(array.shape, dtype=object)
    exact[...] = [[Fraction(x) for x in row] for row in array.tolist()]
    return exact


def _chosen(statement: Statement, instance: Instance) -> tuple[list[Entry], tuple[int, ...]]:
    """Entries to solve for and as many equations, by QR with pivoting of the slopes."""
    variables = entries_of(instance)
    _, J = _linearised(statement, instance, variables)
    size = np.linalg.norm(J, axis=1, keepdims=True)
    J = J / np.where(size > 0, size, 1)
    if not J.size:
        return [], ()
    R, order = scipy.linalg.qr(J.T, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(R))
    rank = int((diagonal > EXISTENCE_RANK * diagonal[0]).sum())
    kept = tuple(sorted(int(i) for i in order[:rank]))
    if not kept:
        return [], ()
    _, columns = scipy.linalg.qr(J[list(kept)], mode="r", pivoting=True)
    return [variables[j] for j in sorted(columns[:rank])], kept


def _refined(
    statement: Statement,
    instance: Instance,
    solved: list[Entry],
    kept: tuple[int, ...],
    bits: int,
) -> Existence:
    """Newton's steps in the midpoints of balls; the centre has half of the bits."""
    x = [Fraction(instance.arrays[name][i, j]) for name, i, j in solved]
    scales = {
        name: Fraction(2) ** int(np.frexp(np.abs(array.astype(float)).max() or 1.0)[1])
        for name, array in instance.arrays.items()
        if name != LABELS
    }
    radii = {e: scales[e[0]] / 2 ** int(bits * EXISTENCE_RADIUS) for e in solved}
    with ctx.workprec(bits):
        for _ in range(STEPS if solved else 0):
            system = ball_system(statement, _at(instance, solved, x), solved)
            values = arb_mat(len(kept), 1, [arb(value_of(system.sides[i])) for i in kept])
            try:
                step = (_jacobian(system, kept).mid().inv() * values).entries()
            except ZeroDivisionError:
                break
            x = [midpoint(exact_ball(a) - s, bits) for a, s in zip(x, step, strict=True)]
            if all(
                abs(float(s.mid())) <= radii[e] / 2 ** (bits // 16)
                for e, s in zip(solved, step, strict=True)
            ):
                break
        x = [midpoint(exact_ball(a), bits // 2) for a in x]
    return Existence(_at(instance, solved, x), radii, kept, bits)
