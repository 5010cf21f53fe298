"""House rules that a program can decide: layers, sizes and names of files, tolerances."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

LONGEST = 420
"""Lines of a module."""

VAGUE = {"utils", "util", "helpers", "helper", "common", "misc"}

SMALLEST = 1e-5
"""A smaller number in the code is a tolerance until its exemption says what it is."""

EXEMPT = {("checkers/search/ascent.py", 3e-6): "the last step length of the ascent"}
"""File and number, with the reason why it is no tolerance."""

TOLERANCES = "checkers/tolerance.py"

HOMES = re.compile(r"/(home|root|work|Users|mnt|opt)/\w")


def modules(root: Path, *folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((root / folder).rglob("*.py"))]


def too_long(paths: Iterable[Path]) -> list[str]:
    counted = {path.name: len(path.read_text().splitlines()) for path in paths}
    return [f"{name}: {lines} lines" for name, lines in counted.items() if lines > LONGEST]


def vague(paths: Iterable[Path]) -> list[str]:
    return [str(p) for p in paths if {p.stem, p.parent.name} & VAGUE]


def small_numbers(source: str) -> Iterator[float]:
    """Float literals and negative powers of ten whose absolute value is too small."""
    for node in ast.walk(ast.parse(source)):
        value = _constant(node)
        if value is None and isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            base, exponent = _constant(node.left), _constant(node.right)
            if base == 10 and exponent is not None:
                value = 10.0**exponent
        if value is not None and 0 < abs(value) < SMALLEST:
            yield value


def _constant(node: ast.AST) -> float | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _constant(node.operand)
        return None if inner is None else -inner
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)
    return None


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_imports_go_down(root: Path) -> None:
    found = lint_imports(root)
    assert found.returncode == 0, found.stdout + found.stderr


def test_an_import_that_goes_up_is_found(root: Path, tmp_path: Path) -> None:
    for package in ("checkers", "conjectures"):
        shutil.copytree(root / package, tmp_path / package)
    shutil.copy(root / "pyproject.toml", tmp_path)
    assert lint_imports(tmp_path).returncode == 0
    with (tmp_path / "checkers" / "verdict.py").open("a") as leaf:
        leaf.write("\nfrom checkers.cli import main\n")
    found = lint_imports(tmp_path)
    assert found.returncode == 1
    assert "checkers.verdict -> checkers.cli" in found.stdout


def test_modules_are_short_enough_to_read(root: Path) -> None:
    assert not too_long(modules(root, "checkers", "conjectures", "tests", "benchmarks", "examples"))


def test_a_long_module_is_found(tmp_path: Path) -> None:
    (tmp_path / "short.py").write_text("x = 1\n" * LONGEST)
    (tmp_path / "long.py").write_text("x = 1\n" * (LONGEST + 1))
    assert too_long(tmp_path.glob("*.py")) == [f"long.py: {LONGEST + 1} lines"]


def test_files_are_named_by_nouns_of_the_field(root: Path) -> None:
    assert not vague(modules(root, "checkers", "conjectures", "tests", "benchmarks", "examples"))


@pytest.mark.parametrize("name", ["utils.py", "misc/norms.py", "helpers/__init__.py"])
def test_a_vague_name_is_found(name: str) -> None:
    assert vague([Path("checkers") / name, Path("checkers/norms.py")]) == [f"checkers/{name}"]


def test_tolerances_are_in_their_module(root: Path) -> None:
    found = {
        (path.relative_to(root).as_posix(), number)
        for path in modules(root, "checkers", "conjectures")
        for number in small_numbers(path.read_text())
    }
    elsewhere = {entry for entry in found if entry[0] != TOLERANCES} - set(EXEMPT)
    assert not elsewhere, f"move these to {TOLERANCES}, each with its reason: {sorted(elsewhere)}"
    assert set(EXEMPT) <= found, f"exempt, but not there: {sorted(set(EXEMPT) - found)}"


@pytest.mark.parametrize(
    ("source", "numbers"),
    [
        ("slack > -1e-9", [1e-9]),
        ("def f(x, eps=0.000001): ...", [1e-6]),
        ("10**-8 * x", [1e-8]),
        ("10.0 ** (-12)", [1e-12]),
        ("x * 1e-4 + 10**-2 + 0.0 + 1e9 + 10**k", []),
        ("'1e-9'", []),
    ],
)
def test_a_planted_tolerance_is_found(source: str, numbers: list[float]) -> None:
    found = sorted({abs(number) for number in small_numbers(source)})
    assert found == pytest.approx(numbers)


def test_statement_files_say_what_they_claim_and_leave_the_id_to_their_name(root: Path) -> None:
    for path in modules(root, "conjectures"):
        module = ast.parse(path.read_text())
        assert ast.get_docstring(module), f"{path.name}: no docstring"
        names = {path.stem, f"{path.parent.name}_{path.stem}"}
        assert set(own_ids(module)) <= names, f"{path.name}: a statement is named otherwise"


def own_ids(module: ast.Module) -> Iterator[str]:
    """Ids that are passed to the STATEMENT of a module."""
    for node in module.body:
        targets = [getattr(t, "id", "") for t in getattr(node, "targets", [])]
        if "STATEMENT" in targets and isinstance(node.value, ast.Call):
            yield from (ast.literal_eval(k.value) for k in node.value.keywords if k.arg == "id")


def ids(root: Path) -> list[str]:
    """The id of every statement file of a folder of papers: names of folder and file."""
    return [f"{p.parent.name}_{p.stem}" for p in sorted(root.glob("*/*.py")) if p.stem[0] != "_"]


def test_no_two_files_have_the_same_id(root: Path) -> None:
    found = ids(root / "conjectures")
    assert len(found) > 50
    assert len(set(found)) == len(found)


def test_two_files_with_the_same_id_are_found(tmp_path: Path) -> None:
    for name in ("a2020/b_bound.py", "a2020_b/bound.py"):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).touch()
    assert ids(tmp_path) == ["a2020_b_bound", "a2020_b_bound"]


def more_than_a_paper(source: str) -> list[str]:
    """What the ``__init__.py`` of a paper has beyond words, the language and its PAPER."""
    described, *body = ast.parse(source).body
    found = [] if isinstance(described, ast.Expr) else ["no docstring"]
    for node in body:
        text = ast.unparse(node)
        is_import = isinstance(node, ast.ImportFrom) and text.startswith(
            "from checkers.language import"
        )
        if not is_import and not re.match(r"PAPER = Paper\(", text):
            found.append(text)
    return found


def test_nothing_is_computed_where_a_paper_is_described(root: Path) -> None:
    """Versions of code leave these files out: a statement may rest on nothing in them."""
    begins = sorted((root / "conjectures").glob("*/__init__.py"))
    assert len(begins) >= 3
    for path in begins:
        assert not more_than_a_paper(path.read_text()), path


@pytest.mark.parametrize(
    "planted",
    ["SCALE = 2", "from checkers.variables import K", "import math", "def f(x):\n    return x"],
)
def test_what_is_computed_there_is_found(planted: str) -> None:
    good = '"""A paper."""\nfrom checkers.language import Paper\nPAPER = Paper(1)\n'
    assert more_than_a_paper(good) == []
    assert more_than_a_paper(good + planted) == [planted]


def test_an_id_of_another_name_is_found() -> None:
    assert list(own_ids(ast.parse("STATEMENT = Statement(title='a', id='other2020_bound')"))) == [
        "other2020_bound"
    ]


def test_texts_name_no_folder_of_a_machine(root: Path) -> None:
    texts = ["README.md", "CONTRIBUTING.md", "REPORT.md", "CITATION.cff", "pyproject.toml"]
    texts += ["Makefile", ".ci/run", ".github/workflows/ci.yml"]
    texts += [".ci/nightly-issue", ".github/workflows/nightly.yml"]
    for name in texts:
        found = HOMES.search((root / name).read_text()) if (root / name).exists() else None
        assert not found, f"{name} names {found.group()}"
    assert HOMES.search("see /home/someone/ncheck")
