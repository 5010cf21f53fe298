"""The plugin in another repository: a package of statements, installed in it or elsewhere."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue, pytest_plugin
from checkers.cli import main
from checkers.cli.scaffold import TEMPLATE
from checkers.profile import PROFILES

ROOT = Path(__file__).resolve().parents[2]
TAKEN = "ji2022_margin_bound"
CLAIMS = "src/lab/claims"
Outcome = subprocess.CompletedProcess[str]
Call = Callable[..., Outcome]

TINY = replace(
    PROFILES["ci"], draws=60, perturbed=12, sizes=3, ascent_sizes=1, starts=4, steps=20, certified=3
)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with a test and five statements: true, false, weak, broken, of a taken name."""
    folder = tmp_path_factory.mktemp("lab") / "repository"
    claims = folder / CLAIMS
    claims.mkdir(parents=True)
    for package in (claims, claims.parent):
        (package / "__init__.py").write_text("")
    true = TEMPLATE.format(id="A claim").replace("CONJECTURE", "THEOREM")
    (claims / "my_claim.py").write_text(true)
    (claims / f"{TAKEN}.py").write_text(true)
    (claims / "sharper.py").write_text(true.replace("2 * (K - 1)", "3 * (K - 1)"))
    (claims / "weak.py").write_text(true.replace("rho2 / (2 * K * sqrt(n))", "rho2 / sqrt(n)"))
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
def elsewhere(repository: Path) -> Path:
    """The same package beside the repository; of its entries, one names nothing, one a module."""
    source, site = repository / "src", repository.parent / "site"
    claims = site / "lab" / "claims"
    claims.mkdir(parents=True)
    for package in (claims, claims.parent):
        (package / "__init__.py").write_text("")
    for name in ("my_claim.py", "broken.py"):
        shutil.copy(source / "lab" / "claims" / name, claims)
    shutil.copytree(source / "lab-1.dist-info", site / "lab-1.dist-info")
    (site / "lab-1.dist-info" / "entry_points.txt").write_text(
        "[ncheck.conjectures]\na = lab.nothing\nb = lab.claims.my_claim\nc = lab.claims.broken\n"
    )
    return site


@pytest.fixture
def call(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    """``call("pytest", ...)`` or ``call("ncheck", ...)`` in that repository and in this process.

    ``path`` is where the package lies, if it is installed. Profile ci is one of little work.
    """
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PYTEST_ADDOPTS", "")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setitem(PROFILES, "ci", TINY)

    def call(program: str, *arguments: str, path: Path | None = repository / "src") -> Outcome:
        forget(repository.parent)
        out, err = io.StringIO(), io.StringIO()
        with monkeypatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "path", [*sys.path, *([str(path)] if path else [])])
            if program == "ncheck":
                status = main(list(arguments))
            else:
                status = int(pytest.main(list(arguments), plugins=[pytest_plugin]))
        return Outcome([program, *arguments], status, out.getvalue(), err.getvalue())

    yield call
    forget(repository.parent)


def forget(folder: Path) -> None:
    """Have statements looked up again, and modules from that folder imported again."""
    catalogue.modules.cache_clear()
    catalogue.load.cache_clear()
    for name, module in list(sys.modules.items()):
        if str(getattr(module, "__file__", "")).startswith(str(folder)):
            del sys.modules[name]


def collected(outcome: Outcome) -> list[str]:
    """Node ids that ``--collect-only -q`` printed."""
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return [line for line in outcome.stdout.splitlines() if "::" in line]


def failed(outcome: Outcome) -> set[str]:
    """Node ids of the tests that failed, from a run with ``-rA``; some did."""
    assert outcome.returncode == pytest.ExitCode.TESTS_FAILED, outcome.stdout + outcome.stderr
    lines = (line.split(" - ")[0] for line in outcome.stdout.splitlines())
    return {line.removeprefix("FAILED ") for line in lines if line.startswith("FAILED ")}


EVERYTHING = [
    "tests/test_own.py::test_own",
    f"{CLAIMS}/broken.py::broken",
    f"{CLAIMS}/{TAKEN}.py::lab.claims.{TAKEN}",
    f"{CLAIMS}/{TAKEN}.py::lab.claims.{TAKEN}[mutant M1]",
    f"{CLAIMS}/my_claim.py::my_claim",
    f"{CLAIMS}/my_claim.py::my_claim[mutant M1]",
    f"{CLAIMS}/sharper.py::sharper",
    f"{CLAIMS}/sharper.py::sharper[mutant M1]",
    f"{CLAIMS}/weak.py::weak",
    f"{CLAIMS}/weak.py::weak[mutant M1]",
]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), EVERYTHING[:1]),
        (("--ncheck",), EVERYTHING),
        (("--ncheck", "tests"), EVERYTHING),
        (("--ncheck", "tests", "src"), EVERYTHING),
        (("-o", "ncheck=true"), EVERYTHING),
        (("-o", "ncheck=true", "tests"), EVERYTHING[:1]),
        (("--ncheck", f"{CLAIMS}/my_claim.py"), EVERYTHING[4:6]),
        (("--ncheck", f"tests/../{CLAIMS}/my_claim.py::my_claim"), EVERYTHING[4:6]),
        (("--ncheck", "--pyargs", "lab.claims.my_claim"), EVERYTHING[4:6]),
        (("--ncheck", "--pyargs", "lab.claims.my_claim::my_claim[mutant M1]"), EVERYTHING[5:6]),
        (("--ncheck", "--pyargs", "tests"), EVERYTHING),
        (("-o", "ncheck=true", EVERYTHING[5]), EVERYTHING[5:6]),
        (("--ncheck-profile", "quick", "-k", "sharper"), EVERYTHING[6:8]),
    ],
)
def test_statements_are_collected_where_that_is_asked_for(call, arguments, expected) -> None:
    assert sorted(collected(call("pytest", "--collect-only", "-q", *arguments))) == sorted(expected)


def test_nothing_is_collected_where_no_package_has_statements(call) -> None:
    found = call("pytest", "--collect-only", "-q", "--ncheck", path=None)
    assert collected(found) == EVERYTHING[:1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--ncheck-profile", "fast"), ("quick",)),
        (("--ncheck", "--ncheck-seed", "-5"), ("--ncheck-seed", "'-5'", "from 0")),
        (("--ncheck", "--ncheck-seed", "1.5"), ("--ncheck-seed", "'1.5'")),
        (("--ncheck", "--ncheck-folder", "pytest.ini"), ("pytest.ini is no folder",)),
        (("-o", "ncheck=true", "--ncheck-folder", "pytest.ini/x"), ("pytest.ini is no folder",)),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_run(call, arguments, words) -> None:
    found = call("pytest", *arguments)
    assert found.returncode == pytest.ExitCode.USAGE_ERROR
    assert found.stdout == ""
    for word in words:
        assert word in found.stderr
    assert "Traceback" not in found.stderr


def test_a_folder_that_cannot_be_used_fails_statements_and_no_other_test(
    call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("checkers.pytest_plugin.FOLDER", "pytest.ini")
    assert call("pytest", "-o", "ncheck=true", "tests/test_own.py").returncode == 0
    found = call("pytest", "-o", "ncheck=true", "-k", "test_own or my_claim")
    assert found.returncode == pytest.ExitCode.TESTS_FAILED
    assert "witness files cannot go to" in found.stdout
    assert "1 passed" in found.stdout
    assert "Traceback" not in found.stdout


def test_the_folder_of_the_witnesses_is_made_only_when_something_is_kept(
    call, repository: Path
) -> None:
    folder = repository / "not" / "there"
    collected(call("pytest", "--ncheck", "--collect-only", "-q", "--ncheck-folder", str(folder)))
    assert not folder.exists()
    assert not (repository / "not").exists()


def test_only_the_false_and_the_broken_fail_and_say_why(call, repository: Path) -> None:
    found = call("pytest", "--ncheck", "-rA", "-k", "not ji2022 and not weak")
    told = found.stdout
    assert failed(found) == {f"{CLAIMS}/broken.py::broken", f"{CLAIMS}/sharper.py::sharper"}
    assert sum(line.startswith("PASSED ") for line in told.splitlines()) == 4
    assert "does not load: broken: ZeroDivisionError" in told
    assert "refuted (certified), but its standing is theorem: A claim" in told
    assert "certified violations, hypotheses certified" in told
    path = ".ncheck/witnesses/sharper/counterexample.json"
    assert f"replay: ncheck replay {path}" in told
    assert "Traceback" not in told
    replayed = call("ncheck", "replay", path)
    assert replayed.returncode == 0, replayed.stderr
    assert "confirmed" in replayed.stdout
    assert (repository / ".ncheck" / ".gitignore").read_text() == "*\n"


def test_a_surviving_mutant_fails_its_own_test(call) -> None:
    found = call("pytest", "--ncheck", "-rA", f"{CLAIMS}/weak.py::weak[mutant M1]", "-q")
    assert failed(found) == {f"{CLAIMS}/weak.py::weak[mutant M1]"}
    assert "survived (2K in place of 2(K-1)): its stored instance does not refute it" in (
        found.stdout
    )


def test_ncheck_knows_the_statements_of_another_package(call) -> None:
    rows = {row["id"]: row for row in json.loads(call("ncheck", "list", "--json").stdout)}
    assert rows["my_claim"]["title"] == "A claim"
    assert rows["broken"]["standing"] == "broken"
    assert rows[f"lab.claims.{TAKEN}"]["title"] == "A claim"
    assert rows[TAKEN]["title"] != "A claim"
    store = ("--profile", "ci", "--store", "results/store.sqlite")
    found = call("ncheck", "check", "my_claim", *store)
    assert found.returncode == 0, found.stderr
    assert "my_claim: holds" in found.stderr
    found = call("ncheck", "check", "broken", *store)
    assert found.returncode == 1
    assert "broken: error" in found.stderr


# --------------------------------------------------------------------------- installed elsewhere


def test_statements_outside_of_the_root_folder_have_ids_that_pytest_takes_back(
    call, elsewhere: Path
) -> None:
    claims = elsewhere / "lab" / "claims"
    ids = [
        f"{claims}/broken.py::broken",
        f"{claims}/my_claim.py::my_claim",
        f"{claims}/my_claim.py::my_claim[mutant M1]",
    ]
    collect = ("--collect-only", "-q")
    found = collected(call("pytest", "--ncheck", *collect, path=elsewhere))
    assert found == [EVERYTHING[0], *ids, "ncheck.conjectures::nothing"]
    for given in (("--ncheck", "--rootdir", "."), ("-o", "ncheck=true", "-c", "pytest.ini")):
        assert collected(call("pytest", *given, *collect, ids[2], path=elsewhere)) == ids[2:]
    named = (*collect, "--ncheck", "--rootdir", ".", "--pyargs", "lab.claims.broken")
    assert collected(call("pytest", *named, path=elsewhere)) == ids[:1]


@pytest.mark.parametrize("how", [("--ncheck",), ("-o", "ncheck=true")])
def test_an_entry_that_names_nothing_is_one_test_that_fails(call, elsewhere: Path, how) -> None:
    """The others, and the tests of the repository, go on; the next run can take up what failed."""
    found = call("pytest", *how, "-rA", "-k", "not my_claim", path=elsewhere)
    expected = {"ncheck.conjectures::nothing", f"{elsewhere}/lab/claims/broken.py::broken"}
    assert failed(found) == expected
    assert "PASSED tests/test_own.py::test_own" in found.stdout
    assert (
        "does not load: nothing: ModuleNotFoundError: No module named 'lab.nothing'; correct the"
        " entry point of ncheck.conjectures" in found.stdout
    )
    assert "collected 5 items / 2 deselected / 3 selected" in found.stdout
    again = call("pytest", *how, "--lf", "--collect-only", "-q", path=elsewhere)
    assert "2 tests collected" in again.stdout
    own = call("pytest", *how, "--collect-only", "-q", "-k", "nothing", path=elsewhere)
    assert collected(own) == ["ncheck.conjectures::nothing"]


def test_an_entry_that_names_nothing_is_listed_as_broken(call, elsewhere: Path) -> None:
    listed = call("ncheck", "list", "--json", path=elsewhere)
    rows = {row["id"]: row["standing"] for row in json.loads(listed.stdout)}
    assert rows["nothing"] == "broken"
    assert rows["my_claim"] == "theorem", "an entry may name one module"
    assert "sharper" not in rows


# --------------------------------------------------------------------------- other processes


def apart(repository: Path, path: Path, *arguments: str) -> Outcome:
    """Run pytest with the plugin in a process of its own."""
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")},
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(path)]),
        "OMP_NUM_THREADS": "1",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "checkers.pytest_plugin", *arguments],
        cwd=repository, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_workers_of_xdist_share_the_tests(repository: Path, elsewhere: Path) -> None:
    """Those of files outside of the root folder and of no file among them."""
    wanted = ("-k", "not (my_claim and not M1)")
    found = apart(repository, elsewhere, "-p", "xdist", "-n", "2", "--ncheck", "-rA", *wanted)
    claims = elsewhere / "lab" / "claims"
    assert failed(found) == {"ncheck.conjectures::nothing", f"{claims}/broken.py::broken"}
    passed = {line[7:] for line in found.stdout.splitlines() if line.startswith("PASSED ")}
    assert passed == {EVERYTHING[0], f"{claims}/my_claim.py::my_claim[mutant M1]"}


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


def test_collection_loads_no_torch(repository: Path) -> None:
    (repository / "watch.py").write_text(
        "import sys\n\n\ndef pytest_sessionfinish(session):\n"
        "    print('torch' in sys.modules, session.testscollected)\n"
    )
    asked = ("--ncheck", "--collect-only", "-q", "-p", "watch")
    found = apart(repository, repository / "src", *asked)
    assert f"False {len(EVERYTHING)}" in found.stdout, found.stdout + found.stderr
