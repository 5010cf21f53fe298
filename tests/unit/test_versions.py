"""The version of a statement's code changes with what its check can import, and with nothing else.

The oracle of the imports read from sources is Python: what a process that checks has loaded.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from checkers import catalogue, check, kinds, versions

ROOT = Path(__file__).resolve().parents[2]

CODES = """
import json
from checkers import catalogue, check
print(json.dumps({id: check.code_of(id) for id in catalogue.ids()} | {"": check.code_version()}))
"""

IMPORTERS = """
import importlib, json, sys
from checkers import catalogue
users = {}
for id, module in catalogue.modules().items():
    for name in list(sys.modules):
        if name.startswith(("conjectures.", "checkers.settings.", "checkers.quantities.")):
            del sys.modules[name]
    importlib.import_module(module)
    for name in sys.modules:
        users.setdefault(name, []).append(id)
print(json.dumps({name: users[name] for name in sys.argv[1:]}))
"""
"""Each statement is loaded anew, and has what it imports loaded anew."""

LOADED = """
import sys
from dataclasses import replace
from pathlib import Path
from checkers import catalogue, check
from checkers.profile import PROFILES
tiny = replace(PROFILES["ci"], draws=8, perturbed=12, sizes=2, ascent_sizes=1, starts=2, steps=2,
               certified=2, simplify_tries=2)
record = check.check_one(sys.argv[1], tiny, 0, "cpu", Path(sys.argv[2]))
assert not [f.reason for f in record.findings if f.verdict.word == "error"], record.findings
import checkers.sweep.cell
print("\\n".join(m for m in sys.modules if m.split(".")[0] in ("checkers", "conjectures")))
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project's code, there to be changed."""
    for package in versions.FOLLOWED:
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, tmp_path / package, ignore=ignore)
    return tmp_path


@pytest.fixture
def codes(tree: Path) -> Callable[[], dict[str, str]]:
    """The versions that a new process sees, by id; under "" that of the machinery."""

    def read() -> dict[str, str]:
        return json.loads(run(CODES, cwd=tree))

    return read


def run(script: str, *arguments: object, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        cwd=cwd,
        env={"PYTHONPATH": str(cwd), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def append(path: Path, text: str = "\n# changed\n") -> None:
    path.write_text(path.read_text() + text)


def test_a_change_is_one_of_those_who_import_it(tree: Path, codes) -> None:
    before = codes()
    assert len({*before.values()}) == len(before) == len(catalogue.ids()) + 1

    def changed_by(change: Callable[[], None]) -> set[str]:
        nonlocal before
        change()
        earlier, before = before, codes()
        return {id for id, code in earlier.items() if before[id] != code}

    def add() -> None:
        (tree / "conjectures/ji2022/new_bound.py").write_text('"""New."""\n\nSTATEMENT = None\n')
        (tree / "checkers/quantities/brand_new.py").write_text('"""New."""\n\nx = 1\n')
        paper = tree / "conjectures/ji2022/__init__.py"
        paper.write_text(paper.read_text().replace("order=(", 'order=(\n        "new_bound",'))

    def present() -> None:
        for name in (
            "cli/output", "report/section", "advice", "family", "pytest_plugin",
            "kinds/flow/figures", "kinds/training/tables",
        ):  # fmt: skip
            append(tree / f"checkers/{name}.py")

    assert changed_by(add) == set()
    assert changed_by(present) == set()
    names = (
        "conjectures.jacot2025.nc1",
        "conjectures.ji2022.setting.separation",
        "checkers.quantities.tangent_kernel",
    )
    importers = json.loads(run(IMPORTERS, *names, cwd=tree))
    for name in names:
        file = tree.joinpath(*name.split(".")).with_suffix(".py")
        found = changed_by(lambda file=file: append(file))  # type: ignore[misc]
        assert found == set(importers[name])
        assert 0 < len(found) < 8

    flows = {id for id in catalogue.ids() if type(catalogue.load(id).kind).__name__ == "Flow"}
    assert changed_by(lambda: append(tree / "checkers/kinds/flow/check.py")) == flows | {""}
    assert changed_by(lambda: append(tree / "checkers/evaluation.py")) == set(before)


@pytest.mark.parametrize(
    "id",
    [
        "ji2022_margin_bound",
        "ji2022_kkt_rate",
        "zhu2021_strict_saddle",
        "jacot2025_balancedness_recursion",
    ],
)
def test_all_that_a_check_loads_is_in_its_version(tmp_path: Path, id: str) -> None:
    loaded = run(LOADED, id, tmp_path, cwd=ROOT).split()
    assert catalogue.modules()[id] in loaded
    decider = check.package_of(kinds.of(catalogue.load(id).kind))
    sources = versions.closure((*check.MACHINERY, decider, catalogue.modules()[id]))
    read = {s.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".") for s in sources}
    # kinds are asked which of them serves a statement, and that is all that they do for others
    asked = {check.package_of(kind) for kind in kinds.kinds()} - {decider}
    left_out = set(loaded) - read - asked
    assert decider in read
    for module in left_out:
        begin = ROOT.joinpath(*module.split("."), "__init__.py")
        text = begin.read_text()
        assert "PAPER = " in text or set(text.strip().split('"""')[2:]) == {""}, module


def test_nothing_is_imported_by_a_computed_name_but_checkers_and_statements() -> None:
    for source in versions.closure((*check.MACHINERY, *map(check.package_of, kinds.kinds()))):
        if b"import_module" in source.text or b"__import__" in source.text:
            assert source.path in ("checkers/kinds/__init__.py", "checkers/catalogue.py")


def test_a_check_imports_no_presentation() -> None:
    paths = {s.path for s in versions.closure((*check.MACHINERY, "conjectures.jacot2025.nc1"))}
    assert not {p for p in paths if p.startswith(("checkers/cli", "checkers/report"))}
    assert not paths & {f"checkers/{n}.py" for n in ("advice", "family", "store", "pytest_plugin")}


@pytest.mark.parametrize(
    ("text", "imports"),
    [
        ("import checkers.values", {"checkers.values"}),
        ("import numpy, os.path", set()),
        ("from checkers import values", {"checkers", "checkers.values"}),
        ("from . import PAPER", {"conjectures.a2020", "conjectures.a2020.PAPER"}),
        (
            "from .setting.b import c",
            {"conjectures.a2020.setting.b", "conjectures.a2020.setting.b.c"},
        ),
        ("from .. import d", {"conjectures", "conjectures.d"}),
        ("def f():\n  try:\n    x\n  except E:\n    import checkers.prove", {"checkers.prove"}),
        ("if x:\n  pass\nelse:\n  import checkers.prove", {"checkers.prove"}),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n  import checkers.cli", set()),
        ("import typing as t\nif t.TYPE_CHECKING:\n  import checkers.cli", set()),
        ("match x:\n  case 1:\n    import checkers.prove", {"checkers.prove"}),
        ("'''import checkers.cli'''", set()),
        ("x = (", set()),
    ],
)
def test_imports_are_read_wherever_they_are_made(tmp_path: Path, text: str, imports) -> None:
    path = tmp_path / "claim.py"
    path.write_text(text)
    source = versions._read(path, "claim.py", ("conjectures", "a2020"))
    assert set(source.imports) == imports | {"conjectures", "conjectures.a2020"}


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a\x00b", b"PAPER = \xff", b"x = ("])
@pytest.mark.parametrize("name", ["claim.py", "__init__.py"])
def test_a_file_that_is_no_source_has_a_version_all_the_same(tmp_path, name, content) -> None:
    path = tmp_path / name
    assert versions._read(path, name, ("conjectures", "a2020")).text == b""
    path.write_bytes(content)
    source = versions._read(path, name, ("conjectures", "a2020"))
    assert (source.text, source.counts) == (content, True)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Path]]:
    """``installed(files, entry)``: the folder of such a package, found by its entry point."""
    before = set(sys.modules)

    def installed(files: dict[str, str], entry: str) -> Path:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        told = tmp_path / "quiet-1.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: quiet\nVersion: 1\n")
        (told / "entry_points.txt").write_text(f"[{catalogue.GROUP}]\nquiet = {entry}\n")
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


def told(id: str) -> str:
    return versions.version_of(id, check.MACHINERY)


@pytest.mark.parametrize(
    ("top", "entry", "id"),
    [
        ("quietlab", "quietlab.claims", "one"),
        ("quietlab", "quietlab.claims.one", "one"),
        ("quietly/lab", "quietly.lab.claims", "one"),
        ("quietlab", "quietlab", "claims_one"),
    ],
)
def test_another_packages_statement_is_of_the_whole_package(installed, top, entry, id) -> None:
    """What it measures may be computed in any file of it."""
    names = ("__init__.py", "quantities.py", "claims/__init__.py", "claims/one.py")
    paper = {f"{top}/claims/__init__.py": "PAPER = None\n"} if id == "claims_one" else {}
    files = {f"{top}/{n}": "" for n in names} | {"quietly/others.py": ""} | paper
    folder = installed(files, entry)
    first, own = told(id), told("jacot2025_nc1")
    assert told(id) == first
    (folder / "quietly" / "others.py").write_text("x = 1")
    assert told(id) == first, "that file is of no package with statements"
    seen = {first}
    for name in names:
        append(folder / top / name)
        seen.add(told(id))
    assert len(seen) == len(names) + 1
    assert told("jacot2025_nc1") == own, "what others change is no concern of ours"
    append(folder / top / "quantities.py", "\nfrom checkers.quantities.norms import nuclear_norm\n")
    sources = versions.closure(versions._read(folder / top / "quantities.py", "q", ()).imports)
    assert "checkers/quantities/norms.py" in {source.path for source in sources}


def test_a_statement_in_no_package_is_of_its_own_file(installed) -> None:
    folder = installed({"quietone.py": "", "quiettwo.py": ""}, "quietone")
    first = told("quietone")
    (folder / "quiettwo.py").write_text("x = 1")
    assert told("quietone") == first
    (folder / "quietone.py").write_text("x = 1")
    assert told("quietone") != first


def test_a_sweep_goes_on_where_it_stood_when_a_theorem_is_added(tree: Path) -> None:
    """As on two days: the second process finds one more file in the folder of another paper."""
    wanted = ["jacot2025_nc1", "jacot2025_power_lemma", "--cells", 6, "--work", "tiny"]
    call = "import sys; from checkers.cli import main; sys.exit(main(sys.argv[1:]))"
    first = run(call, "sweep", *wanted, "--workers", 1, cwd=tree)
    assert "6 cells in" in first
    assert "0 of the plan were there before" in first
    (tree / "conjectures/ji2022/new_bound.py").write_text('"""New."""\n\nSTATEMENT = None\n')
    again = run(call, "sweep", *wanted, "--workers", 1, cwd=tree)
    assert "0 cells in" in again
    assert "6 of the plan were there before" in again
    append(tree / "conjectures/jacot2025/power_lemma.py")
    third = run(call, "sweep", *wanted, "--workers", 1, cwd=tree)
    assert "3 cells in" in third
    assert "3 of the plan were there before" in third
    assert "3 of other versions" in third
