"""Every quantity that a statement measures: float64, balls and rationals agree."""

from __future__ import annotations

from math import isfinite, isnan

import numpy as np
import pytest
from flint import arb, ctx, fmpq

from checkers import catalogue
from checkers.arithmetic.balls import as_float
from checkers.declared.statement import Statement, mutated
from checkers.instance import LABELS, Instance
from checkers.quantities import Derived, Measured
from checkers.quantities.heads import product
from checkers.quantities.norms import operator_norm
from checkers.sampling.draws import draw, plan_sizes, regimes_of
from checkers.tolerance import BATCHED_AGREEMENT
from checkers.values import ball_values, batch_tensors, rational_values, tensor_values
from checkers.variables import Kind, Variable
from checkers.ways import regime


def measured_by(statement: Statement) -> set[Measured]:
    variants = [statement, *(mutated(statement, m) for m in statement.mutants)]
    formulas = [h.margin for v in variants for h in v.hypotheses]
    formulas += [side for v in variants for c in v.claims for side in (c.lhs, c.rhs)]
    return {symbol for formula in formulas for symbol in formula.atoms(Measured)}


@pytest.mark.parametrize("id", catalogue.ids())
def test_batched_values_lie_at_their_enclosures(id: str) -> None:
    statement = catalogue.load(id)
    for spec in [s for s in plan_sizes(statement, 4, 11) if sum(s.counts) < 40]:
        for way in regimes_of(statement):
            batch = draw(statement, spec, way, 4, 11)
            floats = tensor_values(batch_tensors(batch), batch.arrays.get(LABELS), batch.sizes)
            for symbol in measured_by(statement):
                together = floats(symbol)
                for i in range(len(batch)):
                    with ctx.workprec(128):
                        enclosure = ball_values(batch[i])(symbol)
                    single = float(together if isinstance(together, float) else together[i])
                    told = f"{id}: {symbol} is {single}, enclosed by {enclosure}, {way}"
                    exact, size = as_float(enclosure), natural_size(symbol, batch[i])
                    if "condition" in symbol.quantity.name:  # no number where the rank is less
                        single, exact = (1 / x if isfinite(x) else 0 for x in (single, exact))
                        size = cancellation(symbol, batch[i])
                    if isnan(single) and exact == 0:  # 0 / 0 where both round to nothing
                        continue
                    if not isfinite(exact):
                        assert not isfinite(single), told
                        continue
                    allowed = max(BATCHED_AGREEMENT * abs(exact), ROUNDING * size)
                    assert abs(single - exact) <= allowed, told


ROUNDING = 1e-13
"""Error of a sum of products relative to the product of the norms of what is multiplied."""


def natural_size(symbol: Measured, instance: Instance) -> float:
    """Product of the norms of the arrays measured, squared (to the fourth for defects).

    An array that is zero leaves the size to the others.
    """
    degree = 4 if "defect" in symbol.quantity.name else 2
    if symbol.quantity.name == "pairing":  # bilinear
        degree = 1
    names = arrays_of(symbol.arguments, instance)
    norms = [np.linalg.norm(instance.arrays[name]) or 1.0 for name in names]
    if symbol.quantity.name == "least_overlap":  # of a sum of Gram matrices
        return float(sum(norm**2 for norm in norms))
    size = float(np.prod(norms) ** degree)
    return max(size, 1.0) if "curvature" in symbol.quantity.name else size  # Y - P is in it


def cancellation(symbol: Measured, instance: Instance) -> float:
    """Product of the norms of the arrays that a matrix is computed from, over its own norm."""
    (matrix,) = symbol.arguments
    if isinstance(matrix, Variable):
        matrix = product(matrix)
    with ctx.workprec(128):
        norm = as_float(ball_values(instance)(operator_norm(matrix)))
    return natural_size(symbol, instance) ** 0.5 / (norm or 1.0)


def arrays_of(arguments: tuple[Variable | Derived, ...], instance: Instance) -> set[str]:
    names: set[str] = set()
    for argument in arguments:
        if isinstance(argument, Derived):
            names |= arrays_of(argument.arguments, instance)
        elif argument.kind is not Kind.LABELS:
            names |= set(argument.stored(instance.sizes.get(argument.links, 2)))
    return names


@pytest.mark.parametrize("id", catalogue.ids())
def test_exact_values_lie_inside_the_enclosures(id: str) -> None:
    statement = catalogue.load(id)
    for spec in [s for s in plan_sizes(statement, 4, 5) if sum(s.counts) < 40]:
        batch = draw(statement, spec, regime("integers"), 4, 5)
        for symbol in measured_by(statement):
            if not symbol.exact:
                continue
            for i in range(len(batch)):
                exact = _rational_or_none(batch[i], symbol)
                with ctx.workprec(64):
                    enclosure = ball_values(batch[i])(symbol)
                if exact is not None:
                    assert isinstance(exact, fmpq)
                    with ctx.workprec(1024):
                        assert enclosure.overlaps(arb(exact)), f"{id}: {symbol}"


def _rational_or_none(instance: object, symbol: Measured) -> object:
    from checkers.arithmetic.balls import NotRational

    try:
        return rational_values(instance)(symbol)  # type: ignore[arg-type]
    except (NotRational, ZeroDivisionError):
        return None


def test_a_planted_error_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """One part in a million in the batched average margin."""
    from dataclasses import replace

    from checkers.declared.claim import Claim
    from checkers.quantities.margins import average_margin
    from checkers.settings.unconstrained import H, W, labels

    right = average_margin.batched
    wrong = replace(average_margin, batched=lambda *given: right(*given) * (1 + 1e-6))
    false = replace(
        catalogue.load("ji2022_margin_bound"),
        claims=(Claim("c", wrong(W, H, labels), wrong(W, H, labels) + 1),),
        mutants=(),
    )
    monkeypatch.setattr(catalogue, "load", lambda id: false)
    with pytest.raises(AssertionError, match="average_margin"):
        test_batched_values_lie_at_their_enclosures("ji2022_margin_bound")
