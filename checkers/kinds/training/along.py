"""Statements evaluated along training: the inequality at every checkpoint of real networks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import cycle

import numpy as np
import torch

from checkers.conclusion import Coverage, Judgement, conclude, doubted, told
from checkers.declared.kinds import Training
from checkers.declared.statement import Statement
from checkers.evaluation import certify, evaluate_values
from checkers.instance import LABELS, Array, Batch, Instance
from checkers.kinds.training.carried import Checkpoint, written
from checkers.models.datasets import DATASETS
from checkers.models.descent import GradientDescent
from checkers.models.experiments import Experiment
from checkers.models.mlp import initialise
from checkers.provenance import Provenance
from checkers.record import Finding
from checkers.result import Certified
from checkers.tolerance import FLOAT_DOUBT
from checkers.values import batch_tensors, tensor_values
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

    def instance(self, index: int) -> Instance:
        """One of the batch, which says which network it is."""
        whole = self.batch.provenance
        where = replace(whole, detail=(*whole.detail, ("network", self.networks[index])))
        return replace(self.batch[index], provenance=where)


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


CHECKPOINTS = Judgement(noun="checkpoint", nouns="checkpoints")


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
    chosen = doubtful + ([] if tightest is None else [tightest[1:]])
    instances = [snapshot.instance(i) for snapshot, i in chosen]
    certified = [Certified(instance, certify(statement, instance)) for instance in instances]
    admitted = sum(c.admitted for c in checkpoints)
    # one run is no range of instances: that a bound tells nothing of it is no fault of the bound
    coverage = Coverage(len(checkpoints), admitted, telling=False)
    name = f"{Training.name} ({experiment.name})"
    finding = conclude(name, statement, certified, coverage, CHECKPOINTS).finding
    diverged = any(len(s.networks) < experiment.networks for s in snapshots)
    doubts = ["a network diverged; lower the learning rate"] if diverged else []
    return replace(
        doubted(finding, doubts),
        carried=written(checkpoints),
        reason=told(finding.reason, *doubts),
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
