from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

import checkers.check
from checkers.store import Store
from checkers.verdict import Standing, Verdict

ID = "ji2022_margin_bound"
OTHER = "ji2022_loss_bound"


def kept(path="results/store.sqlite"):
    with Store.open(Path(path), create=False) as store:
        return store.records()


def test_everything_as_claimed(ncheck, finding, make_record):
    asked = finding(make_record(OTHER), make_record(ID))
    found = ncheck("check", ID, OTHER, ID, "--seed", 7, "--json", "c.json")
    assert found.status == 0
    assert asked == {
        "ids": (OTHER, ID),
        "profile": "quick",
        "seed": 7,
        "device": "auto",
        "folder": Path("results"),
    }
    assert kept() == (make_record(OTHER), make_record(ID))
    assert "[1/2]" in found.err
    assert "[2/2]" in found.err
    assert all(id in found.out for id in (ID, OTHER))
    assert sorted(p.name for p in Path("results/records").iterdir()) == [
        f"{OTHER}.json",
        f"{ID}.json",
    ]


def test_the_json_is_what_was_promised(ncheck, finding, make_record):
    counterexample = "witnesses/x/c.json"
    printed = make_record(
        ID, standing=Standing.PRINTED, verdict=Verdict.REFUTED, counterexample=counterexample
    )
    finding(printed, make_record(OTHER))
    assert ncheck("check", "--json", "c.json", "--store", "kept/s.sqlite").status == 0
    data = json.loads(Path("c.json").read_text())
    assert data["schema"] == 1
    assert data["environment"] == checkers.check.environment()
    assert [r["id"] for r in data["results"]] == [OTHER, ID]
    result = data["results"][1]
    assert {k: v for k, v in result.items() if k not in ("mutants", "proofs")} == {
        "id": ID,
        "standing": "printed",
        "transcription": "reconstructed",
        "verdict": "refuted",
        "evidence": "certified",
        "agrees": True,
        "instances": {"drawn": 260, "admitted": 150, "touching": 3},
        "tightness": 0.9999999,
        "worst": {"lhs": 2.0, "rhs": 2.5, "slack": 0.5, "ratio": 0.8, "certified": True},
        "counterexample": f"kept/{counterexample}",
        "seconds": 31.416,
    }
    assert result["mutants"][0] == {
        "id": "M1",
        "killed": True,
        "by": "simplex ETF",
        "witness": "kept/witnesses/x/M1.json",
    }
    assert result["mutants"][1]["witness"] is None
    assert result["proofs"][0]["verdict"] == "holds"


def test_numbers_that_are_none_become_null(ncheck, finding, make_record):
    worst = replace(make_record().findings[0].worst, ratio=float("inf"), lhs=float("nan"))
    record = replace(make_record(), findings=(replace(make_record().findings[0], worst=worst),))
    finding(record)
    ncheck("check", ID, "--json", "c.json")
    (result,) = json.loads(Path("c.json").read_text())["results"]
    assert (result["worst"]["ratio"], result["worst"]["lhs"]) == (None, None)


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.HOLDS])
def test_a_theorem_that_does_not_hold_is_status_1(ncheck, finding, make_record, verdict):
    finding(make_record(OTHER), make_record(ID, verdict=verdict, reason="for a reason"))
    found = ncheck("check", ID, OTHER)
    assert found.status == 1
    assert "for a reason" in found.out


def test_a_surviving_mutant_is_status_1_and_named(ncheck, finding, make_record):
    survivor = replace(make_record().mutants[1], killed=False)
    finding(make_record(ID, mutants=(survivor,)))
    found = ncheck("check", ID)
    assert found.status == 1
    assert "M2" in found.out


def test_an_interrupt_keeps_what_is_finished(ncheck, finding, make_record):
    finding(make_record(ID), error=KeyboardInterrupt())
    found = ncheck("check", ID, OTHER, "--json", "c.json")
    assert found.status == 130
    assert "1 of 2" in found.err
    assert kept() == (make_record(ID),)
    assert Path(f"results/records/{ID}.json").exists()
    assert not Path("c.json").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody2020_nothing",), ("nobody2020_nothing", ID)),
        ((ID, "nobody2020_nothing"), ("nobody2020_nothing",)),
        (("--profile", "thorough"), ("thorough", "quick", "ci", "nightly")),
        (("--device", "tpu"), ("tpu", "cuda")),
        (("--json", "nowhere/c.json"), ("nowhere",)),
        (("--json", "."), ("folder",)),
    ],
)
def test_a_wrong_call_does_nothing(ncheck, finding, written, arguments, words):
    asked = finding()
    assert ncheck("check", *arguments).is_refused(*words)
    assert asked == {}
    assert written() == []


def test_a_gpu_that_is_not_there_is_told(ncheck, finding, written):
    import torch

    if torch.cuda.is_available():
        pytest.skip("a GPU is there")
    finding()
    assert ncheck("check", "--device", "cuda").is_refused("cuda")
    assert written() == []


def test_a_json_that_exists_survives_a_wrong_call(ncheck, finding):
    finding()
    Path("c.json").write_text("before")
    assert ncheck("check", "--json", "c.json", "--profile", "x").is_refused("x")
    assert Path("c.json").read_text() == "before"


def test_a_store_that_is_none_is_refused_and_left_alone(ncheck, finding, make_record):
    finding(make_record(ID))
    Path("notes.txt").write_text("notes\n" * 100)
    assert ncheck("check", ID, "--store", "notes.txt").is_refused("notes.txt")
    assert Path("notes.txt").read_text() == "notes\n" * 100
    assert ncheck("check", ID, "--store", ".").is_refused("folder")
    foreign = sqlite3.connect("theirs.sqlite")
    foreign.execute("CREATE TABLE theirs (x)")
    foreign.close()
    assert ncheck("check", ID, "--store", "theirs.sqlite").is_refused("another program")


def test_a_new_store_starts_from_the_records_beside_it(ncheck, finding, make_record):
    finding(make_record(ID), make_record(OTHER))
    ncheck("check")
    Path("results/store.sqlite").unlink()
    finding(make_record(ID, seconds=1.0))
    ncheck("check", ID)
    with Store.open(Path("results/store.sqlite")) as store:
        assert [(r.id, r.seconds) for r in store.latest()] == [(OTHER, 31.4159), (ID, 1.0)]


def test_a_broken_statement_makes_its_own_check_an_error(ncheck, more_statements):
    (more_statements / "a2024_broken.py").write_text("STATEMENT = undefined")
    found = ncheck("check", "a2024_broken", "--profile", "ci", "--json", "c.json")
    assert found.status == 1
    (result,) = json.loads(Path("c.json").read_text())["results"]
    assert (result["id"], result["verdict"], result["agrees"]) == ("a2024_broken", "error", False)
    assert "NameError" in found.out
    (record,) = kept()
    assert "undefined" in record.main.reason
    assert ncheck("report").status == 0
    assert "NameError" in Path("REPORT.md").read_text()
