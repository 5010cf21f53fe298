"""NC2 of networks that differ in their number of linear layers only (Jacot et al. 2025, Figure 2).

Ten networks for each of L2 = 1, ..., 5 linear layers after two ReLU layers, on the digits, trained
alike by full-batch gradient descent with weight decay. NC2 is the condition number of the
uncentred class means of Z_{L-1}; e1 the distance of the outputs from the one-hot labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from checkers.instance import Array
from checkers.models.recorded import Recorded
from checkers.quantities.samples import largest_entry, mean_log
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler
from checkers.variables import Variable

SHALLOW = Variable(
    "shallow",
    ("1", "count"),
    "NC2 with L2 linear layers, one number a network",
    latex=r"\mathrm{NC2}",
)
DEEP = Variable("deep", ("1", "count"), "NC2 with more", latex=r"\mathrm{NC2}^{+}")
ERRORS = Variable(
    "errors", ("1", "count"), "the larger e1 of the two, over s_K(Y)", latex="e_1/s_K(Y)"
)
VARIABLES = (SHALLOW, DEEP, ERRORS)

mean_shallow, mean_deep = mean_log(SHALLOW), mean_log(DEEP)
TRAINED = Hypothesis(
    "trained", 1 - largest_entry(ERRORS), strict=True, says="every network has e1 < s_K(Y)"
)
NETWORKS = Ranges(K=(0, 0), n=(0, 0), others={"count": (3, 3)}, smallest=(sizes((), count=3),))

DEPTHS = (1, 2, 3, 4, 5)
PER_CLASS = 40
WIDTH = 32
SEEDS = 10
RATE, DECAY = 2e-3, 0.3


def trained(linear: int, steps: int, seeds: int, seed: int) -> tuple[Array, Array]:
    """NC2 and e1 / s_K(Y) of networks (seeds,) with that many linear layers."""
    import torch

    from checkers.models.datasets import digits
    from checkers.models.descent import GradientDescent
    from checkers.models.mlp import Architecture, initialise

    X, labels = digits(PER_CLASS)
    Y = np.eye(10)[:, labels]
    architecture = Architecture((64, *(WIDTH,) * (linear + 1), 10), nonlinear=2)
    descent = GradientDescent(
        architecture,
        initialise(architecture, seeds, seed),
        torch.tensor(X, dtype=torch.float32),
        torch.tensor(Y, dtype=torch.float32),
        learning_rate=RATE,
        weight_decay=DECAY,
    )
    descent.run(steps)
    *_, last, outputs = (A.double().numpy() for A in descent.activations())
    means = np.stack([last[..., labels == k].mean(-1) for k in range(10)], axis=-1)
    finite = np.isfinite(means).all((1, 2))
    s = np.linalg.svd(means[finite], compute_uv=False)
    nc2, e1 = np.full(seeds, np.nan), np.full(seeds, np.nan)
    nc2[finite] = s[:, 0] / s[:, -1]
    e1[finite] = np.linalg.norm(outputs[finite] - Y, axis=(1, 2))
    return nc2, e1 / np.sqrt(PER_CLASS)


def record(steps: int, seed: int, seeds: int = SEEDS) -> Iterator[Recorded]:
    """Every depth against the next, and the first against the last."""
    found = {linear: trained(linear, steps, seeds, seed) for linear in DEPTHS}
    pairs = [*pairwise(DEPTHS), (DEPTHS[0], DEPTHS[-1])]
    good = np.isfinite([nc2 for nc2, _ in found.values()]).all(0)
    rows = {
        "shallow": [found[a][0][good] for a, _ in pairs],
        "deep": [found[b][0][good] for _, b in pairs],
        "errors": [np.maximum(found[a][1], found[b][1])[good] for a, b in pairs],
    }
    yield Recorded(
        f"digits, {len(DEPTHS) * seeds} networks",
        {"count": int(good.sum())},
        {k: np.array(a)[:, None] for k, a in rows.items()},
        networks=tuple(b for _, b in pairs),
        steps=(steps,) * len(pairs),
        unused=int(len(DEPTHS) * (~good).sum()),
        trained=len(DEPTHS) * seeds,
        across="linear layers",
        along="NC2, the condition number of the class means",
        spreads=tuple((float(k), tuple(nc2[good].tolist())) for k, (nc2, _) in found.items()),
    )


def short_runs(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Three networks of each depth for 60 steps."""
    (recorded,) = record(60, int(generator.integers(2**31)), seeds=layout["count"])
    return {k: a[:count] for k, a in recorded.arrays.items()}


SHORT = Sampler("short runs", short_runs)
