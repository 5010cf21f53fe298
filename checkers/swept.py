"""Cells of a sweep and what came of them, as plain data for the store and the report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from checkers import record_schema1
from checkers.record import Worst, plain, worst_from_json
from checkers.sizes import SizeSpec
from checkers.verdict import Standing, Verdict
from checkers.ways import Way

SCHEMA = 2
"""Of the text of a cell. Cells of schema 1 do not name theirs; they are still read."""

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
    way: Way
    index: int
    seed: int
    work: str

    @cached_property
    def key(self) -> str:
        """Hash of all but the digest and the code: 32 hex digits, the same on every machine."""
        parts = (self.statement, self.sizes, self.way, self.index, self.seed, self.work)
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
    statement: the worker died or ran out of time. Such a cell is an ERROR, and is tried again by
    the next sweep.
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
    data: dict[str, Any] = plain(result)
    del data["seconds"]
    return json.dumps({"schema": SCHEMA, **data})


def from_text(text: str, seconds: float = 0.0) -> CellResult:
    """The result of a text, of schema 1 too.

    Raises AttributeError, KeyError, TypeError or ValueError on another schema.
    """
    data = json.loads(text)
    schema = data.pop("schema", 1)
    if schema == 1:
        data = _upgraded(data)
    elif schema != SCHEMA:
        raise ValueError(f"cell of schema {schema} given, 1 or {SCHEMA} expected")
    spec: Mapping[str, Any] = data["spec"]
    sizes, way = SizeSpec.from_json(spec["sizes"]), Way.from_json(spec["way"])
    changed = {
        "spec": CellSpec(**{**spec, "sizes": sizes, "way": way}),
        "verdict": Verdict[data["verdict"].upper()],
        "worst": worst_from_json(data["worst"]),
        "seconds": seconds,
    }
    return CellResult(**{**data, **changed})


def _upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A cell of schema 1, without a number of its schema: the way and the provenance were text."""
    spec, worst = data["spec"], data["worst"]
    way = record_schema1.way(spec["regime"])
    rest = {name: value for name, value in spec.items() if name != "regime"}
    counts, others = spec["sizes"]["counts"], dict(spec["sizes"]["others"])
    if worst:
        where = record_schema1.provenance_of(worst["where"], [way])
        worst = {**worst, "where": where.to_json()}
    changed = {**rest, "sizes": {"counts": counts, **others}, "way": way.to_json()}
    return {**data, "spec": changed, "worst": worst}


@dataclass(frozen=True)
class Total:
    """What all cells of one statement found together, in one version of statement and code.

    ``refuting``, ``failed``, ``undecided`` and ``lost`` are numbers of cells; a lost one counts in
    ``cells`` and nowhere else, for it says nothing of the statement. ``tightness`` is the largest
    of a cell. ``reason`` is one of the verdict's, ``failure`` one of a failed or lost cell.
    """

    statement: str
    digest: str
    code: str
    verdict: Verdict
    cells: int
    drawn: int
    admitted: int
    touching: int
    refuting: int
    failed: int
    undecided: int
    lost: int
    tightness: float | None
    reason: str
    failure: str

    def agrees(self, standing: Standing, ways: int) -> bool:
        """Whether the cells contradict nothing that is said of the statement.

        Random cells need not refute what is known to be false. That nothing is told counts once
        all of the ``ways`` of drawing were tried at several sizes.
        """
        if self.verdict is Verdict.VACUOUS:
            return self.cells - self.lost < ROUNDS * ways
        if standing is Standing.FALSE and self.verdict is Verdict.HOLDS:
            return True
        return standing.agrees_with(self.verdict)


def totals(results: Iterable[CellResult]) -> tuple[Total, ...]:
    """One a statement and version of it, sorted; a function of the set of results, not the order.

    Results are looked at one by one: there may be millions.
    """
    found: dict[tuple[str, str, str], Total] = {}
    for result in results:
        spec = result.spec
        key, one = (spec.statement, spec.digest, spec.code), _of_one(result)
        found[key] = _together(found[key], one) if key in found else one
    return tuple(total for _, total in sorted(found.items()))


def _of_one(result: CellResult) -> Total:
    spec, verdict = result.spec, Verdict.VACUOUS if result.lost else result.verdict
    failed = result.lost or verdict is Verdict.ERROR
    return Total(
        statement=spec.statement,
        digest=spec.digest,
        code=spec.code,
        verdict=verdict,
        cells=1,
        drawn=result.drawn,
        admitted=result.admitted,
        touching=result.touching,
        refuting=int(verdict is Verdict.REFUTED),
        failed=int(verdict is Verdict.ERROR),
        undecided=int(verdict is Verdict.INCONCLUSIVE),
        lost=int(result.lost),
        tightness=result.tightness,
        reason="" if result.lost else result.reason,
        failure=result.reason if failed else "",
    )


_SUMS = ("cells", "drawn", "admitted", "touching", "refuting", "failed", "undecided", "lost")


def _together(one: Total, other: Total) -> Total:
    # a cell that tells nothing takes nothing from what the others tell
    decided = [t for t in (one, other) if t.verdict is not Verdict.VACUOUS] or [one, other]
    worst = max(t.verdict for t in decided)
    sums: dict[str, Any] = {name: getattr(one, name) + getattr(other, name) for name in _SUMS}
    return replace(
        one,
        **sums,
        verdict=worst,
        tightness=max((t.tightness for t in (one, other) if t.tightness is not None), default=None),
        reason=_plainest(t.reason for t in decided if t.verdict is worst),
        failure=_plainest((one.failure, other.failure)),
    )


def _plainest(texts: Iterable[str]) -> str:
    """The shortest that says something, of equals the first in order."""
    return min((t for t in texts if t), key=lambda t: (len(t), t), default="")


def total_to_text(total: Total) -> str:
    """JSON of a total; ``total_from_text`` inverts it."""
    data = {**asdict(total), "verdict": total.verdict.word}
    return json.dumps(data, sort_keys=True, indent=1) + "\n"


def total_from_text(text: str) -> Total:
    """The total of a text. Raises AttributeError, KeyError, TypeError or ValueError on others."""
    data = json.loads(text)
    return Total(**{**data, "verdict": Verdict[data["verdict"].upper()]})
