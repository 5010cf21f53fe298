"""``list``, ``show`` and ``new``: what is in the catalogue, and how to add to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from checkers import catalogue
from checkers.cli.output import AS_CLAIMED, UNLIMITED, console
from checkers.cli.scaffold import write_scaffold
from checkers.report import formulas
from checkers.statement import Change, Statement
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
    names = formulas.names_of(statement)
    for h in statement.hypotheses:
        margin = formulas.in_names(h.margin, names)
        yield f"  {h.name}: {margin} {'>' if h.strict else '>='} 0" + _says(h.says)
    if not statement.hypotheses:
        yield "  none"
    yield "\nClaims"
    for c in statement.claims:
        lhs, rhs = (formulas.in_names(side, names) for side in (c.lhs, c.rhs))
        yield f"  {c.name}: {lhs}\n      <= {rhs}"
    for i, (name, value) in enumerate(names):
        yield f"  {'where' if i == 0 else '     '} {name} = {formulas.in_names(value, names[:i])}"
    for heading, entries in (
        ("Attained by", [w.name + _says(w.says) for w in statement.witnesses]),
        ("Mutants", [f"{m.id}: {m.says}" + _says(_changes(m.change)) for m in statement.mutants]),
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


def _says(text: str) -> str:
    return f" ({text})" if text else ""


def _changes(change: Change) -> str:
    told = [f"without {name}" for name in change.drop]
    told += [f"assuming {h.name}" for h in change.assume]
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
