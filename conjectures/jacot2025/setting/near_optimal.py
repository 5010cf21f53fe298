"""Networks of small squared norm that interpolate (Jacot et al. 2025, section 5.1).

L1 layers with the leaky ReLU max(x, x / 2), then a linear head of L2 matrices. The paper's excess c
is measured, |theta|^2 - L K, with theta all weights and L = L1 + L2. Any activation with
|sigma(x)| <= |x| would do.
"""

from __future__ import annotations

import numpy as np
from sympy import sqrt

from checkers.instance import Array, class_counts
from checkers.quantities.conditioning import condition
from checkers.quantities.heads import outputs, product, squared_error
from checkers.quantities.layers import squared_length
from checkers.quantities.leaky_relu import leaky_features
from checkers.quantities.norms import operator_norm
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Witness
from checkers.variables import K, depth

from .deep_network import L1, X, head, hidden, labels, layer_shapes
from .linear_head import s_K

VARIABLES = (X, hidden, head, labels)

e1 = sqrt(squared_error(outputs(leaky_features(X, hidden), head), labels))
excess = squared_length(hidden) + squared_length(head) - (L1 + depth) * K
"""c, the excess of the squared norm of all weights over L K."""
c3 = condition(product(head))
size_X = operator_norm(X)

INTERPOLATION = Hypothesis(
    "interpolation",
    margin=s_K - e1,
    strict=True,
    says="the outputs are so close to the one-hot labels that they have rank K",
)


def _fit(drawn: dict[str, int]) -> dict[str, int]:
    """Widths of at least K; a chain of one matrix has no width of its own."""
    d, last = drawn["K"] + drawn["more"], drawn["K"] + drawn["extra"]
    width = last + drawn["wider"]
    return {
        "d": d,
        "L1": drawn["L1"],
        "hidden_width": d if drawn["L1"] == 1 else width,
        "width": width,
        "depth": drawn["depth"],
        "last_width": width if drawn["depth"] == 1 else last,
    }


def square_sizes(K: int, n: int, L1: int, depth: int) -> SizeSpec:
    """Every width is K."""
    return sizes(K=K, n=n, d=K, L1=L1, hidden_width=K, width=K, depth=depth, last_width=K)


SIZES = Ranges(
    K=(2, 3),
    n=(1, 3),
    others={"more": (0, 2), "L1": (1, 2), "extra": (0, 2), "wider": (0, 2), "depth": (1, 5)},
    fit=_fit,
    heavy=30,
    smallest=(square_sizes(2, 1, 1, 1),),
)


def interpolate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Weights of norm near 1, and the first matrix of the head moved towards interpolation.

    The outputs are the one-hot labels up to an error of log-uniform size, where the features
    behind the nonlinear layers and the rest of the head have the rank for it.
    """
    found = dict(arrays)
    for name in layer_shapes(layout):
        norm = np.linalg.norm(arrays[name], 2, axis=(1, 2), keepdims=True)
        found[name] = arrays[name] / np.where(norm > 0, norm, 1)
    Z = found["X"]
    for i in range(layout["L1"]):
        before = found[f"hidden_{i}"] @ Z
        Z = np.maximum(before, before / 2)
    later = np.eye(layout["K"])
    for i in reversed(range(1, layout["depth"])):
        later = later @ found[f"head_{i}"]
    E = generator.standard_normal((len(Z), layout["K"], layout["N"]))
    E /= np.linalg.norm(E, axis=(1, 2), keepdims=True)
    E *= 10 ** generator.uniform(-6, 0, (len(Z), 1, 1))
    target = np.eye(layout["K"])[:, labels] + E
    missing = target - later @ found["head_0"] @ Z
    found["head_0"] = found["head_0"] + np.linalg.pinv(later) @ missing @ np.linalg.pinv(Z)
    return found


def _diagonal(layout: Layout, labels: Array, P: Array, outputs: Array, scale: float) -> Arrays:
    """Diagonal matrices: P (..., K) of the head, balanced; Z_L = diag(outputs) Y; X = scale Y."""
    K, L1, L2 = layout["K"], layout["L1"], layout["depth"]
    values = {
        "hidden": np.abs(outputs / (scale * P)) ** (1 / L1),
        "head": P ** (1 / L2),
    }
    found: Arrays = {}
    for name, (rows, columns) in layer_shapes(layout).items():
        entries = values[name.split("_")[0]]
        A = np.zeros((*entries.shape[:-1], rows, columns))
        A[..., np.arange(K), np.arange(K)] = entries
        found[name] = A
    X = np.zeros((*P.shape[:-1], layout["d"], len(labels)))
    X[..., :K, :] = scale * np.eye(K)[:, labels]
    return {"X": X, **found}


def diagonal_networks(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """Diagonal networks with balanced heads of log-normal singular values, up to small noise."""
    K = layout["K"]
    P = np.exp(generator.normal(0, 1.5, (batch, K)))
    outputs = 1 + 10 ** generator.uniform(-6, -0.5, (batch, 1)) * generator.standard_normal(
        (batch, K)
    )
    found = _diagonal(layout, labels, P, outputs, 1.0)
    noise = 10 ** generator.uniform(-8, -1, (batch, 1, 1))
    return {name: A + noise * generator.standard_normal(A.shape) for name, A in found.items()}


DIAGONAL_NETWORKS = Sampler("diagonal networks", diagonal_networks)


def cheapest(
    name: str,
    long: float,
    *stored: SizeSpec,
    error: float = 0.0,
    scale: float = 1.0,
    tight: float = 1.0,
) -> Witness:
    """K = 2: singular values ``long`` and |X|^-1 2^(-L1/2) (1 - error) of the head, X = scale Y.

    The second is what makes a given condition number cheapest. The outputs of the second class are
    too short by ``error``, relative to s_K(Y).
    """

    def build(layout: Layout, labels: Array) -> Arrays | None:
        counts = class_counts(labels, layout["K"])
        if layout["K"] != 2 or counts[0] != counts[1]:
            return None
        widths = (layout["d"], layout["hidden_width"], layout["width"], layout["last_width"])
        if min(widths) < 2:
            return None
        outputs = np.array([1.0, 1 - error])
        P = np.array([long, 2 ** (-layout["L1"] / 2) / scale]) * outputs
        return _diagonal(layout, labels, P, outputs, scale)

    return Witness(name, build, sizes=stored, tight=tight)


CHEAPEST_DEEP = cheapest(
    "cheapest ill-conditioned head, deep", 10.0, square_sizes(2, 1, 1, 512), tight=0.984
)
CHEAPEST = cheapest(
    "cheapest ill-conditioned head",
    5.0,
    square_sizes(2, 1, 1, 128),
    square_sizes(2, 3, 1, 64),
    square_sizes(2, 1, 2, 128),
    tight=0.79,
)
CHEAPEST_PLAIN = cheapest("cheapest ill-conditioned head, L1 = 1", 5.0, square_sizes(2, 1, 1, 128))
CHEAPEST_WITH_ERROR = cheapest(
    "cheapest ill-conditioned head, outputs too short", 5.0, square_sizes(2, 1, 1, 128), error=0.5
)
CHEAPEST_LARGE_DATA = cheapest(
    "cheapest ill-conditioned head, large data", 5.0, square_sizes(2, 1, 1, 128), scale=4.0
)
