"""Certificates near an instance: an exact rational point, or a centre whose box holds a solution.

Nothing found here is believed until ``existence.failure`` has verified it: the steps are those of
Gauss and Newton in floats, then of Newton in the midpoints of balls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import scipy.linalg
from flint import arb, arb_mat, ctx

from checkers.arithmetic.dual import slopes_of, value_of
from checkers.arithmetic.interval_newton import exact_ball, midpoint
from checkers.declared.statement import Statement
from checkers.equalities import NOT_COMPUTED, Entry, ball_system, entries_of, equalities
from checkers.evaluation import Evaluation, certify
from checkers.existence import Existence, certify_existing, failure, jacobian
from checkers.instance import LABELS, Array, Instance
from checkers.rational_points import rationalised
from checkers.tolerance import (
    EXISTENCE_BITS,
    EXISTENCE_RADIUS,
    EXISTENCE_RANK,
    EXISTENCE_REACH,
    NEWTON_STEP,
)
from checkers.verdict import Verdict, merge

if TYPE_CHECKING:
    from numpy.typing import NDArray

STEPS = 40
"""Of Gauss and Newton: a simple solution nearby takes five, a double one gains a bit a step."""


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
                step = (jacobian(system, kept).mid().inv() * values).entries()
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
