from __future__ import annotations

from pathlib import Path

import pytest

from checkers import catalogue
from checkers.store import Store
from checkers.swept import CellResult, counterexample_path
from checkers.verdict import Verdict
from late import Late

ID = "ji2022_margin_bound"
OTHER = "ji2022_loss_bound"

plan = Late("checkers.sweep.plan", "plan")
check = Late("checkers.check")


def test_a_report_is_written_with_its_figures(ncheck, finding, make_record):
    finding(make_record(ID), make_record(OTHER))
    ncheck("check")
    found = ncheck("report")
    assert found.status == 0
    text = Path("REPORT.md").read_text()
    assert f"## {ID}" in text
    for name in ("tightness", "training"):
        assert f"(results/figures/{ID}_{name}.png)" in text
        assert Path(f"results/figures/{ID}_{name}.png").read_bytes().startswith(b"\x89PNG")


def test_a_report_is_checked_against_the_store(ncheck, finding, make_record):
    finding(make_record(ID))
    ncheck("check")
    assert ncheck("report", "--check").status == 1
    assert not Path("REPORT.md").exists()
    ncheck("report")
    assert ncheck("report", "--check").status == 0
    before = Path("REPORT.md").read_bytes()
    finding(make_record(ID, verdict=Verdict.INCONCLUSIVE, reason="changed"))
    ncheck("check")
    assert ncheck("report", "--check").status == 1
    assert Path("REPORT.md").read_bytes() == before
    ncheck("report")
    assert ncheck("report", "--check").status == 0


def test_a_report_needs_only_the_exported_records(ncheck, finding, make_record):
    finding(make_record(ID))
    ncheck("check")
    ncheck("report")
    for path in Path("results").glob("store.sqlite*"):
        path.unlink()
    assert ncheck("report", "--check").status == 0
    assert not Path("results/store.sqlite").exists()


def test_plots_that_are_no_longer_linked_to_are_removed_and_nothing_else(
    ncheck, finding, make_record
):
    finding(make_record(ID))
    ncheck("check")
    Path("results/figures").mkdir()
    for name in (f"{OTHER}_tightness.png", "mine.png"):
        Path("results/figures", name).touch()
    ncheck("report")
    assert sorted(p.name for p in Path("results/figures").iterdir()) == [
        "drawn.json",
        f"{ID}_tightness.png",
        f"{ID}_training.png",
        "mine.png",
    ]


@pytest.fixture
def drawn(monkeypatch):
    """Ids of the records that were drawn, in order; plots are drawn as ever."""
    from checkers.report import drawn

    ids, figures = [], drawn.figures

    def noted(records):
        ids.extend(record.id for record in records)
        return figures(records)

    monkeypatch.setattr(drawn, "figures", noted)
    return ids


def test_plots_of_unchanged_records_are_not_drawn_again(ncheck, finding, make_record, drawn):
    finding(make_record(ID), make_record(OTHER))
    ncheck("check")
    ncheck("report")
    assert drawn == [OTHER, ID]
    before = {p: (p.read_bytes(), p.stat().st_mtime_ns) for p in Path("results").rglob("*.png")}
    assert ncheck("report").status == 0
    assert drawn == [OTHER, ID]
    assert before == {
        p: (p.read_bytes(), p.stat().st_mtime_ns) for p in Path("results").rglob("*.png")
    }
    finding(make_record(ID, seed=8), make_record(OTHER))
    ncheck("check")
    ncheck("report")
    assert drawn == [OTHER, ID, ID]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / f"{ID}_tightness.png").unlink(),
        lambda folder: (folder / f"{ID}_training.png").write_bytes(b"cut off"),
        lambda folder: (folder / "drawn.json").unlink(),
        lambda folder: (folder / "drawn.json").write_text("["),
        lambda folder: (folder / "drawn.json").write_text("[]"),
        lambda folder: (folder / "drawn.json").write_text(f'{{"{ID}": 1}}'),
    ],
)
def test_a_plot_that_is_not_as_it_was_left_is_drawn_again(
    ncheck, finding, make_record, drawn, spoil
):
    finding(make_record(ID))
    ncheck("check")
    ncheck("report")
    folder = Path("results/figures")
    before = {p: p.read_bytes() for p in folder.iterdir()}
    spoil(folder)
    assert ncheck("report").status == 0
    assert drawn == [ID, ID]
    assert {p: p.read_bytes() for p in folder.iterdir()} == before


def test_another_version_of_what_draws_draws_again(
    ncheck, finding, make_record, drawn, monkeypatch
):
    from checkers.report import drawn as module

    finding(make_record(ID))
    ncheck("check")
    ncheck("report")
    monkeypatch.setattr(module, "version", lambda name: "another")
    module._drawing.cache_clear()
    ncheck("report")
    module._drawing.cache_clear()
    assert drawn == [ID, ID]


def test_records_of_statements_that_are_gone_are_not_reported(ncheck, finding, make_record):
    finding(make_record(ID), make_record("gone2020_statement"))
    ncheck("check")
    ncheck("report")
    assert "gone2020_statement" not in Path("REPORT.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("store.sqlite", "ncheck check")),
        (("--store", "."), ("folder",)),
        (("--store", "missing.sqlite"), ("missing.sqlite",)),
    ],
)
def test_a_report_of_nothing_is_refused(ncheck, written, arguments, words):
    assert ncheck("report", *arguments).is_refused(*words)
    assert written() == []


def test_a_report_goes_only_where_it_can(ncheck, finding, make_record):
    finding(make_record(ID))
    ncheck("check")
    assert ncheck("report", "-o", "nowhere/R.md").is_refused("nowhere")
    assert ncheck("report", "-o", "results").is_refused("folder")


@pytest.fixture
def swept(finding, make_record, ncheck):
    """A store with a record of this version and cells, of which two violate the statement."""
    statement, code = catalogue.load(ID), check.code_of(ID)
    record = make_record(ID, digest=statement.digest, code=code)
    finding(record)
    ncheck("check")

    def put(*texts, code=code):
        cells = list(plan([statement], {ID: code}, 0, "tiny", cells=len(texts)))
        with Store.open(Path("results/store.sqlite")) as store:
            store.put_cells(
                CellResult(c, Verdict.REFUTED if t else Verdict.HOLDS, 10, 9, counterexample=t)
                for c, t in zip(cells, texts, strict=True)
            )

    return put


def test_a_report_with_sweeps_can_be_committed(ncheck, swept):
    swept(None, "longer", "text")
    assert ncheck("report").status == 0
    before = Path("REPORT.md").read_bytes()
    assert b"**Swept**: 3 cells, 30 instances" in before
    assert b"ncheck replay results/witnesses/ji2022_margin_bound/sweep.json" in before
    assert ncheck("report", "--check").status == 0
    for path in Path("results").glob("store.sqlite*"):
        path.unlink()
    assert ncheck("report", "--check").status == 0
    assert ncheck("report").status == 0
    assert Path("REPORT.md").read_bytes() == before
    ncheck("check")  # makes a store in which there are no cells
    assert ncheck("report", "--check").status == 0


def test_a_new_finding_makes_the_report_stale(ncheck, swept):
    swept(None)
    ncheck("report")
    swept(None, "violation")
    assert ncheck("report", "--check").status == 1


def test_the_counterexample_of_sweeps_is_that_of_the_version_reported(ncheck, swept):
    path = Path("results", counterexample_path(ID))
    swept(None, "long text")
    swept(None, "old", code="old")
    for there in (None, "", "old"):
        if there is not None:
            path.write_text(there)
        ncheck("report")
        assert path.read_text() == "long text"


def test_the_counterexample_of_the_code_as_it_is_goes_first(ncheck, swept, make_record, finding):
    statement = catalogue.load(ID)
    finding(make_record(ID, digest=statement.digest, code="old"))
    ncheck("check")
    swept(None, "o", code="old")
    swept(None, "of this version")
    ncheck("report")
    assert Path("results", counterexample_path(ID)).read_text() == "of this version"


def test_a_counterexample_of_a_statement_without_a_record_stays(ncheck, swept, finding):
    other = catalogue.load("ji2022_kkt_is_collapse")
    (cell,) = plan([other], {other.id: check.code_of(other.id)}, 0, "tiny", cells=1)
    with Store.open(Path("results/store.sqlite")) as store:
        store.put_cells([CellResult(cell, Verdict.REFUTED, counterexample="violation")])
    ncheck("report")
    assert Path("results", counterexample_path(other.id)).read_text() == "violation"


def test_a_small_sweep_takes_nothing_from_what_is_committed(ncheck, swept):
    swept(None, "text", None, None)
    ncheck("report")
    before = Path("REPORT.md").read_bytes()
    for path in Path("results").glob("store.sqlite*"):
        path.unlink()
    ncheck("check")
    swept(None)
    ncheck("report")
    assert Path("REPORT.md").read_bytes() == before
    assert Path("results", counterexample_path(ID)).read_text() == "text"


def test_a_new_violation_counts_beside_many_cells_without_one(ncheck, swept):
    swept(None, None, None, None)
    ncheck("report")
    for path in Path("results").glob("store.sqlite*"):
        path.unlink()
    ncheck("check")
    swept("violation")
    ncheck("report")
    assert "certified violations in 1 cell" in Path("REPORT.md").read_text()


def test_a_counterexample_of_no_cell_is_removed_and_nothing_else(ncheck, swept):
    swept(None)
    path = Path("results", counterexample_path(ID))
    path.parent.mkdir(parents=True)
    path.write_text("of an earlier version")
    other = path.with_name("worst.json")
    other.touch()
    ncheck("report")
    assert not path.exists()
    assert other.exists()
    assert [p.name for p in Path("results/swept").iterdir()] == [f"{ID}.json"]


def test_checking_a_report_writes_nothing(ncheck, swept):
    swept(None, "text")
    ncheck("report")
    before = {p: p.read_bytes() for p in Path().rglob("*") if p.is_file()}
    assert ncheck("report", "--check").status == 0
    assert {p: p.read_bytes() for p in Path().rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"verdict": "splendid"}'])
def test_totals_that_cannot_be_read_are_told_in_one_line(ncheck, swept, text):
    swept(None)
    ncheck("report")
    Path(f"results/swept/{ID}.json").write_text(text)
    assert ncheck("report").is_refused(f"{ID}.json", "ncheck report")
