"""Equality hypotheses as equations: which they are, and their values in floats, balls and exactly.

A margin that is never positive, such as ``-Abs(x - y)`` or minus a squared norm, asks that
something vanish. The margin itself is flat or has a kink there; the equations behind it are read
off the formula (``Abs``, even powers, sums, ``Max``, positive factors) and off the quantities that
know their ``zeros``. The part of a ``Min`` that is no equality stays a hypothesis.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import sympy
from flint import arb, fmpq, fmpq_mpoly_ctx

from checkers.arithmetic.dual import (
    Affine,
    Dual,
    Polynomial,
)
from checkers.arithmetic.entries import EXACT_ENTRIES, SLOPES, EntryMatrix, RationalEntries
from checkers.arithmetic.interval_newton import exact_ball
from checkers.declared.claim import Hypothesis
from checkers.declared.statement import Statement
from checkers.instance import LABELS, Array, Instance
from checkers.quantities import Measured
from checkers.quantities.classes import classes_of
from checkers.values import Values, tensor_values

if TYPE_CHECKING:
    from fractions import Fraction

    from torch import Tensor

Entry = tuple[str, int, int]
"""Name of an array, row and column."""

NOT_COMPUTED = (ArithmeticError, AttributeError, TypeError, ValueError)
"""What a rigorous implementation raises when it is not made for entries with slopes."""


@dataclass(frozen=True)
class Equalities:
    """``equations`` are to vanish: formulas, or quantities of which ``zeros`` says how.

    ``rest`` are the hypotheses as they are once the equations hold: margin 0 where that is all.
    """

    equations: tuple[sympy.Expr, ...]
    rest: tuple[Hypothesis, ...]
    names: tuple[str, ...]


def equalities(statement: Statement) -> Equalities:
    """The equations in the hypotheses of a statement; ``names`` are the hypotheses they are in."""
    return _split(statement.hypotheses)


@lru_cache(maxsize=512)
def _split(hypotheses: tuple[Hypothesis, ...]) -> Equalities:
    equations: dict[sympy.Expr, None] = {}
    rest, names = [], []
    for hypothesis in hypotheses:
        here, left = _parts(hypothesis.margin)
        if here and not hypothesis.strict:
            equations.update(dict.fromkeys(here))
            names.append(hypothesis.name)
            rest.append(replace(hypothesis, margin=sympy.Min(*left) if left else sympy.S.Zero))
        else:
            rest.append(hypothesis)
    return Equalities(tuple(equations), tuple(rest), tuple(names))


def _parts(margin: sympy.Expr) -> tuple[list[sympy.Expr], list[sympy.Expr]]:
    """Equations in a margin, and the terms of its minimum that are none."""
    here, left = [], []
    for part in margin.args if isinstance(margin, sympy.Min) else (margin,):
        vanishing = _vanishing(-part)
        here += vanishing
        left += [] if vanishing else [part]
    return here, left


def _vanishing(expression: sympy.Expr) -> list[sympy.Expr]:
    """What must vanish for an expression to be 0, where it is plainly never negative; else []."""
    if isinstance(expression, Measured):
        return [expression] if expression.quantity.zeros else []
    if isinstance(expression, sympy.Abs):
        return _vanishing(expression.args[0]) or [expression.args[0]]
    if expression.is_Pow and expression.exp.is_Rational and expression.exp > 0:
        even = expression.exp.is_Integer and expression.exp % 2 == 0
        return _vanishing(expression.base) or ([expression.base] if even else [])
    if expression.is_Add or isinstance(expression, sympy.Max):
        terms = [_vanishing(term) for term in expression.args]
        return [e for term in terms for e in term] if all(terms) else []
    if expression.is_Mul:
        rest = [factor for factor in expression.args if not factor.is_positive]
        return _vanishing(rest[0]) if len(rest) == 1 else []
    return []


@dataclass(frozen=True)
class System:
    """Left-hand sides of all equations on one instance, in one kind of number.

    ``positive`` must be positive, too; the product of a row of ``relations`` with the left-hand
    sides is 0 identically. An equation that is not computed in this kind of number has None in
    its places.
    """

    sides: Sequence[Any]
    positive: Sequence[Any]
    relations: Sequence[Sequence[Any]]


def _system(
    statement: Statement, values: Values, missing: Mapping[int, int] | None = None
) -> System:
    """``missing`` gives the number of sides of each equation, where some may not be computed."""
    sides: list[Any] = []
    positive: list[Any] = []
    relations: list[tuple[int, Sequence[Any]]] = []
    for number, equation in enumerate(equalities(statement).equations):
        try:
            here, more, rows = _measured(equation, values)
        except NOT_COMPUTED:
            if missing is None:
                raise
            here, more, rows = [None] * missing[number], [], []
        relations += [(len(sides), row) for row in rows]
        positive += more
        sides += here
    full = [[0] * at + [*row] + [0] * (len(sides) - at - len(row)) for at, row in relations]
    return System(sides, positive, full)


def _measured(equation: sympy.Expr, values: Values) -> tuple[list[Any], list[Any], list[Any]]:
    if not isinstance(equation, Measured) or equation.quantity.zeros is None:
        return [values(equation)], [], []
    zeros = equation.quantity.zeros
    given = [values.argument(a) for a in equation.arguments]
    positive = zeros.positive(*given) if zeros.positive else []
    return (
        list(zeros.rigorous(*given)),
        list(positive),
        list(zeros.relations(*given) if zeros.relations else []),
    )


def entries_of(instance: Instance) -> list[Entry]:
    """Every entry of every array but the labels, in order."""
    return [
        (name, i, j)
        for name, array in sorted(instance.arrays.items())
        if name != LABELS
        for i in range(array.shape[0])
        for j in range(array.shape[1])
    ]


def ball_system(
    statement: Statement,
    instance: Instance,
    variables: Sequence[Entry],
    radii: Mapping[Entry, Fraction] | None = None,
) -> System:
    """Enclosures with slopes in ``variables``, on the box of those radii around the instance."""
    index = {entry: i for i, entry in enumerate(variables)}
    wide = radii or {}

    def number(entry: Entry, x: fmpq) -> Any:
        ball = arb(x) + arb(0, exact_ball(wide[entry])) if entry in wide else arb(x)
        return Dual(ball, {index[entry]: arb(1)} if entry in index else {})

    return _system(statement, _values(instance, number, EntryMatrix, SLOPES))


def affine_system(
    statement: Statement, instance: Instance, variables: Sequence[Entry], lengths: Mapping[int, int]
) -> System:
    """Exact values and slopes of the equations that are affine, None for the others."""
    index = {entry: i for i, entry in enumerate(variables)}

    def number(entry: Entry, x: fmpq) -> Any:
        return Affine(x, {index[entry]: fmpq(1)})

    return _system(statement, _values(instance, number, RationalEntries, EXACT_ENTRIES), lengths)


def polynomial_system(
    statement: Statement, instance: Instance, variables: Sequence[Entry], lengths: Mapping[int, int]
) -> System:
    """The equations as polynomials in ``variables``, None for those that are none."""
    ring = fmpq_mpoly_ctx.get([f"x{i}" for i in range(len(variables))], "lex")
    generators = dict(zip(variables, map(Polynomial, ring.gens()), strict=True))

    def number(entry: Entry, x: fmpq) -> Any:
        return generators[entry]

    return _system(statement, _values(instance, number, RationalEntries, EXACT_ENTRIES), lengths)


def equation_lengths(statement: Statement, instance: Instance) -> dict[int, int]:
    """How many left-hand sides each equation has on an instance."""
    values = _values(instance, lambda entry, x: Dual(arb(x)), EntryMatrix, SLOPES)
    equations = equalities(statement).equations
    return {i: len(_measured(e, values)[0]) for i, e in enumerate(equations)}


def _values(instance: Instance, number: Any, matrix: type[EntryMatrix], formulas: Any) -> Values:
    arrays: dict[str, Any] = {}
    for name, array in instance.arrays.items():
        if name == LABELS:
            arrays[name] = classes_of(array, instance.sizes["K"])
        else:
            arrays[name] = matrix(
                [number((name, i, j), exact(x)) for j, x in enumerate(row)]
                for i, row in enumerate(array.tolist())
            )
    return Values(arrays, instance.sizes, formulas, "rigorous", lambda value: value)


def exact(x: float | Fraction) -> fmpq:
    """An entry of an instance as a flint rational."""
    return fmpq(*x.as_integer_ratio())


def equality_residuals(
    statement: Statement,
    tensors: Mapping[str, Tensor],
    labels: Array | None,
    sizes: Mapping[str, int],
) -> Tensor:
    """Left-hand sides (B, m) of all equations of the equality hypotheses, in batched float64.

    Differentiable; each is in its own unit. Without equality hypotheses m is 0.
    """
    import torch

    like = next(iter(tensors.values()))
    values = tensor_values(tensors, labels, sizes)
    sides = [like.new_zeros(len(like), 0)]
    for equation in equalities(statement).equations:
        if isinstance(equation, Measured) and equation.quantity.zeros is not None:
            given = [values.argument(a) for a in equation.arguments]
            sides.append(equation.quantity.zeros.batched(*given))
        else:
            side = torch.as_tensor(values(equation), dtype=like.dtype, device=like.device)
            sides.append((side.expand(len(like)) if side.ndim == 0 else side)[:, None])
    return torch.cat(sides, 1)
