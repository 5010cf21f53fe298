"""What would have to improve on an instance for a theorem to say something, or to say more.

Of a hypothesis that fails: which side of it has to come down to which value. Of a claim whose
hypotheses hold: how far its bound is from the measured value, and how the bound changes with the
quantities it is made of, as the exponents of the power law that it follows near the instance.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
from flint import arb, ctx, fmpq

from checkers.arithmetic.balls import BALLS, as_float
from checkers.arithmetic.formula import compile_formula
from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.definition import Definition, expanded
from checkers.declared.statement import Statement
from checkers.evaluation import Evaluation
from checkers.instance import LABELS, Instance
from checkers.quantities import Derived, Measured
from checkers.tolerance import PRECISIONS
from checkers.values import SharedBalls, Values
from checkers.variables import Size, Variable
from checkers.verdict import Verdict

LOOSE = 10
"""A bound further than this factor from the measured value is called loose."""

LONGEST = 24
"""Characters of the arguments of a quantity that are told."""

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
    statement: Statement,
    instance: Instance,
    evaluations: tuple[Evaluation, ...],
    measured: SharedBalls,
) -> tuple[Improvement, ...]:
    """One for each hypothesis that is not certified; if there is none, for each loose claim."""
    with ctx.workprec(PRECISIONS[0]):
        return tuple(_improvements(statement, evaluations, measured(instance)))


def observed(statement: Statement, instance: Instance, measured: SharedBalls) -> dict[str, float]:
    """What the paper calls the quantities that its bounds are made of, and their values."""
    with ctx.workprec(PRECISIONS[0]):
        values = measured(instance)
        return {str(d): as_float(values(d)) for d in statement.observed}


def _improvements(
    statement: Statement, evaluations: tuple[Evaluation, ...], values: Values
) -> Iterator[Improvement]:
    satisfied = evaluations[0].satisfied
    for hypothesis in statement.hypotheses:
        if satisfied[hypothesis.name] is not True:
            for says in _of_hypothesis(
                hypothesis, satisfied[hypothesis.name], values, statement.observed
            ):
                yield Improvement(hypothesis.name, says)
    if statement.is_identity:
        return
    for claim, evaluation in zip(statement.claims, evaluations, strict=True):
        if evaluation.verdict is Verdict.HOLDS and not evaluation.touches:
            for says in _of_claim(claim, evaluation, values, statement.observed):
                yield Improvement(claim.name, says)


Observes = Collection[Definition]
"""Names that need no explanation: what statements of a paper observe along training."""


def _of_hypothesis(
    hypothesis: Hypothesis, satisfied: bool | None, values: Values, observes: Observes
) -> Iterator[str]:
    """Every difference that is negative, if the margin is the least of several."""
    margin = expanded(hypothesis.named, observes)
    parts = margin.args if isinstance(margin, sympy.Min) else (margin,)
    for part in sorted(parts, key=str):
        value = values(part)
        if value > 0 or (value >= 0 and not hypothesis.strict):
            continue
        terms = sympy.Add.make_args(part)
        less = sympy.Add(*(-t for t in terms if t.could_extract_minus_sign()))
        more = sympy.Add(*(t for t in terms if not t.could_extract_minus_sign()))
        less, more = _binding(less, sympy.Max, values), _binding(more, sympy.Min, values)
        says = f" ({hypothesis.says})" if hypothesis.says else ""
        if satisfied is None:
            yield f"{_told(less, values)} is too close to {_told(more, values)}{says}"
        elif less == 0:
            least = "above 0" if hypothesis.strict else "at least 0"
            yield f"{_told(more, values)} must be {least}{says}"
        else:
            limit = "be below" if hypothesis.strict else "be at most"
            yield f"{_told(less, values)} must {limit} {_told(more, values)}{says}"


def _binding(side: sympy.Expr, extremum: Any, values: Values) -> sympy.Expr:
    """Of a maximum or minimum, the entry that attains it."""
    if not isinstance(side, extremum):
        return side
    attained = max if extremum is sympy.Max else min
    entries = sorted(side.args, key=str)
    return attained(entries, key=lambda entry: as_float(values(entry)))


def _told(side: sympy.Expr, values: Values) -> str:
    """``name = value``, or a number."""
    value = f"{as_float(values(side)):.4g}"
    return value if side.is_number else f"{_in_words(side)} = {value}"


def _in_words(side: Any) -> str:
    """The formula with the paper's names, and with those of quantities where it has none."""
    plain = {m: sympy.Symbol(_name(m), positive=True) for m in side.atoms(Measured)}
    return str(side.xreplace(plain))


def _name(measured: Measured) -> str:
    """Short: of an entry its array, of a long list of arguments none."""
    arguments = ", ".join(a.name for a in measured.arguments)
    if measured.quantity.latex == "@":
        return arguments
    return f"{measured.quantity.name}({arguments if len(arguments) <= LONGEST else '...'})"


def _of_claim(
    claim: Claim, evaluation: Evaluation, values: Values, observes: Observes
) -> Iterator[str]:
    """Where one side is measured and the other a bound, with the law that the bound follows."""
    lhs, rhs = as_float(evaluation.lhs), as_float(evaluation.rhs)
    below, above = (_is_measured(claim.rhs), _is_measured(claim.lhs))
    if claim.trivial is not None and not evaluation.told:
        trivial = as_float(values(claim.trivial))
        says = f"the bound {rhs:.4g} says nothing, as lhs never exceeds {trivial:.4g}"
    elif lhs <= 0 < rhs and not above:
        says = f"the left side {lhs:.4g} is not positive, the right one is {rhs:.4g}"
    elif lhs == 0:
        says = f"the bound is {rhs:.4g}, the measured value 0"
    elif max(lhs / rhs, rhs / lhs) < LOOSE:
        return
    elif below == above:
        says = f"the right side is {_factor(rhs / lhs)} times the left one"
    elif below:
        says = f"the lower bound is {_factor(lhs / rhs)} times the measured value"
    else:
        says = f"the bound is {_factor(rhs / lhs)} times the measured value"
    if below != above:
        says += _law(_exponents(expanded(claim.named[above], observes), values), falls=above)
    yield says


def _factor(factor: float) -> str:
    """``160``, ``9.9e5`` or ``0.031``."""
    if 1 <= factor < 1000:
        return f"{factor:.3g}"
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


def _exponents(bound: sympy.Expr, values: Values) -> dict[str, float]:
    """d log bound / d log of every quantity it is made of, but for sizes and those of labels."""
    at = {s: values(s) for s in bound.free_symbols}
    return {
        _in_words(s): _exponent(bound, at, s)
        for s in at
        if not isinstance(s, Size) and not _of_labels_only(expanded(s))
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
