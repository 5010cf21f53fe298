"""One cell of a sweep: a function of its specification, the code, and the libraries it runs on.

Instances are drawn and evaluated in float64; the closest ones, every apparent violation and what
is no number are certified. An exception becomes an ERROR, with where it was raised.
"""

from __future__ import annotations

import re
import threading
import time
import traceback
from collections.abc import Iterator
from dataclasses import replace

from checkers import catalogue
from checkers.check import code_of, single_threaded
from checkers.instance import Batch, InvalidInput
from checkers.profile import Profile
from checkers.statement import Statement, Witness
from checkers.sweep.plan import along_flow
from checkers.swept import CellResult, CellSpec
from checkers.tolerance import FLOW_ERROR
from checkers.verdict import Verdict
from checkers.ways import Way, WayKind

WORK = {
    p.name: p
    for p in (
        Profile("full", 20000, 1200, 60, 0, 0, 48, 500, 16, 100, 1600),
        Profile("tiny", 40, 12, 4, 0, 0, 4, 10, 1, 20, 50),
    )
}
"""Amounts of work of a cell, a few seconds and, for tests, a few milliseconds."""

ALONE = threading.RLock()
"""The precision of balls is one for all threads of a process: cells take turns."""

_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")


def run_cell(spec: CellSpec) -> CellResult:
    """Draw, evaluate, certify; deterministic but for the seconds.

    Raises InvalidInput where this machine has another version of the code than the sweep, or of a
    library, so that the statement does not load or is another one. A cell that runs out of memory
    is lost.
    """
    begun = time.perf_counter()
    with ALONE, single_threaded():
        statement = _same(spec)
        try:
            result = _found(spec, statement, WORK[spec.work])
        except MemoryError:
            result = CellResult(spec, Verdict.ERROR, reason="ran out of memory", lost=True)
        except Exception as error:
            result = CellResult(spec, Verdict.ERROR, reason=_told(error))
    return replace(result, seconds=time.perf_counter() - begun)


def _same(spec: CellSpec) -> Statement:
    """The statement, as the sweep has it. InvalidInput otherwise."""
    try:
        statement = catalogue.load(spec.statement)
    except catalogue.BrokenStatementError as error:
        raise InvalidInput(
            f"a worker cannot load {error}; install the same packages on all machines"
        ) from None
    code = code_of(spec.statement)
    if spec.code != code:
        raise InvalidInput(
            f"a worker has {spec.statement} with code version {code}, the sweep with {spec.code};"
            " install the same version of ncheck on all machines"
        )
    if statement.digest != spec.digest:
        raise InvalidInput(
            f"a worker has {spec.statement} with digest {statement.digest}, the sweep with"
            f" {spec.digest}; install the same version of sympy on all machines"
        )
    return statement


def _told(error: Exception) -> str:
    """Type, message and place; without files and addresses, which differ between machines."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" (in {frames[-1].name})" if frames else ""
    told = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"{type(error).__name__}: {_ADDRESS.sub('0x', told)}{where}"


def _found(spec: CellSpec, statement: Statement, work: Profile) -> CellResult:
    from checkers.inequality import Survey, certify_seen, conclude
    from checkers.result import Certified
    from checkers.witness_file import StoredWitness, WitnessKind, claimed_values, text_of

    only = replace(statement, mutants=())
    survey = Survey(only, work.certified)
    for batch in _batches(only, spec, work):
        survey.see(batch, spec.sizes, spec.way)
    certified: list[Certified] = list(certify_seen(only, survey))
    # measured numbers are not to be rounded, nor are two states of one flow
    measured = spec.way.kind not in (WayKind.NEAR, WayKind.ASCENT) and _is_measured(statement)
    plain = replace(work, simplify_tries=0) if measured else work
    result = conclude(only, plain, survey, certified, 0.0)
    finding, counterexample = result.finding, result.counterexample
    verdict, reason, tightness = finding.verdict, finding.reason, finding.tightness
    opened = any(
        e.verdict is Verdict.INCONCLUSIVE and e.sign == -1 for c in certified for e in c.evaluations
    )
    if verdict is Verdict.INCONCLUSIVE and not opened:
        verdict = Verdict.VACUOUS  # nothing was decided, and nothing speaks against the statement
    if counterexample is not None and along_flow(statement):
        beyond = [
            e
            for c in certified
            for e in c.evaluations
            if e.verdict is Verdict.REFUTED and e.relative_slack < -FLOW_ERROR
        ]
        counterexample = None
        verdict = Verdict.INCONCLUSIVE if beyond else Verdict.HOLDS
        tightness = None  # nothing is known of it but that it is 1 up to the error of integration
        reason = "a violation that only ncheck check can repeat by a finer run" if beyond else ""
    text = None
    if counterexample is not None:
        kind = WitnessKind.COUNTEREXAMPLE.value
        claimed = claimed_values(counterexample.evaluations)
        text = text_of(StoredWitness(statement.id, None, kind, counterexample.instance, claimed))
    return CellResult(
        spec=spec,
        verdict=verdict,
        drawn=finding.drawn,
        admitted=finding.admitted,
        touching=finding.touching,
        tightness=tightness,
        worst=finding.worst,
        counterexample=text,
        reason=reason,
    )


def _is_measured(statement: Statement) -> bool:
    from checkers.sampling.draws import of_one_run

    return of_one_run(statement)


def _batches(statement: Statement, spec: CellSpec, work: Profile) -> Iterator[Batch]:
    from checkers.inequality import ASCENT_ENTRIES, MODERATE
    from checkers.sampling.draws import batch_size, draw, perturb
    from checkers.search.ascent import ascend

    def started(way: Way, count: int, around: int) -> Batch | None:
        if way.kind is WayKind.NEAR:
            witness = _witness(statement, way.name)
            return perturb(statement, witness, spec.sizes, around, spec.number)
        return draw(statement, spec.sizes, way, count, spec.number)

    start = spec.way.start
    if start is None:
        drawn, around = work.draws, work.perturbed
        if statement.is_identity:
            drawn = around = work.identity_draws
        batch = started(spec.way, drawn, around)
        if batch is not None:
            yield batch
        return
    small = sum(spec.sizes.counts) <= MODERATE
    steps = round(getattr(statement.kind, "effort", 1.0) * work.steps) // (1 if small else 16)
    shared = work.starts // len(statement.claims) if small else 4
    count = batch_size(statement, spec.sizes, shared, ASCENT_ENTRIES)
    starts = started(start, count, count)
    if starts is not None:
        for claim in statement.claims:
            yield ascend(statement, claim, starts, steps)


def _witness(statement: Statement, name: str) -> Witness:
    return next(w for w in statement.witnesses if w.name == name)
