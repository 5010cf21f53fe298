"""Verified existence: a point that satisfies equality hypotheses exactly, and claims decided there.

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
from checkers.arithmetic.interval_newton import exact_ball, not_included
from checkers.declared.statement import Statement
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
from checkers.evaluation import Evaluation, certify_enclosed
from checkers.instance import LABELS, Instance
from checkers.quantities.classes import classes_of
from checkers.values import Values

if TYPE_CHECKING:
    pass


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
        reason = not_included(values, jacobian(box, kept), list(existence.radii.values()))
        if reason:
            return reason
        if not all(value_of(x) > 0 for x in box.positive):
            return "a number that must be positive beside the equations may not be"
        rest = [i for i in range(m) if i not in set(kept)]
        return _not_implied(statement, existence.centre, box, rest)


def jacobian(system: System, kept: Sequence[int]) -> arb_mat:
    """Slopes (m, m) of as many sides in as many variables."""
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
