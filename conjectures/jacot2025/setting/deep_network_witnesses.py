"""Points of small networks where bounds on the gradient are tight, or variants of them fail.

Data are multiples of the identity, one class a sample, and a sharp activation is as good as linear
for entries of order 1: with a = 1 and b = 256, sigma(a) = 1 - (1 - gamma) log(2) / b up to e^-256.
"""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.sizes import SizeSpec
from checkers.statement import Arrays, Layout, Witness

from .deep_network import bent, shallow, three_layers

SHARP = 256.0
INSIDE = 1 - 2.0**-40
"""A step this close to the radius stays inside it when entries are rounded."""


def _point(
    X: Array,
    weights: list[Array],
    start: list[Array],
    gamma: float = 0.5,
    sharpness: float = SHARP,
) -> Arrays:
    """All layers but the last are nonlinear."""
    arrays = {"X": X, "gamma": np.array([[gamma]]), "sharpness": np.array([[sharpness]])}
    for prefix, matrices in (("", weights), ("start_", start)):
        for i, A in enumerate(matrices[:-1]):
            arrays[f"{prefix}hidden_{i}"] = A
        arrays[f"{prefix}head_0"] = matrices[-1]
    return arrays


def _sigma(x: float, gamma: float = 0.5) -> float:
    return float(bent(np.array(x), np.array(gamma), np.array(SHARP)))


def _is_shallow(layout: Layout) -> bool:
    return layout["L1"] == layout["depth"] == 1


def _one_sample_moved(
    layout: Layout, labels: Array, part: float, scale: float = 1.0
) -> Arrays | None:
    """sigma(W_1^0 X) = sigma(1) I; the feature of the first sample moves by ``part`` of it.

    One sample a class; X is ``scale`` times the identity. The outputs of the other samples are
    their labels and that of the first is zero, so that only W_2 has a gradient, of norm the length
    of its feature.
    """
    N, width, K = layout["N"], layout["width"], layout["K"]
    if not _is_shallow(layout) or layout["d"] < N or width < N or N > K:
        return None
    feature = _sigma(1.0)
    start = np.eye(width, layout["d"]) * (np.arange(layout["d"]) < N) / scale
    moved = start.copy()
    moved[0, 0] -= part * INSIDE * feature / scale
    head = np.zeros((K, width))
    head[labels[1:], np.arange(1, N)] = 1 / feature
    return _point(scale * np.eye(layout["d"], N), [moved, head], [start, head])


def half_way(layout: Layout, labels: Array) -> Arrays | None:
    """Half of lambda_F lost at distance r_0: equality but for e^{-b/2} and rounding."""
    return _one_sample_moved(layout, labels, 0.5)


def all_the_way(layout: Layout, labels: Array) -> Arrays | None:
    """All of lambda_F lost at twice the radius."""
    return _one_sample_moved(layout, labels, 1.0)


def long_data(layout: Layout, labels: Array) -> Arrays | None:
    """X = 2 I: the first feature loses all of its length at distance lambda_F / 2."""
    return _one_sample_moved(layout, labels, 1.0, scale=2.0)


def short_features(layout: Layout, labels: Array) -> Arrays | None:
    """X = I/1000, sigma(W_1 X) = I/5 and outputs (1 - 1/256) Y: theta is theta_0."""
    N, K = layout["N"], layout["K"]
    if not _is_shallow(layout) or (layout["d"], layout["width"]) != (N, N):
        return None
    weights = [200 * np.eye(N), 5 * (1 - 1 / 256) * np.eye(K)[:, labels]]
    return _point(np.eye(N) / 1000, weights, weights, sharpness=1e5)


def too_narrow(layout: Layout, labels: Array) -> Arrays | None:
    """n_1 = 1 for two samples: the residual of the best outputs, 1/2, has no gradient."""
    feature = _sigma(1.0)
    weights = [np.ones((1, 1)), np.full((2, 1), 0.5 / feature)]
    return _point(np.ones((1, 2)), weights, weights)


def flat_layer(layout: Layout, labels: Array) -> Arrays | None:
    """Three layers, the second where its slope is gamma = 1/16: W_1 = I, W_2 = -I, W_3 = 4 I."""
    identity = np.eye(layout["K"])
    weights = [identity, -identity, 4 * identity]
    return _point(identity, weights, weights, gamma=1 / 16)


def last_layer_gone(layout: Layout, labels: Array) -> Arrays | None:
    """Three layers: W_2 = 0, and W_3 = I/4 at theta_0 is 0 at theta."""
    identity = np.eye(layout["K"])
    zero = 0 * identity
    return _point(identity, [identity, zero, zero], [identity, zero, identity / 4])


def steep_slope(layout: Layout, labels: Array) -> Arrays | None:
    """gamma = 3: from -1 to 0 a feature falls by 3, though the weights move by 1."""
    N = layout["N"]
    start = [-np.eye(N), np.zeros((layout["K"], N))]
    return _point(np.eye(N), [0 * start[0], start[1]], start, gamma=3.0)


def no_slope(layout: Layout, labels: Array) -> Arrays | None:
    """gamma = -1: the slope at 0 vanishes, W_2 = 0 in the middle of three layers."""
    identity = np.eye(layout["K"])
    weights = [identity, 0 * identity, identity]
    return _point(identity, weights, weights, gamma=-1.0)


_SHALLOW: tuple[SizeSpec, ...] = (shallow(2), shallow(3))

HALF_WAY = Witness(
    "one feature half as long",
    half_way,
    _SHALLOW,
    says="two layers, |theta - theta_0| = r_0, only W_2 has a gradient",
)
ALL_THE_WAY = Witness("one feature gone", all_the_way, _SHALLOW)
LONG_DATA = Witness("data of norm 2", long_data, _SHALLOW)
SHORT_FEATURES = Witness(
    "features of length 1/5",
    short_features,
    (shallow(2), shallow(3)),
    says="data of norm 1/1000; theta = theta_0",
)
TOO_NARROW = Witness("one neuron for two samples", too_narrow, (shallow(2, d=1, width=1),))
FLAT_LAYER = Witness("a layer of slope gamma", flat_layer, (three_layers(2),))
LAST_LAYER_GONE = Witness("last layer gone", last_layer_gone, (three_layers(2),))
STEEP_SLOPE = Witness("slope above 1", steep_slope, (shallow(2),))
NO_SLOPE = Witness("slope zero", no_slope, (three_layers(2),))

_ONE_NEURON = shallow(2, d=1, width=1)


def two_points(
    name: str,
    first: tuple[float, float],
    last: tuple[float, float] = (1.0, 1.0),
    x: float = 1.0,
    second: float = -1.0,
    gamma: float = 0.5,
    sharpness: float = 8.0,
    at: SizeSpec = _ONE_NEURON,
    tight: float = 1.0,
) -> Witness:
    """Two points of a network of one neuron, for two classes with inputs x and ``second`` x.

    ``first`` is W_1 at one point and at the other; W_2 is ``last`` times (1, second) / sqrt(2).
    """

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if layout["K"] != 2 or not _is_shallow(layout):
            return None
        inputs, neurons = np.eye(layout["d"], 1), np.eye(layout["width"], 1)
        v = np.array([[1.0], [second]]) / np.sqrt(2)
        return {
            "X": x * inputs * np.where(labels == 0, 1.0, second),
            "hidden_0": first[0] * neurons @ inputs.T,
            "head_0": last[0] * v @ neurons.T,
            "gamma": np.array([[gamma]]),
            "sharpness": np.array([[sharpness]]),
            "other_hidden_0": first[1] * neurons @ inputs.T,
            "other_head_0": last[1] * v @ neurons.T,
        }

    return Witness(name, build, (at,), tight)


_FIRST, _LAST = (-1.0, 2.0**-12 - 1), (1.0, 1 - 2.0**-12)

LINEAR = two_points("one linear neuron", _FIRST, _LAST, gamma=1.0, tight=0.131)
MANY = two_points(
    "one linear neuron, many samples", _FIRST, _LAST, gamma=1.0, at=shallow(2, n=20, d=1, width=1)
)
STEEP = two_points("slope 64", _FIRST, _LAST, gamma=64.0)
SMALL_WEIGHTS = two_points("small weights", first=(0.01, 0.01), last=(0.01, 0.005))
SMALL_DATA = two_points("small data", first=(1.0, 1.0), last=_LAST, x=0.01)
KINK = two_points("one kink", first=(2.0**-17, -(2.0**-17)), second=1.0, sharpness=1e6)
