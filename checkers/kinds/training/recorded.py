"""The training checker: claims on what was measured along training runs.

Every recorded instance is evaluated as for any inequality, the closest ones in balls: a violation
counts once it is certified on the numbers measured, whose own errors are among them.
"""

from __future__ import annotations

import time
from dataclasses import replace

import torch

from checkers.conclusion import doubted, told
from checkers.declared.kinds import Training
from checkers.declared.statement import Statement
from checkers.evaluation import evaluate_batch
from checkers.instance import Batch
from checkers.kinds.training.carried import Checkpoint, Comparison, Spread, written
from checkers.models.recorded import Recorded
from checkers.profile import Profile
from checkers.provenance import Provenance
from checkers.result import CheckResult
from checkers.sizes import SizeSpec
from checkers.survey import Survey, certify_constructions, conclude_survey
from checkers.ways import Way, WayKind

PICTURED = 4
"""Networks of each run whose course is kept for the picture."""


def check_recorded(
    statement: Statement, profile: Profile, seed: int, device: str = "cpu"
) -> CheckResult:
    """Train, measure, evaluate, certify. Diverged networks make the finding inconclusive."""
    begun = time.perf_counter()
    kind = statement.kind
    assert isinstance(kind, Training)
    steps = min(kind.longest, 2 * profile.training_steps)
    survey = Survey(statement, profile.certified)
    checkpoints: list[Checkpoint] = []
    shown: list[int] = []
    comparison: Comparison | None = None
    unused = networks = trained = 0
    for recorded in kind.record(steps, seed):
        way = Way(WayKind.TRAINING, recorded.where)
        batch = Batch(recorded.sizes, recorded.arrays, Provenance(way))
        survey.see(batch, SizeSpec((), tuple(recorded.sizes.items())), way)
        shown += [networks + k for k in sorted(set(recorded.networks))[:PICTURED]]
        checkpoints += _checkpoints(statement, recorded, batch, networks)
        networks += len(set(recorded.networks)) + recorded.unused
        unused += recorded.unused
        trained += recorded.trained
        if recorded.spreads:
            spreads = tuple(Spread(x, values) for x, values in recorded.spreads)
            comparison = Comparison(recorded.across, recorded.along, spreads)
    tries = 0  # measured numbers are not to be rounded
    constructions = certify_constructions(statement)
    result = conclude_survey(kind.name, statement, survey, tries, constructions)
    held = len({c.network for c in checkpoints if c.admitted})
    course = (
        f"{networks} networks, {steps} steps; the hypotheses hold for {held} of them"
        if not trained
        else f"{trained} networks compared, {steps} steps"
    )
    doubts = [f"{unused} networks diverged; lower the learning rate"] if unused else []
    pictured = [c for c in checkpoints if c.network in shown and comparison is None]
    finding = replace(
        doubted(result.finding, doubts),
        carried=written(pictured, comparison),
        reason=told(result.finding.reason, course, *doubts),
        seconds=time.perf_counter() - begun,
    )
    return replace(result, finding=finding)


def _checkpoints(
    statement: Statement, recorded: Recorded, batch: Batch, first: int
) -> list[Checkpoint]:
    """One an instance; those on which a side is no number, not admitted, are left out."""
    found = evaluate_batch(statement, batch)
    sides = torch.stack([*found.lhs.values(), *found.rhs.values()])
    known = found.admitted | ~sides.isnan().any(0)
    numbers = {k: a[:, 0, 0] for k, a in recorded.arrays.items() if a.shape[1:] == (1, 1)}
    return [
        Checkpoint(
            network=first + network,
            step=step,
            admitted=bool(found.admitted[i]),
            measured={name: float(x[i]) for name, x in numbers.items()},
            lhs={name: float(x[i]) for name, x in found.lhs.items()},
            rhs={name: float(x[i]) for name, x in found.rhs.items()},
        )
        for i, (network, step) in enumerate(zip(recorded.networks, recorded.steps, strict=True))
        if known[i]
    ]
