"""``evaluate`` and ``replay``: one instance from a file, with a certified verdict."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from checkers import catalogue, instance_file
from checkers.advice import Improvement, improvements
from checkers.cli import family
from checkers.cli.output import AS_CLAIMED, CONTRADICTED, JsonFile, console, number
from checkers.evaluated import (
    claim_to_json,
    decisive,
    evaluations_to_json,
    hypotheses_to_json,
    to_json,
)
from checkers.evaluated import evaluate as evaluate_on
from checkers.evaluation import Evaluation
from checkers.instance import describe_sizes
from checkers.replay import replay as recompute
from checkers.values import SharedBalls
from checkers.verdict import Verdict
from checkers.witness_file import WitnessKind

JsonOption = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Write the result as JSON.")
]

_MEANING = {
    Verdict.HOLDS: "every claim holds on this instance",
    Verdict.VACUOUS: "a hypothesis fails: the theorem promises nothing here",
    Verdict.INCONCLUSIVE: "a hypothesis is too close to equality to be decided",
    Verdict.ERROR: "a side of a claim is not a number here",
    Verdict.REFUTED: "a claim is violated, with every hypothesis certified",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("evaluate")(evaluate)
    app.command("replay")(replay)


def evaluate(
    id: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="A statement, or a family such as jacot2025: all its statements that the file"
            " has the arrays for.",
        ),
    ],
    file: Annotated[
        Path, typer.Argument(metavar="FILE.npz", help="The arrays that ncheck show ID names.")
    ],
    json: JsonOption = None,
) -> int:
    """Evaluate a statement on your own arrays: margins, both sides, slack, certified verdict."""
    target = JsonFile.at(json)
    if id not in catalogue.ids() and catalogue.family(id):
        return family.evaluate(id, file, target)
    statement = catalogue.load(id)
    instance = instance_file.read(file, statement)
    measured = SharedBalls()
    evaluated = evaluate_on(statement, instance, measured)
    print(f"{id} on {file} ({describe_sizes(instance.sizes)})")
    advice: tuple[Improvement, ...] = ()
    if evaluated.failure:
        print(f"error: {evaluated.failure}")
    else:
        main = decisive(evaluated.evaluations)
        advice = improvements(statement, instance, evaluated.evaluations, measured)
        _print(evaluated.evaluations)
        print(f"{main.verdict.word}: {_meaning(main)}")
        for improvement in advice:
            print(f"{improvement.about}: {improvement.says}")
    target.write(to_json(evaluated, advice))
    return AS_CLAIMED if evaluated.as_claimed else CONTRADICTED


def replay(
    file: Annotated[Path, typer.Argument(metavar="WITNESS.json", help="A witness file.")],
    json: JsonOption = None,
) -> int:
    """Recheck a stored witness or counterexample from its exact numbers."""
    target = JsonFile.at(json)
    found = recompute(file)
    stored, main = found.stored, decisive(found.evaluations)
    print(f"{file}: {stored.kind} of {found.statement.id} ({stored.instance.provenance})")
    _print(found.evaluations)
    print("claimed values follow from the arrays")
    print(f"{'confirmed' if found.confirmed else 'NOT confirmed'}: {_shown(stored.kind, main)}")
    target.write(
        {
            "id": stored.statement,
            "mutant": stored.mutant,
            "kind": stored.kind,
            "confirmed": found.confirmed,
            **evaluations_to_json(found.evaluations),
        }
    )
    return AS_CLAIMED if found.confirmed else CONTRADICTED


def _shown(kind: str, main: Evaluation) -> str:
    if kind == WitnessKind.EQUALITY and main.verdict is Verdict.HOLDS:
        if main.touches:
            return "the claim holds with equality"
        return f"the claim holds at the ratio {main.ratio:.17g}, equality up to rounded entries"
    return _meaning(main)


def _meaning(main: Evaluation) -> str:
    told = _MEANING[main.verdict]
    if main.verdict is Verdict.HOLDS and main.touches:
        told += ", with equality" if main.sign == 0 else ", indistinguishable from equality"
    if main.verdict is Verdict.HOLDS and not main.told:
        told += "; the bound says nothing here, as the claim cannot fail above it"
    return told


def _print(evaluations: Sequence[Evaluation]) -> None:
    hypotheses = Table("hypothesis", "margin", "holds", box=None)
    for name, margin, holds in (h.values() for h in hypotheses_to_json(evaluations[0])):
        hypotheses.add_row(name, number(margin), {True: "yes", False: "no"}.get(holds, "undecided"))
    claims = Table("claim", "lhs", "rhs", "slack", "ratio", "verdict", "sign certified", box=None)
    for evaluation in evaluations:
        row = claim_to_json(evaluation)
        numbers = [number(row[key]) for key in ("lhs", "rhs", "slack", "ratio")]
        certain = "yes" if row["certified"] else "no"
        claims.add_row(evaluation.claim, *numbers, row["verdict"], certain)
    for table in (hypotheses, claims):
        if table.rows:
            console().print(table)
