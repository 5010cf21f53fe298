"""The engine: an exception is an ERROR of its own statement, and workers change nothing."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue, check
from checkers.declared.proof import Proof, Semidefinite
from checkers.profile import PROFILES
from checkers.record import ProofRecord, summary
from checkers.verdict import Evidence, Verdict

TINY = replace(
    PROFILES["ci"], draws=40, perturbed=12, sizes=3, ascent_sizes=1, starts=4, steps=20, certified=3
)


@pytest.fixture
def altered(monkeypatch: pytest.MonkeyPatch):
    """Put a changed statement into the catalogue for the length of a test."""

    def put(id: str, **changes: object) -> None:
        statement = replace(catalogue.load(id), **changes)
        monkeypatch.setattr(catalogue, "load", lambda wanted: replace(statement, id=wanted))

    return put


def test_an_exception_becomes_an_error_with_its_traceback(tmp_path: Path, altered) -> None:
    def explode(*size: int) -> Semidefinite:
        raise RuntimeError("boom at " + str(size))

    proof = Proof("margin bound", "explosion", explode, at=((2, 1),), names=("K", "n"))
    altered("ji2022_margin_bound", proofs=(proof,))
    record = check.check_one("ji2022_margin_bound", TINY, 0, "cpu", tmp_path)
    assert record.verdict is Verdict.ERROR
    assert "boom at (2, 1)" in record.findings[-1].reason
    assert record.findings[0].verdict is Verdict.HOLDS, "the rest of the check went on"
    assert check.exit_status([record]) == 1


def test_a_failing_proof_contradicts_the_statement(tmp_path: Path, altered) -> None:
    proof = Proof("margin bound", "false", lambda: Semidefinite([[-1]]))
    altered("ji2022_margin_bound", proofs=(proof,))
    record = check.check_one("ji2022_margin_bound", TINY, 0, "cpu", tmp_path)
    assert [p.verdict for p in record.proofs] == [Verdict.REFUTED]
    assert not record.agrees
    assert record.evidence is not Evidence.PROVED


def test_proofs_count_only_where_they_cover_every_claim(tmp_path: Path) -> None:
    record = check.check_one("ji2022_margin_bound_product", TINY, 0, "cpu", tmp_path)
    assert record.proofs
    assert record.evidence is Evidence.CERTIFIED, "four of its five claims have no proof"
    proved = [
        ProofRecord(c, "m", {}, Verdict.HOLDS)
        for c in ("product form", "mean of worst margins", "centred class means")
    ]
    more = [ProofRecord(c, "m", {}, Verdict.HOLDS) for c in ("centred features", "norms")]
    assert replace(record, proofs=(*proved, *more)).evidence is Evidence.PROVED


def test_a_broken_statement_is_an_error_of_its_own(monkeypatch, tmp_path: Path) -> None:
    def broken(id: str) -> None:
        raise catalogue.BrokenStatementError(f"{id}: SyntaxError: what is this")

    monkeypatch.setattr(catalogue, "load", broken)
    record = check.check_one("ji2022_margin_bound", TINY, 0, "cpu", tmp_path)
    assert record.verdict is Verdict.ERROR
    assert "SyntaxError" in record.findings[0].reason


def test_results_do_not_depend_on_the_number_of_workers(tmp_path: Path) -> None:
    ids = ["ji2022_loss_bound", "ji2022_margin_gap_identity"]
    alone, together = (
        sorted(
            check.check_statements(
                ids, profile="ci", seed=4, device="cpu", folder=tmp_path / str(w), workers=w
            ),
            key=lambda r: r.id,
        )
        for w in (1, 2)
    )
    for a, b in zip(alone, together, strict=True):
        first, second = summary(a), summary(b)
        first.pop("seconds")
        second.pop("seconds")
        assert first == second


def test_the_environment_tells_the_version_of_the_machinery() -> None:
    assert len(check.code_version()) == 12
    assert check.environment()["code"] == check.code_version()


def test_a_record_is_of_its_statements_code_and_names_the_files_it_wrote(tmp_path: Path) -> None:
    record = check.check_one("ji2022_margin_bound", TINY, 0, "cpu", tmp_path)
    assert record.code == check.code_of("ji2022_margin_bound") != check.code_version()
    written = {
        path.relative_to(tmp_path).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        for path in tmp_path.rglob("*.json")
    }
    assert record.files == written
    assert set(record.paths) == set(written)


def test_a_worker_that_dies_costs_its_statement_an_error(tmp_path: Path) -> None:
    """In a subprocess of its own, where the work is replaced by sudden death."""
    (tmp_path / "killer.py").write_text("import os\ndef die(*given): os._exit(9)\n")
    (tmp_path / "script.py").write_text(
        "from pathlib import Path\n"
        "import killer\n"
        "from checkers import check\n"
        "if __name__ == '__main__':\n"
        "    check.check_one = killer.die\n"
        "    ids = ['ji2022_loss_bound', 'ji2022_margin_bound']\n"
        "    for record in check.check_statements("
        "ids, profile='ci', seed=0, device='cpu', folder=Path('out')):\n"
        "        print(record.id, record.verdict.word)\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = sorted(done.stdout.splitlines())
    assert lines == ["ji2022_loss_bound error", "ji2022_margin_bound error"]
