"""The landscape checker: is every critical point a global minimiser or a strict saddle?

Every distinct critical point found is classified with a certificate in balls. The claims of the
statement and its mutants are evaluated on the small ones as for any inequality: a violation counts
once it is certified, hypotheses included. What is neither global nor a strict saddle and cannot be
certified to refute the statement makes the finding inconclusive.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch

from checkers.conclusion import doubted, told
from checkers.declared.kinds import Landscape
from checkers.declared.landscape_model import Case, LandscapeModel
from checkers.declared.statement import Statement
from checkers.evaluation import certify
from checkers.instance import LABELS, Array, Batch
from checkers.kinds.landscape.carried import CriticalPoint, written
from checkers.kinds.landscape.certificate import characters
from checkers.kinds.landscape.search import Found, search
from checkers.profile import Profile
from checkers.provenance import Provenance
from checkers.result import Certified, CheckResult
from checkers.sampling.draws import (
    draw,
    generator_of,
    perturb,
    plan_sizes,
    regimes_of,
    shapes,
)
from checkers.survey import Survey, certify_constructions, conclude_survey
from checkers.tolerance import LANDSCAPE_CONVERGED, SADDLE_CURVATURE, VALUE_AGREEMENT
from checkers.variables import Kind
from checkers.verdict import Character, Evidence, Verdict
from checkers.ways import near

PICTURED = 600
"""Critical points kept for the picture, spread evenly over the sizes."""

_DRAWN_PART = 4
"""A quarter of a profile's draws: what refutes a landscape is critical, and is searched."""

_SETTLED = 24
"""Points of one size that are shown to refute the statement; more would add nothing."""

_SMALL = 48
"""Coordinates up to which the claims are evaluated on the critical points themselves."""

_EXAMINED = 4
"""Points of one size on which they are."""


@dataclass
class Census:
    """What has been found so far."""

    starts: int = 0
    converged: int = 0
    diverged: int = 0
    distinct: int = 0
    nonzero: int = 0
    counts: Counter[Character] = field(default_factory=Counter)
    empty: list[str] = field(default_factory=list)
    minima: dict[tuple[int, ...], bool] = field(default_factory=dict)
    points: list[CriticalPoint] = field(default_factory=list)
    refuting: list[Certified] = field(default_factory=list)

    @property
    def doubts(self) -> list[str]:
        """Why the search is not to be relied on."""
        found = []
        if self.counts[Character.UNDECIDED]:
            found.append("critical points without a certificate")
        if self.converged < LANDSCAPE_CONVERGED * self.starts:
            found.append("too many starts that did not converge")
        if self.empty:
            found.append(f"no critical point found at {'; '.join(self.empty)}")
        return found


def check_landscape(
    statement: Statement, profile: Profile, seed: int, device: str = "cpu"
) -> CheckResult:
    """Search, classify, certify; everything in float64 and balls on the CPU."""
    start = time.perf_counter()
    kind = statement.kind
    assert isinstance(kind, Landscape)
    model = kind.model
    census = Census()
    survey = Survey(statement, profile.certified)
    for case in model.cases(kind, {v.name for v in statement.variables}):
        _explore(statement, model, case, profile, seed, census, survey)
    for spec in plan_sizes(statement, profile.sizes, seed):
        for witness in statement.witnesses:
            batch = perturb(statement, witness, spec, profile.identity_draws, seed)
            if batch is not None:
                survey.see(batch, spec, near(witness.name))
        for way in regimes_of(statement):
            drawn = draw(statement, spec, way, profile.draws // _DRAWN_PART, seed)
            survey.see(drawn, spec, way)
    tries = 0  # a rounded point is critical no more
    constructions = certify_constructions(statement)
    result = conclude_survey(
        kind.name, statement, survey, tries, constructions, more=census.refuting
    )
    finding = doubted(result.finding, census.doubts, nothing=not census.distinct)
    settled = finding.verdict in (Verdict.HOLDS, Verdict.REFUTED)
    finding = replace(
        finding,
        evidence=Evidence.CERTIFIED if settled else Evidence.SEARCHED,
        drawn=census.starts,
        admitted=census.distinct,
        carried=written(_spread(census.points)),
        reason=told(_told(census, model), result.finding.reason),
        seconds=time.perf_counter() - start,
    )
    return replace(result, finding=finding)


def _explore(
    statement: Statement,
    model: LandscapeModel[Any],
    case: Case,
    profile: Profile,
    seed: int,
    census: Census,
    survey: Survey,
) -> None:
    """One case: find, classify, record; and evaluate the claims where that is cheap."""
    spec = case.spec
    generator = generator_of(statement.id, spec, case.key, seed)
    starts = profile.starts * 3 // 2  # dearer than an ascent's, and most end where others did
    found = search(model, case, generator, starts)
    census.starts += found.starts
    census.converged += found.converged
    census.diverged += found.diverged
    if not len(found.points):
        census.empty.append(str(spec))
        return
    values, vectors = torch.linalg.eigh(found.points.hessian)
    kinds = characters(model, found.points, values[:, 0], vectors[:, :, 0])
    lowest = _lowest(found)
    batch = _batch(statement, model.arrays(found.points, lowest), case)
    census.refuting += _settle(statement, found, lowest, batch, values[:, 0], kinds, case.minima)
    if case.minima:
        earlier = census.minima.get(case.place, False)
        census.minima[case.place] = earlier or Character.MINIMUM in kinds
    census.distinct += len(found.points)
    census.nonzero += int(model.nonzero(found.points).sum())
    census.counts.update(kinds)
    census.points += _recorded(model, found, case, values[:, 0], kinds)
    if case.coordinates <= _SMALL:
        order = _telling(kinds)[:_EXAMINED]
        picked = {k: a if k == LABELS else a[order] for k, a in batch.arrays.items()}
        survey.see(Batch(batch.sizes, picked, batch.provenance), spec, case.way)


def _telling(kinds: list[Character]) -> list[int]:
    """Indices, what may refute first, then saddles and minima in turn."""
    rank = {Character.MINIMUM: 0, Character.UNDECIDED: 0}
    seen: Counter[Character] = Counter()
    keys = []
    for i, character in enumerate(kinds):
        seen[character] += 1
        keys.append((rank.get(character, 1), seen[character], i))
    return [i for *_, i in sorted(keys)]


def _batch(statement: Statement, arrays: Mapping[str, Array], case: Case) -> Batch:
    """The points as instances of the statement."""
    labels = (v.name for v in statement.variables if v.kind is Kind.LABELS)
    chosen = {name: arrays[name] for name in (*shapes(statement, case.spec), *labels)}
    return Batch(case.spec.layout, chosen, Provenance(case.way, case.spec))


def _lowest(found: Found) -> Array:
    """For each point the index of the lowest of its problem."""
    values, problem = found.points.value.numpy(), found.problem.numpy()
    lowest = np.zeros(len(values), dtype=np.int64)
    for p in np.unique(problem):
        mine = np.flatnonzero(problem == p)
        lowest[mine] = mine[values[mine].argmin()]
    return lowest


def _settle(
    statement: Statement,
    found: Found,
    lowest: Array,
    batch: Batch,
    curvature: torch.Tensor,
    kinds: list[Character],
    minima: bool,
) -> list[Certified]:
    """Points without a certificate: least of what was found, or one that refutes the statement.

    Where optimality has no certificate, the least value found says only that. Elsewhere such a
    point stays undecided unless the statement fails at it.
    """
    value = found.points.value
    refuting: list[Certified] = []
    for i, character in enumerate(kinds):
        if character is not Character.UNDECIDED:
            continue
        if minima and value[i] - value[lowest[i]] < VALUE_AGREEMENT:
            kinds[i] = Character.LEAST if curvature[i] >= -SADDLE_CURVATURE else character
            continue
        if len(refuting) == _SETTLED:
            break
        case = Certified(batch[i], certify(statement, batch[i]))
        if case.verdict is Verdict.REFUTED:
            kinds[i] = Character.MINIMUM
            refuting.append(case)
    return refuting


def _recorded(
    model: LandscapeModel[Any],
    found: Found,
    case: Case,
    curvature: torch.Tensor,
    kinds: Sequence[Character],
) -> list[CriticalPoint]:
    value, gradient = found.points.value, found.points.gradient.norm(dim=1)
    measured = model.measured(found.points)
    return [
        CriticalPoint(
            sizes=case.spec,
            value=float(value[i]),
            gradient=float(gradient[i]),
            curvature=float(curvature[i]),
            character=character,
            measured=measured[i],
        )
        for i, character in enumerate(kinds)
    ]


def _spread(points: list[CriticalPoint]) -> list[CriticalPoint]:
    """At most ``PICTURED`` of them: all that are rare, the others evenly."""
    rare = (Character.MINIMUM, Character.UNDECIDED)
    others = [p for p in points if p.character not in rare]
    step = max(1, -(-len(others) // PICTURED))
    return [p for p in points if p.character in rare][:PICTURED] + others[::step]


def _told(census: Census, model: LandscapeModel[Any]) -> str:
    counts = ", ".join(f"{census.counts[c]:,} {c.value}" for c in Character if census.counts[c])
    text = (
        f"{census.distinct:,} distinct critical points ({census.nonzero:,} not zero) of"
        f" {census.converged:,} converged and {census.starts:,} starts"
        f" ({census.starts - census.converged:,} filtered, {census.diverged:,} of them at"
        f" infinity): {counts}"
    )
    if census.doubts:
        text += f"; not settled: {', '.join(census.doubts)}"
    if census.minima:
        where = {
            found: ", ".join(str(key) for key, m in sorted(census.minima.items()) if m is found)
            for found in (True, False)
        }
        text += f"; minima that are not global at {model.dimensions} = {where[True] or 'none'}"
        text += f"; none found at {where[False] or 'any other'}"
    return text
