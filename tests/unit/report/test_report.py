from __future__ import annotations

import platform
import random
import re
from dataclasses import replace

import pytest

from checkers import catalogue
from checkers.record import ProofRecord, from_json, to_json
from checkers.report import figures, render
from checkers.swept import Total
from checkers.typeset import escape, tightness
from checkers.verdict import Standing, Transcription, Verdict

IDS = ("ji2022_margin_bound", "ji2022_margin_gap_identity", "jacot2025_nc1_printed")


@pytest.fixture
def statements():
    return {id: catalogue.load(id) for id in IDS}


@pytest.fixture
def records(make_record, statements):
    holding = [make_record(id, digest=statements[id].digest) for id in IDS[:2]]
    printed = make_record(
        IDS[2],
        digest=statements[IDS[2]].digest,
        verdict=Verdict.REFUTED,
        standing=Standing.PRINTED,
        reason="certified violation",
        counterexample=f"witnesses/{IDS[2]}/counterexample.json",
        mutants=(),
        proofs=(),
    )
    return [*holding, printed]


def test_the_order_of_records_and_mappings_does_not_matter(records, statements):
    text = render(records, statements)
    for seed in range(5):
        random.Random(seed).shuffle(records)
        assert render(records, dict(reversed(statements.items()))) == text
    assert render([from_json(to_json(r)) for r in records], statements) == text
    reordered = [
        replace(r, witnesses=dict(reversed(r.witnesses.items()))) for r in reversed(records)
    ]
    assert render(reordered, statements) == text


def test_times_and_machines_do_not_matter(records, statements):
    text = render(records, statements)
    other = [replace(r, seconds=99.0, environment={"host": "other"}, code="x") for r in records]
    assert render(other, statements) == text
    assert platform.node() not in text
    assert "some-machine" not in text
    assert "31.4159" not in text


def test_verdicts_matter(records, statements):
    text = render(records, statements)
    finding = replace(records[0].findings[0], verdict=Verdict.INCONCLUSIVE)
    worse = replace(records[0], findings=(finding,))
    assert render([worse, *records[1:]], statements) != text


def test_the_summary_counts(records, statements):
    text = render(records, statements)
    assert "**3 statements: 2 hold (2 proved), 1 refuted as transcribed.**" in text
    assert "Of 4 mutants, " in text
    assert " 4 are killed, 2 of them also blind (by instances drawn). Everything is as" in text


def test_a_printed_refutation_comes_first_with_its_mark_and_its_replay(records, statements):
    text = render(records, statements, "results")
    head = text[: text.index("How to read this")]
    assert "Theorems as they are printed, refuted *as transcribed*:" in head
    (line,) = [x for x in head.splitlines() if x.startswith(f"- [`{IDS[2]}`]")]
    assert "(wording reconstructed). Claim *margin bound* fails on gaussian, draw 3" in line
    assert "lhs / rhs = 0.8" in line
    assert f"`ncheck replay results/witnesses/{IDS[2]}/counterexample.json`" in line
    rows = [line for line in text.splitlines() if line.startswith("| [`")]
    assert [IDS[2] in row for row in rows] == [False, False, True]
    assert "**refuted as transcribed**" in rows[2]


def test_each_paper_has_its_section_in_order_of_time(records, statements):
    text = render(records, statements)
    heads = [line for line in text.splitlines() if re.match("##?#? ", line)]
    assert heads == [
        "# Report",
        "## Refuted",
        "## Ji et al. (2022): An Unconstrained Layer-Peeled Perspective on Neural Collapse",
        "### ji2022_margin_bound",
        "### ji2022_margin_gap_identity",
        "## Jacot et al. (2025): Wide Neural Networks Trained with Weight Decay Provably Exhibit"
        " Neural Collapse",
        "### jacot2025_nc1_printed",
    ]
    overview = [line for line in text.splitlines() if line.startswith("| [Ji et al.")]
    assert [line.split(" | ", 1)[1] for line in overview] == ["2 | 2 | – | – | 4 of 4 |"]
    assert "Ji, Lu, Zhang, Deng, Su. [arXiv:2110.02796](https://arxiv.org/abs/2110.02796)." in text


def test_what_is_not_settled_says_what_would_settle_it(make_record, records, statements):
    assert "## Not settled" not in render(records, statements)
    for verdict, settled in (
        (Verdict.VACUOUS, "an object that meets the hypotheses"),
        (Verdict.INCONCLUSIVE, "hypotheses with room to spare"),
    ):
        text = render([*records, make_record("b", verdict=verdict, reason="because")], statements)
        last = text[text.index("## Not settled") :]
        assert f"- [`b`](#b) — **{verdict.word}** (inequality): because." in last
        assert settled in last
    unmet = make_record("b", verdict=Verdict.VACUOUS)
    unmet = replace(unmet, findings=(replace(unmet.findings[0], admitted=0),))
    assert "objects that meet every hypothesis, or a proof that there are none" in render(
        [unmet], {}
    )


def test_disagreements_come_before_everything(make_record, records, statements):
    survivor = replace(make_record().mutants[0], killed=False, says="2K | 2(K-1)")
    wrong = make_record(
        "b", verdict=Verdict.REFUTED, reason="violated\nat last", mutants=(survivor,)
    )
    text = render([*records, wrong], statements)
    assert text.index("## Not as claimed") < text.index("## Refuted") < text.index("## Ji")
    (line,) = [x for x in text.splitlines() if x.startswith("- [`b`]")]
    assert "is a theorem, but the verdict is **refuted**: at last." in line
    assert r"1 mutant survived: `M1` (2K \| 2(K-1))" in line
    assert "`ncheck check b --profile quick --seed 7`" in line
    assert "**1 not as claimed.**" in text


@pytest.mark.parametrize("verdict", [Verdict.VACUOUS, Verdict.INCONCLUSIVE, Verdict.ERROR])
def test_other_verdicts_are_not_as_claimed(make_record, verdict):
    text = render([make_record("b", verdict=verdict, reason="because")], {})
    assert f"the verdict is **{verdict.word}**: because." in text
    assert f"0 hold, 1 {verdict.word}" in text


def test_a_record_of_an_earlier_statement_is_said_to_be_stale(records, statements):
    assert "last changed" not in render(records, statements)
    stale = [replace(records[0], digest="older"), *records[1:]]
    assert "## Checked before the statement was last changed" in render(stale, statements)


def test_every_link_leads_somewhere(records, statements):
    text = render(records, statements, "results")
    heads = [line.partition(" ")[2] for line in text.splitlines() if re.match("#+ ", line)]
    anchors = {re.sub(r"[^\w\- ]", "", head).lower().replace(" ", "-") for head in heads}
    assert len(anchors) == len(heads)
    for target in re.findall(r"\]\(#([^)]*)\)", text):
        assert target in anchors
    linked = re.findall(r"!\[[^]]*\]\(results/figures/([^)]*)\)", text)
    assert sorted(linked) == sorted(name for name, _ in figures(records))
    assert len(linked) == 6


def test_tables_have_as_many_cells_in_each_row(records, statements):
    """As a Markdown reader counts them: bars that are not escaped."""
    widths: list[int] = []
    for line in [*render(records, statements).splitlines(), ""]:
        if line.startswith("|"):
            widths.append(len(re.findall(r"(?<!\\)\|", line)))
        elif widths:
            assert len(widths) > 2
            assert len(set(widths)) == 1
            widths = []


def test_fences_and_folds_are_closed(records, statements):
    lines = render(records, statements).splitlines()
    fences = [line for line in lines if line.startswith("```")]
    assert len(fences) % 2 == 0
    assert all(fence == "```" for fence in fences[1::2])
    assert any(fence == "```math" for fence in fences[::2])
    assert sum("<details>" in x for x in lines) == sum("</details>" in x for x in lines) > 3


def test_sections_tell_formulas_proofs_training_and_regimes(records, statements):
    text = render(records, statements)
    section = text[text.index("### ji2022_margin_bound\n") : text.index("### ji2022_margin_gap")]
    for expected in (
        r"q_{\min} \le \frac{\|H\|_F^{2} + \|W\|_F^{2}}{2 \sqrt{n} \left(K - 1\right)}",
        r"n_{\max} - n_{\min} \le 0",
        "holds at 4 sizes, (K, n) = (2, 1), (2, 2), (10, 1), (10, 2).",
        "| 0 | 100 to 200 | 200 | 0.1 | 0.5 | 0.2 |",
        "| 1 | 50 | fail | 0.176471 | 2 | 0.1 | 0.5 | 0.2 |",
        "| gaussian | 2 | 200 | 90 | 0.25 |",
        "| `M1` | 2K for 2(K-1) | simplex ETF | 1.2 | yes | [file](results/witnesses/x/M1.json) |",
        "ncheck replay results/witnesses/x/simplex-ETF.json",
        "lhs = 2, rhs = 2.5, slack 0.5, lhs / rhs = 0.8; certified",
        "0.999999 |",
        "The smallest margin over a balanced data set is at most (|W|^2".replace("|", r"\|"),
    ):
        assert expected in section, expected


def test_tables_that_few_need_are_folded(records, statements):
    """Outside of folds: what is claimed, a table of figures, plots; survivors are not hidden."""
    text = re.sub("<details>.*?</details>", "", render(records, statements), flags=re.DOTALL)
    for folded in ("`M1`", "| 0 | 100 to 200 |", "Closest instance", "LDL^T", "ncheck replay x"):
        assert folded not in text
    for open in ("**Claim** *margin bound*:", "| inequality | holds", "![", "**Training**: 2 net"):
        assert open in text
    survivor = replace(records[0].mutants[0], killed=False)
    text = render([replace(records[0], mutants=(survivor,)), *records[1:]], statements)
    text = re.sub("<details>.*?</details>", "", text, flags=re.DOTALL)
    assert "| `M1` | 2K for 2(K-1) | **survived** |" in text


def test_a_statement_that_does_not_load_still_has_its_section(make_record):
    text = render([make_record("broken", verdict=Verdict.ERROR, reason="Trace\n  line\nE: x")], {})
    assert "## Statements that do not load\n" in text
    assert "### broken\n" in text
    assert "Trace\n  line\nE: x" in text


def test_plots_are_the_same_bytes_and_hold_no_date(records):
    first, second = dict(figures(records)), dict(figures(list(reversed(records))))
    assert first == second
    for image in first.values():
        assert image.startswith(b"\x89PNG\r\n\x1a\n")
        for word in (b"Software", b"tIME", b"Creation", b"Matplotlib"):
            assert word not in image


def test_a_plot_shows_what_the_record_says(make_record):
    before = dict(figures([make_record("a")]))
    finding = make_record("a").findings[0]
    moved = (replace(finding.cells[0], best=0.9999), *finding.cells[1:])
    changed = replace(make_record("a"), findings=(replace(finding, cells=moved),))
    assert dict(figures([changed]))["a_tightness.png"] != before["a_tightness.png"]
    assert set(dict(figures([changed]))) == {"a_tightness.png"}


def test_an_identity_has_nothing_to_plot(make_record):
    finding = make_record().findings[0]
    cells = tuple(replace(c, best=1 + 1e-12) for c in finding.cells)
    record = replace(make_record(), findings=(replace(finding, cells=cells, carried={}),))
    assert dict(figures([record])) == {}


@pytest.mark.parametrize(
    ("x", "text"),
    [(1.0, "1"), (0.9999999, "0.999999"), (None, "–"), (1.25, "1.250000"), (float("nan"), "–")],
)
def test_tightness_is_rounded_down(x, text):
    assert tightness(x) == text


def test_escaped_text_is_one_line_without_markup():
    assert escape("a|b\n*c*  <d> `e` $x$ [l](m) W_L") == (
        r"a\|b \*c\* \<d\> \`e\` \$x\$ \[l\](m) W\_L"
    )


def test_transcription_marks_are_shown(make_record):
    for mark in Transcription:
        assert f"wording {mark.value}" in render([make_record(transcription=mark)], {})


def total(record, **changes):
    """A total of sweeps of the same version as a record."""
    given = {
        "statement": record.id,
        "digest": record.digest,
        "code": record.code,
        "verdict": Verdict.HOLDS,
        "cells": 200,
        "drawn": 5000,
        "admitted": 4000,
        "touching": 0,
        "refuting": 0,
        "failed": 0,
        "undecided": 0,
        "lost": 0,
        "tightness": 0.75,
        "reason": "",
        "failure": "",
    }
    return Total(**{**given, **changes})


def test_what_sweeps_have_found_is_told_where_the_statement_is(records, statements):
    text = render(records, statements, "results", [total(records[0])])
    assert "**Swept**: 200 cells, 5,000 instances, 4,000 admitted; 0 cells with a certified" in text
    assert "Found in sweeps" not in text
    assert "Everything is as claimed." in text
    for version in ({"code": "other"}, {"digest": "other"}):
        other = render(records, statements, "results", [total(records[0], **version)])
        assert other == render(records, statements, "results")


@pytest.mark.parametrize(
    ("found", "words", "wrong"),
    [
        (
            {"verdict": Verdict.REFUTED, "refuting": 2, "reason": "a violation"},
            "certified violations in 2 cells, `ncheck replay"
            " results/witnesses/ji2022_margin_bound/sweep.json`",
            True,
        ),
        (
            {"verdict": Verdict.INCONCLUSIVE, "undecided": 1, "reason": "too close"},
            "is a theorem, but sweeps say **inconclusive**; too close",
            True,
        ),
        ({"verdict": Verdict.VACUOUS}, "is a theorem, but sweeps say **vacuous**", True),
        (
            {"verdict": Verdict.ERROR, "failed": 1, "reason": "E: x", "failure": "E: x"},
            "is a theorem, but sweeps say **error**; 1 cell failed: E: x",
            True,
        ),
        (
            {"lost": 3, "failure": "its worker died, 2 times"},
            "3 cells lost by the machine: its worker died, 2 times",
            False,
        ),
    ],
)
def test_what_sweeps_add_to_a_check_is_on_the_first_screen(
    records, statements, found, words, wrong
):
    text = render(records, statements, "results", [total(records[0], **found)])
    assert f"## Found in sweeps\n\n- [`{IDS[0]}`](#{IDS[0]}) — {words}." in text
    assert ("**1 not as claimed.**" in text) is wrong


def test_the_reason_of_a_failure_is_not_that_of_a_violation(records, statements):
    found = total(
        records[2],
        verdict=Verdict.REFUTED,
        refuting=4,
        failed=1,
        reason="a violation",
        failure="ValueError: no",
    )
    text = render(records, statements, "results", [found])
    assert f"(#{IDS[2]}) — 1 cell failed: ValueError: no." in text


def test_a_failed_proof_is_told_on_the_first_screen(records, statements):
    wrong = replace(
        records[0], proofs=(ProofRecord("margin bound", "sos", {"K": 2, "n": 1}, Verdict.REFUTED),)
    )
    text = render([wrong, *records[1:]], statements)
    assert "1 proof failed: *margin bound* at K=2, n=1." in text


def test_of_two_negative_sides_no_quotient_is_told(records, statements):
    finding = records[2].findings[0]
    worst = replace(finding.worst, lhs=-0.0666, rhs=-0.0585, ratio=0.8786)
    negative = replace(records[2], findings=(replace(finding, worst=worst),))
    first = render([*records[:2], negative], statements).split("<details>")[0]
    assert "lhs = -0.0666, rhs = -0.0585." in first
    assert "0.8786" not in first


def test_a_title_that_is_folded_is_text(make_record):
    record = make_record(
        "broken", verdict=Verdict.ERROR, reason="Trace\nTypeError: '<class int>' & x_y[0]"
    )
    assert "<summary>TypeError: '&lt;class int&gt;' &amp; x_y[0]</summary>" in render([record], {})
