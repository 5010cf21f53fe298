"""What would have to improve on an instance for a theorem to say something, or to say more.

Of a hypothesis that fails: which side of it has to come down to which value. Of a claim whose
hypotheses hold: how far its bound is from the measured value, and how the bound changes with the
quantities it is made of, as the exponents of the power law that it follows near the instance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from flint import arb, fmpq

from checkers.arithmetic.balls import BALLS, as_float
from checkers.arithmetic.formula import compile_formula
from checkers.evaluation import Evaluation
from checkers.instance import LABELS
from checkers.quantities import Derived, Measured
from checkers.report import formulas
from checkers.statement import Claim, Hypothesis, Statement
from checkers.values import Values
from checkers.variables import Size, Variable
from checkers.verdict import Verdict

LOOSE = 10
"""A bound further than this factor from the measured value is called loose."""

STEP = fmpq(1, 1024)
"""Relative change of a quantity by which the exponents of a bound are measured."""

LEAST_EXPONENT = 0.05
"""Exponents smaller than this are not told."""


@dataclass(frozen=True)
class Improvement:
    """What would have to improve, of the hypothesis or claim of that name."""

    about: str
    says: str


def improvements(
    statement: Statement, evaluations: tuple[Evaluation, ...], values: Values
) -> tuple[Improvement, ...]:
    """One for each hypothesis that is not certified; if there is none, for each loose claim."""
    names = formulas.papers_names(statement)
    satisfied = evaluations[0].satisfied
    found = [
        Improvement(h.name, says)
        for h in statement.hypotheses
        if satisfied[h.name] is not True
        for says in _of_hypothesis(h, satisfied[h.name], values, names)
    ]
    if not found and not statement.is_identity:
        claims = zip(statement.claims, evaluations, strict=True)
        found = [
            Improvement(claim.name, says)
            for claim, evaluation in claims
            if evaluation.verdict is Verdict.HOLDS and not evaluation.touches
            for says in _of_claim(claim, evaluation, values, names)
        ]
    return tuple(found)


Names = list[tuple[str, sympy.Expr]]


def _of_hypothesis(
    hypothesis: Hypothesis, satisfied: bool | None, values: Values, names: Names
) -> Iterator[str]:
    """Every difference that is negative, if the margin is the least of several."""
    margin = sympy.sympify(hypothesis.margin)
    parts = margin.args if isinstance(margin, sympy.Min) else (margin,)
    for part in parts:
        value = values(part)
        if value > 0 or (value >= 0 and not hypothesis.strict):
            continue
        terms = sympy.Add.make_args(part)
        less = sympy.Add(*(-t for t in terms if t.could_extract_minus_sign()))
        more = sympy.Add(*(t for t in terms if not t.could_extract_minus_sign()))
        less, more = _binding(less, sympy.Max, values), _binding(more, sympy.Min, values)
        says = f" ({hypothesis.says})" if hypothesis.says else ""
        if satisfied is None:
            yield f"{_told(less, values, names)} is too close to {_told(more, values, names)}{says}"
        elif less == 0:
            least = "above 0" if hypothesis.strict else "at least 0"
            yield f"{_told(more, values, names)} must be {least}{says}"
        else:
            limit = "be below" if hypothesis.strict else "be at most"
            yield f"{_told(less, values, names)} must {limit} {_told(more, values, names)}{says}"


def _binding(side: sympy.Expr, extremum: Any, values: Values) -> sympy.Expr:
    """Of a maximum or minimum, the entry that attains it."""
    if not isinstance(side, extremum):
        return side
    attained = max if extremum is sympy.Max else min
    return attained(side.args, key=lambda entry: as_float(values(entry)))


def _told(side: sympy.Expr, values: Values, names: Names) -> str:
    """``name = value``, or a number."""
    value = f"{as_float(values(side)):.4g}"
    return value if side.is_number else f"{formulas.in_names(side, names)} = {value}"


def _of_claim(claim: Claim, evaluation: Evaluation, values: Values, names: Names) -> Iterator[str]:
    lhs, rhs = as_float(evaluation.lhs), as_float(evaluation.rhs)
    below = _is_measured(claim.rhs) and not _is_measured(claim.lhs)
    bound, measured, word = (lhs, rhs, "lower bound") if below else (rhs, lhs, "bound")
    if claim.trivial is not None and not evaluation.told:
        trivial = as_float(values(claim.trivial))
        says = f"the {word} {bound:.4g} says nothing, as lhs never exceeds {trivial:.4g}"
    elif below and bound <= 0 < measured:
        says = f"the lower bound {bound:.4g} of {measured:.4g} is not positive"
    elif measured == 0:
        says = f"the {word} is {bound:.4g}, the measured value 0"
    elif (factor := measured / bound if below else bound / measured) >= LOOSE:
        says = f"the {word} is {_factor(1 / factor if below else factor)} times the measured value"
    else:
        return
    exponents = _exponents(claim.lhs if below else claim.rhs, values, names)
    yield says + _law(exponents, falls=not below)


def _factor(factor: float) -> str:
    """Two digits, ``9.9e5`` rather than ``9.9e+05``."""
    digits, _, power = f"{factor:.2g}".partition("e")
    return f"{digits}e{int(power)}" if power else digits


def _is_measured(side: Any) -> bool:
    """Whether a side is one measured quantity up to constants, rather than a bound."""
    side = sympy.sympify(side)
    return len(side.atoms(Measured)) == 1 and side.count_ops() <= 2


def _law(exponents: Mapping[str, float], falls: bool) -> str:
    """Which quantities have to become less or more for a bound to fall (or rise), and its law."""
    told = sorted(
        (item for item in exponents.items() if abs(item[1]) >= LEAST_EXPONENT),
        key=lambda item: (-abs(item[1]), item[0]),
    )
    if not told:
        return ""
    needs = [
        f"{word} of {', '.join(chosen)}"
        for word, sign in (("less", 1), ("more", -1))
        if (chosen := [name for name, x in told if (x if falls else -x) * sign > 0])
    ]
    law = " ".join(f"{name}^{exponent:.2g}" for name, exponent in told)
    return f"; it takes {' or '.join(needs)}, as it goes like {law} here"


def _exponents(bound: Any, values: Values, names: Names) -> dict[str, float]:
    """d log bound / d log of every quantity it is made of, but for sizes and those of labels."""
    named = formulas.in_names(bound, names)
    meant = dict(names)
    meaning = {s: meant.get(str(s), s) for s in named.free_symbols}
    at = {s: values(value) for s, value in meaning.items()}
    return {
        str(s): _exponent(named, at, s)
        for s, value in meaning.items()
        if not isinstance(s, Size) and not _of_labels_only(value)
    }


def _exponent(bound: sympy.Expr, at: Mapping[sympy.Symbol, arb], symbol: sympy.Symbol) -> float:
    """d log bound / d log symbol; 0 where the bound is not positive or the symbol is 0."""
    formula = compile_formula(bound, BALLS)
    up, down = (
        formula({**at, symbol: at[symbol] * (1 + change)}.__getitem__) for change in (STEP, -STEP)
    )
    if not (up > 0 and down > 0):
        return 0.0
    return as_float((up / down).log() / (arb(1 + STEP) / arb(1 - STEP)).log())


def _of_labels_only(expression: sympy.Expr) -> bool:
    arguments = [a for m in expression.atoms(Measured) for a in m.arguments]
    return all(_names(a) <= {LABELS} for a in arguments)


def _names(argument: Variable | Derived) -> set[str]:
    if isinstance(argument, Derived):
        return {name for a in argument.arguments for name in _names(a)}
    return {argument.name}
