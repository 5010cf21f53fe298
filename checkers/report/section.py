"""The section of one statement: what it says, what was found, how to replay it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from checkers import kinds
from checkers.declared.statement import Statement
from checkers.record import Cell, Finding, MutantRecord, ProofRecord, Record
from checkers.report import plots
from checkers.report.formulas import display
from checkers.report.lines import broken, width
from checkers.report.papers import outcome
from checkers.report.text import check_command, place, prose, replay_command
from checkers.swept import Total, counterexample_path
from checkers.typeset import cell, details, escape, plural, table, tightness
from checkers.variables import Kind, Variable
from checkers.verdict import Verdict

_SHORT = 40
"""Characters, as printed, up to which a hypothesis is shown within its line."""


def section(
    record: Record, statement: Statement | None, folder: str, total: Total | None = None
) -> str:
    """Everything about one statement, in blocks that a blank line separates."""
    blocks = [f"### {record.id}", _facts(record, statement)]
    if statement is not None:
        blocks += _formulas(statement)
    blocks += _found(record, folder)
    blocks += _swept(total, folder)
    blocks += [
        f"![{caption}]({place(folder, f'figures/{plots.file_name(record, what)}')})"
        for what, caption in plots.plotted(record)
    ]
    for finding in record.findings:
        blocks += kinds.of_finding(finding).tables(finding)
    blocks += _closest(record, folder)
    blocks += _mutants(record, folder)
    blocks += _proofs(record, statement)
    for finding in record.findings:
        blocks += kinds.of_finding(finding).lists(finding)
    blocks += _ways(record)
    if statement is not None and statement.notes:
        blocks.append(details("Notes", escape(statement.notes)))
    blocks.append(_replay(record, folder))
    return "\n\n".join(blocks)


def _facts(record: Record, statement: Statement | None) -> str:
    where = (
        f", {escape(statement.source.locator)}" if statement and statement.source.locator else ""
    )
    return (
        f"**{escape(record.title)}**{where}. {record.standing.value.capitalize()}, wording"
        f" {record.transcription.value}. Verdict: **{outcome(record)}**, evidence"
        f" {record.evidence.word}{'' if record.agrees else '; **not as claimed**'}."
    )


def _formulas(statement: Statement) -> Iterator[str]:
    if statement.words:
        yield prose(statement.words)
    yield f"With {'; '.join(_variable(v) for v in statement.variables)}."
    shown = display(statement)
    says: Mapping[str, str] = {h.name: h.says for h in statement.hypotheses}
    for name, formula in shown.hypotheses:
        told = f"Hypothesis *{escape(name)}*" + (f" ({escape(says[name])})" if says[name] else "")
        if width(formula) <= _SHORT:
            yield f"{told}: $`{formula}`$"
        else:
            yield f"{told}:"
            yield _math(broken(formula))
    for name, formula in shown.claims:
        yield f"**Claim** *{escape(name)}*:"
        yield _math(broken(formula))
    if shown.where:
        rows = " \\\\\n".join(formula.replace(" = ", " &= ", 1) for formula in shown.where)
        yield "where"
        yield _math("\\begin{aligned}\n" + rows + "\n" + r"\end{aligned}")


def _variable(variable: Variable) -> str:
    """Name, shape, symbol and meaning; a number has no shape."""
    name = variable.name
    chain = f"_0, {name}_1, …" if variable.kind is Kind.CHAIN else ""
    shape = [] if variable.is_number else [" × ".join(variable.shape)]
    symbol = [f"$`{variable.latex}`$"] if variable.latex not in ("", name) else []
    told = ", ".join(symbol + shape)
    return f"`{name}{chain}`{f' ({told})' if told else ''} {escape(variable.meaning)}"


def _math(formula: str) -> str:
    return f"```math\n{formula}\n```"


def _found(record: Record, folder: str) -> Iterator[str]:
    heads = ("checker", "verdict", "drawn", "admitted", "touching", "tightness")
    rows = [
        (
            escape(f.checker),
            f"{f.verdict.word}, {f.evidence.word}",
            f"{f.drawn:,}",
            f"{f.admitted:,}",
            f"{f.touching:,}",
            tightness(f.tightness),
        )
        for f in record.findings
    ]
    yield "\n".join(table(heads, rows, "  rrrr"))
    for finding in record.findings:
        if finding.verdict is Verdict.REFUTED:
            yield from _worst(finding)
        yield from _reason(finding)
    if record.counterexample:
        path = place(folder, record.counterexample)
        yield f"**Counterexample**: [`{record.counterexample}`]({path})."


def _closest(record: Record, folder: str) -> Iterator[str]:
    """The instances that come closest to a violation, folded away."""
    told = [w for f in record.findings if f.verdict is not Verdict.REFUTED for w in _worst(f)]
    if told and "worst" in record.witnesses:
        path = record.witnesses["worst"]
        told.append(f"Kept in [`{path}`]({place(folder, path)}).")
    if told:
        yield details("Closest instances", "\n\n".join(told))


def _swept(total: Total | None, folder: str) -> Iterator[str]:
    if total is None:
        return
    told = [
        f"{plural(total.cells, 'cell')}, {total.drawn:,} instances, {total.admitted:,} admitted",
        f"{plural(total.refuting, 'cell')} with a certified violation",
        f"largest tightness of a cell {tightness(total.tightness)}",
    ]
    if total.undecided:
        told.append(f"{plural(total.undecided, 'cell')} undecided")
    if total.failed:
        told.append(f"{plural(total.failed, 'cell')} failed")
    if total.lost:
        told.append(f"{plural(total.lost, 'cell')} lost by the machine")
    if total.refuting:
        path = counterexample_path(total.statement)
        told.append(f"plainest violation [`{path}`]({place(folder, path)})")
    yield f"**Swept**: {'; '.join(told)}."


def _worst(finding: Finding) -> Iterator[str]:
    worst = finding.worst
    if worst is None:
        return
    kind = "Violating" if finding.verdict is Verdict.REFUTED else "Closest"
    relation = "equality" if worst.touches else f"slack {cell(worst.slack)}"
    ratio = f", lhs / rhs = {cell(worst.ratio)}" if worst.ratio is not None else ""
    sure = "certified" if worst.certified else "not certified"
    yield (
        f"{kind} instance ({escape(finding.checker)}, claim *{escape(worst.claim)}*):"
        f" lhs = {cell(worst.lhs)}, rhs = {cell(worst.rhs)}, {relation}{ratio}; {sure};"
        f" {escape(str(worst.where))}."
    )


def _reason(finding: Finding) -> Iterator[str]:
    lines = finding.reason.strip().splitlines()
    if len(lines) > 1:
        yield details(lines[-1], "```\n" + finding.reason.strip() + "\n```")
    elif lines:
        yield f"Reason ({escape(finding.checker)}): {escape(lines[0])}."


def _mutants(record: Record, folder: str) -> Iterator[str]:
    if not record.mutants:
        return
    heads = ("mutant", "what is changed", "refuted by", "lhs / rhs", "found blind", "instance")
    body = "\n".join(table(heads, (_mutant(m, folder) for m in record.mutants), "   r"))
    killed, blind = sum(m.killed for m in record.mutants), sum(m.blind for m in record.mutants)
    if killed < len(record.mutants):
        yield body
        return
    told = "" if not blind else f", {blind} of them also blind"
    yield details(f"Mutants: {killed} of {len(record.mutants)} killed{told}", body)


def _mutant(mutant: MutantRecord, folder: str) -> tuple[str, ...]:
    instance = f"[file]({place(folder, mutant.witness)})" if mutant.witness else "–"
    return (
        f"`{mutant.id}`",
        escape(mutant.says),
        escape(mutant.by or "") if mutant.killed else "**survived**",
        cell(mutant.ratio),
        "yes" if mutant.blind else "no",
        instance,
    )


def _proofs(record: Record, statement: Statement | None) -> Iterator[str]:
    if not record.proofs:
        return
    groups: dict[tuple[str, str, Verdict], list[ProofRecord]] = {}
    for proof in record.proofs:
        groups.setdefault((proof.claim, proof.method, proof.verdict), []).append(proof)
    says = {(p.claim, p.method): p.says for p in statement.proofs} if statement else {}
    lines = []
    for (claim, method, verdict), proofs in sorted(groups.items()):
        why = says.get((claim, method), "")
        lines.append(
            f"- *{escape(claim)}*, {escape(method)}: {verdict.word} at"
            f" {plural(len(proofs), 'size')}, {_sizes(proofs)}."
            + (f" Why it suffices: {escape(why)}." if why else "")
        )
    failed = len(record.failed_proofs)
    if failed:
        yield "\n".join(lines)
    else:
        yield details(f"Proofs: {plural(len(record.proofs), 'exact proof')}", "\n".join(lines))


def _sizes(proofs: list[ProofRecord]) -> str:
    """``(K, n) = (2, 1), (2, 2)`` where all name the same sizes; those whose name is one word."""
    words = [{name: n for name, n in p.at.items() if name.isidentifier()} for p in proofs]
    names = list(words[0])
    if not names or any(list(other) != names for other in words):
        return escape("; ".join(p.sizes or "all sizes" for p in proofs))
    values = sorted(tuple(sizes.values()) for sizes in words)
    return f"({', '.join(names)}) = " + ", ".join(
        f"({', '.join(map(str, value))})" for value in values
    )


def _replay(record: Record, folder: str) -> str:
    commands = [check_command(record)]
    if record.counterexample:
        commands.append(replay_command(record, folder))
    commands += [
        f"ncheck replay {place(folder, path)}" for _, path in sorted(record.witnesses.items())
    ]
    commands += [f"ncheck replay {place(folder, m.witness)}" for m in record.mutants if m.witness]
    return details("How to replay", "```\n" + "\n".join(dict.fromkeys(commands)) + "\n```")


def _ways(record: Record) -> Iterator[str]:
    for finding in record.findings:
        if finding.cells:
            heads = ("way of drawing", "sizes", "drawn", "admitted", "largest lhs / rhs")
            body = "\n".join(table(heads, _by_way(finding.cells), " rrrr"))
            yield details(f"Ways of drawing ({finding.checker})", body)


def _by_way(cells: tuple[Cell, ...]) -> Iterator[tuple[str, ...]]:
    for way in sorted({c.way for c in cells}, key=str):
        of = [c for c in cells if c.way == way]
        best = max((c.best for c in of if c.best is not None), default=None)
        yield (
            escape(str(way)),
            str(len({c.sizes for c in of})),
            f"{sum(c.drawn for c in of):,}",
            f"{sum(c.admitted for c in of):,}",
            cell(best),
        )
