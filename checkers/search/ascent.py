"""Gradient ascent towards equality of a claim and beyond it, from many starts at once.

What is ascended is (lhs - rhs) / |(lhs, rhs)|, which rises with lhs / rhs where both are positive
and leads to equality from any other signs as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import torch

from checkers.declared.claim import Claim
from checkers.declared.statement import Statement
from checkers.evaluation import BatchEvaluation, evaluate_tensors
from checkers.instance import LABELS, Batch
from checkers.quantities import Measured
from checkers.values import batch_tensors
from checkers.ways import ascent

if TYPE_CHECKING:
    from torch import Tensor

SHARPNESS = (100.0, 1e7)
"""Inverse temperatures of smooth minima, from the first step to the last. Starting softer than
100 leads to other stationary points (regular block frames in place of optimal codes)."""

RATES = (0.1, 3e-6)
"""Step lengths of Adam relative to the size of each array, from the first step to the last."""

EXPLORE = 0.4
"""Part of the steps taken at the coarsest smoothing before it is refined."""

PATIENCE = 0.2
"""Part of the steps after which an ascent that has improved no start is over."""

MODERATE = 40
"""Samples up to which an ascent has all its steps."""

ASCENT_ENTRIES = 16_000
"""Array entries of all starts of an ascent; larger instances have fewer starts, at least four."""


def ascend(
    statement: Statement, claim: Claim, starts: Batch, steps: int, device: str = "cpu"
) -> Batch:
    """The best admitted instance found from each start (the start itself if none is better).

    Adam on the arrays, each in units of its own root mean square; step length and smoothing go
    from coarse to fine. Where a hypothesis fails, the least of the margins is ascended instead.
    """
    only = replace(statement, claims=(claim,))
    labels, sizes = starts.arrays.get(LABELS), starts.sizes
    given = batch_tensors(starts, device)
    scale = {k: _or_one(x.square().mean((-2, -1), keepdim=True).sqrt()) for k, x in given.items()}
    points = {k: (x / scale[k]).requires_grad_() for k, x in given.items()}
    optimiser = torch.optim.Adam(points.values(), lr=RATES[0], betas=(0.9, 0.99))
    best = {k: x.clone() for k, x in given.items()}
    record = _score(evaluate_tensors(only, given, labels, sizes), claim)
    smoothed = any(m.quantity.soft for m in (claim.lhs - claim.rhs).atoms(Measured))
    unscaled = claim.rhs == 0 or claim.lhs == 0
    improved = 0
    for step in range(steps):
        if step - improved > max(PATIENCE * steps, 40) and step > EXPLORE * steps:
            break
        part = max(0.0, step / max(steps - 1, 1) - EXPLORE) / (1 - EXPLORE)
        for group in optimiser.param_groups:
            group["lr"] = RATES[0] * (RATES[1] / RATES[0]) ** part
        sharpness = SHARPNESS[0] * (SHARPNESS[1] / SHARPNESS[0]) ** part
        optimiser.zero_grad()
        arrays = {k: u * scale[k] for k, u in points.items()}
        evaluation = evaluate_tensors(only, arrays, labels, sizes, soft=sharpness)
        (-_objective(evaluation, claim).nan_to_num(0, 0, 0).sum()).backward()  # type: ignore[no-untyped-call]
        if not smoothed:
            arrays = {k: x.detach() for k, x in arrays.items()}
            score = _score(evaluation, claim).detach()
            improved = _keep(best, record, arrays, score, step, improved)
        for u in points.values():
            if u.grad is not None:
                u.grad.nan_to_num_(0, 0, 0)
        optimiser.step()
        if unscaled:
            squares = [u.data.square().mean((-2, -1), keepdim=True) for u in points.values()]
            norm = _or_one(torch.stack(squares).mean(0).sqrt())
            for u in points.values():
                u.data.div_(norm)
        if smoothed and (step % 5 == 4 or step == steps - 1):
            with torch.no_grad():
                arrays = {k: u * scale[k] for k, u in points.items()}
                score = _score(evaluate_tensors(only, arrays, labels, sizes), claim)
                improved = _keep(best, record, arrays, score, step, improved)
    found = {k: x.cpu().numpy() for k, x in best.items()}
    if labels is not None:
        found[LABELS] = labels
    return Batch(sizes, found, replace(starts.provenance, way=ascent(starts.provenance.way)))


def _keep(
    best: dict[str, Tensor],
    record: Tensor,
    arrays: dict[str, Tensor],
    score: Tensor,
    step: int,
    improved: int,
) -> int:
    """Put better instances into ``best`` and ``record``; the step of the last improvement."""
    better = score > record
    if not better.any():
        return improved
    record.copy_(torch.where(better, score, record))
    for k, x in arrays.items():
        best[k] = torch.where(better[:, None, None], x, best[k])
    return step


def _or_one(scale: Tensor) -> Tensor:
    return scale.where(scale > 0, torch.ones_like(scale))


def _objective(evaluation: BatchEvaluation, claim: Claim) -> Tensor:
    close = evaluation.closeness(claim.name)
    if claim.rhs == 0 or claim.lhs == 0:
        # nothing to compare with: the other side in units of its own size, at fixed norms
        difference = evaluation.lhs[claim.name] - evaluation.rhs[claim.name]
        close = difference / _or_one(difference.detach().abs())
    if not evaluation.margins:
        return close
    least = torch.stack(list(evaluation.margins.values())).amin(0)
    return torch.where(evaluation.admitted, close, least)


def _score(evaluation: BatchEvaluation, claim: Claim) -> Tensor:
    """The closeness of admitted instances, unsmoothed; minus infinity elsewhere."""
    close = evaluation.closeness(claim.name)
    if claim.rhs == 0 or claim.lhs == 0:
        close = evaluation.lhs[claim.name] - evaluation.rhs[claim.name]
    usable = evaluation.admitted & close.isfinite()
    return torch.where(usable, close, torch.full_like(close, -float("inf")))
