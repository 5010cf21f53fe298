"""``evaluate`` of a family: the theorems of a paper on one file, and what would have to improve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from rich.table import Table
from rich.text import Text

from checkers import instance_file
from checkers.advice import Improvement, improvements, observed
from checkers.cli.output import AS_CLAIMED, CONTRADICTED, JsonFile, console, number
from checkers.evaluated import Evaluated, claim_to_json, decisive, hypotheses_to_json, to_json
from checkers.evaluation import Evaluation
from checkers.family import evaluate_family
from checkers.instance import describe_sizes
from checkers.values import SharedBalls

SCHEMA = 1

_HOLDS = {True: "", False: " fails", None: " undecided"}


def evaluate(name: str, file: Path, target: JsonFile) -> int:
    """Evaluate what the file has the arrays for, print it and write it; the exit status."""
    measured = SharedBalls()
    family = evaluate_family(name, instance_file.read_arrays(file), file, measured)
    sizes = {k: v for e in family.evaluated for k, v in e.instance.sizes.items()}
    print(f"{name} on {file} ({describe_sizes(sizes)})")
    known: dict[str, float] = {}
    for evaluated in family.evaluated:
        if not evaluated.failure:
            known |= observed(evaluated.statement, evaluated.instance, measured)
    if known:
        print(", ".join(f"{name} = {number(value)}" for name, value in known.items()))
    results = []
    for evaluated in family.evaluated:
        advice: tuple[Improvement, ...] = ()
        if not evaluated.failure:
            advice = improvements(
                evaluated.statement, evaluated.instance, evaluated.evaluations, measured
            )
        _print(evaluated, advice)
        results.append(to_json(evaluated, advice))
    print()
    for id, reason in family.skipped.items():
        print(f"skipped {id}: {reason}")
    counted = Counter(result["verdict"] for result in results)
    told = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counted.items()))
    print(f"{len(results)} evaluated ({told}), {len(family.skipped)} skipped")
    skipped = [{"id": id, "reason": reason} for id, reason in family.skipped.items()]
    target.write({"schema": SCHEMA, "family": name, "results": results, "skipped": skipped})
    fine = all(evaluated.as_claimed for evaluated in family.evaluated)
    return AS_CLAIMED if fine else CONTRADICTED


def _print(evaluated: Evaluated, advice: tuple[Improvement, ...]) -> None:
    statement = evaluated.statement
    print(f"\n{statement.id} ({statement.standing.value}): {statement.title}")
    if evaluated.failure:
        print(f"  error: {evaluated.failure}")
        return
    main = decisive(evaluated.evaluations)
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(4):
        table.add_column(overflow="fold")
    for row in _rows(evaluated.evaluations, main):
        table.add_row("", *row)
    console().print(table)
    told = Table.grid(padding=(0, 1, 0, 0))
    for improvement in advice:
        told.add_row(" ", "→", Text(f"{improvement.about}: {improvement.says}"))
    if advice:
        console().print(told)


def _rows(evaluations: tuple[Evaluation, ...], main: Evaluation) -> Iterator[tuple[str, ...]]:
    hypotheses = [
        f"{name} {number(margin)}{_HOLDS[holds]}"
        for name, margin, holds in (h.values() for h in hypotheses_to_json(main))
    ]
    yield "margins", ", ".join(hypotheses) or "no hypothesis", ""
    for evaluation in evaluations:
        row = claim_to_json(evaluation)
        verdict = row["verdict"] + ("" if row["certified"] else " (sign not certified)")
        sides = f"{number(row['lhs'])} <= {number(row['rhs'])}"
        yield evaluation.claim, f"{sides}, ratio {number(row['ratio'])}", verdict
