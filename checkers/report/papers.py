"""Statements by paper: the papers in order of time, the table of each, and those not settled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from checkers import kinds
from checkers.declared.source import Source
from checkers.declared.statement import Statement
from checkers.record import Finding, Record, summary
from checkers.report.text import anchor, link
from checkers.typeset import escape, table, tightness
from checkers.verdict import Standing, Verdict

Paper = tuple[int, str, str, str]
"""Year, authors, title, arXiv number: papers are sorted by these."""

UNREADABLE: Paper = (9999, "", "Statements that do not load", "")
SETTLED = (Verdict.HOLDS, Verdict.REFUTED)


def by_paper(
    records: Sequence[Record], statements: Mapping[str, Statement]
) -> dict[Paper, list[Record]]:
    """The records of each paper, in their order; papers from the earliest."""
    found: dict[Paper, list[Record]] = {}
    for record in records:
        statement = statements.get(record.id)
        found.setdefault(_paper(statement.source) if statement else UNREADABLE, []).append(record)
    return dict(sorted(found.items()))


def _paper(source: Source) -> Paper:
    return source.year, source.authors, source.title, source.arxiv


def heading(paper: Paper) -> str:
    """``Ji et al. (2022): An Unconstrained Layer-Peeled Perspective on Neural Collapse``."""
    year, authors, title, _ = paper
    if paper == UNREADABLE:
        return title
    first, *others = authors.split(", ")
    who = first if not others else f"{first} and {others[0]}" if len(others) == 1 else ""
    return f"{who or f'{first} et al.'} ({year}): {title}"


def introduction(paper: Paper) -> Iterator[str]:
    """Who wrote the paper, and where it is."""
    _, authors, _, arxiv = paper
    if authors:
        where = f" [arXiv:{arxiv}](https://arxiv.org/abs/{arxiv})." if arxiv else ""
        yield f"{escape(authors)}.{where}"


def overview(papers: Mapping[Paper, Sequence[Record]]) -> str:
    """A line a paper: how many statements, what became of them."""
    heads = ("paper", "statements", "hold", "refuted", "not settled", "mutants killed")
    rows = []
    for paper, records in papers.items():
        title = heading(paper)
        counts = [
            sum(r.verdict in verdicts for r in records)
            for verdicts in ((Verdict.HOLDS,), (Verdict.REFUTED,), set(Verdict) - set(SETTLED))
        ]
        mutants = [m.killed for r in records for m in r.mutants]
        rows.append(
            (
                f"[{escape(title)}](#{anchor(title)})",
                str(len(records)),
                *(str(count or "–") for count in counts),
                f"{sum(mutants)} of {len(mutants)}" if mutants else "–",
            )
        )
    return "\n".join(table(heads, rows, " rrrrr"))


def statements_table(records: Sequence[Record]) -> str:
    """A line a statement; what is not as claimed comes first, then what is refuted."""
    heads = (
        "statement", "standing", "verdict", "evidence", "tightness", "mutants killed", "proofs",
    )  # fmt: skip
    rows = []
    for r in sorted(records, key=lambda r: (r.agrees, r.verdict is not Verdict.REFUTED, r.id)):
        rows.append(
            (
                f"{link(r)}<br>{escape(r.title)}",
                f"{r.standing.value}, {r.transcription.value}",
                "holds" if r.verdict is Verdict.HOLDS else f"**{outcome(r)}**",
                r.evidence.word,
                tightness(summary(r)["tightness"]),
                f"{sum(m.killed for m in r.mutants)} of {len(r.mutants)}" if r.mutants else "–",
                str(len(r.proofs) or "–"),
            )
        )
    return "\n".join(table(heads, rows, "    rrr"))


def outcome(record: Record) -> str:
    """The verdict in words; a printed statement is refuted only as transcribed."""
    if record.verdict is Verdict.REFUTED and record.standing is Standing.PRINTED:
        return "refuted as transcribed"
    return record.verdict.word


def unsettled(records: Sequence[Record]) -> Iterator[str]:
    """Statements that neither hold nor are refuted, and what would settle each."""
    lines = [
        f"- {link(r)} — **{f.verdict.word}** ({escape(f.checker)}):"
        f" {escape(_last_line(f)) or 'no reason was kept'}. It would be settled by {_remedy(f)}."
        for r in records
        if r.verdict not in SETTLED
        for f in r.findings
        if f.verdict is r.verdict
    ]
    if lines:
        yield "## Not settled"
        yield "\n".join(lines)


def _last_line(finding: Finding) -> str:
    return (finding.reason.strip().splitlines() or [""])[-1]


def _remedy(finding: Finding) -> str:
    if finding.verdict is Verdict.ERROR:
        return "a check that runs through; the traceback is in the section of the statement"
    if finding.verdict is Verdict.VACUOUS and not finding.admitted:
        return "objects that meet every hypothesis, or a proof that there are none"
    if finding.verdict is Verdict.VACUOUS:
        return (
            "an object that meets the hypotheses and for which the bound says more than what is"
            " true of every object, or a sharper bound"
        )
    return kinds.of_finding(finding).remedy
