from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from checkers import catalogue
from checkers.instance import InvalidInput
from checkers.swept import (
    CellResult,
    from_text,
    to_text,
    total_from_text,
    total_to_text,
    totals,
)
from checkers.verdict import Standing, Verdict
from late import Late

cell = Late("checkers.sweep.cell")
check = Late("checkers.check")
plan = Late("checkers.sweep.plan", "plan")
witness_file = Late("checkers.witness_file")
evaluation = Late("checkers.evaluation")


def test_a_cell_is_a_function_of_its_specification(small):
    again = frozenset(cell.run_cell(spec) for spec in reversed(small.cells))
    assert again == small.results
    assert {to_text(r) for r in again} == {to_text(r) for r in small.results}


def test_cells_in_several_threads_take_turns(small):
    found = []
    threads = [
        threading.Thread(target=lambda s=spec: found.append(cell.run_cell(s)))
        for spec in small.cells[:8]
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) <= small.results
    assert len(found) == 8


def test_a_result_comes_back_from_its_text(small):
    for result in small.results:
        assert from_text(to_text(result), 2.5) == result
        assert from_text(to_text(result), 2.5).seconds == 2.5


def test_a_violation_is_kept_as_a_witness_file_that_can_be_read(small, tmp_path):
    refuting = [r for r in small.results if r.verdict is Verdict.REFUTED]
    assert {r.spec.statement for r in refuting} == {"ji2022_kkt_is_collapse"}
    path = tmp_path / "c.json"
    path.write_text(refuting[0].counterexample)
    kept = witness_file.read(path)
    statement = catalogue.load(kept.statement)
    assert (kept.kind, kept.mutant) == ("counterexample", None)
    assert evaluation.violates(statement, kept.instance)


def test_another_version_of_the_code_is_refused(small):
    with pytest.raises(InvalidInput, match="same version"):
        cell.run_cell(replace(small.cells[0], code="other"))


def test_what_another_machine_has_otherwise_is_refused(small, monkeypatch):
    with pytest.raises(InvalidInput, match="another-digest"):
        cell.run_cell(replace(small.cells[0], digest="another-digest"))

    def missing(id):
        raise catalogue.BrokenStatementError(f"{id}: ModuleNotFoundError: No module named 'x'")

    monkeypatch.setattr(catalogue, "load", missing)
    with pytest.raises(InvalidInput, match="same packages"):
        cell.run_cell(small.cells[0])


def test_a_cell_without_memory_is_lost(small, monkeypatch):
    def hungry(*arguments):
        raise MemoryError

    monkeypatch.setattr("checkers.sampling.draws.draw", hungry)
    result = cell.run_cell(small.cells[0])
    assert (result.verdict, result.lost, result.reason) == (
        Verdict.ERROR,
        True,
        "ran out of memory",
    )


def test_an_exception_is_an_error_with_its_place_and_no_path(small, monkeypatch):
    def broken(*arguments):
        raise ZeroDivisionError("of nothing")

    monkeypatch.setattr("checkers.sampling.draws.draw", broken)
    result = cell.run_cell(small.cells[0])
    assert result.verdict is Verdict.ERROR
    assert result.reason == "ZeroDivisionError: of nothing (in broken)"
    assert not result.lost


def test_totals_do_not_depend_on_the_order(small):
    results = sorted(small.results, key=to_text)
    assert totals(results) == totals(reversed(results))
    false, theorem = totals(results)
    assert theorem.cells + false.cells == len(results)
    assert theorem.drawn == sum(r.drawn for r in results if r.spec.statement == theorem.statement)
    assert (theorem.verdict, theorem.refuting) == (Verdict.HOLDS, 0)
    assert false.verdict is Verdict.REFUTED
    assert false.refuting > 0


@pytest.mark.parametrize(
    ("verdicts", "standing", "agrees"),
    [
        ([Verdict.HOLDS, Verdict.VACUOUS], Standing.THEOREM, True),
        ([Verdict.HOLDS, Verdict.REFUTED], Standing.THEOREM, False),
        ([Verdict.HOLDS, Verdict.ERROR], Standing.CONJECTURE, False),
        ([Verdict.HOLDS, Verdict.INCONCLUSIVE], Standing.THEOREM, False),
        ([Verdict.HOLDS, Verdict.REFUTED], Standing.PRINTED, True),
        ([Verdict.HOLDS], Standing.FALSE, True),
        ([Verdict.REFUTED], Standing.FALSE, True),
        ([Verdict.VACUOUS] * 15, Standing.THEOREM, True),
        ([Verdict.VACUOUS] * 16, Standing.THEOREM, False),
    ],
)
def test_what_contradicts_a_standing(small, verdicts, standing, agrees):
    spec = small.cells[0]
    results = [CellResult(replace(spec, index=i), v) for i, v in enumerate(verdicts)]
    (total,) = totals(results)
    assert total.agrees(standing, ways=2) is agrees


def test_what_the_machine_has_lost_says_nothing_of_the_statement(small):
    spec = small.cells[0]
    results = [
        CellResult(spec, Verdict.HOLDS, drawn=3, tightness=0.5, reason="none"),
        CellResult(replace(spec, index=1), Verdict.ERROR, reason="its worker died", lost=True),
    ]
    (total,) = totals(results)
    assert (total.verdict, total.lost, total.failed) == (Verdict.HOLDS, 1, 0)
    assert (total.cells, total.drawn, total.tightness) == (2, 3, 0.5)
    assert (total.reason, total.failure) == ("none", "its worker died")
    assert total.agrees(Standing.THEOREM, ways=1)
    (only,) = totals(results[1:])
    assert only.verdict is Verdict.VACUOUS
    assert only.agrees(Standing.THEOREM, ways=0) is False  # 0 of 0 ways have told anything
    assert only.agrees(Standing.THEOREM, ways=1)


def test_a_total_keeps_the_reason_of_its_verdict_and_that_of_a_failure(small):
    spec = small.cells[0]
    told = {
        Verdict.REFUTED: "a violation",
        Verdict.ERROR: "ValueError: no",
        Verdict.HOLDS: "",
        Verdict.VACUOUS: "nothing met",
    }
    results = [
        CellResult(replace(spec, index=i), v, reason=r) for i, (v, r) in enumerate(told.items())
    ]
    (total,) = totals(results)
    assert (total.verdict, total.reason, total.failure) == (
        Verdict.REFUTED,
        "a violation",
        "ValueError: no",
    )
    assert total_from_text(total_to_text(total)) == total


def test_totals_are_of_one_version(small):
    result = max(small.results, key=lambda r: r.spec.key)
    other = replace(result, spec=replace(result.spec, code="other"))
    assert [t.cells for t in totals([result, other])] == [1, 1]


def test_an_address_is_no_part_of_a_reason(small, monkeypatch):
    def broken(*arguments):
        raise ValueError(f"no use for {object()}")

    monkeypatch.setattr("checkers.sampling.draws.draw", broken)
    assert "object at 0x>" in cell.run_cell(small.cells[0]).reason


def test_all_kinds_of_statement_can_be_swept():
    statements = [
        catalogue.load(id)
        for id in (
            "ji2022_margin_gap_identity",
            "ji2022_kkt_rate",
            "zhu2021_strict_saddle",
            "jacot2025_first_phase",
        )
    ]
    cells = plan(statements, {s.id: check.code_of(s.id) for s in statements}, 0, "tiny", cells=16)
    found = [cell.run_cell(spec) for spec in cells]
    assert {r.spec.statement for r in found} == {s.id for s in statements}
    assert not [r for r in found if r.verdict > Verdict.VACUOUS]
    assert sum(r.drawn for r in found) > 100
