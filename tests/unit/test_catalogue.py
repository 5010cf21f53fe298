"""Statements are found by path: in folders of papers, and as flat modules of other packages."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkers import catalogue
from checkers.instance import InvalidInput

Installed = Callable[..., Path]

PAPER = '''"""A paper."""
from checkers.declared.source import Paper, Source

PAPER = Paper(Source("Author", 2024, "Title", "2400.00000"), model="words", order=({order}))
'''


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installed]:
    """``installed(files, *entries)``: another package, found by its entry points."""
    before = set(sys.modules)

    def installed(files: dict[str, str], *entries: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        told = tmp_path / "quiet-1.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: quiet\nVersion: 1\n")
        lines = [f"entry{i} = {entry}" for i, entry in enumerate(entries)]
        (told / "entry_points.txt").write_text("\n".join([f"[{catalogue.GROUP}]", *lines]))
        monkeypatch.syspath_prepend(tmp_path)
        catalogue.modules.cache_clear()
        return tmp_path

    yield installed
    monkeypatch.undo()
    catalogue.modules.cache_clear()
    catalogue.load.cache_clear()
    for name in set(sys.modules) - before:
        if name.startswith("quiet"):
            del sys.modules[name]


def others() -> dict[str, str]:
    return {id: m for id, m in catalogue.modules().items() if not m.startswith("conjectures.")}


def test_an_id_is_the_names_of_folder_and_file() -> None:
    root = Path(__file__).resolve().parents[2] / "conjectures"
    files = {p for p in root.glob("*/*.py") if p.stem != "__init__"}
    assert catalogue.modules() == {
        f"{p.parent.name}_{p.stem}": f"conjectures.{p.parent.name}.{p.stem}" for p in files
    }
    assert {catalogue.path(id) for id in catalogue.ids()} == files
    assert list(catalogue.ids()) == sorted(catalogue.ids())


def test_what_statements_share_is_no_statement() -> None:
    assert not [module for module in catalogue.modules().values() if ".setting" in module]


def test_a_paper_has_its_statements_in_its_order() -> None:
    from conjectures.ji2022 import PAPER as JI

    assert catalogue.family("ji2022") == tuple(f"ji2022_{what}" for what in JI.order)
    assert catalogue.family("nobody2020") == ()
    assert {catalogue.family_of(id) for id in catalogue.ids()} == {
        "jacot2025", "ji2022", "zhu2021",
    }  # fmt: skip
    assert catalogue.paper("ji2022_loss_bound") is JI


def test_another_package_has_flat_modules_and_folders_of_papers(installed: Installed) -> None:
    files = {
        "quietlab/__init__.py": "",
        "quietlab/lone2024_bound.py": "",
        "quietlab/_private.py": "",
        "quietlab/smith2024/__init__.py": PAPER.format(order='"upper", "lower"'),
        "quietlab/smith2024/lower.py": "",
        "quietlab/smith2024/upper.py": "",
        "quietlab/smith2024/another.py": "",
        "quietlab/smith2024/_private.py": "",
        "quietlab/smith2024/setting/__init__.py": "",
        "quietlab/smith2024/setting/heads.py": "",
        "quietlab/tools/__init__.py": "from x import PAPER\n  # PAPER = 1\n",
        "quietlab/tools/drawing.py": "",
        "quietlab/data/notes.py": "",
    }
    installed(files, "quietlab")
    assert others() == {
        "lone2024_bound": "quietlab.lone2024_bound",
        "smith2024_another": "quietlab.smith2024.another",
        "smith2024_lower": "quietlab.smith2024.lower",
        "smith2024_upper": "quietlab.smith2024.upper",
    }
    assert "quietlab" not in sys.modules, "nothing of a package is imported to list it"
    assert catalogue.family("smith2024") == (
        "smith2024_upper",
        "smith2024_lower",
        "smith2024_another",
    )
    assert catalogue.family("lone2024") == ("lone2024_bound",)
    assert catalogue.paper("smith2024_lower").source.year == 2024  # type: ignore[union-attr]
    assert catalogue.paper("lone2024_bound") is None
    assert not catalogue.own("smith2024_lower")
    assert "smith2024" not in catalogue.paper_folders(), "those of this project"


def test_an_id_that_is_taken_goes_by_the_name_of_its_module(installed: Installed) -> None:
    files = {
        "quietlab/__init__.py": "",
        "quietlab/ji2022_loss_bound.py": "",
        "quietlab/ji2022/__init__.py": PAPER.format(order=""),
        "quietlab/ji2022/margin_bound.py": "",
        "quietlab/ji2022/unheard_of.py": "",
        "quietlab/a2020_b.py": "",
        "quietlab/a2020/__init__.py": PAPER.format(order=""),
        "quietlab/a2020/b.py": "",
    }
    installed(files, "quietlab")
    assert others() == {
        "quietlab.ji2022_loss_bound": "quietlab.ji2022_loss_bound",
        "quietlab.ji2022.margin_bound": "quietlab.ji2022.margin_bound",
        "ji2022_unheard_of": "quietlab.ji2022.unheard_of",
        "quietlab.a2020_b": "quietlab.a2020_b",
        "quietlab.a2020.b": "quietlab.a2020.b",
    }
    assert catalogue.modules()["ji2022_loss_bound"] == "conjectures.ji2022.loss_bound"


def test_one_module_and_one_that_is_not_there_can_be_named(installed: Installed) -> None:
    files = {"quietlab/__init__.py": "", "quietlab/one.py": "", "quietlab/two.py": ""}
    installed(files, "quietlab.one", "quietlab.missing", "quietnowhere.claims")
    assert others() == {
        "claims": "quietnowhere.claims",
        "missing": "quietlab.missing",
        "one": "quietlab.one",
    }
    with pytest.raises(catalogue.BrokenStatementError, match="quietnowhere"):
        catalogue.load("claims")
    assert catalogue.packages("claims") == ()


def test_an_unknown_id_is_refused_with_those_that_are_near() -> None:
    with pytest.raises(InvalidInput, match="ji2022_margin_bound"):
        catalogue.load("ji2022_margin")
