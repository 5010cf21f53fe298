from __future__ import annotations

import random

import pytest
import sympy
from matplotlib.mathtext import MathTextParser

from checkers import catalogue
from checkers.declared.definition import Definition, expanded
from checkers.quantities import Measured
from checkers.report.formulas import display, latex, measured_latex, names_of, simplified
from checkers.variables import K, Size, last_width, n

STATEMENTS = [catalogue.load(id) for id in catalogue.ids()]


def _sides(statement):
    yield from (h.margin for h in statement.hypotheses)
    for claim in statement.claims:
        yield from (claim.lhs, claim.rhs)


SIGNED = (
    r"\lambda_{\min}(\nabla",
    r"\lambda_{\mathrm{T}}",
    r"\langle",
    r"\left\langle",
    r"\mathrm{NC3}",
    r"q_{\min}",
)
"""How quantities print that may be negative: least curvatures, inner products, margins."""


def _values(expression, seed):
    """Values for every symbol, sizes in their natural order; at odd seeds some are negative."""
    rng = random.Random(seed)
    values = {}
    for symbol in sorted(expression.free_symbols, key=str):
        number = sympy.Rational(rng.randint(1, 999), 100)
        if isinstance(symbol, Size):
            number = {"K": sympy.Integer(3), "last_width": sympy.Integer(7)}.get(
                symbol.name, number
            )
        if seed % 2 and isinstance(symbol, Measured) and measured_latex(symbol).startswith(SIGNED):
            number = -number
        values[symbol] = number
    return values


def _by_name(expression, values):
    """The same values for symbols that print as those quantities, squared norms as norms."""
    printed = {}
    for symbol, value in values.items():
        tex = measured_latex(symbol) if isinstance(symbol, Measured) else str(symbol)
        printed[tex] = value
        if tex.endswith("^2"):
            printed[tex.removesuffix("^2")] = sympy.sqrt(value)
    return {symbol: printed[str(symbol)] for symbol in expression.free_symbols}


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_what_is_shown_has_the_value_of_what_is_checked(statement):
    for seed, side in enumerate(side for side in _sides(statement) for _ in range(2)):
        side = sympy.sympify(side)
        values = _values(side, seed)
        shown = simplified(side)
        expected = complex(side.subs(values).evalf())
        assert complex(shown.subs(_by_name(shown, values)).evalf()) == pytest.approx(expected)


def _named(statement):
    yield from (h.named for h in statement.hypotheses)
    for claim in statement.claims:
        yield from claim.named


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_names_stand_for_what_they_are_said_to(statement):
    """Definitions put in one after the other, the last first, give the value of what is checked."""
    names = names_of(statement)
    seeds = (seed for seed in range(10**6))
    for named, side in zip(_named(statement), _sides(statement), strict=True):
        for _, seed in zip(range(2), seeds, strict=False):
            values = _values(sympy.sympify(side), seed)
            told = sympy.sympify(named)
            for definition in reversed(names):
                told = told.subs(definition, definition.expression)
            assert not told.atoms(Definition)
            expected = complex(sympy.sympify(side).subs(values))
            assert complex(told.subs(values).evalf()) == pytest.approx(expected)


def test_every_name_is_explained_after_those_that_it_uses():
    for statement in STATEMENTS:
        explained = []
        for definition in names_of(statement):
            assert set(explained) >= definition.expression.atoms(Definition), definition
            explained.append(definition)


def test_a_definition_is_a_name_for_the_eye_alone():
    a = Definition("a", n + 1)
    b = Definition("b", a**2 + K)
    assert expanded(b / a) == ((n + 1) ** 2 + K) / (n + 1)
    assert expanded(b / a, keep=(a,)) == (a**2 + K) / a
    assert (latex(b), latex(Definition("e1", n)), latex(Definition("Psi", n))) == (
        "b",
        "e_1",
        r"\Psi",
    )


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda s: s.id)
def test_formulas_are_latex_that_another_reader_parses(statement):
    shown = display(statement)
    parser = MathTextParser("path")
    for formula in (*(f for _, f in shown.hypotheses + shown.claims), *shown.where):
        known = (
            formula.replace(r"\|", r"\Vert ")
            .replace(r"\sqrt n", r"\sqrt{n}")
            .replace(r"\le ", r"\leq ")
        )
        parser.parse(f"${known}$")


def test_the_paper_s_names_are_used_where_they_are_known():
    shown = display(catalogue.load("jacot2025_nc1"))
    assert r"e_1 = \|Z_L - Y\|_F" in shown.where
    (claim,) = (formula for _, formula in shown.claims)
    assert r"\Psi^{2}" in claim
    (psi,) = (formula for formula in shown.where if formula.startswith(r"\Psi"))
    assert r"e_2" in psi
    assert claim.startswith(r"\mathrm{NC1} \le")
    assert r"\mathrm{NC1} = \mathrm{NC1}(Z_{L-1})" in shown.where


def test_the_halves_of_an_identity_are_shown_once():
    ((name, formula),) = display(catalogue.load("ji2022_margin_gap_identity")).claims
    assert name == "gap"
    assert " = " in formula


def test_a_difference_is_put_in_parentheses_where_it_is_a_factor():
    statement = catalogue.load("ji2022_margin_bound")
    (spread,) = statement.hypotheses[0].margin.atoms(Measured)
    assert latex(spread) == r"n_{\max} - n_{\min}"
    assert latex(2 * spread) == r"2 \left(n_{\max} - n_{\min}\right)"
    assert latex(K - 2 * spread) == r"K - 2 \left(n_{\max} - n_{\min}\right)"


def test_quotients_of_roots_and_signs_are_readable():
    assert latex(sympy.sqrt((K - 1) / K)) == r"\sqrt{\frac{K - 1}{K}}"
    assert latex(-K + last_width) == "n_{L-1} - K"
    assert latex(1 / sympy.sqrt(n)) == r"\frac{1}{\sqrt{n}}"
