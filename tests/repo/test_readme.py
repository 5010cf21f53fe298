"""What README.md and CONTRIBUTING.md show is what happens."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

import pytest
from commands import complaint

from checkers.cli import main
from checkers.declared.statement import Statement
from checkers.verdict import Verdict

TEXTS = ("README.md", "CONTRIBUTING.md")
EXAMPLE = "examples/digits.py"
SHOWN_AS_PRINTED = ("show", "replay", "list")
"""Commands whose output is the same on every machine."""

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w.])")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def sessions(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Every command of the console blocks, in words, with the lines printed below it."""
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = part.splitlines()
            yield shlex.split(command), printed


@pytest.mark.parametrize("name", TEXTS)
def test_commands_exist(root: Path, name: str) -> None:
    commands = [words for words, _ in sessions((root / name).read_text())]
    assert commands
    assert not [told for words in commands if (told := complaint(words, root))]


@pytest.mark.parametrize(
    "command",
    [
        "make chekc",
        "ncheck chekc",
        "ncheck check --profil ci",
        "ncheck replay results/witnesses/none.json",
        "python examples/none.py",
        "pip install x",
    ],
)
def test_a_command_that_does_not_exist_is_found(root: Path, command: str) -> None:
    ((words, _),) = sessions(f"```console\n$ {command}\n```\n")
    assert complaint(words, root)


def test_commands_print_what_is_shown(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    compared = 0
    for words, printed in sessions((root / "README.md").read_text()):
        if words[0] == "ncheck" and words[1] in SHOWN_AS_PRINTED:
            assert main(words[1:]) == 0
            actual = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
            shown = [line for line in printed if line.strip() not in ("", "...")]
            assert shown, f"{' '.join(words)}: nothing is shown"
            assert not [line for line in shown if line not in actual], " ".join(words)
            compared += 1
    assert compared >= len(SHOWN_AS_PRINTED)


def test_the_statement_shown_is_one_and_its_witness_attains_it(root: Path) -> None:
    from checkers.evaluation import certify

    shown = next(b for b in blocks((root / "README.md").read_text(), "python") if "STATEMENT" in b)
    module: dict[str, object] = {"__package__": "conjectures.ji2022"}
    exec(compile(shown, "README.md", "exec"), module)
    statement = module["STATEMENT"]
    assert isinstance(statement, Statement)
    (witness,) = statement.witnesses
    for spec in witness.sizes:
        (found,) = certify(statement, witness.instance(spec))
        assert found.verdict is Verdict.HOLDS
        assert found.ratio == pytest.approx(1)


@pytest.fixture(scope="module")
def network(root: Path, run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the example has been run, warnings being errors."""
    folder = tmp_path_factory.mktemp("network")
    found = run("-W", "error", str(root / EXAMPLE), cwd=folder)
    assert found.returncode == 0, found.stderr
    return folder


def test_the_example_is_shown_as_it_is(root: Path) -> None:
    shown = blocks((root / "README.md").read_text(), "python")
    assert [b for b in shown if "STATEMENT" not in b] == [(root / EXAMPLE).read_text()]


def test_what_the_network_is_told(root: Path, network: Path, run) -> None:
    compared = 0
    for words, printed in sessions((root / "README.md").read_text()):
        if words[1] in ("metrics", "evaluate"):
            call = ("-m", "checkers", *words[1:], "--json", f"{words[1]}.json")
            found = run(*call, cwd=network, path=(root,))
            assert found.returncode == 0, found.stdout + found.stderr
            actual = found.stdout.splitlines()
            shown = [line for line in printed if line.strip() not in ("", "...")]
            missing = [line for line in shown if not any(agree(line, other) for other in actual)]
            assert not missing, f"{' '.join(words)} prints {found.stdout}"
            compared += len(shown)
    assert compared > 12
    told = json.loads((network / "evaluate.json").read_text())
    results = {result["id"]: result for result in told["results"]}
    assert all(result["verdict"] in ("holds", "vacuous") for result in results.values())
    assert {"jacot2025_nc1", "jacot2025_nc1_sharp"} <= results.keys()
    bounded = results["jacot2025_nc1"]
    assert bounded["verdict"] == "holds"
    assert bounded["hypotheses"], "the theorem says something of the network"
    measured = json.loads((network / "metrics.json").read_text())
    assert bounded["lhs"] == pytest.approx(measured["nc1_trace_weighted"], rel=1e-10)


def agree(shown: str, printed: str) -> bool:
    """The same words, and numbers that are close: training rounds differently elsewhere."""
    pairs = list(zip_longest(NUMBER.split(shown), NUMBER.split(printed)))
    words = all(str(a).split() == str(b).split() for a, b in pairs)
    numbers = zip_longest(NUMBER.findall(shown), NUMBER.findall(printed), fillvalue="nan")
    return words and all(float(a) == pytest.approx(float(b), rel=0.02) for a, b in numbers)


@pytest.mark.parametrize(
    ("printed", "agrees"),
    [
        ("NC1  0.0108 <= 1.7e3, ratio 1  holds  ", True),
        ("NC1  0.02 <= 1.7e3, ratio 1  holds", False),
        ("NC1  0.0108 <= 1.7e3, ratio 1  refuted", False),
        ("NC1  0.0108 <= 1.7e3, ratio  holds", False),
        ("NC2  0.0108 <= 1.7e3, ratio 1  holds", False),
    ],
)
def test_what_is_printed_otherwise_is_found(printed: str, agrees: bool) -> None:
    assert agree("NC1 0.0107 <= 1700, ratio 1 holds", printed) is agrees


def test_every_layer_is_described(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    names = [name.removeprefix("checkers.") for layer in layers for name in layer.split()]
    structure = (root / "README.md").read_text().split("## Structure")[1]
    undescribed = [n for n in names if n not in ":|" and f"`{n}`" not in structure]
    assert undescribed == ["__main__"]
