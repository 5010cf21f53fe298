"""Small records for the tests of what keeps, tells and prints them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from checkers.kinds.training.carried import Checkpoint, written
from checkers.provenance import Provenance
from checkers.record import Cell, Finding, MutantRecord, ProofRecord, Record, Worst
from checkers.sizes import sizes
from checkers.verdict import Evidence, Standing, Transcription, Verdict
from checkers.ways import GAUSSIAN, ascent, near

MakeRecord = Callable[..., Record]


def _record(id: str = "ji2022_margin_bound", **changes: Any) -> Record:
    where = Provenance(GAUSSIAN, index=3)
    worst = Worst("margin bound", 2.0, 2.5, 0.5, 0.8, True, False, where, "ab12")
    cells = (
        Cell(sizes(K=3, n=2, d=2), GAUSSIAN, 100, 90, 0.25),
        Cell(sizes((9, 1, 1), d=2), GAUSSIAN, 100, 0, None),
        Cell(sizes(K=3, n=2, d=2), near("simplex ETF"), 50, 50, 1 - 1e-12),
        Cell(sizes(K=2, n=1, d=1), ascent(), 10, 10, 0.999),
    )
    finding = Finding(
        "inequality",
        changes.pop("verdict", Verdict.HOLDS),
        Evidence.CERTIFIED,
        drawn=260,
        admitted=150,
        touching=3,
        tightness=0.9999999,
        worst=worst,
        cells=cells,
        reason=changes.pop("reason", ""),
        seconds=4.25,
    )
    points = tuple(
        Checkpoint(
            k, step, step >= 100, {"e1": 9.0 / (step + 1), "r": 2.0}, {"NC1": 0.1}, {"NC1": 0.5}
        )
        for k in (0, 1)
        for step in (0, 50, 100, 200)
    )
    training = Finding("training", Verdict.HOLDS, Evidence.SAMPLED, 8, 4, carried=written(points))
    given: dict[str, Any] = {
        "id": id,
        "digest": f"digest of {id}",
        "code": "c0de",
        "title": f"Title of {id} with |bars|",
        "standing": Standing.THEOREM,
        "transcription": Transcription.RECONSTRUCTED,
        "profile": "quick",
        "seed": 7,
        "environment": {"python": "3.11", "host": "some-machine"},
        "findings": (finding, training),
        "mutants": (
            MutantRecord(
                "M1", "2K for 2(K-1)", True, "simplex ETF", "witnesses/x/M1.json", 1.2, True
            ),
            MutantRecord("M2", "n for sqrt(n)", True, "square", None, None, False),
        ),
        "proofs": tuple(
            ProofRecord("margin bound", "LDL^T", {"K": k, "n": m}, Verdict.HOLDS)
            for k in (10, 2)
            for m in (1, 2)
        ),
        "witnesses": {"simplex ETF": "witnesses/x/simplex-ETF.json"},
        "seconds": 31.4159,
    }
    return Record(**{**given, **changes})


@pytest.fixture
def make_record() -> MakeRecord:
    """Builds a record that holds; ``verdict``, ``reason`` and any field can be given."""
    return _record
