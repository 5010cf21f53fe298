"""The landscape checker: is every critical point a global minimiser or a strict saddle?

Every distinct critical point found is classified with a certificate in balls. The claims of the
statement and its mutants are evaluated on the small ones as for any inequality: a violation counts
once it is certified, hypotheses included. What is neither global nor a strict saddle and cannot be
certified to refute the statement makes the finding inconclusive.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from checkers.evaluation import certify
from checkers.inequality import Survey, certify_survey, conclude
from checkers.instance import LABELS, Array, Batch
from checkers.kinds import Landscape
from checkers.landscape.certificate import characters
from checkers.landscape.search import Found, critical_points
from checkers.profile import Profile
from checkers.provenance import Provenance
from checkers.quantities.classes import classes_of
from checkers.quantities.collapse import nc1
from checkers.quantities.duality import centred_norm, etf_defect
from checkers.record import CriticalPoint
from checkers.result import Certified, CheckResult
from checkers.sampling.draws import draw, generator_of, perturb, plan_sizes, regimes_of
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Statement
from checkers.tolerance import LANDSCAPE_CONVERGED, SADDLE_CURVATURE, VALUE_AGREEMENT
from checkers.verdict import Character, Evidence, Verdict
from checkers.ways import Way, WayKind, near

PICTURED = 600
"""Critical points kept for the picture, spread evenly over the sizes."""

NO_BIAS = 1e6
"""Weight decay of the bias in the model without one: the bias is kept at zero."""

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
    minima: dict[tuple[int, int, int], bool] = field(default_factory=dict)
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
    census = Census()
    survey = Survey(statement, profile.certified)
    names = {v.name for v in statement.variables}
    for spec in _specs(kind):
        for biased in (False, True) if "b" in names else (False,):
            _explore(statement, spec, biased, profile, seed, census, survey)
    for spec in plan_sizes(statement, profile.sizes, seed):
        for witness in statement.witnesses:
            batch = perturb(statement, witness, spec, profile.identity_draws, seed)
            if batch is not None:
                survey.see(batch, spec, near(witness.name))
        for way in regimes_of(statement):
            drawn = draw(statement, spec, way, profile.draws // _DRAWN_PART, seed)
            survey.see(drawn, spec, way)
    as_found = replace(profile, simplify_tries=0)  # a rounded point is critical no more
    certified = [*certify_survey(statement, survey), *census.refuting]
    result = conclude(statement, as_found, survey, certified, 0.0)
    verdict = result.finding.verdict
    if verdict is Verdict.HOLDS and census.doubts:
        verdict = Verdict.INCONCLUSIVE if census.distinct else Verdict.VACUOUS
    settled = verdict in (Verdict.HOLDS, Verdict.REFUTED)
    finding = replace(
        result.finding,
        checker="landscape",
        verdict=verdict,
        evidence=Evidence.CERTIFIED if settled else Evidence.SEARCHED,
        drawn=census.starts,
        admitted=census.distinct,
        critical=tuple(_spread(census.points)),
        reason=_reason(census, result.finding.reason),
        seconds=time.perf_counter() - start,
    )
    return replace(result, finding=finding)


def _specs(kind: Landscape) -> Iterator[SizeSpec]:
    for K in range(kind.classes[0], kind.classes[1] + 1):
        for n in range(kind.samples[0], kind.samples[1] + 1):
            for d in range(max(1, K - 1 + kind.beyond[0]), K + kind.beyond[1]):
                yield sizes(K=K, n=n, d=d, one=1)


def _explore(
    statement: Statement,
    spec: SizeSpec,
    biased: bool,
    profile: Profile,
    seed: int,
    census: Census,
    survey: Survey,
) -> None:
    """One size: find, classify, record; and evaluate the claims where that is cheap."""
    layout = spec.layout
    generator = generator_of(statement.id, spec, biased, seed)
    narrow = layout["d"] < layout["K"] - 1
    starts = profile.starts * 3 // 2  # dearer than an ascent's, and most end where others did
    found = critical_points(generator, layout, starts, biased, minima=narrow)
    census.starts += found.starts
    census.converged += found.converged
    census.diverged += found.diverged
    if not len(found.points):
        census.empty.append(str(spec))
        return
    values, vectors = torch.linalg.eigh(found.points.hessian)
    characters_ = characters(found.points, values[:, 0], vectors[:, :, 0])
    batch = _batch(statement, spec, found, biased)
    census.refuting += _settle(statement, found, batch, values[:, 0], characters_, narrow)
    if narrow:
        key = (layout["K"], layout["N"] // layout["K"], layout["d"])
        census.minima[key] = census.minima.get(key, False) or Character.MINIMUM in characters_
    census.distinct += len(found.points)
    census.nonzero += int((found.points.logits.abs().amax((1, 2)) > VALUE_AGREEMENT).sum())
    census.counts.update(characters_)
    census.points += _recorded(found, spec, values[:, 0], characters_)
    if layout["d"] * (layout["K"] + layout["N"]) <= _SMALL:
        order = _telling(characters_)[:_EXAMINED]
        picked = {k: a if k == LABELS else a[order] for k, a in batch.arrays.items()}
        survey.see(Batch(layout, picked, batch.provenance), spec, _way(biased))


def _way(biased: bool) -> Way:
    return Way(WayKind.CRITICAL, "critical points" + (" with bias" if biased else ""))


def _telling(found: list[Character]) -> list[int]:
    """Indices, what may refute first, then saddles and minima in turn."""
    rank = {Character.MINIMUM: 0, Character.UNDECIDED: 0}
    seen: Counter[Character] = Counter()
    keys = []
    for i, character in enumerate(found):
        seen[character] += 1
        keys.append((rank.get(character, 1), seen[character], i))
    return [i for *_, i in sorted(keys)]


def _batch(statement: Statement, spec: SizeSpec, found: Found, biased: bool) -> Batch:
    """The points as instances; those to compare with are the lowest of the same penalties."""
    points, lowest = found.points, _lowest(found)
    count, K = len(points), spec.layout["K"]
    one = np.ones((count, 1, 1))
    everything: Arrays = {
        "W": points.W.numpy(),
        "H": points.H.numpy(),
        "V": points.W[lowest].numpy(),
        "U": points.H[lowest].numpy(),
        "b": np.zeros((count, K, 1)) if points.b is None else points.b.numpy(),
        "lw": one * points.lw.numpy()[:, None, None],
        "lh": one * points.lh.numpy()[:, None, None],
        "lb": one * (NO_BIAS if points.lb is None else points.lb.numpy()[:, None, None]),
    }
    names = [v.name for v in statement.variables if v.name != LABELS]
    arrays: Arrays = {name: everything[name] for name in names}
    arrays[LABELS] = points.labels
    return Batch(spec.layout, arrays, Provenance(_way(biased), spec))


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
    batch: Batch,
    curvature: torch.Tensor,
    known: list[Character],
    narrow: bool,
) -> list[Certified]:
    """Points without a certificate: least of what was found, or one that refutes the statement.

    In fewer than K-1 dimensions optimality has no certificate, and the least value found says
    only that. Elsewhere such a point stays undecided unless the statement fails at it.
    """
    value, lowest = found.points.value, _lowest(found)
    refuting: list[Certified] = []
    for i, character in enumerate(known):
        if character is not Character.UNDECIDED:
            continue
        if narrow and value[i] - value[lowest[i]] < VALUE_AGREEMENT:
            known[i] = Character.LEAST if curvature[i] >= -SADDLE_CURVATURE else character
            continue
        if len(refuting) == _SETTLED:
            break
        case = Certified(batch[i], certify(statement, batch[i]))
        if case.verdict is Verdict.REFUTED:
            known[i] = Character.MINIMUM
            refuting.append(case)
    return refuting


def _recorded(
    found: Found, spec: SizeSpec, curvature: torch.Tensor, known: list[Character]
) -> list[CriticalPoint]:
    points, classes = found.points, classes_of(found.points.labels, spec.layout["K"])
    value, gradient = points.value, points.gradient.norm(dim=1)
    excess = torch.linalg.matrix_norm(points.residual, 2) / points.threshold
    within = nc1.batched(points.H, classes)
    frame = etf_defect.batched(points.W) / centred_norm.batched(points.W).square()
    zero = points.logits.abs().amax((1, 2)) <= VALUE_AGREEMENT
    return [
        CriticalPoint(
            spec,
            float(value[i]),
            float(gradient[i]),
            float(curvature[i]),
            float(excess[i]),
            None if zero[i] else float(within[i]),
            None if zero[i] else float(frame[i]),
            character,
        )
        for i, character in enumerate(known)
    ]


def _spread(points: list[CriticalPoint]) -> list[CriticalPoint]:
    """At most ``PICTURED`` of them: all that are rare, the others evenly."""
    rare = (Character.MINIMUM, Character.UNDECIDED)
    others = [p for p in points if p.character not in rare]
    step = max(1, -(-len(others) // PICTURED))
    return [p for p in points if p.character in rare][:PICTURED] + others[::step]


def _reason(census: Census, more: str) -> str:
    told = ", ".join(f"{census.counts[c]:,} {c.value}" for c in Character if census.counts[c])
    text = (
        f"{census.distinct:,} distinct critical points ({census.nonzero:,} not zero) of"
        f" {census.converged:,} converged and {census.starts:,} starts"
        f" ({census.starts - census.converged:,} filtered, {census.diverged:,} of them at"
        f" infinity): {told}"
    )
    if census.doubts:
        text += f"; not settled: {', '.join(census.doubts)}"
    if census.minima:
        where = {
            found: ", ".join(str(key) for key, m in sorted(census.minima.items()) if m is found)
            for found in (True, False)
        }
        text += f"; minima that are not global at (K, n, d) = {where[True] or 'none'}"
        text += f"; none found at {where[False] or 'any other'}"
    return f"{text}; {more}" if more else text
