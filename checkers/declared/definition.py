"""Names for formulas: shown as the paper has them, expanded where anything is computed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import sympy
from sympy.printing.latex import translate


class Definition(sympy.Symbol):
    """A name for a formula, as the paper has it: formulas are shown with it, and checked without.

    ``Definition("Psi", r * (e1 / s_K + sqrt(e2)))`` stands for its ``expression`` wherever it is
    used. The names of sizes and measured quantities are not to be had.
    """

    __slots__ = ("expression", "tex")

    def __new__(cls, name: str, expression: sympy.Expr, latex: str = "") -> Definition:
        """``latex`` is by default made of the name: ``e1`` is e with the index 1."""
        symbol = sympy.Symbol.__xnew__(cls, name, real=True)
        symbol.expression = sympy.sympify(expression)
        symbol.tex = latex or translate(re.sub(r"_?(\d+)$", r"_\1", name))
        return symbol

    def _hashable_content(self) -> tuple[object, ...]:
        return (*super()._hashable_content(), self.expression)

    def _latex(self, printer: object) -> str:
        return str(self.tex)


def expanded(formula: sympy.Expr, keep: Collection[Definition] = ()) -> sympy.Expr:
    """The formula in sizes and measured quantities alone, and in the definitions to ``keep``."""
    formula = sympy.sympify(formula)
    while definitions := formula.atoms(Definition).difference(keep):
        formula = formula.xreplace({d: d.expression for d in definitions})
    return formula


def definitions_in(formulas: Iterable[sympy.Expr]) -> tuple[Definition, ...]:
    """The definitions that formulas use, in their own expressions too; the simplest first."""
    ordered: dict[Definition, None] = {}

    def visit(formula: sympy.Expr) -> None:
        for definition in sorted(formula.atoms(Definition), key=str):
            visit(definition.expression)
            ordered[definition] = None

    for formula in formulas:
        visit(sympy.sympify(formula))
    return tuple(ordered)
