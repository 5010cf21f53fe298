"""Exact rational points: instances that satisfy every equality hypothesis exactly, near floats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import scipy.linalg
from flint import fmpq, fmpq_mat

from checkers.arithmetic.balls import NotRational
from checkers.arithmetic.dual import slopes_of, value_of
from checkers.declared.statement import Statement
from checkers.equalities import (
    NOT_COMPUTED,
    Entry,
    affine_system,
    entries_of,
    equalities,
    equation_lengths,
    exact,
)
from checkers.instance import LABELS, Array, Instance
from checkers.tolerance import EXISTENCE_RANK, RATIONAL_REACH
from checkers.values import rational_values

DENOMINATORS = (12, 60, 1024)
"""Largest denominators of the fractions that entries are rounded to: small ones as most witnesses
have, and a power of two."""


def rationalised(statement: Statement, instance: Instance) -> Instance | None:
    """A rational instance at or near a given one that satisfies all equality hypotheses exactly.

    The instance itself, then the solution of the equations that are affine, then its entries
    rounded to small fractions; None where none of these satisfies them. One that violates no other
    hypothesis comes first.
    """
    exact_points = []
    for candidate in _candidates(statement, instance):
        if _satisfies(statement, candidate):
            if not _violates(statement, candidate):
                return candidate
            exact_points.append(candidate)
    return exact_points[0] if exact_points else None


def _candidates(statement: Statement, instance: Instance) -> Iterator[Instance]:
    yield instance
    solved = affine_solution(statement, instance)
    if solved is not None:
        yield solved
    for denominator in DENOMINATORS:
        near = _rounded(instance, denominator)
        if near is not None:
            yield near


def _satisfies(statement: Statement, instance: Instance) -> bool:
    """Whether every hypothesis with an equality is certain in rationals."""
    names = equalities(statement).names
    values = rational_values(instance)
    try:
        return all(values(h.margin) >= 0 for h in statement.hypotheses if h.name in names)
    except (NotRational, *NOT_COMPUTED):
        return False


def _violates(statement: Statement, instance: Instance) -> bool:
    """Whether some hypothesis that can be computed in rationals does not hold."""
    values = rational_values(instance)
    for hypothesis in statement.hypotheses:
        try:
            margin = values(hypothesis.margin)
        except (NotRational, *NOT_COMPUTED):
            continue
        if margin < 0 or (hypothesis.strict and margin == 0):
            return True
    return False


def affine_solution(statement: Statement, instance: Instance) -> Instance | None:
    """The instance with some entries solved for, exactly, so that the affine equations hold.

    None where no equation is affine or they contradict each other.
    """
    variables = entries_of(instance)
    try:
        lengths = equation_lengths(statement, instance)
    except NOT_COMPUTED:
        return None
    system = affine_system(statement, instance, variables, lengths)
    sides = [side for side in system.sides if side is not None]
    slopes = np.zeros((len(sides), len(variables)))
    for i, side in enumerate(sides):
        for j, slope in slopes_of(side).items():
            slopes[i, j] = float(Fraction(int(slope.p), int(slope.q)))
    if not slopes.any():
        return None
    R, order = scipy.linalg.qr(slopes.T, mode="r", pivoting=True)
    diagonal = np.abs(np.diag(R))
    rows = order[: int((diagonal > EXISTENCE_RANK * diagonal[0]).sum())]
    _, columns = scipy.linalg.qr(slopes[rows], mode="r", pivoting=True)
    pivots = [int(j) for j in columns[: len(rows)]]
    chosen = [sides[i] for i in rows]
    zero = fmpq(0)
    table = fmpq_mat([[slopes_of(side).get(j, zero) for j in pivots] for side in chosen])
    try:
        step = table.solve(fmpq_mat([[value_of(side)] for side in chosen])).entries()
    except ZeroDivisionError:
        return None
    return _moved(instance, [variables[j] for j in pivots], step)


def _moved(instance: Instance, entries: Sequence[Entry], step: Sequence[fmpq]) -> Instance:
    arrays: dict[str, Array] = dict(instance.arrays)
    for name in {name for name, _, _ in entries}:
        arrays[name] = _mapped(arrays[name], Fraction)
    for (name, i, j), change in zip(entries, step, strict=True):
        value = exact(arrays[name][i, j]) - change
        arrays[name][i, j] = Fraction(int(value.p), int(value.q))
    return replace(instance, arrays=arrays)


def _mapped(array: Array, change: Callable[[Any], Fraction]) -> Array:
    rounded = np.empty(array.shape, dtype=object)
    rounded[...] = [[change(x) for x in row] for row in array.tolist()]
    return rounded


def _rounded(instance: Instance, denominator: int) -> Instance | None:
    """Entries as fractions of at most that denominator, if all are near."""
    arrays = dict(instance.arrays)
    for name, array in instance.arrays.items():
        if name == LABELS:
            continue
        arrays[name] = _mapped(array, partial(_nearest, denominator))
        change = np.abs((arrays[name] - array).astype(float)).max()
        if change > RATIONAL_REACH * np.abs(array.astype(float)).max():
            return None
    return replace(instance, arrays=arrays)


def _nearest(denominator: int, x: float | Fraction) -> Fraction:
    return Fraction(x).limit_denominator(denominator)
