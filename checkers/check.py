"""A statement's check from plan to record: inequality, training, proofs, mutants, witness files.

An exception becomes an ERROR finding with its traceback; it never stops the other statements.
"""

from __future__ import annotations

import platform
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cache, lru_cache, partial
from importlib.metadata import version
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from checkers import __version__, catalogue, kinds, versions
from checkers.declared.statement import Statement
from checkers.instance import InvalidInput
from checkers.profile import PROFILES, Profile, profile_named
from checkers.record import Finding, MutantRecord, ProofRecord, Record
from checkers.verdict import Evidence, Standing, Transcription, Verdict
from checkers.witnesses import file_digests, keep_result

if TYPE_CHECKING:
    from checkers.kinds.claim_kind import ClaimKind
    from checkers.kinds.training.along import Snapshot
    from checkers.models.experiments import Experiment

WORKERS = 2

MACHINERY = ("checkers.check", "checkers.sweep.cell")
"""Modules from which everything but a kind's checker is imported that can change a record."""


def profiles() -> tuple[str, ...]:
    """Names of the profiles, from the quickest."""
    return tuple(PROFILES)


@lru_cache(maxsize=1)
def environment() -> dict[str, str]:
    """Versions that a result depends on."""
    packages = ("numpy", "torch", "scipy", "sympy", "python-flint")
    return {
        "ncheck": __version__,
        "code": code_version(),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


@lru_cache(maxsize=1)
def code_version() -> str:
    """Version of the code that decides, whatever the statement (12 hex digits)."""
    return versions.version((*MACHINERY, *(package_of(kind) for kind in kinds.kinds())))


@cache
def code_of(id: str) -> str:
    """Version of the code that a statement's record and cells depend on (12 hex digits).

    That is the machinery, the checker of its kind and what the statement imports. A file that is
    none of these, a new theorem say, leaves it as it is.
    """
    try:
        decider = [package_of(kinds.of(catalogue.load(id).kind))]
    except (catalogue.BrokenStatementError, LookupError):
        decider = []
    return versions.version_of(id, (*MACHINERY, *decider))


def package_of(kind: ClaimKind) -> str:
    """The package of a kind, which imports its checker."""
    return f"{kinds.__name__}.{kind.name}"


def resolve_device(device: str) -> str:
    """``cpu`` or ``cuda``; ``auto`` takes a GPU where there is one. InvalidInput otherwise."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cuda" and not torch.cuda.is_available():
        raise InvalidInput("device cuda: no GPU is available to torch; use --device cpu or auto")
    if device not in ("cpu", "cuda"):
        raise InvalidInput(f"device {device!r}: expected one of auto, cpu, cuda")
    return device


def check_statements(
    ids: Sequence[str],
    *,
    profile: str,
    seed: int,
    device: str,
    folder: Path,
    workers: int = WORKERS,
) -> Iterator[Record]:
    """Check statements in worker processes; yield records as they finish.

    Training comes last, in this process and with all its threads. Witness files go to
    ``folder/witnesses``. A record does not depend on the number of workers.
    """
    plan = profile_named(profile)
    where = resolve_device(device)
    runs = _Trainings(plan, seed, where)
    if workers < 2 or len(ids) < 2:
        with single_threaded():
            for id in ids:
                yield runs.complete(check_one(id, plan, seed, where, folder))
        return
    context = get_context("spawn")
    pool = ProcessPoolExecutor(workers, mp_context=context, initializer=settle)
    try:
        pending: dict[Future[Record], str] = {
            pool.submit(check_one, id, plan, seed, where, folder): id for id in ids
        }
        waiting: list[Record] = []
        for done in as_completed(pending):
            id = pending[done]
            error = done.exception()
            record = done.result() if error is None else _broken(id, plan, seed, error)
            if runs.needed(record):
                waiting.append(record)
            else:
                yield record
        for record in sorted(waiting, key=lambda r: r.id):
            yield runs.complete(record)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in active_children():
            child.terminate()


def single_threaded() -> AbstractContextManager[object]:
    """Hold torch and BLAS to one thread: small matrices gain nothing from more."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)
    return threadpool_limits(1)


def settle() -> None:
    """What a worker does first. An interrupt is for the parent, which cancels what is left."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    single_threaded().__enter__()


class _Trainings:
    """Training runs, each made once however many statements are evaluated along it."""

    def __init__(self, profile: Profile, seed: int, device: str) -> None:
        self._profile, self._seed, self._device = profile, seed, device
        self._made: dict[str, list[Snapshot]] = {}

    def needed(self, record: Record) -> bool:
        """Whether the statement of a record is also evaluated along training."""
        return bool(record.digest) and bool(catalogue.load(record.id).trained)

    def complete(self, record: Record) -> Record:
        """The record with a finding for every experiment of its statement."""
        if not self.needed(record):
            return record
        statement = catalogue.load(record.id)
        start = time.perf_counter()
        along = [
            _guarded(f"training ({e.name})", partial(self._along, statement, e))
            for e in statement.trained
        ]
        seconds = record.seconds + time.perf_counter() - start
        return replace(record, findings=(*record.findings, *along), seconds=seconds)

    def _along(self, statement: Statement, experiment: Experiment) -> Finding:
        from checkers.kinds.training.along import check_along, train

        if experiment.name not in self._made:
            steps = self._profile.training_steps
            self._made[experiment.name] = list(train(experiment, self._seed, steps, self._device))
        return check_along(statement, experiment, self._made[experiment.name])


def check_one(id: str, profile: Profile, seed: int, device: str, folder: Path) -> Record:
    """Everything but training, for one statement; witness files are written on the way."""
    start = time.perf_counter()
    try:
        statement = catalogue.load(id)
    except catalogue.BrokenStatementError as error:
        return _broken(id, profile, seed, error)
    code_of(id)  # of the files as they are now: a check may take a while
    kept: dict[str, str] = {}
    mutants: tuple[MutantRecord, ...] = ()
    proofs: tuple[ProofRecord, ...] = ()
    counterexample = None
    blind: frozenset[str] = frozenset()

    def decide() -> Finding:
        nonlocal blind, counterexample
        result = kinds.of(statement.kind).check(statement, profile, seed, device)
        counterexample = keep_result(statement, result, folder, kept)
        blind = frozenset(result.blind)
        return result.finding

    def refute() -> None:
        nonlocal mutants
        from checkers.mutation import check_mutants

        mutants = check_mutants(statement, blind, folder)

    def exact() -> None:
        nonlocal proofs
        from checkers.prove import prove

        proofs = tuple(prove(statement))

    findings = [_guarded(statement.kind.name, decide)]
    failures = (_failure("mutants", refute), _failure("proofs", exact))
    findings += [failure for failure in failures if failure is not None]
    record = _whole(
        id,
        profile,
        seed,
        findings,
        statement,
        mutants=mutants,
        proofs=proofs,
        counterexample=counterexample,
        witnesses=kept,
    )
    files = file_digests(record, folder)
    return replace(record, files=files, seconds=time.perf_counter() - start)


def _whole(
    id: str,
    profile: Profile,
    seed: int,
    findings: Sequence[Finding],
    statement: Statement | None = None,
    **found: Any,
) -> Record:
    """The record of these findings; of a statement that could not be loaded there is no more."""
    return Record(
        id=id,
        digest=statement.digest if statement else "",
        code=code_of(id),
        title=statement.title if statement else id,
        standing=statement.standing if statement else Standing.THEOREM,
        transcription=statement.transcription if statement else Transcription.DERIVED,
        profile=profile.name,
        seed=seed,
        environment=environment(),
        findings=tuple(findings),
        claims=tuple(c.name for c in statement.claims) if statement else (),
        **found,
    )


def _guarded(checker: str, work: Callable[[], Finding]) -> Finding:
    try:
        return work()
    except Exception:
        return _error(checker, traceback.format_exc())


def _failure(checker: str, work: Callable[[], None]) -> Finding | None:
    try:
        work()
    except Exception:
        return _error(checker, traceback.format_exc())
    return None


def _error(checker: str, reason: str) -> Finding:
    return Finding(checker, Verdict.ERROR, Evidence.SAMPLED, reason=reason)


def _broken(id: str, profile: Profile, seed: int, error: BaseException) -> Record:
    """The record of a statement that could not be loaded or whose worker died."""
    return _whole(id, profile, seed, [_error("load", f"{type(error).__name__}: {error}")])


def exit_status(records: Sequence[Record]) -> int:
    """0 where everything is as claimed, 1 where a finding, mutant or vacuity contradicts it."""
    return 0 if all(r.agrees for r in records) else 1
