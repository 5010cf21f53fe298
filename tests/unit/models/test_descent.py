from __future__ import annotations

import numpy as np
import pytest

from checkers.models.mlp import Architecture, ReLU, SmoothLeakyReLU, forward, initialise, loss
from late import Late

torch = Late("torch")
descent = Late("checkers.models.descent")
GradientDescent = Late("checkers.models.descent", "GradientDescent")

SMOOTH = SmoothLeakyReLU(gamma=0.3, sharpness=2.5)
B, N = 6, 11
ARCHITECTURES = [
    Architecture((5, 7, 6, 4, 8, 3), nonlinear=2),
    Architecture((5, 7, 6, 4, 8, 3), nonlinear=2, activation=SMOOTH),
    Architecture((5, 7, 6, 3), nonlinear=2),
    Architecture((5, 7, 6, 3), nonlinear=1, activation=SMOOTH),
    Architecture((5, 7, 2, 4), nonlinear=0),
    Architecture((5, 3), nonlinear=0),
]
RATES = {
    "common": (0.002, 0.2),
    "each": (np.linspace(0.001, 0.003, B), np.linspace(0, 0.5, B)),
    "eta_each": (np.linspace(0.001, 0.003, B).tolist(), 0.2),
}


def _problem(architecture, shared=True, seed=0, dtype=None):
    dtype = dtype or torch.float64
    rng = np.random.default_rng(seed)
    d, K = architecture.widths[0], architecture.widths[-1]
    X = torch.from_numpy(rng.standard_normal((d, N) if shared else (B, d, N))).to(dtype)
    labels = np.arange(N) % K if shared else rng.integers(0, K, (B, N))
    Y = torch.from_numpy(np.moveaxis(np.eye(K)[labels], -1, -2).copy()).to(dtype)
    return initialise(architecture, B, seed=seed, gain=1.2, dtype=dtype), X, Y


def _autograd(architecture, weights, X, Y, lam):
    """The gradient as torch.autograd finds it, one layer after the other, one network at a time."""
    gradients = []
    for i in range(B):
        W = [w[i].clone().requires_grad_() for w in weights]
        Z = X if X.ndim == 2 else X[i]
        for layer, matrix in enumerate(W):
            Z = matrix @ Z
            if layer < architecture.nonlinear:
                Z = architecture.activation.value(Z)
        value = (Z - (Y if Y.ndim == 2 else Y[i])).square().sum() / 2
        value = value + lam[i] / 2 * sum(matrix.square().sum() for matrix in W)
        gradients.append(torch.autograd.grad(value, W))
    return [torch.stack(layer) for layer in zip(*gradients, strict=True)]


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("rates", RATES)
def test_gradients_match_autograd(architecture, shared, rates):
    weights, X, Y = _problem(architecture, shared)
    eta, lam = RATES[rates]
    trainer = GradientDescent(
        architecture, weights, X, Y, learning_rate=eta, weight_decay=lam, tile=4
    )
    expected = _autograd(architecture, weights, X, Y, np.broadcast_to(np.asarray(lam), B))
    for G, G_expected in zip(trainer.gradients(), expected, strict=True):
        torch.testing.assert_close(G, G_expected, rtol=1e-11, atol=1e-12)
    assert all(torch.equal(a, b) for a, b in zip(trainer.weights, weights, strict=True))


@pytest.mark.parametrize("architecture", ARCHITECTURES, ids=str)
@pytest.mark.parametrize("rates", RATES)
@pytest.mark.parametrize("shared", [True, False])
def test_steps_match_gradient_descent_written_out(architecture, rates, shared):
    weights, X, Y = _problem(architecture, shared)
    eta, lam = RATES[rates]
    trainer = GradientDescent(architecture, weights, X, Y, learning_rate=eta, weight_decay=lam)
    etas = torch.from_numpy(np.broadcast_to(np.asarray(eta), B).copy())[:, None, None]
    expected, lams = weights, np.broadcast_to(np.asarray(lam), B)
    for _ in range(7):
        gradients = _autograd(architecture, expected, X, Y, lams)
        expected = [W - etas * G for W, G in zip(expected, gradients, strict=True)]
    trainer.run(3)
    trainer.run(4)
    assert trainer.steps_taken.tolist() == [7] * B
    for W, W_expected in zip(trainer.weights, expected, strict=True):
        torch.testing.assert_close(W, W_expected, rtol=1e-11, atol=1e-12)


def test_relu_steps_match_a_numpy_loop_in_float32():
    architecture = Architecture((5, 7, 6, 4, 3), nonlinear=2)
    weights, X, Y = _problem(architecture, dtype=torch.float32)
    trainer = GradientDescent(architecture, weights, X, Y, learning_rate=0.01, weight_decay=0.1)
    trainer.run(20)
    x, y = X.double().numpy(), Y.double().numpy()
    for i in range(B):
        W = [w[i].double().numpy() for w in weights]
        for _ in range(20):
            Z = [x]
            for layer, matrix in enumerate(W):
                A = matrix @ Z[-1]
                Z.append(np.maximum(A, 0) if layer < 2 else A)
            D, gradients = Z[-1] - y, []
            for layer in range(3, -1, -1):
                if layer < 2:
                    D = D * (Z[layer + 1] > 0)
                gradients.append(D @ Z[layer].T + 0.1 * W[layer])
                D = W[layer].T @ D
            W = [w - 0.01 * g for w, g in zip(W, gradients[::-1], strict=True)]
        for trained, expected in zip(trainer.weights, W, strict=True):
            assert trained.dtype == torch.float32
            np.testing.assert_allclose(trained[i], expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("activation", [ReLU(), SMOOTH])
def test_a_network_is_the_same_in_any_batch_and_tile(activation):
    architecture = Architecture((5, 7, 6, 3), nonlinear=1, activation=activation)
    weights, X, Y = _problem(architecture, shared=False)
    eta = np.linspace(0.005, 0.02, B)

    def trained(networks, tile):
        some = [W[networks] for W in weights]
        trainer = GradientDescent(
            architecture, some, X[networks], Y[networks], learning_rate=eta[networks], tile=tile
        )
        trainer.run(10)
        return trainer.weights

    whole = trained(slice(0, B), None)
    for tile in (1, 2, 4, B, 100):
        for a, b in zip(trained(slice(0, B), tile), whole, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-11, atol=1e-13)
    for a, b in zip(trained(slice(2, 3), None), whole, strict=True):
        torch.testing.assert_close(a, b[2:3], rtol=1e-11, atol=1e-13)
    assert all(torch.equal(a, b) for a, b in zip(trained(slice(0, B), None), whole, strict=True))


def test_a_diverged_network_leaves_the_others_as_they_are():
    architecture = Architecture((5, 7, 6, 4, 3), nonlinear=2, activation=SMOOTH)
    weights, X, Y = _problem(architecture)
    eta = np.full(B, 0.002)
    calm = GradientDescent(architecture, weights, X, Y, learning_rate=eta)
    eta[2] = 1e6
    wild = GradientDescent(architecture, weights, X, Y, learning_rate=eta)
    calm.run(60)
    wild.run(60)
    others = [i for i in range(B) if i != 2]
    for a, b in zip(wild.weights, calm.weights, strict=True):
        assert not torch.isfinite(a[2]).all()
        torch.testing.assert_close(a[others], b[others], rtol=1e-11, atol=1e-13)


def test_an_interrupted_run_is_finished_by_the_next(monkeypatch):
    architecture = Architecture((5, 7, 6, 3), nonlinear=1)
    weights, X, Y = _problem(architecture)

    def trainer():
        return GradientDescent(architecture, weights, X, Y, learning_rate=0.01, tile=2)

    expected = trainer()
    expected.run(9)
    interrupted, sweeps = trainer(), 0
    sweep = descent._Workspace.sweep

    def stopping_sweep(*arguments):
        nonlocal sweeps
        sweeps += 1
        if sweeps == 13:
            raise KeyboardInterrupt
        sweep(*arguments)

    monkeypatch.setattr(descent._Workspace, "sweep", stopping_sweep)
    with pytest.raises(KeyboardInterrupt):
        interrupted.run(9)
    assert interrupted.steps_taken.tolist() == [9, 9, 0, 0, 0, 0]
    assert all(
        torch.equal(W[2:], start[2:]) for W, start in zip(interrupted.weights, weights, strict=True)
    )
    interrupted.run(0)
    assert interrupted.steps_taken.tolist() == [9] * B
    assert all(
        torch.equal(a, b) for a, b in zip(interrupted.weights, expected.weights, strict=True)
    )


def test_activations_and_loss_are_those_of_the_current_weights():
    architecture = Architecture((5, 7, 6, 3), nonlinear=1, activation=SMOOTH)
    weights, X, Y = _problem(architecture)
    lam = np.linspace(0, 0.5, B)
    trainer = GradientDescent(architecture, weights, X, Y, learning_rate=0.005, weight_decay=lam)
    losses = [trainer.loss()]
    for _ in range(3):
        trainer.run(20)
        losses.append(trainer.loss())
    assert bool((torch.stack(losses).diff(dim=0) < 0).all())
    for Z, expected in zip(
        trainer.activations(), forward(architecture, trainer.weights, X), strict=True
    ):
        assert torch.equal(Z, expected)
    assert torch.equal(losses[-1], loss(architecture, trainer.weights, X, Y, torch.from_numpy(lam)))


def test_the_input_is_neither_changed_nor_shared():
    architecture = Architecture((5, 7, 3), nonlinear=1)
    weights, X, Y = _problem(architecture)
    copies = [t.clone() for t in (*weights, X, Y)]
    trainer = GradientDescent(architecture, weights, X, Y, learning_rate=0.01)
    trainer.run(2)
    assert all(torch.equal(a, b) for a, b in zip(copies, (*weights, X, Y), strict=True))
    before = trainer.weights
    trainer.weights[0].zero_()
    X.zero_()
    assert all(torch.equal(a, b) for a, b in zip(trainer.weights, before, strict=True))
    assert trainer.activations()[0].abs().sum() > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"learning_rate": 0.0}, "learning_rate must be positive"),
        ({"learning_rate": float("nan")}, "learning_rate must be finite"),
        ({"learning_rate": [0.1, 0.1]}, r"learning_rate must be one number or have shape \(6,\)"),
        ({"weight_decay": -1.0}, "weight_decay must be finite and not negative"),
        ({"weight_decay": np.zeros((B, 1))}, "weight_decay must be one number"),
        ({"tile": 0}, "tile must be at least 1"),
    ],
)
def test_impossible_rates_and_tiles_are_refused(options, message):
    architecture = Architecture((5, 7, 3), nonlinear=1)
    weights, X, Y = _problem(architecture)
    with pytest.raises(ValueError, match=message) as refusal:
        GradientDescent(architecture, weights, X, Y, **{"learning_rate": 0.1, **options})
    assert "\n" not in str(refusal.value)


def test_data_that_do_not_fit_and_negative_steps_are_refused():
    architecture = Architecture((5, 7, 3), nonlinear=1)
    weights, X, Y = _problem(architecture)
    with pytest.raises(ValueError, match="X must have shape"):
        GradientDescent(architecture, weights, X.T, Y, learning_rate=0.1)
    halves = [tensor.half() for tensor in (*weights, X, Y)]
    with pytest.raises(ValueError, match="float32 or float64"):
        GradientDescent(architecture, halves[:-2], *halves[-2:], learning_rate=0.1)
    with pytest.raises(ValueError, match="steps must not be negative"):
        GradientDescent(architecture, weights, X, Y, learning_rate=0.1).run(-1)


def test_the_gpu_makes_the_same_steps():
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
    architecture = Architecture((5, 7, 6, 4, 3), nonlinear=2, activation=SMOOTH)
    weights, X, Y = _problem(architecture)
    host = GradientDescent(architecture, weights, X, Y, learning_rate=0.01, weight_decay=0.1)
    moved = [W.cuda() for W in weights]
    device = GradientDescent(
        architecture, moved, X.cuda(), Y.cuda(), learning_rate=0.01, weight_decay=0.1
    )
    host.run(20)
    device.run(20)
    for a, b in zip(device.weights, host.weights, strict=True):
        torch.testing.assert_close(a.cpu(), b, rtol=1e-10, atol=1e-12)
