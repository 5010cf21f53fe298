"""What README.md and CONTRIBUTING.md show is what happens."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from checkers.cli import app, main
from checkers.statement import Statement
from checkers.verdict import Verdict

TEXTS = ("README.md", "CONTRIBUTING.md")
SHOWN_AS_PRINTED = ("show", "replay", "list")
"""Commands whose output is the same on every machine."""


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def sessions(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Every command of the console blocks, in words, with the lines printed below it."""
    for block in blocks(text, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, *printed = part.splitlines()
            yield shlex.split(command), printed


def complaint(words: list[str], root: Path) -> str | None:
    """Why a command cannot be run as it is written, or None."""
    program, *rest = words
    if program == "make":
        targets = re.findall(r"^(\w+):", (root / "Makefile").read_text(), re.MULTILINE)
        wrong = [word for word in rest if "=" not in word and word not in targets]
        return f"make has no target {wrong[0]}" if wrong else None
    if program != "ncheck":
        return f"{program}: neither make nor ncheck"
    commands = typer.main.get_command(app).commands
    name, *arguments = rest
    if name not in commands:
        return f"ncheck has no command {name}"
    known = {option for p in commands[name].params for option in p.opts}
    wrong = [a for a in arguments if a.startswith("-") and a.split("=")[0] not in known]
    if wrong:
        return f"ncheck {name} has no option {wrong[0]}"
    absent = [
        a for a in arguments if a.startswith("results/witnesses/") and not (root / a).exists()
    ]
    return f"there is no file {absent[0]}" if absent else None


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
    module: dict[str, object] = {}
    exec(compile(shown, "README.md", "exec"), module)
    statement = module["STATEMENT"]
    assert isinstance(statement, Statement)
    (witness,) = statement.witnesses
    for spec in witness.sizes:
        (found,) = certify(statement, witness.instance(spec))
        assert found.verdict is Verdict.HOLDS
        assert found.ratio == pytest.approx(1)


def test_snippets_run_and_the_network_is_told_something(root: Path, run, tmp_path: Path) -> None:
    """In their order, each by itself, warnings being errors; then the file is evaluated."""
    text = (root / "README.md").read_text()
    for i, snippet in enumerate(blocks(text, "python")):
        (tmp_path / f"snippet_{i}.py").write_text(snippet)
        found = run("-W", "error", f"snippet_{i}.py", cwd=tmp_path)
        assert found.returncode == 0, found.stderr
    ((_, *evaluate),) = [words for words, _ in sessions(text) if "evaluate" in words]
    found = run("-m", "checkers", *evaluate, "--json", "found.json", cwd=tmp_path)
    assert found.returncode == 0, found.stdout + found.stderr
    result = json.loads((tmp_path / "found.json").read_text())
    assert result["verdict"] == "holds"
    assert all(h["holds"] for h in result["hypotheses"]), "the theorem says nothing of the network"


def test_every_layer_is_described(root: Path) -> None:
    settings = tomllib.loads((root / "pyproject.toml").read_text())
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    names = [name.removeprefix("checkers.") for layer in layers for name in layer.split()]
    structure = (root / "README.md").read_text().split("## Structure")[1]
    undescribed = [n for n in names if n not in ":|" and f"`{n}`" not in structure]
    assert undescribed == ["__main__"]
