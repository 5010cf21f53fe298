from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest

from checkers.models.mlp import Architecture, ReLU, SmoothLeakyReLU, forward, initialise, loss
from late import Late

torch = Late("torch")
SMOOTH = SmoothLeakyReLU(gamma=0.3, sharpness=2.5)


def _numpy_activation(activation, A):
    if isinstance(activation, ReLU):
        return np.where(A > 0, A, 0.0)
    g, b = activation.gamma, activation.sharpness
    return g * A + (1 - g) * (np.logaddexp(0.0, b * A) - np.log(2)) / b


@pytest.mark.parametrize("activation", [ReLU(), SMOOTH])
@pytest.mark.parametrize("shared", [True, False])
def test_forward_and_loss_match_numpy_one_network_at_a_time(activation, shared):
    architecture = Architecture((5, 7, 6, 4, 3), nonlinear=2, activation=activation)
    rng = np.random.default_rng(0)
    weights = initialise(architecture, 3, seed=1, dtype=torch.float64)
    X = rng.standard_normal((5, 8) if shared else (3, 5, 8))
    Y = np.eye(3)[:, np.arange(8) % 3]
    Z = forward(architecture, weights, torch.from_numpy(X))
    lam = torch.tensor([0.0, 0.1, 2.0], dtype=torch.float64)
    values = loss(architecture, weights, torch.from_numpy(X), torch.from_numpy(Y), lam)
    assert [tuple(z.shape) for z in Z] == [(3, width, 8) for width in architecture.widths]
    for i in range(3):
        feature = X if shared else X[i]
        squares = 0.0
        for layer, W in enumerate(w[i].numpy() for w in weights):
            feature = W @ feature
            if layer < 2:
                feature = _numpy_activation(activation, feature)
            np.testing.assert_allclose(Z[layer + 1][i].numpy(), feature, rtol=1e-12, atol=1e-14)
            squares += (W**2).sum()
        expected = ((feature - Y) ** 2).sum() / 2 + lam[i].item() * squares / 2
        assert values[i].item() == pytest.approx(expected, rel=1e-13)


def test_loss_sums_over_samples():
    architecture = Architecture((1, 1), nonlinear=0)
    weights = [torch.full((1, 1, 1), 3.0, dtype=torch.float64)]
    X = torch.ones(1, 4, dtype=torch.float64)
    value = loss(architecture, weights, X, torch.zeros_like(X), weight_decay=0.5)
    assert value.tolist() == [4 * 9 / 2 + 0.5 * 9 / 2]


@pytest.mark.parametrize("gamma", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("sharpness", [0.5, 4.0])
def test_smooth_leaky_relu_meets_its_assumption(gamma, sharpness):
    activation = SmoothLeakyReLU(gamma, sharpness)
    x = torch.linspace(-60, 60, 20001, dtype=torch.float64, requires_grad=True)
    value = activation.value(x)
    (slope,) = torch.autograd.grad(value.sum(), x, create_graph=True)
    (curvature,) = torch.autograd.grad(slope.sum(), x)
    np.testing.assert_allclose(value.detach(), _numpy_activation(activation, x.detach().numpy()))
    torch.testing.assert_close(activation.derivative(x), slope, rtol=1e-12, atol=1e-14)
    assert bool((value.abs() <= x.abs()).all())
    assert gamma <= slope.min().item() <= slope.max().item() <= 1 + 1e-15
    bound = (1 - gamma) * sharpness / 4
    assert bound * 0.99 < curvature.abs().max().item() <= bound * (1 + 1e-12)


def test_a_network_does_not_depend_on_how_many_are_drawn():
    architecture = Architecture((4, 9, 3), nonlinear=1)
    few, many = initialise(architecture, 2, seed=7), initialise(architecture, 11, seed=7)
    assert all(torch.equal(a, b[:2]) for a, b in zip(few, many, strict=True))
    other = initialise(architecture, 2, seed=8)
    assert not any(torch.equal(a, b) for a, b in zip(few, other, strict=True))
    assert not any(torch.equal(a[0], a[1]) for a in few)


def test_initial_scale_follows_the_fan_in_and_the_gain():
    weights = initialise(Architecture((50, 40, 30), nonlinear=1), 20, seed=0, gain=3.0)
    assert [w.dtype for w in weights] == [torch.float32] * 2
    for W, fan_in in zip(weights, (50, 40), strict=True):
        assert W.std().item() * math.sqrt(fan_in) / 3 == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Architecture((3,), nonlinear=0), "widths"),
        (lambda: Architecture((3, 0, 2), nonlinear=0), "widths"),
        (lambda: Architecture((3, 4, 2), nonlinear=2), "nonlinear must lie in 0..1"),
        (lambda: SmoothLeakyReLU(gamma=1.0), "gamma"),
        (lambda: SmoothLeakyReLU(gamma=0.5, sharpness=0.0), "sharpness"),
        (lambda: initialise(Architecture((3, 2), nonlinear=0), 0, seed=0), "networks"),
        (lambda: initialise(Architecture((3, 2), nonlinear=0), 1, seed=0, gain=-1.0), "gain"),
    ],
)
def test_impossible_networks_are_refused(make, message):
    with pytest.raises(ValueError, match=message) as refusal:
        make()
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda W, X, Y: (W[:1], X, Y), "expected 2 weight tensors, got 1"),
        (lambda W, X, Y: ([W[0], W[1][:2]], X, Y), r"W_2 must have shape \(3, 2, 5\)"),
        (lambda W, X, Y: ([W[0][0], W[1]], X, Y), "W_1 must have shape"),
        (lambda W, X, Y: (W, X[:3], Y), r"X must have shape \(4, 6\)"),
        (lambda W, X, Y: (W, X.expand(2, 4, 6), Y), r"or \(3, 4, 6\), not \(2, 4, 6\)"),
        (lambda W, X, Y: (W, X[0], Y), r"X must have shape \(4, N\)"),
        (lambda W, X, Y: (W, X, Y[:, :5]), r"Y must have shape \(2, 6\)"),
        (lambda W, X, Y: (W, X.double(), Y), "share one real dtype"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(change, message):
    architecture = Architecture((4, 5, 2), nonlinear=1)
    weights, X, Y = change(initialise(architecture, 3, seed=0), torch.ones(4, 6), torch.ones(2, 6))
    with pytest.raises(ValueError, match=message) as refusal:
        loss(architecture, weights, X, Y)
    assert "\n" not in str(refusal.value)


def test_importing_the_networks_does_not_import_torch():
    code = "import sys, checkers.models.mlp; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
