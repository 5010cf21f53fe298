"""A family: every statement of one paper whose arrays a user's file supplies, evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sympy

from checkers import catalogue
from checkers.declared.definition import expanded
from checkers.evaluated import Evaluated, evaluate
from checkers.instance import Array, Instance, InvalidInput
from checkers.instance_file import instance_of
from checkers.values import SharedBalls
from checkers.variables import Kind, Variable, chain

MOST_NUMBERS = 10**6
"""A Hessian or a kernel of more entries takes more than some ten seconds in ball arithmetic."""


@dataclass(frozen=True)
class Family:
    """What was evaluated, and what was skipped for which reason, by id."""

    name: str
    evaluated: tuple[Evaluated, ...]
    skipped: Mapping[str, str]


def evaluate_family(
    name: str, given: Mapping[str, Array], path: Path, measured: SharedBalls
) -> Family:
    """Evaluate the statements of a family on the arrays of a file, with certified verdicts.

    Statements of which an array is missing are skipped, those that do not fit arrays that others
    accept, and those whose evaluation would take too long. InvalidInput for an array that no
    statement accepts, and if no statement has its arrays; BrokenStatementError where the
    statements do not agree on what they call a quantity.
    """
    observed_of(name)
    fitting, skipped, refused = _sorted_out(name, given, path)
    accepted = {array for instance in fitting.values() for array in instance.arrays}
    for id, error in refused.items():
        if not set(_supplied(catalogue.load(id).variables, given)) <= accepted:
            raise error
        skipped[id] = str(error).removeprefix(f"{path}: ")
    if not fitting:
        listed = ", ".join(sorted(given)) or "none"
        raise InvalidInput(
            f"{path}: arrays of no statement of {name} given ({listed});"
            f" {next(iter(skipped))} {next(iter(skipped.values()))}; see ncheck show"
        )
    evaluated = []
    for id, instance in fitting.items():
        statement = catalogue.load(id)
        work = statement.ranges.working
        numbers = work(instance.sizes) if work else 0
        if numbers > MOST_NUMBERS:
            skipped[id] = (
                f"takes {numbers:.1g} numbers beside the arrays, more than {MOST_NUMBERS:.0g};"
                " evaluate it by its id, or on a part of the samples"
            )
        else:
            evaluated.append(evaluate(statement, instance, measured))
    return Family(name, tuple(evaluated), dict(sorted(skipped.items())))


def observed_of(name: str) -> dict[str, sympy.Expr]:
    """What the statements of a family observe, by name.

    Raises BrokenStatementError where two statements give one name to two formulas: their values
    could not be told apart beside each other.
    """
    found: dict[str, tuple[str, sympy.Expr]] = {}
    for id in catalogue.family(name):
        try:
            observed = catalogue.load(id).observed
        except catalogue.BrokenStatementError:
            continue  # skipped by evaluate_family, with the reason
        for definition in observed:
            symbol, value = str(definition), expanded(definition)
            first, known = found.setdefault(symbol, (id, value))
            if known != value:
                raise catalogue.BrokenStatementError(
                    f"{id}: observes {symbol} = {value}, but {first} observes {symbol} = {known};"
                    " give one of them another name"
                )
    return {symbol: value for symbol, (_, value) in found.items()}


def _sorted_out(
    name: str, given: Mapping[str, Array], path: Path
) -> tuple[dict[str, Instance], dict[str, str], dict[str, InvalidInput]]:
    """Instances, reasons to skip, and what is wrong with arrays, by id."""
    fitting: dict[str, Instance] = {}
    skipped: dict[str, str] = {}
    refused: dict[str, InvalidInput] = {}
    for id in catalogue.family(name):
        try:
            statement = catalogue.load(id)
        except catalogue.BrokenStatementError as error:
            skipped[id] = f"its file does not load: {error}"
            continue
        missing = list(_missing(statement.variables, given))
        if missing:
            skipped[id] = f"needs {', '.join(missing)}"
            continue
        try:
            fitting[id] = instance_of(statement, given, path)
        except InvalidInput as error:
            refused[id] = error
    return fitting, skipped, refused


def _missing(variables: Iterable[Variable], given: Mapping[str, Array]) -> Iterator[str]:
    for variable in variables:
        if _arrays_of(variable, given):
            continue
        if variable.kind is Kind.CHAIN:
            yield f"{variable.name}_0, {variable.name}_1, ..."
        elif variable.is_number:
            yield f"{variable.name} (a number)"
        else:
            shape = ", ".join(variable.shape)
            yield f"{variable.name} ({shape}{',' if len(variable.shape) == 1 else ''})"


def _supplied(variables: Iterable[Variable], given: Mapping[str, Array]) -> list[str]:
    """Names by which an instance would hold the arrays."""
    return [
        name
        for variable in variables
        for name in (
            _arrays_of(variable, given) if variable.kind is Kind.CHAIN else [variable.name]
        )
    ]


def _arrays_of(variable: Variable, given: Mapping[str, Array]) -> list[str]:
    """Arrays that stand for a variable; of a chain any that is numbered as a link."""
    if variable.kind is Kind.CHAIN:
        links = [f"{variable.name}_{i}" for i in range(len(chain(given, variable.name)))]
        return links or [n for n in given if n.removeprefix(f"{variable.name}_").isdigit()]
    return [name for name in (variable.name, variable.transposed) if name and name in given]
