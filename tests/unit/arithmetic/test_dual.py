"""Slopes over flint numbers against sympy's derivatives, and what has none."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
import sympy
from flint import arb, arb_mat, ctx, fmpq, fmpq_mat, fmpq_mpoly_ctx

from checkers.arithmetic.balls import NotRational, constant, root_of, squared_entries
from checkers.arithmetic.dual import (
    Affine,
    Dual,
    NotAffine,
    NotSmooth,
    Polynomial,
)
from checkers.arithmetic.entries import EXACT_ENTRIES, SLOPES, EntryMatrix, RationalEntries
from checkers.arithmetic.formula import compile_formula
from checkers.equalities import NOT_COMPUTED

x, y = sympy.symbols("x y", real=True)
AT = {x: Fraction(3, 7), y: Fraction(-5, 4)}


@pytest.mark.parametrize(
    "formula",
    [
        x + y - 3,
        x * y,
        x / y,
        2 / y,
        1 - x,
        x**5 * y**2,
        x**-3,
        sympy.sqrt(x) * y,
        x ** sympy.Rational(2, 3),
        sympy.exp(x * y),
        sympy.log(x) + sympy.log(1 + x * x),
        sympy.Abs(y) * x,
        sympy.Max(x, y) * y - sympy.Min(x * x, y * y),
        x ** y.subs(y, 2),
        sympy.Pow(x, y + 2),
    ],
)
def test_slopes_enclose_the_derivatives(formula) -> None:
    with ctx.workprec(200):
        given = {
            s: Dual(arb(fmpq(*v.as_integer_ratio())), {i: arb(1)})
            for i, (s, v) in enumerate(AT.items())
        }
        found = compile_formula(formula, SLOPES)(given.__getitem__)
        for i, symbol in enumerate(AT):
            right = sympy.diff(formula, symbol).subs(
                {s: sympy.Rational(*v.as_integer_ratio()) for s, v in AT.items()}
            )
            with ctx.workprec(400):
                expected = arb(str(sympy.N(right, 60)))
            slope = arb(found.slopes.get(i, 0))
            assert abs(slope - expected) < arb(10) ** -50
            assert slope.rad() < arb(10) ** -50


def test_slopes_on_a_box_enclose_all_of_them() -> None:
    """The slope of u^3 on [1, 2] runs from 3 to 12."""
    u = Dual(arb(1.5, 0.5), {0: arb(1)})
    slope = (u * u * u).slopes[0]
    assert slope.contains(arb(3))
    assert slope.contains(arb(12))


@pytest.mark.parametrize(
    "kinked",
    [
        lambda u: abs(u),
        lambda u: max(u, -u),
        lambda u: compile_formula(sympy.Min(x, 0), SLOPES)(lambda symbol: u),
        lambda u: u == 0,
    ],
)
def test_a_kink_within_the_ball_has_no_slope(kinked) -> None:
    with pytest.raises(NotSmooth):
        kinked(Dual(arb(0, 1), {0: arb(1)}))


def test_a_root_of_a_ball_that_reaches_zero_has_no_finite_slope() -> None:
    assert not Dual(arb(0, 1), {0: arb(1)}).sqrt().slopes[0].is_finite()


def affine(*values):
    return [Affine(fmpq(v), {i: fmpq(1)}) for i, v in enumerate(values)]


def test_affine_forms_are_exact() -> None:
    a, b = affine(2, 3)
    form = compile_formula(3 * x - y / 7 + 1, EXACT_ENTRIES)({x: a, y: b}.__getitem__)
    assert form.value == fmpq(3) * 2 - fmpq(3, 7) + 1
    assert form.slopes == {0: fmpq(3), 1: fmpq(-1, 7)}


@pytest.mark.parametrize("formula", [x * y, x**2, 1 / x, sympy.Abs(x), sympy.Max(x, y)])
def test_what_is_not_affine_is_refused(formula) -> None:
    with pytest.raises(NotAffine):
        compile_formula(formula, EXACT_ENTRIES)(dict(zip((x, y), affine(2, 3), strict=True)).get)


def polynomials():
    ring = fmpq_mpoly_ctx.get(["x", "y"], "lex")
    return dict(zip((x, y), map(Polynomial, ring.gens()), strict=True))


def test_polynomials_are_exact() -> None:
    found = compile_formula((x - y) ** 2 / 3 - 1, EXACT_ENTRIES)(polynomials().get)
    third = fmpq(1, 3)
    assert found.terms.to_dict() == {
        (2, 0): third,
        (1, 1): -2 * third,
        (0, 2): third,
        (0, 0): fmpq(-1),
    }


@pytest.mark.parametrize(
    "formula", [1 / x, x / y, sympy.sqrt(x), sympy.Abs(x), sympy.Max(x, y), sympy.exp(x)]
)
def test_what_is_no_polynomial_is_refused(formula) -> None:
    """Among them the root of a square, which is no polynomial though flint finds one."""
    with pytest.raises(NOT_COMPUTED):
        compile_formula(formula, EXACT_ENTRIES)(polynomials().get)
    square = polynomials()[x] ** 2
    assert not hasattr(square, "sqrt")


def test_a_polynomial_that_grows_without_end_is_refused() -> None:
    """(1 + x + y)^k has (k + 1)(k + 2) / 2 terms: 1,891 at k = 60, 2,016 at 62."""
    form = polynomials()[x] + polynomials()[y] + 1
    assert len((form**60).terms) == 1891
    with pytest.raises(NotRational, match="too many terms"):
        form**62


def test_what_is_not_rational_is_refused() -> None:
    with pytest.raises(NotRational):
        compile_formula(sympy.exp(x), EXACT_ENTRIES)(lambda symbol: affine(2)[0])
    with pytest.raises(NotRational):
        root_of(RationalEntries([[fmpq(1)]]), 2)
    assert root_of(EntryMatrix([[arb(1)]]), 2).contains(arb(2).sqrt())


@pytest.mark.parametrize("kind", [fmpq_mat, arb_mat])
@pytest.mark.parametrize("combine", [operator.add, operator.sub, operator.mul])
def test_matrices_of_entries_combine_as_those_of_flint(kind, combine) -> None:
    a, b = fmpq_mat([[1, 2], [3, 4]]), kind([[5, 0], [7, fmpq(1, 3)]])
    right = combine(a, b)
    for left, other in ((EntryMatrix(a), b), (a, EntryMatrix(b))):
        found = combine(left, other)
        assert isinstance(found, EntryMatrix)
        for x, y in zip(found.entries(), right.entries(), strict=True):
            assert arb(x).overlaps(arb(y))
            assert arb(x).rad() < 1e-13
    assert EntryMatrix(a).transpose().tolist() == a.transpose().tolist()
    assert (EntryMatrix(a) / 2 * fmpq(3)).entries() == (a / 2 * fmpq(3)).entries()
    assert (-EntryMatrix(a))[1, 0] == -3
    assert squared_entries(EntryMatrix(constant(a, a))) == 30
