"""Deep nonlinear networks at and around a point theta_0 (Jacot et al. 2025, section 4).

L1 hidden layers with the smooth leaky ReLU, then a linear head of L2 matrices, L = L1 + L2; C_0 is
half the squared error summed over samples. lambda_F = sigma_min(sigma(W_1 X)) and
lambda_l = sigma_min(W_l) are taken at theta_0 and enter squared: ``lam_F2``, ``later`` (the product
of lambda_l^2 over l >= 3) and ``weakest`` (the least of them; none, and infinity, for L = 2).
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from checkers.instance import Array
from checkers.quantities.layers import (
    distance_to_start,
    first_gain,
    later_gain,
    pyramid,
    squared_length,
    weakest_later,
)
from checkers.quantities.networks import first_features, gradients, loss, start_loss
from checkers.quantities.norms import operator_norm
from checkers.quantities.residuals import entry
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler
from checkers.variables import Kind, Size, Variable, chain, depth


def _layers(name: str, of: str, hidden: bool) -> Variable:
    """The hidden matrices or the head, at a point."""
    if not hidden:
        return Variable(
            name,
            ("K", "width"),
            f"linear layers{of}, in order",
            kind=Kind.CHAIN,
            latex="" if of else r"\theta_{\mathrm{lin}}",
            least=1,
        )
    return Variable(
        name,
        ("width", "d"),
        f"nonlinear layers{of}, in order",
        kind=Kind.CHAIN,
        latex="" if of else r"\theta_{\mathrm{nonlin}}",
        links="L1",
        inner="hidden_width",
        least=1,
    )


X = Variable("X", ("d", "N"), "data, one column a sample")
hidden = _layers("hidden", "", hidden=True)
head = _layers("head", "", hidden=False)
start_hidden = _layers("start_hidden", " at theta_0", hidden=True)
start_head = _layers("start_head", " at theta_0", hidden=False)
other_hidden = _layers("other_hidden", " at theta'", hidden=True)
other_head = _layers("other_head", " at theta'", hidden=False)
labels = Variable("labels", ("N",), "class of each column, 0..K-1", kind=Kind.LABELS)
GAMMA = Variable("gamma", ("1", "1"), "least slope of the activation", latex=r"\gamma")
SHARPNESS = Variable("sharpness", ("1", "1"), "sharpness b of the activation", latex=r"b_\sigma")
POINT = (X, hidden, head, labels, GAMMA, SHARPNESS)
VARIABLES = (*POINT, start_hidden, start_head)
TWO_POINTS = (*POINT, other_hidden, other_head)

L1 = Size("L1", "L_1")
L = L1 + depth
gamma, sharpness = entry(GAMMA), entry(SHARPNESS)


C0 = loss(*POINT)
C0_start = start_loss(X, start_hidden, start_head, labels, GAMMA, SHARPNESS)
grad = gradients(*POINT)
gradient2 = squared_length(grad)
distance2 = distance_to_start(hidden, head, start_hidden, start_head)
lam_F2 = first_gain(first_features(X, start_hidden, GAMMA, SHARPNESS))
later = later_gain(start_hidden, start_head)
weakest = weakest_later(start_hidden, start_head)
size_X = operator_norm(X)

ACTIVATION = (
    Hypothesis("gamma positive", gamma, strict=True, says="slopes are positive"),
    Hypothesis("gamma at most 1", 1 - gamma, says="slopes are at most 1"),
    Hypothesis("sharpness", sharpness, strict=True, says="the activation is smooth"),
)
PYRAMID = Hypothesis(
    "pyramid",
    pyramid(X, hidden, head),
    says="Assumption 4.1: n_1 is at least N and widths do not grow from n_2 on",
)


def _fit(drawn: dict[str, int]) -> dict[str, int]:
    """n_1 >= N and n_2 >= ... >= n_L = K; a chain of one matrix has no width of its own."""
    d, layers, linear = drawn["d"], drawn["L1"], drawn["L2"]
    first = drawn["N"] + drawn["extra"]
    last = drawn["K"] + drawn["extra"]
    width = first if layers == 1 else last + drawn["wider"]
    return {
        "d": d,
        "L1": layers,
        "hidden_width": d if layers == 1 else first,
        "width": width,
        "depth": linear,
        "last_width": width if linear == 1 else last,
    }


def _working(layout: Layout) -> int:
    """What eigenvalues of the layers and a gradient cost, in entries."""
    return 500 * (layout["L1"] + layout["depth"])


def shallow(K: int, n: int = 1, d: int = 0, width: int = 0) -> SizeSpec:
    """One hidden layer, as wide as there are samples unless given, and one linear layer."""
    N = K * n
    d, width = d or N, width or N
    return sizes(K=K, n=n, d=d, L1=1, hidden_width=d, width=width, depth=1, last_width=width)


def three_layers(K: int) -> SizeSpec:
    """Two hidden layers and one linear layer, every width K, one sample a class."""
    return sizes(K=K, n=1, d=K, L1=2, hidden_width=K, width=K, depth=1, last_width=K)


NETWORKS = Ranges(
    K=(2, 3),
    n=(1, 2),
    others={"d": (1, 6), "L1": (1, 2), "L2": (1, 2), "extra": (0, 2), "wider": (0, 2)},
    fit=_fit,
    heavy=10,
    smallest=(shallow(2), shallow(2, d=1)),
    working=_working,
)


def bent(A: Array, gamma: Array, sharpness: Array) -> Array:
    """sigma of the entries of A (..., m, n)."""
    return gamma * A + (1 - gamma) * (np.logaddexp(0, sharpness * A) - np.log(2)) / sharpness


def moderate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Operator norms log-uniform in 0.3..3; gamma uniform, sharpness log-uniform in 0.1..1000.

    What the chains of another point have drawn is left as it is.
    """
    count = len(arrays["X"])
    shape = (count, 1, 1)
    found = dict(arrays)
    for name, array in arrays.items():
        if name == "X" or name.startswith(("hidden", "head")):
            found[name] = _of_norm(generator, array)
    found["gamma"] = generator.uniform(0.02, 1, shape)
    found["sharpness"] = 10 ** generator.uniform(-1, 3, shape)
    return found


def _of_norm(generator: np.random.Generator, array: Array) -> Array:
    norm = np.linalg.norm(array, 2, axis=(1, 2), keepdims=True)
    size = 10 ** generator.uniform(-0.5, 0.5, (len(array), 1, 1))
    return array / np.where(norm > 0, norm, 1) * size


def in_ball(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """theta_0 moderate, theta at most r_0 from it in the direction drawn, mostly at the edge."""
    return _stepped(generator, moderate(generator, layout, labels, arrays), scaled=True)


def in_printed_ball(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """The same with the radius as printed, which does not know the scale of the data."""
    return _stepped(generator, moderate(generator, layout, labels, arrays), scaled=False)


def near_each_other(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """theta moderate, theta' at a distance log-uniform in 1e-4..10 from it."""
    found = moderate(generator, layout, labels, arrays)
    step = 10 ** generator.uniform(-4, 1, (len(arrays["X"]), 1, 1))
    for name in layer_shapes(layout):
        found[f"other_{name}"] = found[name] + step * _of_norm(generator, arrays[f"other_{name}"])
    return found


def _stepped(generator: np.random.Generator, arrays: Arrays, scaled: bool) -> Arrays:
    """Weights to theta_0, and theta away from it along what ``start_`` chains held."""
    found = dict(arrays)
    names = [name for name in arrays if name.startswith(("hidden", "head"))]
    length = np.sqrt(sum((arrays[f"start_{k}"] ** 2).sum((1, 2), keepdims=True) for k in names))
    part = 1 - 10 ** generator.uniform(-8, 0, (len(length), 1, 1))
    step = radius_of(arrays, scaled) * part / np.where(length > 0, length, 1)
    for name in names:
        found[f"start_{name}"] = arrays[name]
        found[name] = arrays[name] + step * arrays[f"start_{name}"]
    return found


def radius_of(arrays: Arrays, scaled: bool) -> Array:
    """r_0 (B, 1, 1) at the weights ``hidden`` and ``head``; ``scaled`` divides lambda_F by |X|."""
    weights = [*chain(arrays, "hidden"), *chain(arrays, "head")]
    gains = [np.linalg.svd(A, compute_uv=False)[:, -1] for A in (_first(arrays), *weights[2:])]
    if scaled:
        norm = np.linalg.norm(arrays["X"], 2, axis=(1, 2))
        gains[0] = gains[0] / np.where(norm > 0, norm, 1)
    return np.min(gains, axis=0)[:, None, None] / 2


def _first(arrays: Arrays) -> Array:
    """sigma(W_1 X)."""
    return bent(arrays["hidden_0"] @ arrays["X"], arrays["gamma"], arrays["sharpness"])


def layer_shapes(layout: Layout) -> dict[str, tuple[int, int]]:
    """Names and shapes of the matrices of all layers."""
    first = [layout["d"], *[layout["hidden_width"]] * (layout["L1"] - 1), layout["width"]]
    rest = [layout["width"], *[layout["last_width"]] * (layout["depth"] - 1), layout["K"]]
    return {
        f"{name}_{i}": (b, a)
        for name, widths in (("hidden", first), ("head", rest))
        for i, (a, b) in enumerate(pairwise(widths))
    }


def shortened(generator: np.random.Generator, layout: Layout, labels: Array, batch: int) -> Arrays:
    """theta loses about half of lambda_F; with two layers only its last feature has an error.

    With u and v the last singular vectors of Z_1, the step of W_1 is along -u v^T X^+, and the
    outputs of two layers are Y (I - v v^T), v taken at theta.
    """
    shapes = {"X": (layout["d"], layout["N"]), **layer_shapes(layout)}
    drawn = {k: generator.standard_normal((batch, *shape)) for k, shape in shapes.items()}
    arrays = moderate(generator, layout, labels, drawn)
    U, _, V = np.linalg.svd(_first(arrays), full_matrices=False)
    for name in layer_shapes(layout):
        arrays[f"start_{name}"] = np.zeros_like(arrays[name])
    arrays["start_hidden_0"] = -U[:, :, -1:] @ V[:, -1:] @ np.linalg.pinv(arrays["X"])
    found = _stepped(generator, arrays, scaled=True)
    if layout["L1"] + layout["depth"] == 2:
        Z = _first(found)
        v = np.linalg.svd(Z, full_matrices=False)[2][:, -1:]
        Y = np.eye(layout["K"])[:, labels]
        found["head_0"] = found["start_head_0"] = (Y - Y @ v.mT @ v) @ np.linalg.pinv(Z)
    return found


def nearly_interpolating(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """theta_0 with layers close to multiples of orthonormal frames and outputs close to Y.

    Data of norm 1e-3 to 1, features of the first layer of norm 0.1 to 1; errors of 1e-4 to 0.1.
    """
    shapes = {"X": (layout["d"], layout["N"]), **layer_shapes(layout)}

    def uniform(low: float, high: float) -> Array:
        return 10 ** generator.uniform(low, high, (batch, 1, 1))

    arrays = {}
    for name, shape in shapes.items():
        drawn = generator.standard_normal((batch, *shape))
        U, _, V = np.linalg.svd(drawn, full_matrices=False)
        arrays[name] = U @ V * uniform(-0.3, 0.3)
        arrays[f"start_{name}"] = drawn
    arrays["gamma"] = generator.uniform(0.3, 1, (batch, 1, 1))
    arrays["sharpness"] = uniform(1, 4)
    scale = uniform(-3, 0)
    arrays["X"] = arrays["X"] * scale
    arrays["hidden_0"] = arrays["hidden_0"] * uniform(-1, 0) / scale
    Z = arrays["X"]
    *weights, last = layer_shapes(layout)
    for name in weights:
        Z = arrays[name] @ Z
        if name.startswith("hidden"):
            Z = bent(Z, arrays["gamma"], arrays["sharpness"])
    E = generator.standard_normal((batch, layout["K"], layout["N"])) * uniform(-4, -1)
    arrays[last] = (np.eye(layout["K"])[:, labels] + E) @ np.linalg.pinv(Z)
    del arrays["start_X"]
    return _stepped(generator, arrays, scaled=False)


SHORTENED = Sampler("features shortened", shortened)
NEARLY_INTERPOLATING = Sampler("nearly interpolating", nearly_interpolating)
