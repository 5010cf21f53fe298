"""The command line called in this process, and a folder of statements beside the project's own."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import checkers.check
import conjectures
from checkers import catalogue, versions
from checkers.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a call printed and returned."""

    status: int
    out: str
    err: str

    def is_refused(self, *words: str) -> bool:
        """Exit status 2, one line on stderr with these words, nothing on stdout."""
        assert self.status == 2, self
        assert self.out == "", self
        assert self.err.startswith("ncheck: "), self
        assert self.err.count("\n") == 1, self
        assert self.err.endswith("\n"), self
        for word in words:
            assert word in self.err, self
        return True


Call = Callable[..., Outcome]


@pytest.fixture
def ncheck(capsys, tmp_path, monkeypatch) -> Call:
    """Call ``ncheck`` with arguments, in an empty folder."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = main([str(a) for a in arguments])
        printed = capsys.readouterr()
        return Outcome(status, printed.out, printed.err)

    return call


@pytest.fixture
def written() -> Callable[[], list[str]]:
    """Names of the files in the folder in which ``ncheck`` is called."""
    return lambda: sorted(str(p) for p in Path().rglob("*"))


@pytest.fixture
def more_statements(tmp_path) -> Iterator[Path]:
    """A folder whose files are statements too, the first place where ``ncheck new`` writes."""
    folder = tmp_path / "statements"
    folder.mkdir()
    conjectures.__path__.insert(0, str(folder))
    catalogue.modules.cache_clear()
    yield folder
    conjectures.__path__.remove(str(folder))
    for name, module in list(sys.modules.items()):
        if name.startswith("conjectures.") and str(folder) in str(getattr(module, "__file__", "")):
            del sys.modules[name]
            vars(conjectures).pop(name.split(".")[1], None)
    catalogue.modules.cache_clear()
    catalogue.load.cache_clear()
    checkers.check.code_of.cache_clear()
    versions.forget()


@pytest.fixture
def finding(monkeypatch):
    """Make ``check`` find these records, and remember how it was asked."""
    asked: dict[str, object] = {}

    def use(*records, error=None):
        def check_statements(ids, *, profile, seed, device, folder):
            asked.update(ids=ids, profile=profile, seed=seed, device=device, folder=folder)
            yield from records
            if error is not None:
                raise error

        monkeypatch.setattr(checkers.check, "check_statements", check_statements)
        return asked

    return use
