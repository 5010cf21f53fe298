"""The first screen of the report: what was found, what needs a look, one table of everything."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from checkers.record import Record, summary
from checkers.report.section import section
from checkers.report.text import cell, escape, link, place, plural, replay_command, tightness
from checkers.statement import Statement
from checkers.swept import Total, counterexample_path
from checkers.verdict import Standing, Verdict

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


def document(
    records: Sequence[Record],
    statements: Mapping[str, Statement],
    folder: str,
    totals: Mapping[str, Total],
) -> str:
    """The whole report; ``totals`` of sweeps by statement."""
    blocks = [
        "# Report",
        "Written by `ncheck report` from the stored records of `ncheck check`; not to be edited.",
        _summary(records),
        *_attention(records, statements, folder),
        *_swept(records, totals, folder),
        "## All statements",
        "\n".join(_table(records)),
        _WORDS.strip(),
        *(section(r, statements.get(r.id), folder, totals.get(r.id)) for r in records),
    ]
    return "\n\n".join(blocks) + "\n"


def _summary(records: Sequence[Record]) -> str:
    holding = [r for r in records if r.verdict is Verdict.HOLDS]
    evidence = Counter(r.evidence for r in holding)
    by = ", ".join(f"{evidence[e]} {e.word}" for e in sorted(evidence, reverse=True))
    told = [f"{len(holding)} hold{'s' if len(holding) == 1 else ''}" + (f" ({by})" if by else "")]
    others = Counter(_outcome(r) for r in records if r.verdict is not Verdict.HOLDS)
    told += [f"{count} {outcome}" for outcome, count in sorted(others.items())]
    mutants = [m for r in records for m in r.mutants]
    killed = sum(m.killed for m in mutants)
    blind = sum(m.blind for m in mutants)
    wrong = sum(not r.agrees for r in records)
    verdict = "Everything is as claimed." if not wrong else f"**{wrong} not as claimed.**"
    return (
        f"**{plural(len(records), 'statement')}: {', '.join(told)}.** {killed} of"
        f" {plural(len(mutants), 'mutant')} killed, {blind} of them also blind. {verdict}"
    )


def _outcome(record: Record) -> str:
    if record.verdict is Verdict.REFUTED and record.standing is Standing.PRINTED:
        return "refuted as transcribed"
    return record.verdict.word


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
        yield "\n".join(f"- {link(r)} — {_refutation(r)} {_replay(r, folder)}" for r in settled)
    stale = [r for r in records if r.id in statements and r.digest != statements[r.id].digest]
    if stale:
        yield "## Checked before the statement was last changed"
        yield "\n".join(f"- {link(r)} — run `ncheck check {r.id}`" for r in stale)


def _swept(records: Sequence[Record], totals: Mapping[str, Total], folder: str) -> Iterator[str]:
    """Violations that a sweep has found and the check has not, and cells that failed."""
    lines = []
    for record in records:
        total = totals.get(record.id)
        if total is not None and total.refuting and record.verdict is not Verdict.REFUTED:
            path = place(folder, counterexample_path(record.id))
            told = f"certified violations in {plural(total.refuting, 'cell')}"
            lines.append(f"- {link(record)} — {told}, `ncheck replay {path}`.")
        elif total is not None and total.failed:
            told = f"{plural(total.failed, 'cell')} failed, {escape(total.reason)}"
            lines.append(f"- {link(record)} — {told}.")
    if lines:
        yield "## Found in sweeps"
        yield "\n".join(lines)


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
    return " ".join(told)


def _refutation(record: Record) -> str:
    worst = record.main.worst if record.main else None
    how = ""
    if worst is not None and worst.ratio is not None and math.isfinite(worst.ratio):
        how = f" by an instance with lhs / rhs = {cell(worst.ratio)}"
    as_what = {
        Standing.PRINTED: f"refuted *as transcribed* (wording {record.transcription.value})",
        Standing.FALSE: "refuted, as known",
    }.get(record.standing, "refuted")
    return f"{escape(record.title)}: {as_what}{how}."


def _replay(record: Record, folder: str) -> str:
    return f"`{replay_command(record, folder)}`"


def _table(records: Sequence[Record]) -> Iterator[str]:
    yield "| statement | standing | verdict | evidence | tightness | mutants killed | proofs |"
    yield "|---|---|---|---|---:|---:|---:|"
    for r in sorted(records, key=lambda r: (r.agrees, r.verdict is not Verdict.REFUTED, r.id)):
        killed = f"{sum(m.killed for m in r.mutants)} of {len(r.mutants)}" if r.mutants else "–"
        verdict = f"**{_outcome(r)}**" if r.verdict is not Verdict.HOLDS else "holds"
        yield (
            f"| {link(r)}<br>{escape(r.title)} | {r.standing.value}, {r.transcription.value} |"
            f" {verdict} | {r.evidence.word} | {tightness(summary(r)['tightness'])} | {killed} |"
            f" {len(r.proofs) or '–'} |"
        )
