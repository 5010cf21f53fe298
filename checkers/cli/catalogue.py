"""``list``, ``show`` and ``new``: what is in the catalogue, and how to add to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import sympy
import typer
from rich.table import Table

from checkers import catalogue
from checkers.cli.output import AS_CLAIMED, UNLIMITED, console
from checkers.cli.scaffold import write_scaffold
from checkers.declared.statement import Mutant, Statement
from checkers.quantities import Derived, Measured, Operation, Quantity
from checkers.report import formulas
from checkers.variables import Kind


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("list")(list_statements)
    app.command("show")(show)
    app.command("new")(new)


def list_statements(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """List every statement of the catalogue."""
    rows = [_row(id) for id in catalogue.ids()]
    if as_json:
        print(json.dumps(rows, indent=1))
        return AS_CLAIMED
    table = Table("id", "standing", "transcription", "title and source", box=None)
    for row in rows:
        told = f"{row['title']}\n[dim]{row['source']}[/dim]"
        if row["standing"] == "broken":
            told = f"[red]{row['reason']}[/red]"
        table.add_row(row["id"], row["standing"], row["transcription"] or "", told)
    console(width=UNLIMITED).print(table)
    return AS_CLAIMED


def _row(id: str) -> dict[str, Any]:
    try:
        statement = catalogue.load(id)
    except catalogue.BrokenStatementError as error:
        blank = dict.fromkeys(("title", "transcription", "source"))
        return {"id": id, **blank, "standing": "broken", "reason": " ".join(str(error).split())}
    return {
        "id": id,
        "title": statement.title,
        "standing": statement.standing.value,
        "transcription": statement.transcription.value,
        "source": str(statement.source),
    }


def show(id: Annotated[str, typer.Argument(metavar="ID", help="A statement.")]) -> int:
    """Show a statement: source, variables with shapes, hypotheses, claims, mutants."""
    print("\n".join(_told(catalogue.load(id))))
    return AS_CLAIMED


def _told(statement: Statement) -> Iterator[str]:
    yield f"{statement.id}: {statement.title}"
    yield f"  {statement.source}"
    yield f"  standing {statement.standing.value}, wording {statement.transcription.value}"
    yield "\nVariables (arrays of an instance file for ncheck evaluate)"
    for v in statement.variables:
        name = f"{v.name}_0, {v.name}_1, ..." if v.kind is Kind.CHAIN else v.name
        other = f"; or {v.transposed} ({', '.join(reversed(v.shape))})" if v.transposed else ""
        shape = f"({', '.join(v.shape)}{',' if len(v.shape) == 1 else ''})"
        if v.kind is Kind.CHAIN:
            shape = f"(any, {v.shape[1]}), ..., ({v.shape[0]}, any)"
        yield f"  {name} {shape}: {v.meaning}{other}"
    yield "\nHypotheses"
    for h in statement.hypotheses:
        yield f"  {h.name}: {h.named} {'>' if h.strict else '>='} 0" + _says(h.says)
    if not statement.hypotheses:
        yield "  none"
    yield "\nClaims"
    for c in statement.claims:
        lhs, rhs = c.named
        yield f"  {c.name}: {lhs}\n      <= {rhs}"
    for i, definition in enumerate(formulas.names_of(statement)):
        yield f"  {'     ' if i else 'where'} {definition} = {definition.expression}"
    for heading, entries in (
        ("Attained by", [w.name + _says(w.says) for w in statement.witnesses]),
        ("Mutants", [f"{m.id}: {m.says}" + _says(_changes(m)) for m in statement.mutants]),
        (
            "Proofs",
            [f"{p.claim}: {p.method}, {len(p.at) or 'all'} sizes" for p in statement.proofs],
        ),
    ):
        if entries:
            yield f"\n{heading}"
            yield from (f"  {entry}" for entry in entries)
    if statement.notes:
        yield f"\n{statement.notes}"
    conventions: dict[Quantity | Operation, str] = {}
    for use in _uses(statement):
        applied = use.quantity if isinstance(use, Measured) else use.operation
        conventions.setdefault(applied, _told_briefly(use))
    if conventions:
        yield "\nQuantities"
    for applied, brief in conventions.items():
        yield f"  {brief}: {' '.join(applied.convention.split())}"


def _uses(statement: Statement) -> Iterator[Measured | Derived]:
    """What hypotheses and claims measure, each followed by the matrices that it is measured on."""
    sides = [h.margin for h in statement.hypotheses]
    sides += [side for c in statement.claims for side in (c.lhs, c.rhs)]
    for side in sides:
        for part in sympy.preorder_traversal(side):
            if isinstance(part, Measured):
                yield from _with_arguments(part)


def _with_arguments(use: Measured | Derived) -> Iterator[Measured | Derived]:
    yield use
    for argument in use.arguments:
        if isinstance(argument, Derived):
            yield from _with_arguments(argument)


def _told_briefly(use: Measured | Derived) -> str:
    """Such as ``nc1(last_features(...), labels)``: a computed matrix has a line of its own."""
    name = use.quantity.name if isinstance(use, Measured) else use.operation.name
    arguments = (
        f"{a.operation.name}(...)" if isinstance(a, Derived) else a.name for a in use.arguments
    )
    return f"{name}({', '.join(arguments)})"


def _says(text: str) -> str:
    return f" ({text})" if text else ""


def _changes(mutant: Mutant) -> str:
    told = [f"without {name}" for name in mutant.drop]
    told += [f"assuming {h.name}" for h in mutant.assume]
    return ", ".join(told)


def new(
    id: Annotated[str, typer.Argument(metavar="ID", help="As in smith2024_margin: lower case.")],
) -> int:
    """Write the scaffold of a statement, and of its paper if that is new, to conjectures/."""
    paths: tuple[Path, ...] = write_scaffold(id)
    files = "\n".join(map(str, paths))
    them = "it" if len(paths) == 1 else "them"
    print(f"{files}\nEdit {them}, then run: ncheck show {id} && ncheck check {id} --profile quick")
    return AS_CLAIMED
