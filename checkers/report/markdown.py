"""The report: on the first screen what was found and what needs a look; then paper by paper."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from checkers.declared.statement import Statement
from checkers.record import Record, Worst
from checkers.report.papers import (
    by_paper,
    heading,
    introduction,
    outcome,
    overview,
    statements_table,
    unsettled,
)
from checkers.report.section import section
from checkers.report.text import link, place, replay_command
from checkers.sweep.plan import ways
from checkers.swept import Total, counterexample_path
from checkers.typeset import cell, escape, plural
from checkers.verdict import Standing, Verdict
from checkers.ways import WayKind

_WORDS = """
<details><summary>How to read this</summary>

- **standing** is what is said of a statement before it is checked: *theorem* (proved), *printed*
  (as the paper has it, to be settled here), *conjecture* (open), *false* (known to be false).
- **transcription** is how sure the wording is: *verbatim*, *reconstructed* from a paper's text, or
  *derived* here. A printed statement is refuted only *as transcribed*.
- **verdict**: a statement *holds* when no instance violates it and the closest ones are certified
  in ball arithmetic; it is *refuted* by one instance that violates it, hypotheses included, in
  rigorous arithmetic. No verdict rests on a numeric tolerance.
- **evidence**, from weak to strong: *sampled*, *searched*, *certified*, *proved* (exact proofs at
  the sizes named).
- **tightness** is the largest lhs / rhs met; 1 means that equality is attained.
- **mutants** are false neighbours of a statement, such as a constant changed. A checker that does
  not refute them has no power. *Found blind* means that the instances drawn refuted it as well,
  without the stored one.
- **symbols** are the papers': $`K`$ classes, $`N`$ samples, $`n`$ of each class where all have as
  many, $`n_{\\min}`$ and $`n_{\\max}`$ of the smallest and largest; $`d`$ the dimension of the
  features; $`Y`$ the one-hot labels; $`W_l`$ and $`Z_l`$ the weights and features of layer $`l`$ of
  $`L`$, $`n_l`$ its width; $`q_{\\min}`$ the smallest margin; $`\\mathrm{NC1}`$ the trace of the
  covariance within classes over that between them. `ncheck show ID` names each quantity in full.
- **touching** instances are those whose slack is zero or cannot be told from zero.

</details>
"""

_REFUTED = {
    Standing.PRINTED: "Theorems as they are printed, refuted *as transcribed*:",
    Standing.CONJECTURE: "Open questions, settled by a counterexample:",
    Standing.FALSE: "Statements known to be false, kept with their counterexamples:",
}

_ORIGIN = "Written by `ncheck report` from what `ncheck check` and `sweep` kept; not to be edited."

_PURPOSE = """
Each statement is a theorem on neural collapse, a lemma from its proof, or a neighbour of one, run
as a program: instances are drawn and searched for the worst ones, networks are trained, and what
decides is certified in rigorous arithmetic. Every counterexample is a file that can be rechecked
from its exact numbers.
"""


def document(
    records: Sequence[Record],
    statements: Mapping[str, Statement],
    folder: str,
    totals: Mapping[str, Total],
) -> str:
    """The whole report; ``totals`` of sweeps by statement."""
    papers = by_paper(records, statements)
    blocks = [
        "# Report",
        _summary(records, statements, totals),
        _PURPOSE.strip(),
        overview(papers),
        *_swept(records, statements, totals, folder),
        *_attention(records, statements, folder),
        _WORDS.strip(),
    ]
    for paper, of in papers.items():
        blocks += [f"## {escape(heading(paper))}", *introduction(paper), statements_table(of)]
        blocks += [section(r, statements.get(r.id), folder, totals.get(r.id)) for r in of]
    blocks += unsettled(records)
    blocks += ["---", _ORIGIN]
    return "\n\n".join(blocks) + "\n"


def _summary(
    records: Sequence[Record], statements: Mapping[str, Statement], totals: Mapping[str, Total]
) -> str:
    holding = [r for r in records if r.verdict is Verdict.HOLDS]
    evidence = Counter(r.evidence for r in holding)
    by = ", ".join(f"{evidence[e]} {e.word}" for e in sorted(evidence, reverse=True))
    told = [f"{len(holding)} hold{'s' if len(holding) == 1 else ''}" + (f" ({by})" if by else "")]
    others = Counter(outcome(r) for r in records if r.verdict is not Verdict.HOLDS)
    told += [f"{count} {outcome}" for outcome, count in sorted(others.items())]
    mutants = [m for r in records for m in r.mutants]
    killed = sum(m.killed for m in mutants)
    blind = sum(m.blind for m in mutants)
    wrong = sum(
        not r.agrees or _contradicted(r, statements.get(r.id), totals.get(r.id)) for r in records
    )
    verdict = "Everything is as claimed." if not wrong else f"**{wrong} not as claimed.**"
    return (
        f"**{plural(len(records), 'statement')}: {', '.join(told)}.** Of"
        f" {plural(len(mutants), 'mutant')}, false neighbours that show the power of the checks,"
        f" {killed} are killed, {blind} of them also blind (by instances drawn). {verdict}"
    )


def _attention(
    records: Sequence[Record], statements: Mapping[str, Statement], folder: str
) -> Iterator[str]:
    """Disagreements first, then printed and open statements that were refuted."""
    lines = [
        f"- {link(r)} — {_disagreement(r)} {_replay(r, folder)}" for r in records if not r.agrees
    ]
    if lines:
        yield "## Not as claimed"
        yield "\n".join(lines)
    settled = [r for r in records if r.agrees and r.verdict is Verdict.REFUTED]
    if settled:
        yield "## Refuted"
        for standing, introduced in _REFUTED.items():
            lines = [
                f"- {link(r)} — {_refutation(r, statements.get(r.id))} {_replay(r, folder)}"
                for r in settled
                if r.standing is standing
            ]
            if lines:
                yield introduced
                yield "\n".join(lines)
    stale = [r for r in records if r.id in statements and r.digest != statements[r.id].digest]
    if stale:
        yield "## Checked before the statement was last changed"
        yield "\n".join(f"- {link(r)} — run `ncheck check {r.id}`" for r in stale)


def _contradicted(record: Record, statement: Statement | None, total: Total | None) -> bool:
    """Whether sweeps have found what contradicts the standing."""
    if statement is None or total is None:
        return False
    return not total.agrees(record.standing, len(ways(statement)))


def _swept(
    records: Sequence[Record],
    statements: Mapping[str, Statement],
    totals: Mapping[str, Total],
    folder: str,
) -> Iterator[str]:
    """What sweeps have found and the check has not, what contradicts a standing, what failed."""
    lines = []
    for record in records:
        total = totals.get(record.id)
        if total is None:
            continue
        told = []
        if total.refuting and record.verdict is not Verdict.REFUTED:
            path = place(folder, counterexample_path(record.id))
            told.append(
                f"certified violations in {plural(total.refuting, 'cell')}, `ncheck replay {path}`"
            )
        elif _contradicted(record, statements.get(record.id), total):
            told.append(f"is a {record.standing.value}, but sweeps say **{total.verdict.word}**")
            if total.reason and total.reason != total.failure:
                told.append(escape(total.reason))
        if total.failed + total.lost:
            told.append(f"{_unsuccessful(total)}: {escape(total.failure)}")
        if told:
            lines.append(f"- {link(record)} — {'; '.join(told)}.")
    if lines:
        yield "## Found in sweeps"
        yield "\n".join(lines)


def _unsuccessful(total: Total) -> str:
    told = [f"{plural(total.failed, 'cell')} failed"] if total.failed else []
    told += [f"{plural(total.lost, 'cell')} lost by the machine"] if total.lost else []
    return " and ".join(told)


def _disagreement(record: Record) -> str:
    told = []
    if not record.standing.agrees_with(record.verdict):
        reason = record.main.reason.strip().splitlines() if record.main else []
        because = f": {escape(reason[-1])}" if reason else ""
        told.append(
            f"is a {record.standing.value}, but the verdict is **{record.verdict.word}**{because}."
        )
    survivors = [m for m in record.mutants if not m.killed]
    if survivors:
        named = ", ".join(f"`{m.id}` ({escape(m.says)})" for m in survivors)
        told.append(f"{plural(len(survivors), 'mutant')} survived: {named}.")
    failed = [f"*{escape(p.claim)}* at {escape(p.sizes)}" for p in record.failed_proofs]
    if failed:
        told.append(f"{plural(len(failed), 'proof')} failed: {', '.join(failed)}.")
    return " ".join(told)


def _refutation(record: Record, statement: Statement | None) -> str:
    """Title, wording, and the instance that refutes it, in one line."""
    worst = record.main.worst if record.main else None
    told = f"{escape(record.title)} (wording {record.transcription.value})."
    if worst is None:
        return told
    by = f"lhs = {cell(worst.lhs)}, rhs = {cell(worst.rhs)}"
    # of two negative sides the quotient would look like that of a claim that holds
    if worst.ratio is not None and math.isfinite(worst.ratio) and worst.rhs > 0:
        by = f"lhs / rhs = {cell(worst.ratio)}"
    return f"{told} Claim *{escape(worst.claim)}* fails on {_where(worst, statement)}: {by}."


def _where(worst: Worst, statement: Statement | None) -> str:
    """The instance, with what a stored construction says of itself."""
    way = worst.where.way
    if way.kind is not WayKind.WITNESS:
        return escape(str(worst.where))
    known = (*statement.counterexamples, *statement.witnesses) if statement else ()
    says = next((w.says for w in known if w.name == way.name and w.says), "")
    return escape(way.name) + (f" ({escape(says)})" if says else "")


def _replay(record: Record, folder: str) -> str:
    return f"`{replay_command(record, folder)}`"
