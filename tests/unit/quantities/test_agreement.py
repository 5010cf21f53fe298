"""Every quantity that a statement measures: float64, balls and rationals agree."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb, ctx, fmpq

from checkers import catalogue
from checkers.arithmetic.balls import as_float
from checkers.instance import LABELS
from checkers.quantities import Measured
from checkers.sampling.draws import draw, plan_sizes, regimes_of
from checkers.statement import Statement, mutated
from checkers.tolerance import BATCHED_AGREEMENT
from checkers.values import ball_values, batch_tensors, rational_values, tensor_values


def measured_by(statement: Statement) -> set[Measured]:
    variants = [statement, *(mutated(statement, m) for m in statement.mutants)]
    formulas = [h.margin for v in variants for h in v.hypotheses]
    formulas += [side for v in variants for c in v.claims for side in (c.lhs, c.rhs)]
    return {symbol for formula in formulas for symbol in formula.atoms(Measured)}


@pytest.mark.parametrize("id", catalogue.ids())
def test_batched_values_lie_at_their_enclosures(id: str) -> None:
    statement = catalogue.load(id)
    for spec in [s for s in plan_sizes(statement, 4, 11) if sum(s.counts) < 40]:
        for regime in regimes_of(statement):
            batch = draw(statement, spec, regime, 4, 11)
            floats = tensor_values(batch_tensors(batch), batch.arrays[LABELS], batch.sizes)
            for symbol in measured_by(statement):
                together = floats(symbol)
                for i in range(len(batch)):
                    with ctx.workprec(128):
                        enclosure = ball_values(batch[i])(symbol)
                        values = ball_values(batch[i])
                        size = max(1.0, _natural_size(symbol, values))
                    single = float(together if isinstance(together, float) else together[i])
                    close = abs(single - as_float(enclosure)) <= BATCHED_AGREEMENT * size
                    assert close, f"{id}: {symbol} is {single}, enclosed by {enclosure}, {regime}"


def _natural_size(symbol: Measured, values: object) -> float:
    """The value itself, or the square of the largest entry: what rounding is relative to."""
    own = abs(as_float(values(symbol)))  # type: ignore[operator]
    entries = [1.0]
    for argument in symbol.arguments:
        matrix = values.argument(argument)  # type: ignore[attr-defined]
        for A in matrix if isinstance(matrix, tuple) else (matrix,):
            if hasattr(A, "entries"):
                entries.append(max(abs(float(x.mid())) for x in A.entries()))
    largest = max(entries)
    degree = 4 if "defect" in symbol.quantity.name else 2
    return max(own, largest**degree * 100)


@pytest.mark.parametrize("id", catalogue.ids())
def test_exact_values_lie_inside_the_enclosures(id: str) -> None:
    statement = catalogue.load(id)
    for spec in [s for s in plan_sizes(statement, 4, 5) if sum(s.counts) < 40]:
        batch = draw(statement, spec, "integers", 4, 5)
        for symbol in measured_by(statement):
            if not symbol.quantity.exact:
                continue
            for i in range(len(batch)):
                exact = _rational_or_none(batch[i], symbol)
                with ctx.workprec(64):
                    enclosure = ball_values(batch[i])(symbol)
                if exact is not None:
                    assert isinstance(exact, fmpq)
                    with ctx.workprec(256):
                        narrow = arb(exact)
                    assert enclosure.contains(narrow), f"{id}: {symbol}"


def _rational_or_none(instance: object, symbol: Measured) -> object:
    from checkers.arithmetic.balls import NotRational

    try:
        return rational_values(instance)(symbol)  # type: ignore[arg-type]
    except (NotRational, ZeroDivisionError):
        return None


def test_a_planted_error_would_be_seen() -> None:
    """The tolerance of the agreement is far below a wrong constant."""
    assert abs(float(Fraction(1, 3)) * 1.001 - 1 / 3) > BATCHED_AGREEMENT
