"""Records of schema 1, the published ones among them: nothing of their texts is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkers.kinds.flow.carried import curves, panels
from checkers.kinds.landscape.carried import critical_points
from checkers.kinds.training.carried import (
    Checkpoint,
    Comparison,
    Spread,
    checkpoints,
    comparison,
)
from checkers.provenance import Provenance, recorded
from checkers.record import from_json, summary, to_json
from checkers.record_schema1 import proof_sizes, provenance_of, size_spec, upgraded, way
from checkers.sizes import sizes
from checkers.swept import from_text, to_text
from checkers.ways import GAUSSIAN, Way, WayKind, ascent, near, sampler

OLD = {
    "id": "a",
    "digest": "d1",
    "code": "c0de",
    "title": "Title",
    "standing": "theorem",
    "transcription": "verbatim",
    "profile": "ci",
    "seed": 0,
    "environment": {},
    "mutants": [],
    "claims": ["c"],
    "counterexample": None,
    "witnesses": {},
    "seconds": 1.0,
    "schema": 1,
    "proofs": [
        {"claim": "c", "method": "m", "at": "n_{l+1}=1, n_l=2, N=3", "verdict": "holds"},
        {"claim": "c", "method": "m", "at": "", "verdict": "holds"},
    ],
}


def finding(checker: str, cells: list[tuple[str, str]], where: str, curves=(), critical=()):
    sides = {"lhs": 1.0, "rhs": 2.0, "slack": 1.0, "ratio": 0.5}
    return {
        "checker": checker,
        "verdict": "holds",
        "evidence": "certified",
        "drawn": 1,
        "admitted": 1,
        "touching": 0,
        "tightness": 0.5,
        "worst": {
            "claim": "c",
            **sides,
            "certified": True,
            "touches": False,
            "where": where,
            "digest": "ab",
        },
        "cells": [
            {"sizes": s, "regime": r, "drawn": 1, "admitted": 1, "best": 0.5} for s, r in cells
        ],
        "checkpoints": [],
        "critical": list(critical),
        "curves": [{"name": c, "log_time": [1.0], "series": {"margin": [0.5]}} for c in curves],
        "comparison": None,
        "reason": "",
        "seconds": 1.0,
    }


POINT = {"value": 1.0, "gradient": 0.0, "curvature": 0.0, "excess": 1.0, "nc1": None, "nc2": None}

CASES = {
    "inequality": (
        finding(
            "inequality",
            [
                ("K=2, n=1, d=1", "gaussian"),
                ("n=(9, 1, 1), d=2", "nearly critical"),
                ("K=2, width=5, depth=2, last_width=2", "near simplex ETF"),
                ("K=2, n=1, d=1", "ascent"),
            ],
            "simplex ETF with noise, n=(9, 1, 1), d=2, draw 12",
        ),
        [GAUSSIAN, sampler("nearly critical"), near("simplex ETF"), ascent()],
        Provenance(near("simplex ETF"), sizes((9, 1, 1), d=2), 12),
    ),
    "flow": (
        finding(
            "flow",
            [("K=4, n=1, d=3", "Gaussian, K-1 dimensions"), ("K=4, n=1, d=3", "along flows")],
            "flow from Gaussian, K-1 dimensions, K=4, n=1, d=3, draw 104",
            curves=["Gaussian, K-1 dimensions, K=4, n=1, d=3"],
        ),
        [Way(WayKind.FLOW, "Gaussian, K-1 dimensions"), sampler("along flows")],
        Provenance(Way(WayKind.FLOW, "Gaussian, K-1 dimensions"), sizes(K=4, n=1, d=3), 104),
    ),
    "landscape": (
        finding(
            "landscape",
            [
                ("K=2, n=1, d=1, one=1", "critical points with bias"),
                ("K=2, n=1, d=1, one=1", "minima"),
            ],
            "critical points with bias, K=2, n=1, d=1, one=1, draw 0",
            critical=[{**POINT, "sizes": "K=2, n=1, d=1, one=1", "character": "strict saddle"}],
        ),
        [Way(WayKind.CRITICAL, "critical points with bias"), sampler("minima")],
        Provenance(
            Way(WayKind.CRITICAL, "critical points with bias"), sizes(K=2, n=1, d=1, one=1), 0
        ),
    ),
    "training": (
        finding("training", [("one=1", "3 layers, 6 networks")], "3 layers, 6 networks, draw 0"),
        [Way(WayKind.TRAINING, "3 layers, 6 networks")],
        Provenance(Way(WayKind.TRAINING, "3 layers, 6 networks"), index=0),
    ),
}


@pytest.mark.parametrize("checker", CASES)
def test_the_ways_of_every_checker_are_told_apart(checker):
    old, ways, where = CASES[checker]
    (new,) = from_json({**OLD, "findings": [old]}).findings
    assert [c.way for c in new.cells] == ways
    assert [str(c.sizes) for c in new.cells] == [c["sizes"] for c in old["cells"]]
    assert new.worst is not None
    assert new.worst.where == where
    points = critical_points(new)
    assert [str(p.sizes) for p in points] == [p["sizes"] for p in old["critical"]]
    assert all(dict(p.measured) == {"excess": 1.0, "nc1": None, "nc2": None} for p in points)
    assert [c.name for c in curves(new)] == [c["name"] for c in old["curves"]]
    assert ("margin" in {p.name for p in panels(new)}) is bool(old["curves"])


def test_what_was_carried_along_training_is_read_as_it_was():
    sides = {"lhs": {"c": 1.0}, "rhs": {"c": 2.0}}
    point = {"network": 0, "step": 5, "admitted": True, "measured": {"e1": 3.0}, **sides}
    spreads = [{"x": 1.0, "values": [2.0, 3.0]}]
    compared = {"across": "depth", "along": "NC2", "spreads": spreads}
    old = {
        **finding("training", [], "runs, draw 0"),
        "checkpoints": [point],
        "comparison": compared,
    }
    (new,) = from_json({**OLD, "findings": [old]}).findings
    assert checkpoints(new) == (Checkpoint(**point),)
    assert comparison(new) == Comparison("depth", "NC2", (Spread(1.0, (2.0, 3.0)),))


def test_sizes_of_proofs_are_named():
    record = from_json({**OLD, "findings": []})
    assert [dict(p.at) for p in record.proofs] == [{"n_{l+1}": 1, "n_l": 2, "N": 3}, {}]
    assert [p["at"] for p in summary(record)["proofs"]] == ["n_{l+1}=1, n_l=2, N=3", ""]


@pytest.mark.parametrize("text", ["", "K=3 n=2", "n=(2)", "K=3, n=2, d", "about three"])
def test_a_text_that_is_no_size_is_refused(text):
    with pytest.raises(ValueError, match="given"):
        size_spec(text)
    with pytest.raises(ValueError, match="given"):
        proof_sizes(f"{text}; {text}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("witness identities, K = 2", Provenance(Way(WayKind.WITNESS, "identities, K = 2"))),
        (
            "experiment digits, step 200, network 0",
            Provenance(Way(WayKind.EXPERIMENT, "digits"), detail=(("step", 200), ("network", 0))),
        ),
        (
            "ascent from square with noise, K=2, n=1, d=1, draw 4",
            Provenance(ascent(near("square")), sizes(K=2, n=1, d=1), 4),
        ),
        ("found by hand", recorded("found by hand")),
        ("gaussian, K=2, n=1, d=1, draw 007", recorded("gaussian, K=2, n=1, d=1, draw 007")),
    ],
)
def test_a_provenance_is_taken_apart_or_kept_in_its_words(text, expected):
    assert provenance_of(text) == expected
    assert str(provenance_of(text)) == text


def test_ascents_hold_what_they_start_from():
    assert way("ascent from near square") == ascent(near("square"))
    assert way("ascent from gaussian") == ascent(GAUSSIAN)


OLD_CELL = {
    "spec": {
        "statement": "a",
        "digest": "d1",
        "code": "c0de",
        "sizes": {"counts": [2, 2], "others": [["width", 3], ["depth", 2]]},
        "regime": "ascent from near square",
        "index": 1,
        "seed": 0,
        "work": "tiny",
    },
    "verdict": "holds",
    "drawn": 1,
    "admitted": 1,
    "touching": 0,
    "tightness": 0.5,
    "worst": CASES["inequality"][0]["worst"],
    "counterexample": None,
    "reason": "",
    "lost": False,
}


def test_a_cell_of_an_older_store_keeps_its_key():
    """The key is the one that a sweep of schema 1 gave: sha256 of the parts as text."""
    import hashlib

    cell = from_text(json.dumps(OLD_CELL, sort_keys=True))
    parts = "a|K=2, n=2, width=3, depth=2|ascent from near square|1|0|tiny"
    assert cell.spec.key == hashlib.sha256(parts.encode()).hexdigest()[:32]
    assert cell.spec.way == ascent(near("square"))
    assert from_text(to_text(cell)) == cell
    assert from_text(to_text(cell)).spec.key == cell.spec.key


@pytest.mark.parametrize("schema", [0, 3, "2", None])
def test_a_cell_of_an_unknown_schema_is_refused(schema):
    with pytest.raises(ValueError, match="schema"):
        from_text(json.dumps({**OLD_CELL, "schema": schema}))


def published() -> list[Path]:
    return sorted((Path(__file__).parents[2] / "results" / "records").glob("*.json"))


def test_every_published_record_reads_the_same_and_survives_a_round_trip():
    assert len(published()) >= 52
    for path in published():
        data = json.loads(path.read_text(encoding="utf-8"))
        record = from_json(data)
        again = json.loads(json.dumps(to_json(record)))
        assert again["schema"] == 2
        assert from_json(again) == record, path.name
        assert to_json(from_json(again)) == again, path.name
        if data["schema"] != 1:
            continue
        assert upgraded(data)["schema"] == 2
        for old, new in zip(data["findings"], record.findings, strict=True):
            told = [(c["sizes"], c["regime"]) for c in old["cells"]]
            assert [(str(c.sizes), str(c.way)) for c in new.cells] == told, path.name
            if old["worst"]:
                assert new.worst is not None
                assert str(new.worst.where) == old["worst"]["where"]
                assert new.worst.where.way.kind is not WayKind.RECORDED, path.name
        named = [p["at"] for p in data["proofs"]]
        assert [p["at"] for p in summary(record)["proofs"]] == named
