from __future__ import annotations

import json
from pathlib import Path

import pytest

from checkers import catalogue
from checkers.declared.statement import mutated
from checkers.evaluation import certify, violates
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
    written = [more_statements / "smith2024" / name for name in ("__init__.py", "margin.py")]
    assert found.out.splitlines()[:2] == [str(path) for path in written]
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
    assert catalogue.paper("smith2024_margin").order == ("margin",)
    assert catalogue.family("smith2024") == ("smith2024_margin",)


def test_new_overwrites_nothing(ncheck, more_statements):
    ncheck("new", "smith2024_margin")
    folder = more_statements / "smith2024"
    (folder / "margin.py").write_text("# edited\n")
    (folder / "__init__.py").write_text("PAPER = 'edited'\n")
    assert ncheck("new", "smith2024_margin").is_refused("smith2024_margin")
    assert (folder / "margin.py").read_text() == "# edited\n"
    assert ncheck("new", "ji2022_margin_bound").is_refused("ji2022_margin_bound")
    found = ncheck("new", "smith2024_margin_gap")
    assert found.out.splitlines()[0] == str(folder / "margin_gap.py")
    assert (folder / "__init__.py").read_text() == "PAPER = 'edited'\n"
    assert sorted(p.name for p in folder.glob("*.py")) == [
        "__init__.py",
        "margin.py",
        "margin_gap.py",
    ]


def test_new_takes_the_longest_name_of_a_papers_folder(ncheck, more_statements):
    for name in ("smith2024", "smith2024_and_sons", "smith2024b"):
        (more_statements / name).mkdir()
        (more_statements / name / "__init__.py").write_text("PAPER = None\n")
    for id, place in {
        "smith2024_and_sons_bound": "smith2024_and_sons/bound.py",
        "smith2024_and_bound": "smith2024/and_bound.py",
        "smith2024b_bound": "smith2024b/bound.py",
        "smith2024c_bound": "smith2024c/bound.py",
    }.items():
        assert ncheck("new", id).status == 0
        assert (more_statements / place).is_file()
        assert catalogue.modules()[id] == f"conjectures.{place[:-3].replace('/', '.')}"


@pytest.mark.parametrize(
    ("id", "there", "words"),
    [
        ("smith2024", None, ("smith2024", "underscore")),
        ("smith2024_", None, ("underscore",)),
        ("smith2024__margin", None, ("underscore",)),
        ("smith2024_2nd", None, ("letter",)),
        ("smith2024_class", None, ("class is a word of Python",)),
        ("lambda_bound", None, ("lambda is a word of Python",)),
        ("smith2024_setting", None, ("setting", "another id")),
        ("smith2024_margin", "smith2024.py", ("smith2024.py is there",)),
        ("smith2024_margin", "smith2024_margin.py", ("conjectures.smith2024_margin is there",)),
        ("smith2024_margin", "smith2024/margin/notes.txt", ("margin", "folder")),
        ("smith2024_margin", "smith2024/__init__.py", ("no PAPER",)),
        ("smith2024_margin", "smith2024", ("smith2024 is there already",)),
    ],
)
def test_new_refuses_what_could_not_be_found(ncheck, more_statements, id, there, words):
    if there is not None:
        (more_statements / there).parent.mkdir(exist_ok=True, parents=True)
        (more_statements / there).touch()
        catalogue.modules.cache_clear()
    before = sorted(more_statements.rglob("*"))
    assert ncheck("new", id).is_refused(*words)
    assert sorted(more_statements.rglob("*")) == before


def test_new_leaves_nothing_where_it_cannot_write_all(ncheck, more_statements, monkeypatch):
    opened = Path.open

    def full(path, *mode, **how):
        if path.name == "margin.py":
            raise OSError(28, "No space left on device", str(path))
        return opened(path, *mode, **how)

    monkeypatch.setattr(Path, "open", full)
    assert ncheck("new", "smith2024_margin").is_refused("margin.py", "No space left")
    assert not [path for path in more_statements.rglob("*") if path.is_file()]


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
