"""One formula, several arithmetics: a sympy expression compiled by walking its tree.

A rational constant reaches the arithmetic as numerator and denominator, never as a Python float.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import lru_cache
from typing import Any, Protocol

import sympy

Lookup = Callable[[sympy.Symbol], Any]
Formula = Callable[[Lookup], Any]


class Arithmetic(Hashable, Protocol):
    """The operations a formula needs; values are the arithmetic's own."""

    def rational(self, numerator: int, denominator: int) -> Any:
        """The rational number numerator / denominator."""

    def add(self, terms: Sequence[Any]) -> Any:
        """Sum."""

    def multiply(self, factors: Sequence[Any]) -> Any:
        """Product."""

    def root_power(self, base: Any, exponent: int, root: int) -> Any:
        """``base`` to the power exponent/root."""

    def power(self, base: Any, exponent: Any) -> Any:
        """``base`` to an exponent that is itself a formula."""

    def apply(self, function: str, arguments: Sequence[Any]) -> Any:
        """exp, log, log1p, minimum, maximum or absolute value."""


_FUNCTIONS = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.Min: "minimum",
    sympy.Max: "maximum",
    sympy.Abs: "absolute",
}


@lru_cache(maxsize=4096)
def compile_formula(expression: sympy.Expr, arithmetic: Arithmetic) -> Formula:
    """A function that evaluates ``expression`` in ``arithmetic``, given the values of its symbols.

    Raises TypeError for a node that no arithmetic knows.
    """
    if expression.is_Symbol:
        return lambda lookup: lookup(expression)
    if expression.is_Float:
        raise TypeError(f"{expression} is a float in a formula; write it as a sympy Rational")
    if expression.is_Rational:
        value = (int(expression.p), int(expression.q))
        return lambda lookup: arithmetic.rational(*value)
    if expression.is_Add:
        return _combined(expression.args, arithmetic, arithmetic.add)
    if expression.is_Mul:
        return _combined(expression.args, arithmetic, arithmetic.multiply)
    if expression.is_Pow:
        return _power(expression, arithmetic)
    if expression is sympy.E:
        return compile_formula(sympy.exp(1, evaluate=False), arithmetic)
    if isinstance(expression, sympy.log):
        return _logarithm(expression, arithmetic)
    name = _FUNCTIONS.get(expression.func)
    if name is None:
        raise TypeError(f"no arithmetic knows {expression.func.__name__} in {expression}")
    parts = [compile_formula(a, arithmetic) for a in expression.args]
    return lambda lookup: arithmetic.apply(name, [part(lookup) for part in parts])


def _combined(
    terms: Sequence[sympy.Expr], arithmetic: Arithmetic, combine: Callable[[Sequence[Any]], Any]
) -> Formula:
    parts = [compile_formula(t, arithmetic) for t in terms]
    return lambda lookup: combine([part(lookup) for part in parts])


def _power(expression: sympy.Expr, arithmetic: Arithmetic) -> Formula:
    base = compile_formula(expression.base, arithmetic)
    if expression.exp.is_Rational:
        p, q = int(expression.exp.p), int(expression.exp.q)
        return lambda lookup: arithmetic.root_power(base(lookup), p, q)
    exponent = compile_formula(expression.exp, arithmetic)
    return lambda lookup: arithmetic.power(base(lookup), exponent(lookup))


def _logarithm(expression: sympy.Expr, arithmetic: Arithmetic) -> Formula:
    """log(1 + x) keeps the digits of a small x."""
    (argument,) = expression.args
    if argument.is_Add and sympy.S.One in argument.args:
        rest = compile_formula(argument - 1, arithmetic)
        return lambda lookup: arithmetic.apply("log1p", [rest(lookup)])
    inner = compile_formula(argument, arithmetic)
    return lambda lookup: arithmetic.apply("log", [inner(lookup)])
