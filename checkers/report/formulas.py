"""Hypotheses and claims as LaTeX, with the names of the statement's definitions, as the paper has.

What a name stands for is told after the formulas that use it, the simplest first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.printing.latex import LatexPrinter

from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.definition import Definition, definitions_in
from checkers.declared.statement import Statement
from checkers.quantities import Measured, in_places

_SQUARED_NORM = re.compile(r"(\\\|(?:(?!\\\|).)*\\\|(?:_F|_\{[^{}]*(?:\{[^{}]*\})?\})?)\^2")


_NORMS = (r"\|", r"\max_l \|", r"\frac{\|")
"""How what is positive begins: a norm, the largest of several, a quotient of two."""


class _Named(sympy.Symbol):
    """A symbol that prints as given; ``composite`` ones in parentheses within a formula.

    Norms are positive, so that the root of their square is short; of other numbers no sign is
    assumed, which would take Abs(x) for x.
    """

    __slots__ = ("composite", "tex")

    def __new__(cls, tex: str, composite: bool = False, norm: bool = True) -> _Named:
        sign = {"positive": True} if norm else {"real": True}
        symbol = sympy.Symbol.__xnew__(cls, tex, **sign)
        symbol.tex, symbol.composite = tex, composite
        return symbol

    def _latex(self, printer: object) -> str:
        return _in_parentheses(self.tex) if self.composite else str(self.tex)


class _Printer(LatexPrinter):
    """Sums with their positive terms first; a quotient of roots as the root of the quotient."""

    def _print_Mul(self, expr: sympy.Mul) -> str:
        if (-expr).is_Add:
            return f"- {_in_parentheses(self._print(-expr))}"
        roots = [a for a in expr.args if a.is_Pow and abs(a.exp) == sympy.Rational(1, 2)]
        above = sympy.Mul(*(a.base for a in roots if a.exp.is_positive))
        below = sympy.Mul(*(a.base for a in roots if a.exp.is_negative))
        if sympy.S.One in (above, below):
            return str(super()._print_Mul(expr))
        quotient = _Named(rf"\sqrt{{\frac{{{self._print(above)}}}{{{self._print(below)}}}}}")
        return str(self._print(sympy.Mul(quotient, *(a for a in expr.args if a not in roots))))

    def _print_ExpBase(self, expr: sympy.exp, exp: str | None = None) -> str:
        """A power whose exponent is measured is the exponential of a logarithm: (1 - a)^k."""
        logs = [a for a in sympy.Mul.make_args(expr.exp) if isinstance(a, sympy.log)]
        if exp is not None or len(logs) != 1:
            return str(super()._print_ExpBase(expr, exp))
        power = sympy.Pow(logs[0].args[0], expr.exp / logs[0], evaluate=False)
        return str(self._print(power))

    def _print_Add(self, expr: sympy.Add, order: str | None = None) -> str:
        terms = sorted(self._as_ordered_terms(expr, order), key=_is_negative)
        text = ""
        for term in terms:
            negative = _is_negative(term)
            sign = " - " if negative else " + "
            printed = self._print(-term if negative else term)
            if negative and (-term).is_Add:
                printed = _in_parentheses(printed)
            text += (sign if text else sign.strip().replace("+", "")) + printed
        return text


@dataclass(frozen=True)
class Displayed:
    """LaTeX of a statement: each hypothesis by name, each claim by name, and what letters mean."""

    hypotheses: tuple[tuple[str, str], ...]
    claims: tuple[tuple[str, str], ...]
    where: tuple[str, ...]


def display(statement: Statement) -> Displayed:
    """The formulas of a statement, ready to be put between dollar signs."""
    return Displayed(
        tuple((h.name, _hypothesis(h)) for h in statement.hypotheses),
        tuple(_claims(statement.claims)),
        tuple(rf"{d.tex} = {latex(d.expression)}" for d in names_of(statement)),
    )


def names_of(statement: Statement) -> tuple[Definition, ...]:
    """The definitions that the formulas use, the simplest first."""
    sides = [side for claim in statement.claims for side in claim.named]
    return definitions_in([*sides, *(h.named for h in statement.hypotheses)])


def latex(expression: sympy.Expr) -> str:
    """LaTeX of an expression in sizes and measured quantities."""
    simpler = simplified(expression)
    text = str(_Printer().doprint(simpler))
    for symbol in simpler.atoms(_Named):
        if symbol.composite:
            inner, outer = symbol.tex, _in_parentheses(symbol.tex)
            text = inner if text == outer else text.replace(f"{{{outer}}}", f"{{{inner}}}")
            text = text.replace(rf"\left({outer},", rf"\left({inner},").replace(
                f", {outer}", f", {inner}"
            )
    return text


def simplified(expression: sympy.Expr) -> sympy.Expr:
    """An equal expression that is shorter to read, in symbols that print themselves."""
    return sympy.factor_terms(_in_symbols(expression))


def _in_symbols(expression: Any) -> sympy.Expr:
    expression = sympy.sympify(expression)
    return expression.xreplace({m: _symbol(m) for m in expression.atoms(Measured)})


def measured_latex(measured: Measured) -> str:
    """A measured quantity with its arguments in the places kept for them."""
    return in_places(measured.quantity.latex, measured.arguments)


def _symbol(measured: Measured) -> sympy.Expr:
    """A symbol that prints as the quantity; a squared norm as the square of the norm."""
    tex = measured_latex(measured)
    squared = _SQUARED_NORM.fullmatch(tex)
    if squared:
        return _Named(squared[1]) ** 2
    return _Named(tex, composite=_is_composite(tex), norm=tex.startswith(_NORMS))


def _is_composite(tex: str) -> bool:
    """Whether it needs parentheses as a factor: a sum, a difference, a maximum over something."""
    bare = re.sub(r"\\\|.*?\\\|", "", tex)
    depth = 0
    for character in bare:
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(character, 0)
        if character in "+-" and depth == 0:
            return True
    return tex.startswith((r"\sum", r"\max_", r"\min_")) and len(tex) > len(r"\max_l z")


def _in_parentheses(tex: str) -> str:
    return rf"\left({tex}\right)"


def _is_negative(term: sympy.Expr) -> bool:
    return bool(term.could_extract_minus_sign())


def _claims(claims: tuple[Claim, ...]) -> Iterator[tuple[str, str]]:
    """Each claim, the two halves of an identity as one."""
    skip = None
    for claim, following in zip(claims, (*claims[1:], None), strict=True):
        if claim is skip:
            continue
        sides = [latex(side) for side in claim.named]
        if following is not None and (following.lhs, following.rhs) == (claim.rhs, claim.lhs):
            skip = following
            yield claim.name.partition(" (")[0], " = ".join(sides)
        else:
            yield claim.name, r" \le ".join(sides)


def _hypothesis(hypothesis: Hypothesis) -> str:
    """``margin >= 0`` with the negative terms of the margin on the left."""
    terms = sympy.Add.make_args(hypothesis.named)
    left = sympy.Add(*(-t for t in terms if _is_negative(t)))
    right = sympy.Add(*(t for t in terms if not _is_negative(t)))
    return rf"{latex(left)} {'<' if hypothesis.strict else chr(92) + 'le'} {latex(right)}"
