"""The tables of a training run: when the hypotheses held, what was measured beside the bound."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checkers.kinds.training.carried import Checkpoint, checkpoints
from checkers.record import Finding
from checkers.typeset import cell, details, escape, plural, table


def training(finding: Finding) -> Iterator[str]:
    """One line; a line a network and every checkpoint folded away; nothing without."""
    points = sorted(checkpoints(finding), key=lambda c: (c.network, c.step))
    if not points:
        return
    networks = [[c for c in points if c.network == k] for k in sorted({c.network for c in points})]
    claims = sorted(points[0].lhs)
    yield (
        f"**Training**: {plural(len(networks), 'network')}, {plural(len(points), 'checkpoint')};"
        f" the hypotheses hold at {sum(c.admitted for c in points)} of them."
    )
    heads = ["network", "hypotheses hold at steps", "step"]
    heads += [h for c in claims for h in (f"measured {escape(c)}", "bound", "measured / bound")]
    last = table(heads, (_network(line, claims) for line in networks), "r r" + "rrr" * 9)
    yield details("Each network at the last step where the hypotheses hold", "\n".join(last))
    yield details("Every checkpoint", "\n".join(_checkpoints(points, claims)))


def _network(line: Sequence[Checkpoint], claims: Sequence[str]) -> list[str]:
    held = [c for c in line if c.admitted]
    row = [str(line[0].network), _runs(line), str(held[-1].step) if held else "–"]
    for claim in claims:
        row += _sides(held[-1], claim) if held else ("–", "–", "–")
    return row


def _sides(point: Checkpoint, claim: str) -> tuple[str, str, str]:
    lhs, rhs = point.lhs[claim], point.rhs[claim]
    return cell(lhs), cell(rhs), cell(lhs / rhs) if rhs else "–"


def _runs(line: Sequence[Checkpoint]) -> str:
    """``400 to 3200``: stretches of checkpoints at which the hypotheses hold."""
    runs: list[list[int]] = []
    before = False
    for point in line:
        if point.admitted and before:
            runs[-1].append(point.step)
        elif point.admitted:
            runs.append([point.step])
        before = point.admitted
    told = (str(r[0]) if len(r) == 1 else f"{r[0]} to {r[-1]}" for r in runs)
    return ", ".join(told) or "none"


def _checkpoints(points: Sequence[Checkpoint], claims: Sequence[str]) -> Iterator[str]:
    measured = sorted({name for c in points for name in c.measured} - set(claims))
    heads = ["network", "step", "hypotheses", *(f"`{name}`" for name in measured)]
    heads += [h for c in claims for h in (f"measured {escape(c)}", "bound", "measured / bound")]
    rows = (
        [
            str(c.network),
            str(c.step),
            "hold" if c.admitted else "fail",
            *(cell(c.measured.get(name)) for name in measured),
            *(text for claim in claims for text in _sides(c, claim)),
        ]
        for c in points
    )
    yield from table(heads, rows, "rr " + "r" * (len(heads) - 3))
