"""One formula in three arithmetics: floats lie at the balls, rationals inside them."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given
from hypothesis import strategies as st

from checkers.arithmetic.balls import BALLS, RATIONALS, NotRational
from checkers.arithmetic.floats import FLOATS
from checkers.arithmetic.formula import compile_formula
from late import Late

torch = Late("torch")

x, y = sympy.symbols("x y", positive=True)

leaves = st.sampled_from([x, y]) | st.fractions(
    min_value=Fraction(1, 50), max_value=50, max_denominator=50
).map(sympy.Rational)


def _extend(inner: st.SearchStrategy[sympy.Expr]) -> st.SearchStrategy[sympy.Expr]:
    pairs = st.tuples(inner, inner)
    return (
        pairs.map(lambda p: p[0] + p[1])
        | pairs.map(lambda p: p[0] * p[1])
        | pairs.map(lambda p: p[0] / (p[1] + 1))
        | pairs.map(lambda p: sympy.Max(p[0], p[1]))
        | pairs.map(lambda p: sympy.Min(p[0], p[1]))
        | inner.map(lambda e: sympy.sqrt(e))
        | inner.map(lambda e: sympy.log(1 + e))
        | inner.map(lambda e: sympy.exp(-e))
        | inner.map(lambda e: sympy.Abs(e - 3))
    )


formulas = st.recursive(leaves, _extend, max_leaves=8)
dyadics = st.integers(1, 4096).map(lambda k: k / 64)


@given(formulas, dyadics, dyadics)
def test_floats_balls_and_mpmath_agree(formula: sympy.Expr, a: float, b: float) -> None:
    values = {x: a, y: b}
    batched = compile_formula(formula, FLOATS)(
        lambda s: torch.tensor([values[s]], dtype=torch.float64)
    )
    with ctx.workprec(200):
        ball = compile_formula(formula, BALLS)(lambda s: arb(values[s]))
    substituted = formula.subs({k: sympy.Rational(Fraction(v)) for k, v in values.items()})
    reference = sympy.N(substituted, 40)
    scale = max(1.0, abs(float(reference)))
    assert abs(float(ball.mid()) - float(reference)) <= 1e-12 * scale
    assert float(batched) == pytest.approx(float(reference), rel=1e-9, abs=1e-12 * scale)


@given(formulas, dyadics, dyadics)
def test_rational_values_lie_in_the_ball(formula: sympy.Expr, a: float, b: float) -> None:
    values = {x: Fraction(a), y: Fraction(b)}
    try:
        exact = compile_formula(formula, RATIONALS)(
            lambda s: fmpq(values[s].numerator, values[s].denominator)
        )
    except NotRational:
        return
    with ctx.workprec(64):
        ball = compile_formula(formula, BALLS)(
            lambda s: arb(fmpq(values[s].numerator, values[s].denominator))
        )
    with ctx.workprec(2048):
        assert ball.overlaps(arb(exact))


def test_a_rational_never_passes_through_a_float() -> None:
    """1/3 at 300 bits is not the float nearest to it."""
    with ctx.workprec(300):
        third = compile_formula(sympy.Rational(1, 3) + x, BALLS)(lambda s: arb(0))
        assert (third * 3).contains(1)
        assert not third.contains(arb(1 / 3))


def test_roots_of_perfect_squares_are_rational_and_others_are_not() -> None:
    root = compile_formula(sympy.sqrt(x), RATIONALS)
    assert root(lambda s: fmpq(9, 4)) == fmpq(3, 2)
    with pytest.raises(NotRational):
        root(lambda s: fmpq(2))
    with pytest.raises(NotRational):
        compile_formula(1 / sympy.sqrt(x), RATIONALS)(lambda s: fmpq(0))


def test_the_root_of_a_ball_around_zero_keeps_its_upper_part() -> None:
    root = compile_formula(sympy.sqrt(x), BALLS)
    assert root(lambda s: arb(0, 1e-30)).contains(arb(1e-15))
    assert root(lambda s: arb(0)).is_zero() or root(lambda s: arb(0)).contains(0)
    assert root(lambda s: arb(-1)).is_nan()


def test_small_logarithms_keep_their_digits() -> None:
    tiny = compile_formula(sympy.log(1 + x), FLOATS)(
        lambda s: torch.tensor([1e-20], dtype=torch.float64)
    )
    assert float(tiny) == pytest.approx(1e-20, rel=1e-12)


def test_unknown_functions_are_refused() -> None:
    with pytest.raises(TypeError, match="no arithmetic knows"):
        compile_formula(sympy.gamma(x), BALLS)
