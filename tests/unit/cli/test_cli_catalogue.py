from __future__ import annotations

import json

import pytest

from checkers import catalogue
from checkers.evaluation import certify, violates
from checkers.statement import mutated
from checkers.verdict import Verdict


def test_list_names_every_statement(ncheck):
    found = ncheck("list")
    assert found.status == 0
    for id in catalogue.ids():
        (line,) = [line for line in found.out.splitlines() if line.startswith(f" {id} ")]
        assert line.rstrip().endswith(catalogue.load(id).title), "titles are not wrapped in files"


def test_list_as_json_has_the_promised_keys(ncheck):
    rows = json.loads(ncheck("list", "--json").out)
    for row in rows:
        assert list(row) == ["id", "title", "standing", "transcription", "source"]
    by_id = {row["id"]: row for row in rows}
    assert by_id["jacot2025_nc1_printed"]["standing"] == "printed"
    assert by_id["ji2022_margin_bound"] == {
        "id": "ji2022_margin_bound",
        "title": "The margin of the unconstrained layer-peeled model",
        "standing": "theorem",
        "transcription": "reconstructed",
        "source": "Ji, Lu, Zhang, Deng, Su (2022), Theorem 3.1, arXiv:2110.02796",
    }


@pytest.mark.parametrize("id", catalogue.ids())
def test_show_tells_what_an_instance_file_needs(ncheck, id):
    statement = catalogue.load(id)
    found = ncheck("show", id)
    assert found.status == 0
    for variable in statement.variables:
        assert variable.meaning in found.out
        assert all(name in found.out for name in variable.stored())
    for part in (*statement.hypotheses, *statement.claims, *statement.witnesses):
        assert part.name in found.out
    for mutant in statement.mutants:
        assert f"{mutant.id}: {mutant.says}" in found.out
    assert str(statement.source) in found.out


def test_show_of_an_unknown_id_names_the_near_ones(ncheck):
    assert ncheck("show", "ji2022_margin").is_refused("ji2022_margin'", "ji2022_margin_bound")


def test_new_writes_a_statement_that_holds_and_has_power(ncheck, more_statements):
    found = ncheck("new", "smith2024_margin")
    assert found.status == 0
    assert str(more_statements / "smith2024_margin.py") in found.out
    statement = catalogue.load("smith2024_margin")
    for witness in statement.witnesses:
        for spec in witness.sizes:
            for evaluation in certify(statement, witness.instance(spec)):
                assert evaluation.verdict is Verdict.HOLDS
                assert evaluation.ratio == pytest.approx(1)
    for mutant in statement.mutants:
        instance = mutant.by.instance(mutant.by.sizes[0])
        assert violates(mutated(statement, mutant), instance)
    assert ncheck("show", "smith2024_margin").status == 0
    assert "smith2024_margin" in ncheck("list").out


def test_new_overwrites_nothing(ncheck, more_statements):
    ncheck("new", "smith2024_margin")
    path = more_statements / "smith2024_margin.py"
    path.write_text("# edited\n")
    assert ncheck("new", "smith2024_margin").is_refused("smith2024_margin")
    assert path.read_text() == "# edited\n"
    assert ncheck("new", "ji2022_margin_bound").is_refused("ji2022_margin_bound")


BAD_IDS = "2024_smith|smith-2024|smith 2024||../evil|a/b|a.b|class|Smith2024|_smith|s.py|smïth"


@pytest.mark.parametrize("id", BAD_IDS.split("|"))
def test_new_refuses_what_is_no_identifier(ncheck, more_statements, id):
    assert ncheck("new", id).is_refused("identifier")
    assert list(more_statements.iterdir()) == []


BROKEN = {
    "a2024_syntax": "STATEMENT = (",
    "a2024_missing": "x = 1",
    "a2024_foreign": "STATEMENT = 3",
    "a2024_raises": "raise RuntimeError('one\\ntwo')",
}


@pytest.fixture
def broken(more_statements):
    for id, text in BROKEN.items():
        (more_statements / f"{id}.py").write_text(text)


def test_a_broken_file_is_listed_as_broken_and_hides_nothing(ncheck, broken):
    rows = {row["id"]: row for row in json.loads(ncheck("list", "--json").out)}
    assert set(rows) == {*BROKEN, *catalogue.ids()}
    for id in BROKEN:
        assert rows[id]["standing"] == "broken"
        assert id in rows[id]["reason"]
        assert "\n" not in rows[id]["reason"]
    assert rows["ji2022_margin_bound"]["standing"] == "theorem"
    table = ncheck("list")
    assert table.status == 0
    assert table.out.count("broken") == len(BROKEN)


@pytest.mark.parametrize("id", BROKEN)
def test_a_broken_statement_cannot_be_shown(ncheck, broken, id):
    assert ncheck("show", id).is_refused(id)
