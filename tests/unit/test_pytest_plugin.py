"""The plugin in another repository: a package of statements in a folder, run in processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from checkers.cli.scaffold import TEMPLATE

ROOT = Path(__file__).resolve().parents[2]
TAKEN = "ji2022_margin_bound"
CLAIMS = "src/lab/claims"
Outcome = subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a test and four statements: true, false, broken, and of a taken name."""
    folder = tmp_path_factory.mktemp("lab")
    claims = folder / CLAIMS
    claims.mkdir(parents=True)
    for package in (claims, claims.parent):
        (package / "__init__.py").write_text("")
    true = TEMPLATE.format(id="A claim").replace("CONJECTURE", "THEOREM")
    (claims / "my_claim.py").write_text(true)
    (claims / f"{TAKEN}.py").write_text(true)
    (claims / "sharper.py").write_text(true.replace("2 * (K - 1)", "3 * (K - 1)"))
    (claims / "broken.py").write_text("1 / 0\n")
    installed = folder / "src" / "lab-1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: lab\nVersion: 1\n")
    (installed / "entry_points.txt").write_text("[ncheck.conjectures]\nlab = lab.claims\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_own.py").write_text("def test_own():\n    pass\n")
    (folder / "pytest.ini").write_text(
        "[pytest]\ntestpaths = tests\naddopts = --strict-markers --strict-config\n"
        "filterwarnings = error\n"
    )
    return folder


@pytest.fixture(scope="module")
def call(repository: Path) -> Callable[..., Outcome]:
    """``call("pytest", ...)`` or ``call("checkers", ...)`` in that repository, installed or not."""

    def call(module: str, *arguments: str, installed: bool = True) -> Outcome:
        path = [str(ROOT), *([str(repository / "src")] if installed else [])]
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(path),
            "OMP_NUM_THREADS": "1",
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        }
        plugin = ("-p", "checkers.pytest_plugin") if module == "pytest" else ()
        return subprocess.run(
            [sys.executable, "-m", module, *plugin, *arguments],
            cwd=repository, env=environment, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    return call


def collected(outcome: Outcome) -> list[str]:
    """Node ids that ``--collect-only -q`` printed."""
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return [line for line in outcome.stdout.splitlines() if "::" in line]


EVERYTHING = [
    "tests/test_own.py::test_own",
    f"{CLAIMS}/broken.py::broken",
    f"{CLAIMS}/{TAKEN}.py::lab.claims.{TAKEN}",
    f"{CLAIMS}/{TAKEN}.py::lab.claims.{TAKEN}[mutant M1]",
    f"{CLAIMS}/my_claim.py::my_claim",
    f"{CLAIMS}/my_claim.py::my_claim[mutant M1]",
    f"{CLAIMS}/sharper.py::sharper",
    f"{CLAIMS}/sharper.py::sharper[mutant M1]",
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), EVERYTHING[:1]),
        (("--ncheck",), EVERYTHING),
        (("--ncheck", "tests"), EVERYTHING),
        (("-o", "ncheck=true"), EVERYTHING),
        (("-o", "ncheck=true", "tests"), EVERYTHING[:1]),
        (("--ncheck", f"{CLAIMS}/my_claim.py"), EVERYTHING[4:6]),
        (("-o", "ncheck=true", EVERYTHING[5]), EVERYTHING[5:6]),
        (("--ncheck-profile", "quick", "-k", "sharper"), EVERYTHING[6:]),
    ],
)
def test_statements_are_collected_where_that_is_asked_for(call, arguments, expected) -> None:
    assert collected(call("pytest", "--collect-only", "-q", *arguments)) == expected


def test_nothing_is_collected_where_no_package_has_statements(call) -> None:
    found = call("pytest", "--collect-only", "-q", "--ncheck", installed=False)
    assert collected(found) == EVERYTHING[:1]


def test_an_unknown_profile_is_refused(call) -> None:
    found = call("pytest", "--ncheck-profile", "fast")
    assert found.returncode == pytest.ExitCode.USAGE_ERROR
    assert "quick" in found.stderr


def test_only_the_false_and_the_broken_fail_and_say_why(call, repository: Path) -> None:
    found = call("pytest", "--ncheck", "-rA", "-k", "not ji2022")
    told = found.stdout
    assert found.returncode == pytest.ExitCode.TESTS_FAILED, told + found.stderr
    outcomes = {
        line.split(" - ")[0].partition(" ")[2]: line.split()[0]
        for line in told.splitlines()
        if line.startswith(("PASSED", "FAILED"))
    }
    failed = {f"{CLAIMS}/broken.py::broken", f"{CLAIMS}/sharper.py::sharper"}
    assert {id for id, outcome in outcomes.items() if outcome == "FAILED"} == failed
    assert len(outcomes) == 6
    assert "does not load: broken: ZeroDivisionError" in told
    assert "refuted (certified), but its standing is theorem: A claim" in told
    assert "certified violations, hypotheses certified" in told
    path = ".ncheck/witnesses/sharper/counterexample.json"
    assert f"replay: ncheck replay {path}" in told
    assert "Traceback" not in told
    replayed = call("checkers", "replay", path)
    assert replayed.returncode == 0, replayed.stderr
    assert "confirmed" in replayed.stdout
    assert (repository / ".ncheck" / ".gitignore").read_text() == "*\n"


def test_a_surviving_mutant_fails_its_own_test(call, repository: Path) -> None:
    path = repository / CLAIMS / "weak.py"
    text = (repository / CLAIMS / "my_claim.py").read_text()
    path.write_text(text.replace("rho2 / (2 * K * sqrt(n))", "rho2 / sqrt(n)"))
    try:
        found = call("pytest", "--ncheck", f"{CLAIMS}/weak.py::weak[mutant M1]", "-q")
    finally:
        path.unlink()
    assert found.returncode == pytest.ExitCode.TESTS_FAILED, found.stdout
    assert "survived (2K in place of 2(K-1)): its stored instance does not refute it" in (
        found.stdout
    )


def test_ncheck_knows_the_statements_of_another_package(call) -> None:
    rows = {row["id"]: row for row in json.loads(call("checkers", "list", "--json").stdout)}
    assert rows["my_claim"]["title"] == "A claim"
    assert rows["broken"]["standing"] == "broken"
    assert rows[f"lab.claims.{TAKEN}"]["title"] == "A claim"
    assert rows[TAKEN]["title"] != "A claim"
    store = ("--profile", "ci", "--store", "results/store.sqlite")
    found = call("checkers", "check", "my_claim", *store)
    assert found.returncode == 0, found.stderr
    assert "my_claim: holds" in found.stderr
    found = call("checkers", "check", "broken", *store)
    assert found.returncode == 1
    assert "broken: error" in found.stderr


def test_an_entry_that_names_nothing_fails_only_its_own(call, repository: Path) -> None:
    entries = repository / "src" / "lab-1.dist-info" / "entry_points.txt"
    kept = entries.read_text()
    entries.write_text("[ncheck.conjectures]\nlab = lab.nothing\none = lab.claims.my_claim\n")
    try:
        listed = call("checkers", "list", "--json")
        tested = call("pytest", "--ncheck", "--collect-only", "-q")
    finally:
        entries.write_text(kept)
    rows = {row["id"]: row["standing"] for row in json.loads(listed.stdout)}
    assert rows["nothing"] == "broken"
    assert rows["my_claim"] == "theorem", "an entry may name one module"
    assert "sharper" not in rows
    assert tested.returncode == pytest.ExitCode.USAGE_ERROR
    assert "nothing: ModuleNotFoundError: No module named 'lab.nothing'" in tested.stderr


def test_the_plugin_is_declared_and_imports_nothing_of_weight() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert declared == {"pytest11": {"ncheck": "checkers.pytest_plugin"}}
    code = (
        "import sys, pytest, checkers.pytest_plugin;"
        "print(sorted(m for m in sys.modules if m.split('.')[0] in"
        " ('checkers', 'conjectures', 'numpy', 'sympy', 'torch', 'flint')))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == "['checkers', 'checkers.pytest_plugin']"


def test_collection_loads_no_torch(call, repository: Path) -> None:
    (repository / "watch.py").write_text(
        "import sys\n\n\ndef pytest_sessionfinish(session):\n"
        "    print('torch' in sys.modules, session.testscollected)\n"
    )
    found = call("pytest", "--ncheck", "--collect-only", "-q", "-p", "watch")
    assert "False 8" in found.stdout, found.stdout + found.stderr
