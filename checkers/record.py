"""What a check found, as plain data: the store keeps it, the report and the JSON read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from enum import Enum
from typing import Any

from checkers import record_schema1
from checkers.instance import describe_sizes
from checkers.provenance import Provenance
from checkers.sizes import SizeSpec
from checkers.verdict import Evidence, Standing, Transcription, Verdict, merge
from checkers.ways import Way

SCHEMA = 2
"""In schema 1 sizes, ways of drawing and provenances were text; it is still read."""


@dataclass(frozen=True)
class Worst:
    """The claim and instance of smallest relative slack, in certified digits.

    ``certified`` says that both sides were enclosed in balls or rationals; ``touches`` that the
    slack is zero, or cannot be told from zero at 1024 bits.
    """

    claim: str
    lhs: float
    rhs: float
    slack: float
    ratio: float | None
    certified: bool
    touches: bool
    where: Provenance
    digest: str


@dataclass(frozen=True)
class Cell:
    """One batch: sizes, way of drawing, what came of it. ``best`` is the largest ratio admitted."""

    sizes: SizeSpec
    way: Way
    drawn: int
    admitted: int
    best: float | None


@dataclass(frozen=True)
class Finding:
    """What one checker found of one statement.

    ``carried`` is plain data of a kind of claim, which its folder in ``checkers.kinds`` writes and
    reads: mappings, lists, texts, numbers and None.
    """

    checker: str
    verdict: Verdict
    evidence: Evidence
    drawn: int = 0
    admitted: int = 0
    touching: int = 0
    tightness: float | None = None
    worst: Worst | None = None
    cells: tuple[Cell, ...] = ()
    carried: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    seconds: float = 0.0


@dataclass(frozen=True)
class MutantRecord:
    """Whether a false neighbour was refuted, by what, and where the instance is kept.

    ``blind`` says that the drawn instances refuted it too, without being told the witness.
    """

    id: str
    says: str
    killed: bool
    by: str | None
    witness: str | None
    ratio: float | None
    blind: bool


@dataclass(frozen=True)
class ProofRecord:
    """One exact proof; ``at`` names its sizes, none where it is one of all sizes."""

    claim: str
    method: str
    at: Mapping[str, int]
    verdict: Verdict

    @property
    def sizes(self) -> str:
        """``K=2, n=1``, or nothing."""
        return describe_sizes(self.at)


@dataclass(frozen=True)
class Record:
    """All that a check of one statement found; ``files`` has a digest of each witness file."""

    id: str
    digest: str
    code: str
    title: str
    standing: Standing
    transcription: Transcription
    profile: str
    seed: int
    environment: Mapping[str, str]
    findings: tuple[Finding, ...]
    mutants: tuple[MutantRecord, ...] = ()
    proofs: tuple[ProofRecord, ...] = ()
    claims: tuple[str, ...] = ()
    counterexample: str | None = None
    witnesses: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    schema: int = SCHEMA

    @property
    def verdict(self) -> Verdict:
        """The worst verdict over the findings."""
        return merge(f.verdict for f in self.findings)

    @property
    def evidence(self) -> Evidence:
        """Strongest evidence for the verdict; PROVED where exact proofs cover every claim."""
        if self.verdict is Verdict.HOLDS and self.proved:
            return Evidence.PROVED
        supporting = [f.evidence for f in self.findings if f.verdict is self.verdict]
        return max(supporting, default=Evidence.SAMPLED)

    @property
    def proved(self) -> bool:
        """Every claim has exact proofs and none of them failed."""
        covered = {p.claim for p in self.proofs} >= set(self.claims)
        return bool(self.proofs) and covered and not self.failed_proofs

    @property
    def failed_proofs(self) -> tuple[ProofRecord, ...]:
        """Proofs whose obligation is not met."""
        return tuple(p for p in self.proofs if p.verdict is not Verdict.HOLDS)

    @property
    def paths(self) -> tuple[str, ...]:
        """Its witness files, from the folder of the store; each once, sorted."""
        named = (*self.witnesses.values(), self.counterexample, *(m.witness for m in self.mutants))
        return tuple(sorted({path for path in named if path}))

    @property
    def agrees(self) -> bool:
        """The verdict is what the standing leads one to expect; mutants died, proofs held."""
        powerful = all(m.killed for m in self.mutants)
        return self.standing.agrees_with(self.verdict) and powerful and not self.failed_proofs

    @property
    def main(self) -> Finding | None:
        """The finding that decides: the worst, and of equals the first."""
        return max(self.findings, key=lambda f: f.verdict, default=None)


def to_json(record: Record) -> dict[str, Any]:
    """Plain data, enums as lower-case words; ``from_json`` inverts it.

    Sizes are told in the order of their keys, which is not to be sorted.
    """
    data: dict[str, Any] = plain(record)
    return data


def plain(value: Any) -> Any:
    """A value of a record as plain data: dictionaries, lists, texts, numbers, None."""
    if isinstance(value, Provenance | SizeSpec | Way):
        return value.to_json()
    if isinstance(value, Verdict | Evidence):
        return value.word
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return value


def from_json(data: Mapping[str, Any]) -> Record:
    """The record of plain data, of schema 1 too. Raises ValueError on another schema."""
    if data.get("schema") == 1:
        data = record_schema1.upgraded(data)
    if data.get("schema") != SCHEMA:
        raise ValueError(f"record of schema {data.get('schema')} given, 1 or {SCHEMA} expected")
    return Record(
        **{
            **data,
            "standing": Standing(data["standing"]),
            "transcription": Transcription(data["transcription"]),
            "claims": tuple(data.get("claims", ())),
            "findings": tuple(_finding(f) for f in data["findings"]),
            "mutants": tuple(MutantRecord(**m) for m in data["mutants"]),
            "proofs": tuple(_proof(p) for p in data["proofs"]),
        }
    )


def _finding(raw: Mapping[str, Any]) -> Finding:
    return Finding(
        **{
            **raw,
            "verdict": Verdict[raw["verdict"].upper()],
            "evidence": Evidence[raw["evidence"].upper()],
            "worst": worst_from_json(raw["worst"]),
            "cells": tuple(_cell(c) for c in raw["cells"]),
        }
    )


def worst_from_json(raw: Mapping[str, Any] | None) -> Worst | None:
    """The worst instance of plain data, or none."""
    return Worst(**{**raw, "where": Provenance.from_json(raw["where"])}) if raw else None


def _cell(raw: Mapping[str, Any]) -> Cell:
    sizes, way = SizeSpec.from_json(raw["sizes"]), Way.from_json(raw["way"])
    return Cell(**{**raw, "sizes": sizes, "way": way})


def _proof(raw: Mapping[str, Any]) -> ProofRecord:
    verdict = Verdict[raw["verdict"].upper()]
    return ProofRecord(**{**raw, "at": dict(raw["at"]), "verdict": verdict})


def summary(record: Record) -> dict[str, Any]:
    """One entry of ``results`` in the JSON of ``ncheck check``."""
    main = record.main
    worst = main.worst if main else None
    deciding = record.findings[:1]  # what comes after it is along training, or a failure
    tight = [f.tightness for f in record.findings if f.tightness is not None]
    return {
        "id": record.id,
        "standing": record.standing.value,
        "transcription": record.transcription.value,
        "verdict": record.verdict.word,
        "evidence": record.evidence.word,
        "agrees": record.agrees,
        "instances": {
            name: sum(getattr(f, name) for f in deciding)
            for name in ("drawn", "admitted", "touching")
        },
        "tightness": max(tight, default=None),
        "worst": None
        if worst is None
        else {k: getattr(worst, k) for k in ("lhs", "rhs", "slack", "ratio", "certified")},
        "mutants": [
            {"id": m.id, "killed": m.killed, "by": m.by, "witness": m.witness}
            for m in record.mutants
        ],
        "proofs": [
            {
                "claim": p.claim,
                "method": p.method,
                "at": p.sizes,
                "verdict": p.verdict.word,
            }
            for p in record.proofs
        ],
        "counterexample": record.counterexample,
        "seconds": round(record.seconds, 3),
    }
