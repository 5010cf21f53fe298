"""``ncheck check --reuse`` takes the records of what has not changed, and checks the rest."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import checkers.check
from checkers import catalogue
from checkers.record import Finding, from_json, to_json
from checkers.store import Store
from checkers.verdict import Evidence, Verdict

ID = "ji2022_margin_bound"
OTHER = "ji2022_loss_bound"
WITNESS = "witnesses/{id}/worst.json"


@pytest.fixture
def current(ncheck, make_record):
    """A record as a check would now make it, and its witness file, where ``ncheck`` is called."""

    def make(id=ID, **changes):
        path = Path("results", WITNESS.format(id=id))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"witness of {id}")
        name = WITNESS.format(id=id)
        given = {
            "digest": catalogue.load(id).digest,
            "code": checkers.check.code_of(id),
            "environment": checkers.check.environment(),
            "seed": 0,
            "mutants": (),
            "witnesses": {"worst": name},
            "files": {name: hashlib.sha256(path.read_bytes()).hexdigest()[:16]},
        }
        return make_record(id, **{**given, **changes})

    return make


@pytest.fixture
def checked(ncheck, finding):
    """Check with these records found; then a second check with --reuse: ids checked again."""

    def run(*records, between=lambda: None, options=()):
        ids = [record.id for record in records]
        finding(*records)
        ncheck("check", *ids)
        between()
        asked = finding(*records)
        asked.clear()
        found = ncheck("check", *ids, "--reuse", *options)
        return found, asked.get("ids", ())

    return run


def test_what_has_not_changed_is_not_checked_again(checked, current):
    found, again = checked(current(ID), current(OTHER))
    assert again == ()
    assert found.status == 0
    assert found.err.splitlines() == [
        f"[1/2] {OTHER}: holds (proved), reused",
        f"[2/2] {ID}: holds (proved), reused",
        "2 records reused, 0 checked",
    ]
    assert ID in found.out
    assert OTHER in found.out


def test_without_the_option_everything_is_checked(ncheck, finding, current):
    finding(current(ID))
    ncheck("check", ID)
    asked = finding(current(ID))
    found = ncheck("check", ID)
    assert asked["ids"] == (ID,)
    assert "reused" not in found.err


def test_a_reused_record_that_contradicts_its_standing_is_status_1(checked, current):
    found, again = checked(current(ID, verdict=Verdict.REFUTED, reason="a violation"))
    assert (found.status, again) == (1, ())
    assert "a violation" in found.out


@pytest.mark.parametrize(
    "package", ["ncheck", "python", "numpy", "torch", "scipy", "sympy", "python-flint"]
)
def test_another_version_of_a_library_is_checked(checked, current, package):
    environment = {**checkers.check.environment(), package: "0.0.1"}
    assert checked(current(environment=environment))[1] == (ID,)


@pytest.mark.parametrize(
    "changes", [{"digest": "another"}, {"code": "another"}, {"files": {}}, {"digest": ""}]
)
def test_a_record_of_another_version_is_checked(checked, current, changes):
    assert checked(current(**changes))[1] == (ID,)


def test_the_version_of_the_machinery_alone_does_not_count(checked, current):
    environment = {**checkers.check.environment(), "code": "another"}
    assert checked(current(environment=environment))[1] == ()


@pytest.mark.parametrize("options", [("--seed", 1), ("--profile", "ci")])
def test_another_seed_or_profile_is_checked(checked, current, options):
    assert checked(current(), options=options)[1] == (ID,)


@pytest.mark.parametrize(
    "spoil",
    [Path.unlink, lambda path: path.write_text("edited"), lambda path: path.write_bytes(b"")],
)
def test_a_witness_file_that_is_not_as_it_was_left_is_checked(checked, current, spoil):
    path = Path("results", WITNESS.format(id=ID))
    found, again = checked(current(ID), current(OTHER), between=lambda: spoil(path))
    assert again == (ID,)
    assert f"[1/2] {OTHER}: holds (proved), reused" in found.err


def test_a_check_in_which_something_failed_is_repeated(checked, current):
    record = current()
    failed = Finding("proofs", Verdict.ERROR, Evidence.SAMPLED, reason="MemoryError")
    assert checked(replace(record, findings=(*record.findings, failed)))[1] == (ID,)


def test_a_broken_statement_is_checked(ncheck, finding, make_record, more_statements):
    (more_statements / "a2024_broken.py").write_text("STATEMENT = undefined")
    record = make_record("a2024_broken", digest="", findings=())
    finding(record)
    ncheck("check", "a2024_broken")
    asked = finding(record)
    ncheck("check", "a2024_broken", "--reuse")
    assert asked["ids"] == ("a2024_broken",)


def test_what_an_interrupted_run_has_kept_is_reused(ncheck, finding, current):
    finding(current(ID), error=KeyboardInterrupt())
    assert ncheck("check", ID, OTHER, "--reuse").status == 130
    asked = finding(current(OTHER), error=KeyboardInterrupt())
    found = ncheck("check", ID, OTHER, "--reuse", "--json", "c.json")
    assert asked["ids"] == (OTHER,)
    assert found.status == 130
    assert "interrupted: 2 of 2" in found.err
    asked = finding()
    asked.clear()
    assert ncheck("check", ID, OTHER, "--reuse").status == 0
    assert asked == {}


def test_the_records_beside_a_missing_store_count(checked, current):
    def clone():
        for path in Path("results").glob("store.sqlite*"):
            path.unlink()

    assert checked(current(ID), current(OTHER), between=clone)[1] == ()


def test_a_reused_record_is_the_newest_again_and_is_exported(ncheck, finding, current):
    finding(current(ID))
    ncheck("check", ID)
    finding(current(ID, seed=1))
    ncheck("check", ID, "--seed", 1)
    for _ in range(2):
        assert ncheck("check", ID, "--reuse").status == 0
        with Store.read(Path("results/store.sqlite")) as store:
            assert [r.seed for r in store.latest()] == [0]
            assert len(store.records()) == 2
    assert '"seed": 0,' in Path(f"results/records/{ID}.json").read_text()
    finding(current(ID, seed=1))
    ncheck("check", ID, "--seed", 1)
    with Store.read(Path("results/store.sqlite")) as store:
        assert [r.seed for r in store.latest()] == [1]


def test_reuse_writes_the_same_json(ncheck, finding, current):
    finding(current(ID))
    ncheck("check", ID, "--json", "a.json")
    ncheck("check", ID, "--reuse", "--json", "b.json")
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()


def test_records_of_before_have_no_digests_of_files_and_are_read(current):
    data = to_json(current(ID))
    del data["files"]
    assert from_json(data) == replace(current(ID), files={})


def test_where_all_is_reused_torch_is_not_loaded(checked, current):
    checked(current(ID), current(OTHER))
    call = "import sys; from checkers.cli import main; main(); assert 'torch' not in sys.modules"
    done = subprocess.run(
        [sys.executable, "-c", call, "check", ID, OTHER, "--reuse"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "2 records reused, 0 checked" in done.stderr


@pytest.mark.parametrize("id", ["jacot2025_power_lemma"])
def test_a_check_can_be_reused(ncheck, id):
    """Nothing is replaced here: what a check leaves is what the next one looks for."""
    options = ("check", id, "--profile", "ci", "--device", "cpu", "--json")
    assert ncheck(*options, "a.json").status == 0
    found = ncheck(*options, "b.json", "--reuse")
    assert "1 record reused, 0 checked" in found.err
    assert Path("a.json").read_bytes() == Path("b.json").read_bytes()
