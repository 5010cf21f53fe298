"""The inequality checker: does lhs <= rhs hold on every admitted instance?

Instances are drawn in regimes, around witnesses and by ascent on the ratio; what comes closest is
certified.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

from checkers.declared.kinds import INEQUALITY
from checkers.declared.statement import Statement
from checkers.instance import Batch
from checkers.profile import Profile
from checkers.result import CheckResult
from checkers.sampling.draws import batch_size, draw, perturb, plan_sizes, regimes_of
from checkers.search.ascent import ASCENT_ENTRIES, MODERATE, ascend
from checkers.sizes import SizeSpec
from checkers.survey import Survey, certify_constructions, conclude_survey
from checkers.ways import GAUSSIAN, ascent, near, sampler


def check_inequality(
    statement: Statement, profile: Profile, seed: int, device: str = "cpu"
) -> CheckResult:
    """Draw, search and certify; the verdict is reached in balls or rationals on the CPU."""
    start = time.perf_counter()
    survey = Survey(statement, profile.certified)
    specs = plan_sizes(statement, profile.sizes, seed)
    draws = profile.identity_draws if statement.is_identity else profile.draws
    perturbed = profile.identity_draws if statement.is_identity else profile.perturbed
    for spec in specs:
        for way in regimes_of(statement):
            survey.see(draw(statement, spec, way, draws, seed), spec, way)
        for witness in statement.witnesses:
            batch = perturb(statement, witness, spec, perturbed, seed)
            if batch is not None:
                survey.see(batch, spec, near(witness.name))
    if not statement.is_identity:
        for spec, found in _ascents(statement, profile, specs, seed, device):
            survey.see(found, spec, ascent())
    constructions = certify_constructions(statement)
    tries = profile.simplify_tries
    result = conclude_survey(INEQUALITY.name, statement, survey, tries, constructions)
    finding = replace(result.finding, seconds=time.perf_counter() - start)
    return replace(result, finding=finding)


def _ascents(
    statement: Statement, profile: Profile, specs: list[SizeSpec], seed: int, device: str
) -> Iterator[tuple[SizeSpec, Batch]]:
    """From random starts of two regimes, and from witnesses with noise, at moderate sizes.

    From the witnesses also at the largest size, with few starts and steps.
    """
    steps = round(statement.kind.drawing.effort * profile.steps)
    moderate = [s for s in specs if sum(s.counts) <= MODERATE]
    largest = max(specs, key=lambda s: sum(s.counts))
    if largest not in moderate:
        for witness in statement.witnesses:
            few = perturb(statement, witness, largest, 4, seed + 1)
            if few is not None:
                yield largest, ascend(statement, statement.claims[0], few, steps // 16, device)
    for spec in moderate[-profile.ascent_sizes :]:
        shared = profile.starts // len(statement.claims)
        count = batch_size(statement, spec, shared, ASCENT_ENTRIES)
        drawn = (GAUSSIAN, *(sampler(s.name) for s in statement.samplers[:1]))
        starts = [draw(statement, spec, way, count, seed + 1) for way in drawn]
        adapted = [perturb(statement, w, spec, count, seed + 1) for w in statement.witnesses]
        for claim in statement.claims:
            for batch in starts:
                yield spec, ascend(statement, claim, batch, steps, device)
            for found in adapted:
                if found is not None:
                    yield spec, ascend(statement, claim, found, steps // 2, device)
