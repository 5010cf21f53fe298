from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from checkers import catalogue

STDOUT = Path("/dev/stdout")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("no command", "check", "evaluate")),
        (("chek",), ("chek",)),
        (("check", "--nonsense"), ("--nonsense", "--help")),
        (("check", "--seed", "many"), ("--seed", "many")),
        (("check", "--seed", "-1"), ("--seed", "-1")),
        (("check", "--seed", "1.5"), ("--seed", "1.5")),
        (("check", "--seed"), ("--seed",)),
        (("show",), ("ID",)),
        (("show", "a", "b"), ("b",)),
        (("evaluate", "ji2022_margin_bound"), ("FILE",)),
        (("list", "--yaml"), ("--yaml",)),
        (("metrics",), ("FILE",)),
        (("replay",), ("WITNESS",)),
    ],
)
def test_a_wrong_call_is_told_in_one_line(ncheck, written, arguments, words):
    assert ncheck(*arguments).is_refused(*words)
    assert written() == []


@pytest.mark.parametrize(
    "command",
    [
        "",
        "list",
        "show",
        "check",
        "evaluate",
        "metrics",
        "replay",
        "report",
        "new",
        "sweep",
        "merge",
    ],
)
def test_help_is_there_for_every_command(ncheck, command):
    found = ncheck(*command.split(), "--help")
    assert found.status == 0
    assert "Usage: ncheck" in found.out


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_module_is_the_command_with_its_exit_status():
    listed = _run("-m", "checkers", "list", "--json")
    assert listed.returncode == 0
    assert [row["id"] for row in json.loads(listed.stdout)] == list(catalogue.ids())
    wrong = _run("-m", "checkers", "check", "nobody2020_nothing")
    assert wrong.returncode == 2
    assert wrong.stdout == ""
    assert wrong.stderr.count("\n") == 1


def test_json_to_a_redirected_standard_output_follows_what_is_printed(tmp_path):
    """A device that leads to a file is appended to: the folder of devices is left as it is."""
    np.savez(tmp_path / "x.npz", features=np.eye(4), labels=np.array([0, 0, 1, 1]))
    with (tmp_path / "out").open("w") as out:
        called = subprocess.run(
            [sys.executable, "-m", "checkers", "metrics", tmp_path / "x.npz", "--json", STDOUT],
            stdout=out,
            stderr=subprocess.PIPE,
            timeout=120,
            check=True,
        )
    printed, _, told = (tmp_path / "out").read_text().partition("\n{")
    assert "nc1_trace_weighted" in printed
    assert json.loads("{" + told)["nc1_trace_weighted"] == 2.0, called
    assert STDOUT.is_symlink() or STDOUT.is_char_device()


def test_listing_and_showing_import_neither_torch_nor_matplotlib():
    told = _run(
        "-c",
        "import sys; from checkers.cli import main; main(['list']); "
        "main(['show', 'jacot2025_nc1']); print({'torch', 'matplotlib'} & set(sys.modules))",
    )
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines()[-1] == "set()"
