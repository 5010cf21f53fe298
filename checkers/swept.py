"""Cells of a sweep and what came of them, as plain data for the store and the report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from checkers.record import Worst
from checkers.statement import SizeSpec
from checkers.verdict import Standing, Verdict

ROUNDS = 8
"""Sizes at which a statement may tell nothing before that counts against it."""

COUNTEREXAMPLE = "sweep"
"""Name of the witness file with the plainest counterexample that sweeps have found."""


def counterexample_path(statement: str) -> str:
    """Where that file is, from the folder of the store."""
    return f"witnesses/{statement}/{COUNTEREXAMPLE}.json"


@dataclass(frozen=True)
class CellSpec:
    """What a cell does: one way of drawing one statement at one size, and how much of it.

    ``index`` is the round of the plan, ``seed`` that of the sweep, ``work`` the name of an amount
    of work; ``digest`` is the statement's and ``code`` the version of the code.
    """

    statement: str
    digest: str
    code: str
    sizes: SizeSpec
    regime: str
    index: int
    seed: int
    work: str

    @cached_property
    def key(self) -> str:
        """Hash of all but the digest and the code: 32 hex digits, the same on every machine."""
        parts = (self.statement, self.sizes, self.regime, self.index, self.seed, self.work)
        return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:32]

    @property
    def number(self) -> int:
        """The seed of what the cell draws."""
        return int(self.key[:15], 16)

    def in_shard(self, shard: tuple[int, int]) -> bool:
        """Whether the cell is one of shard i of n, counted from 1."""
        return int(self.key, 16) % shard[1] == shard[0] - 1


@dataclass(frozen=True)
class CellResult:
    """What came of a cell; ``seconds`` is no part of its identity.

    ``counterexample`` is the text of a witness file. ``lost`` says that the machine failed, not the
    statement: the worker died or ran out of time.
    """

    spec: CellSpec
    verdict: Verdict
    drawn: int = 0
    admitted: int = 0
    touching: int = 0
    tightness: float | None = None
    worst: Worst | None = None
    counterexample: str | None = None
    reason: str = ""
    lost: bool = False
    seconds: float = field(default=0.0, compare=False)


def to_text(result: CellResult) -> str:
    """JSON of everything but the seconds; ``from_text`` inverts it."""
    data = asdict(result)
    del data["seconds"]
    return json.dumps({**data, "verdict": result.verdict.word}, sort_keys=True)


def from_text(text: str, seconds: float = 0.0) -> CellResult:
    """The result of a text. Raises KeyError, TypeError or ValueError on another schema."""
    data = json.loads(text)
    spec: Mapping[str, Any] = data["spec"]
    sizes = SizeSpec(
        tuple(spec["sizes"]["counts"]), tuple((k, n) for k, n in spec["sizes"]["others"])
    )
    changed = {
        "spec": CellSpec(**{**spec, "sizes": sizes}),
        "verdict": Verdict[data["verdict"].upper()],
        "worst": Worst(**data["worst"]) if data["worst"] else None,
        "seconds": seconds,
    }
    return CellResult(**{**data, **changed})


@dataclass(frozen=True)
class Total:
    """What all cells of one statement found together."""

    statement: str
    cells: int
    drawn: int
    admitted: int
    touching: int
    refuting: int
    failed: int
    undecided: int
    tightness: float | None
    verdict: Verdict
    reason: str

    def agrees(self, standing: Standing, ways: int) -> bool:
        """Whether the cells contradict nothing that is said of the statement.

        Random cells need not refute what is known to be false. That nothing is told counts once
        all of the ``ways`` of drawing were tried at several sizes.
        """
        if self.verdict is Verdict.VACUOUS:
            return self.cells < ROUNDS * ways
        if standing is Standing.FALSE and self.verdict is Verdict.HOLDS:
            return True
        return standing.agrees_with(self.verdict)


def totals(results: Iterable[CellResult]) -> tuple[Total, ...]:
    """One a statement, sorted by id; a function of the set of results, not of their order."""
    groups: dict[str, list[CellResult]] = {}
    for result in results:
        groups.setdefault(result.spec.statement, []).append(result)
    return tuple(
        _total(id, sorted(found, key=lambda r: (r.spec.key, r.spec.code)))
        for id, found in sorted(groups.items())
    )


def _total(id: str, found: list[CellResult]) -> Total:
    def count(verdict: Verdict) -> int:
        return sum(r.verdict is verdict for r in found)

    decided = [r.verdict for r in found if r.verdict is not Verdict.VACUOUS]
    verdict = max(decided, default=Verdict.VACUOUS)
    return Total(
        statement=id,
        cells=len(found),
        drawn=sum(r.drawn for r in found),
        admitted=sum(r.admitted for r in found),
        touching=sum(r.touching for r in found),
        refuting=count(Verdict.REFUTED),
        failed=count(Verdict.ERROR),
        undecided=count(Verdict.INCONCLUSIVE),
        tightness=max((r.tightness for r in found if r.tightness is not None), default=None),
        verdict=verdict,
        reason=next(r.reason for r in found if r.verdict is verdict),
    )
