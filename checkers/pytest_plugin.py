"""The pytest plugin: statements of other packages as tests of theirs.

A package that names its statements under the entry-point group ``ncheck.conjectures`` has them
checked by ``pytest --ncheck``, ``pytest --ncheck-profile PROFILE`` or, with ``ncheck = true`` in
its configuration, by every run that names no files. Each file gives a test ``my_claim``, which
passes where the verdict is what the standing leads one to expect, and a test
``my_claim[mutant M1]`` for every mutant; an entry point that names no file gives one that fails.
Without one of the three nothing is collected, and nothing of ``checkers`` but this file is
imported.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from checkers.record import MutantRecord, Record

PROFILES = ("quick", "ci", "nightly")
FOLDER = ".ncheck"
_FILES = pytest.StashKey[dict[Path, list[str]]]()
"""The ids of the statements of each file, under its real path; nothing where not asked for."""
_FILELESS = pytest.StashKey[list[str]]()
"""The ids of statements without a file, where they are to be tested."""


class NotAsClaimedError(Exception):
    """A verdict that contradicts the standing, or a mutant that survived; the message tells why."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options and the one setting."""
    group = parser.getgroup("ncheck", "ncheck: statements of the group ncheck.conjectures")
    group.addoption("--ncheck", action="store_true", help="Check the statements.")
    group.addoption(
        "--ncheck-profile",
        choices=PROFILES,
        help="Check the statements with that much work (default: ci).",
    )
    group.addoption(
        "--ncheck-seed", type=_seed, default=0, metavar="N", help="Same seed, same verdict."
    )
    group.addoption(
        "--ncheck-folder",
        metavar="DIR",
        help=f"Where witness files go (default: {FOLDER} in the root folder).",
    )
    parser.addini("ncheck", "Check the statements in runs that name no files.", "bool", False)


def _seed(text: str) -> int:
    """A seed, as ``ncheck check`` takes it."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} given; expected a whole number from 0")
    return int(text)


def pytest_configure(config: pytest.Config) -> None:
    """Add the statements' files to what is collected, where that is asked for."""
    config.addinivalue_line("markers", "ncheck: a statement or a mutant of one")
    asked = config.getoption("ncheck") or config.getoption("ncheck_profile")
    if not asked and not config.getini("ncheck"):
        return
    files, fileless = _found()
    if (asked or config.getoption("ncheck_folder")) and (files or fileless):
        _refuse_no_folder(config)
    config.stash[_FILES] = files
    by_name = config.args_source is pytest.Config.ArgsSource.ARGS
    if not by_name or (asked and _named(config).isdisjoint(files)):
        config.args += [str(_from_root(file, config)) for file in files]
        config.stash[_FILELESS] = fileless


def _found() -> tuple[dict[Path, list[str]], list[str]]:
    """Ids by the real path of the file, and the ids of statements that have none; all sorted."""
    from checkers import catalogue

    files: dict[Path, list[str]] = {}
    fileless = []
    for id in (id for id in catalogue.ids() if not catalogue.own(id)):
        path = catalogue.path(id)
        if path is not None and path.is_file():
            files.setdefault(_real(path), []).append(id)
        else:
            fileless.append(id)
    return files, fileless


def _named(config: pytest.Config) -> set[Path]:
    """The real paths that the arguments stand for, however they are written."""
    places = (arg.partition("::")[0] for arg in config.args)
    where = config.invocation_params.dir
    return {_real(where / ((config.option.pyargs and _module(p)) or p)) for p in places}


def _module(name: str) -> str | None:
    """The file of a module, for ``--pyargs``; None for what is none, and then is a path."""
    try:
        spec = importlib.util.find_spec(name)
    except Exception:
        return None
    return spec.origin if spec is not None else None


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _from_root(real: Path, config: pytest.Config) -> Path:
    """The path as it is written from the root folder where it is there, by whatever links."""
    root = _real(config.rootpath)
    return config.rootpath / real.relative_to(root) if real.is_relative_to(root) else real


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A statement's file is collected as such, wherever it is."""
    ids = parent.config.stash.get(_FILES, {}).get(_real(file_path))
    if not ids:
        return None
    inside = file_path.is_relative_to(parent.config.rootpath)
    # pytest's own id of a file outside of the root folder is empty, and cannot be given back to it
    nodeid = None if inside else file_path.as_posix()
    return StatementFile.from_parent(parent, path=file_path, ids=ids, nodeid=nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(
    module_path: Path, parent: pytest.Collector
) -> pytest.Collector | None:
    """A statement's file is no module of test functions."""
    if _real(module_path) in parent.config.stash.get(_FILES, {}):
        return NoTests.from_parent(parent, path=module_path)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Statements without a file are tests of the session; as a rule, such an entry is wrong."""
    report = yield
    ids = collector.config.stash.get(_FILELESS, [])
    if ids and isinstance(collector, pytest.Session) and report.passed:
        report.result.append(Fileless.from_parent(collector, ids=ids))
    return report


class NoTests(pytest.File):
    """Stands where pytest would look into a file for test functions."""

    def collect(self) -> Iterator[pytest.Item]:
        """Nothing."""
        return iter(())


class StatementFile(pytest.File):
    """The tests of the statements in one file: as a rule, of one."""

    def __init__(self, *, ids: list[str], **given: Any) -> None:
        """``ids`` are those of the catalogue."""
        super().__init__(**given)
        self.ids = ids

    def collect(self) -> Iterator[pytest.Item]:
        """The tests of each statement."""
        for id in self.ids:
            yield from _tests(self, id)


class Fileless(pytest.Collector):
    """The tests of the statements that have no file."""

    def __init__(self, *, ids: list[str], **given: Any) -> None:
        """``ids`` are those of the catalogue."""
        from checkers.catalogue import GROUP

        super().__init__(name=GROUP, nodeid=GROUP, **given)
        self.ids = ids

    def collect(self) -> Iterator[pytest.Item]:
        """The tests of each statement."""
        for id in self.ids:
            yield from _tests(self, id)


def _tests(parent: pytest.Collector, id: str) -> Iterator[pytest.Item]:
    """One test for the statement and one a mutant; one that does not load fails the first."""
    from checkers import catalogue

    yield Check.from_parent(parent, name=id, test=_check(id))
    try:
        mutants = catalogue.load(id).mutants
    except catalogue.BrokenStatementError:
        return
    for mutant in mutants:
        name = f"{id}[mutant {mutant.id}]"
        yield Check.from_parent(parent, name=name, test=_refute(id, mutant.id))


class Check(pytest.Item):
    """A test that calls ``test(config)`` and reports what it returns as properties."""

    def __init__(self, *, test: Callable[[pytest.Config], dict[str, object]], **given: Any) -> None:
        """``test`` raises NotAsClaimedError where something is not as claimed."""
        super().__init__(**given)
        self.test = test
        self.add_marker("ncheck")

    def runtest(self) -> None:
        """Check, and keep what is told about it as properties of the test."""
        self.user_properties += self.test(self.config).items()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *given: Any) -> Any:
        """What is not as claimed, without a traceback through the machinery."""
        if isinstance(excinfo.value, NotAsClaimedError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, *given)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """The statement's file and the name of the test."""
        return self.path, None, self.name


@contextmanager
def _one_thread() -> Iterator[None]:
    """As ``ncheck check`` does; torch is left as it was."""
    import torch

    from checkers.check import single_threaded

    threads = torch.get_num_threads()
    try:
        with single_threaded():
            yield
    finally:
        torch.set_num_threads(threads)


def _check(id: str) -> Callable[[pytest.Config], dict[str, object]]:
    """The test of a statement: drawn, searched, trained, certified, proved."""

    def test(config: pytest.Config) -> dict[str, object]:
        from checkers import catalogue

        try:
            catalogue.load(id)
        except catalogue.BrokenStatementError as error:
            told = "" if catalogue.path(id) else f"; correct the entry point of {catalogue.GROUP}"
            raise NotAsClaimedError(f"does not load: {error}{told}") from error
        from checkers.check import check_statements
        from checkers.record import summary

        profile = config.getoption("ncheck_profile") or "ci"
        seed, folder = config.getoption("ncheck_seed"), _folder(config)
        with _one_thread():
            (record,) = check_statements(
                [id], profile=profile, seed=seed, device="cpu", folder=folder, workers=1
            )
        if not replace(record, mutants=()).agrees:  # each of them has a test of its own
            raise NotAsClaimedError(_complaint(record, folder))
        found = summary(record)
        return {f"ncheck_{name}": found[name] for name in ("verdict", "evidence", "tightness")}

    return test


def _complaint(record: Record, folder: Path) -> str:
    lines = [
        f"{record.verdict.word} ({record.evidence.word}), but its standing is"
        f" {record.standing.value}: {record.title}"
    ]
    lines += [
        f"proof of {p.claim} by {p.method} at {p.sizes}: {p.verdict.word}"
        for p in record.failed_proofs
    ]
    main = record.main
    if main is not None and main.reason:
        lines.append(f"reason: {main.reason.strip()}")
    worst = main.worst if main is not None else None
    if worst is not None:
        lines.append(f"{worst.claim}: lhs = {worst.lhs!r}, rhs = {worst.rhs!r}; {worst.where}")
    if record.counterexample:
        lines.append(f"replay: ncheck replay {_from_here(folder / record.counterexample)}")
    else:
        lines.append(
            f"repeat: ncheck check {record.id} --profile {record.profile} --seed {record.seed}"
        )
    return "\n".join(lines)


def _refute(id: str, mutant: str) -> Callable[[pytest.Config], dict[str, object]]:
    """The test of a mutant: its stored instance refutes it, certified."""

    def test(config: pytest.Config) -> dict[str, object]:
        from checkers import catalogue
        from checkers.mutation import check_mutants

        statement, folder = catalogue.load(id), _folder(config)
        chosen = tuple(m for m in statement.mutants if m.id == mutant)
        with _one_thread():
            (found,) = check_mutants(replace(statement, mutants=chosen), frozenset(), folder)
        if not found.killed:
            raise NotAsClaimedError(_survival(id, found))
        return {"ncheck_by": found.by, "ncheck_witness": str(folder / str(found.witness))}

    return test


def _survival(id: str, mutant: MutantRecord) -> str:
    return (
        f"survived ({mutant.says}): its stored instance does not refute it\n"
        "give it one that does in refuted_by, or prove it and sharpen the statement\n"
        f"repeat: ncheck check {id} --profile quick"
    )


def _place(config: pytest.Config) -> Path:
    """Where witness files go."""
    given = config.getoption("ncheck_folder")
    return Path(config.invocation_params.dir, given) if given else config.rootpath / FOLDER


def _refuse_no_folder(config: pytest.Config) -> None:
    """UsageError where witness files cannot be written; nothing is made yet."""
    folder = _place(config)
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise pytest.UsageError(
            f"ncheck: witness files are to go to {folder}, but {there} is no folder that can be"
            " written to; give another with --ncheck-folder"
        )


def _folder(config: pytest.Config) -> Path:
    """Where witness files go, made where it is missing and kept out of git."""
    folder = _place(config)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not config.getoption("ncheck_folder"):
            (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    except OSError as error:
        raise NotAsClaimedError(
            f"witness files cannot go to {folder} ({error.strerror}); give another folder with"
            " --ncheck-folder"
        ) from None
    return folder


def _from_here(path: Path) -> str:
    """A path as short as it can be written from the folder that pytest was called in."""
    return min(str(path), os.path.relpath(path), key=len)
