"""Statements evaluated along training: the inequality at every checkpoint of real networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np
import torch

from checkers.arithmetic.balls import as_float
from checkers.evaluation import certify, evaluate_values
from checkers.instance import LABELS, Array, Batch
from checkers.models.datasets import DATASETS
from checkers.models.descent import GradientDescent
from checkers.models.experiments import Experiment
from checkers.models.mlp import initialise
from checkers.provenance import Provenance
from checkers.record import Checkpoint, Finding, Worst
from checkers.statement import Statement
from checkers.tolerance import FLOAT_DOUBT
from checkers.values import batch_tensors, tensor_values
from checkers.verdict import Evidence, Verdict, merge
from checkers.ways import Way, WayKind


@dataclass(frozen=True)
class Snapshot:
    """The networks of an experiment at one step: a batch with Z, the head and the labels.

    ``networks`` are the numbers of those whose features and weights are finite, ``decays`` their
    weight decays.
    """

    step: int
    networks: tuple[int, ...]
    decays: tuple[float, ...]
    batch: Batch

    def provenance(self, i: int) -> Provenance:
        """Where instance i of the batch comes from: experiment, step and network."""
        whole = self.batch.provenance
        return replace(whole, detail=(*whole.detail, ("network", self.networks[i])))


def train(
    experiment: Experiment,
    seed: int,
    steps: int,
    device: str = "cpu",
    progress: Callable[[int], None] = lambda step: None,
) -> Iterator[Snapshot]:
    """Train in float32 on a device; yield float64 snapshots at the checkpoints up to ``steps``."""
    X, labels = DATASETS[experiment.dataset](experiment.per_class)
    Y = np.eye(int(labels.max()) + 1)[:, labels]
    decays = [d for _, d in zip(range(experiment.networks), cycle(experiment.weight_decays))]
    weights = initialise(experiment.architecture, experiment.networks, seed, experiment.gain)
    descent = GradientDescent(
        experiment.architecture,
        [W.to(device) for W in weights],
        torch.tensor(X, dtype=torch.float32, device=device),
        torch.tensor(Y, dtype=torch.float32, device=device),
        learning_rate=experiment.learning_rate,
        weight_decay=decays,
    )
    done = 0
    for step in experiment.checkpoints:
        if step > steps:
            break
        descent.run(step - done)
        done = step
        progress(step)
        yield _snapshot(experiment, descent, labels, step)


def _snapshot(
    experiment: Experiment, descent: GradientDescent, labels: Array, step: int
) -> Snapshot:
    first = experiment.architecture.nonlinear
    Z = descent.activations()[first].double().cpu().numpy()
    head = [W.double().cpu().numpy() for W in descent.weights[first:]]
    finite = [
        i for i in range(experiment.networks) if all(np.isfinite(A[i]).all() for A in (Z, *head))
    ]
    arrays = {"Z": Z[finite], **{f"head_{i}": W[finite] for i, W in enumerate(head)}}
    sizes = {
        "K": len(head[-1][0]),
        "N": len(labels),
        "width": Z.shape[1],
        "depth": len(head),
        "last_width": head[-1].shape[2],
    }
    provenance = Provenance(Way(WayKind.EXPERIMENT, experiment.name), detail=(("step", step),))
    decays = tuple(float(descent.weight_decay[i]) for i in finite)
    return Snapshot(
        step, tuple(finite), decays, Batch(sizes, {**arrays, LABELS: labels}, provenance)
    )


def check_along(statement: Statement, experiment: Experiment, snapshots: list[Snapshot]) -> Finding:
    """Evaluate a statement at every snapshot; certify the tightest admitted instance.

    VACUOUS if the hypotheses never held, INCONCLUSIVE if a network diverged, REFUTED only if the
    violation is certified.
    """
    start = time.perf_counter()
    checkpoints: list[Checkpoint] = []
    tightest: tuple[float, Snapshot, int] | None = None
    doubtful: list[tuple[Snapshot, int]] = []
    for snapshot in snapshots:
        for i, (checkpoint, slack) in enumerate(_evaluate(statement, snapshot)):
            checkpoints.append(checkpoint)
            if checkpoint.admitted and not slack > FLOAT_DOUBT:
                doubtful.append((snapshot, i))
            elif checkpoint.admitted and (tightest is None or slack < tightest[0]):
                tightest = (slack, snapshot, i)
    admitted = sum(c.admitted for c in checkpoints)
    verdict, reason, worst = Verdict.VACUOUS, "the hypotheses held at no checkpoint", None
    chosen = doubtful + ([] if tightest is None else [tightest[1:]])
    if chosen:
        found = [(e, s, i) for s, i in chosen for e in certify(statement, s.batch[i])]
        evaluation, snapshot, i = max(found, key=lambda f: (f[0].verdict, -f[0].relative_slack))
        instance = snapshot.batch[i]
        verdict, reason = merge(e.verdict for e, _, _ in found), ""
        worst = Worst(
            claim=evaluation.claim,
            lhs=as_float(evaluation.lhs),
            rhs=as_float(evaluation.rhs),
            slack=as_float(evaluation.slack),
            ratio=evaluation.ratio,
            certified=True,
            touches=evaluation.touches,
            where=snapshot.provenance(i),
            digest=instance.digest,
        )
    diverged = any(len(s.networks) < experiment.networks for s in snapshots)
    if diverged and verdict is not Verdict.REFUTED:
        verdict, reason = Verdict.INCONCLUSIVE, "a network diverged; lower the learning rate"
    return Finding(
        checker=f"training ({experiment.name})",
        verdict=verdict,
        evidence=Evidence.CERTIFIED if worst else Evidence.SAMPLED,
        drawn=len(checkpoints),
        admitted=admitted,
        tightness=worst.ratio if worst else None,
        worst=worst,
        checkpoints=tuple(checkpoints),
        reason=reason,
        seconds=time.perf_counter() - start,
    )


def _evaluate(statement: Statement, snapshot: Snapshot) -> Iterator[tuple[Checkpoint, float]]:
    """One checkpoint a network, with its least relative slack over the claims."""
    if not snapshot.networks:
        return
    tensors = batch_tensors(snapshot.batch)
    values = tensor_values(tensors, snapshot.batch.arrays[LABELS], snapshot.batch.sizes)
    found = evaluate_values(statement, values, tensors["Z"])
    observed = {str(d): values(d) for d in statement.observed}
    for i, network in enumerate(snapshot.networks):
        checkpoint = Checkpoint(
            network=network,
            step=snapshot.step,
            admitted=bool(found.admitted[i]),
            measured={
                "weight decay": snapshot.decays[i],
                **{name: float(value[i]) for name, value in observed.items()},
            },
            lhs={name: float(value[i]) for name, value in found.lhs.items()},
            rhs={name: float(value[i]) for name, value in found.rhs.items()},
        )
        yield checkpoint, min(float(found.relative_slack(c.name)[i]) for c in statement.claims)
