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

from checkers import catalogue, kinds
from checkers.check import code_of, single_threaded
from checkers.declared.construction import Witness
from checkers.declared.statement import Statement
from checkers.instance import Batch, InvalidInput
from checkers.profile import Profile
from checkers.swept import CellResult, CellSpec
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
    from checkers.survey import Survey, conclude_survey
    from checkers.witness_file import StoredWitness, WitnessKind, claimed_values, text_of

    only = replace(statement, mutants=())
    kind = statement.kind
    survey = Survey(only, work.certified)
    for batch in _batches(only, spec, work):
        survey.see(batch, spec.sizes, spec.way)
    tries = work.simplify_tries if kind.drawing.simplified else 0
    judgement = kinds.of(kind).cells(kind)
    result = conclude_survey(kind.name, only, survey, tries, judgement=judgement, whole=False)
    finding, counterexample = result.finding, result.counterexample
    text = None
    if counterexample is not None:
        stored = WitnessKind.COUNTEREXAMPLE.value
        claimed = claimed_values(counterexample.evaluations)
        text = text_of(StoredWitness(statement.id, None, stored, counterexample.instance, claimed))
    return CellResult(
        spec=spec,
        verdict=finding.verdict,
        drawn=finding.drawn,
        admitted=finding.admitted,
        touching=finding.touching,
        tightness=finding.tightness,
        worst=finding.worst,
        counterexample=text,
        reason=finding.reason,
    )


def _batches(statement: Statement, spec: CellSpec, work: Profile) -> Iterator[Batch]:
    from checkers.sampling.draws import batch_size, draw, perturb
    from checkers.search.ascent import ASCENT_ENTRIES, MODERATE, ascend

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
    steps = round(statement.kind.drawing.effort * work.steps) // (1 if small else 16)
    shared = work.starts // len(statement.claims) if small else 4
    count = batch_size(statement, spec.sizes, shared, ASCENT_ENTRIES)
    starts = started(start, count, count)
    if starts is not None:
        for claim in statement.claims:
            yield ascend(statement, claim, starts, steps)


def _witness(statement: Statement, name: str) -> Witness:
    return next(w for w in statement.witnesses if w.name == name)
