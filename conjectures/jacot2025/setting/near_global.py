"""Trained networks that cost no more than a network known to interpolate (Jacot et al. 2025, 5.2).

X has orthonormal columns, one sample a class, ReLU after W_1, ..., W_{L1}: W_1 = X^T, W_2 = ... = I
realise Z_{L1} = Y with |theta_nonlin|^2 = c = L1 K, and a head of identities costs K L2 more. A
network with C_lam at most that of this one, lam (K L2 + c) / 2, has what the theorem says of global
minimisers, up to how far it is from critical. What is measured enters as numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from checkers.instance import Array
from checkers.models.recorded import Recorded, finite_only
from checkers.quantities.residuals import entry
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Witness
from checkers.tolerance import ROUNDING
from checkers.variables import Variable

_MEANINGS = {
    "C_lam": "the loss with weight decay",
    "lam": "weight decay",
    "classes": "K",
    "hidden": "number L1 of nonlinear layers",
    "linear": "number L2 of linear layers",
    "error": "e1, distance of the outputs from the labels",
    "squares": "|theta|^2",
    "kappa_last": "condition number of the last matrix",
    "kappa_head": "condition number of the product P of the head",
    "gain": "s_K(P)",
    "imbalance": "e2, the imbalance of the head, and its rounding",
    "residual": "largest |W_{l+1}| |R_{l+1}| + |W_l| |R_l| in the head, R the gradient of C_lam",
    "largest": "r, largest operator norm of a matrix of the head",
    "data": "operator norm of X",
    "s_K": "s_K(Y)",
}
_LATEX = {
    "C_lam": r"C_\lambda",
    "lam": r"\lambda",
    "classes": r"K",
    "hidden": r"L_1",
    "linear": r"L_2",
    "error": r"e_1",
    "squares": r"\|\theta\|^2",
    "kappa_last": r"\kappa(W_L)",
    "kappa_head": r"\kappa(P)",
    "gain": r"s_K(P)",
    "imbalance": r"e_2",
    "residual": r"\rho",
    "largest": r"r",
    "data": r"\|X\|",
    "s_K": r"s_K(Y)",
}
VARIABLES = tuple(
    Variable(name, ("one", "one"), says, latex=_LATEX[name]) for name, says in _MEANINGS.items()
)
(
    C_lam, lam, classes, L1, L2, e1, squares, kappa_last, kappa_head, gain, e2, residual, r,
    size_X, s_K,
) = (entry(v) for v in VARIABLES)  # fmt: skip

c = L1 * classes
comparison = classes * L2 + c
"""|theta|^2 of the network to compare with."""

HYPOTHESES = (
    Hypothesis("weight decay", lam, strict=True, says="lam is positive"),
    Hypothesis(
        "near global", lam * comparison / 2 - C_lam, says="no dearer than the known network"
    ),
    Hypothesis("interpolation", s_K - e1, strict=True, says="e1 is below s_K(Y)"),
)
ONES = Ranges(K=(0, 0), n=(0, 0), others={"one": (1, 1)}, smallest=(sizes((), one=1),))

_K, _WIDTH = 3, 6
_DECAYS = (0.02, 0.05)
_SHAPES = ((1, 2), (1, 4), (2, 3))
_RATE = 0.03
_NOISE = 0.1


def record(count: int, seed: int, networks: int = 6) -> Iterator[Recorded]:
    """Three architectures at two weight decays; every other network starts near the known one."""
    for hidden, linear in _SHAPES:
        yield _recorded(hidden, linear, count, seed, networks)


def _recorded(hidden: int, linear: int, count: int, seed: int, networks: int) -> Recorded:
    import torch

    from checkers.models.descent import GradientDescent
    from checkers.models.mlp import Architecture, initialise

    generator = np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, 3))))
    X = np.linalg.qr(generator.standard_normal((_WIDTH, _K)))[0]
    Y = np.eye(_K)
    architecture = Architecture((_WIDTH, *(_WIDTH,) * (hidden + linear - 1), _K), hidden)
    decays = [_DECAYS[k // 2 % len(_DECAYS)] for k in range(networks)]
    weights = initialise(architecture, networks, seed, dtype=torch.float64)
    known_one = [torch.eye(W.shape[1], W.shape[2], dtype=torch.float64) for W in weights]
    known_one[0] = torch.zeros(_WIDTH, _WIDTH, dtype=torch.float64)
    known_one[0][:_K] = torch.from_numpy(X.T)
    for layer, W in enumerate(weights):
        known_one[layer][_K:] = 0
        known_one[layer][:, _K:] *= layer == 0
        W[::2] = known_one[layer] + _NOISE * W[::2]
    descent = GradientDescent(
        architecture,
        weights,
        torch.from_numpy(X),
        torch.from_numpy(Y),
        learning_rate=_RATE,
        weight_decay=decays,
    )
    rows: list[dict[str, float]] = []
    looks = sorted({max(1, count * part // 4) for part in range(1, 5)})
    done = 0
    for look in looks:
        descent.run(look - done)
        done = look
        reached = [W.numpy() for W in descent.weights]
        gradients = [R.numpy() for R in descent.gradients()]
        outputs, loss = descent.activations()[-1].numpy(), descent.loss().numpy()
        for k in range(networks):
            own = [W[k] for W in reached]
            measured = _measured(own, [R[k] for R in gradients], hidden)
            known = {
                "C_lam": float(loss[k]), "lam": decays[k], "classes": _K, "hidden": hidden,
                "linear": linear, "error": float(np.linalg.norm(outputs[k] - Y)),
                "data": float(np.linalg.norm(X, 2)), "s_K": 1.0,
            }  # fmt: skip
            rows.append({**known, **measured})
    return finite_only(
        f"L1 = {hidden}, L2 = {linear}, {networks} networks",
        {name: [row[name] for row in rows] for name in _MEANINGS},
        networks=tuple(range(networks)) * len(looks),
        steps=tuple(look for look in looks for _ in range(networks)),
    )


_MEASURED = (
    "squares", "kappa_last", "kappa_head", "gain", "imbalance", "residual", "largest",
)  # fmt: skip


def _measured(weights: list[Array], gradients: list[Array], hidden: int) -> dict[str, float]:
    head, slopes = weights[hidden:], gradients[hidden:]
    if not all(np.isfinite(A).all() for A in (*weights, *gradients)):
        return dict.fromkeys(_MEASURED, float("nan"))
    product = np.linalg.multi_dot(head[::-1])
    sizes_ = [np.linalg.norm(W, 2) for W in head]
    forces = [s * np.linalg.norm(R, 2) for s, R in zip(sizes_, slopes, strict=True)]
    gaps = [np.linalg.norm(above.T @ above - below @ below.T, 2) for below, above in pairwise(head)]
    rounding = 8 * ROUNDING * float(max(sizes_)) ** 2
    return {
        "squares": float(sum((W**2).sum() for W in weights)),
        "kappa_last": _condition(head[-1]),
        "kappa_head": _condition(product),
        "gain": float(np.linalg.svd(product, compute_uv=False)[-1]),
        "imbalance": float(max(gaps) + rounding),
        "residual": float(max(a + b for a, b in pairwise(forces))) + 2 * rounding,
        "largest": float(max(sizes_)),
    }


def _condition(A: Array) -> float:
    s = np.linalg.svd(A, compute_uv=False)
    return float(s[0] / s[-1])


def short_runs(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Four networks for 300 steps."""
    recorded = _recorded(1, 2, 300, int(generator.integers(2**31)), 4)
    return {k: a[-count:] for k, a in recorded.arrays.items()}


SHORT = Sampler("short runs", short_runs)


def numbers(name: str, says: str, tight: float = 0.0, **changed: float) -> Witness:
    """One hidden layer and two linear ones, K = 2 and lam = 1/100, as they are unless changed."""
    known = {
        "C_lam": 0.02, "lam": 0.01, "classes": 2.0, "hidden": 1.0, "linear": 2.0, "error": 0.2,
        "squares": 4.0, "kappa_last": 1.0, "kappa_head": 1.0, "gain": 1.0,
        "imbalance": 0.0, "residual": 0.0,
        "largest": 1.0, "data": 1.0, "s_K": 1.0, **changed,
    }  # fmt: skip

    def build(layout: Layout, labels: Array) -> Arrays:
        return {k: np.array([[x]]) for k, x in known.items()}

    return Witness(name, build, (sizes((), one=1),), says=says, tight=tight)
