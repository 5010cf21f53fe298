"""Gradient and Hessian, in floats and in balls, against automatic differentiation."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, arb_mat, ctx
from kinds.landscape.textbook import Textbook

from checkers.instance import LABELS, Instance
from late import Late

torch = Late("torch")
regularised = Late("checkers.models.regularised")
curvature = Late("checkers.quantities.curvature")
classes_of = Late("checkers.quantities.classes", "classes_of")
balls = Late("checkers.arithmetic.balls")


def drawn(seed: int, K: int, n: int, d: int, biased: bool):
    """A point of ordinary size, classes in any order, and the oracle at it."""
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.repeat(np.arange(K), n))
    W, H = generator.standard_normal((K, d)), generator.standard_normal((d, K * n))
    b = generator.standard_normal((K, 1)) if biased else None
    decay = tuple(np.exp(generator.standard_normal(3 if biased else 2)).tolist())
    return W, H, b, labels, decay


CASES = [(0, 2, 1, 1, False), (1, 3, 2, 2, False), (2, 4, 1, 3, True), (3, 3, 2, 4, True)]


@pytest.mark.parametrize("case", CASES)
def test_float_derivatives(case) -> None:
    W, H, b, labels, decay = drawn(*case)
    at = Textbook(W, H, labels, decay, b)

    def one(x):
        return torch.as_tensor(x)[None]

    extra = {} if b is None else {"b": one(b), "lb": torch.tensor([decay[2]], dtype=torch.float64)}
    penalties = (torch.tensor([x], dtype=torch.float64) for x in decay[:2])
    points = regularised.Points(one(W), one(H), *penalties, labels, **extra)
    assert float(points.value) == pytest.approx(at.value, rel=1e-13)
    assert points.gradient[0].numpy() == pytest.approx(at.gradient, abs=1e-13)
    assert points.hessian[0].numpy() == pytest.approx(at.hessian, abs=1e-13)
    assert points.at(points.vector).W.equal(points.W)
    wider = regularised.embedded(points, 6)
    assert float(wider.value) == pytest.approx(at.value, rel=1e-13)


@pytest.mark.parametrize("case", [c for c in CASES if not c[-1]])
def test_enclosed_hessian(case) -> None:
    W, H, _, labels, _ = drawn(*case)
    at = Textbook(W, H, labels, mean=False)
    with ctx.workprec(128):
        first, second = arb_mat(W.tolist()), arb_mat(H.tolist())
        S = curvature.hessian_enclosed(first, second, first * second, classes_of(labels, len(W)))
    assert max(float(x.rad()) for x in S.entries()) < 1e-30
    found = np.array([[float(x.mid()) for x in row] for row in S.tolist()])
    assert found == pytest.approx(at.hessian, abs=1e-13)


def test_cross_entropy_of_margins_far_apart() -> None:
    """softplus keeps e^-margin where 1 - p rounds to zero: log(1 + e^-800) + log(1 + e^50)."""
    layer_peeled = Late("checkers.models.layer_peeled")
    Z = torch.tensor([[[60.0, 0.0], [0.0, -50.0]]], dtype=torch.float64)
    loss = float(layer_peeled.cross_entropy(Z, np.array([0, 1])))
    with ctx.workprec(200):
        exact = (1 + arb(-60).exp()).log() + (1 + arb(50).exp()).log()
    assert loss == pytest.approx(float(exact), rel=1e-15)
    alone = float(layer_peeled.cross_entropy(Z[..., :1], np.array([0])))
    assert alone == pytest.approx(float(np.exp(-60)), rel=1e-12)


@pytest.mark.parametrize("d", [2, 3])
def test_tangents_of_rotations_do_not_change_the_logits(d: int) -> None:
    """They are the derivatives of (W R, R^T H) along d (d-1) / 2 rotations, of zero curvature."""
    from scipy.linalg import expm

    W, H, *_ = drawn(7, 3, 2, d, False)
    T = curvature.orbit_tangents(torch.as_tensor(W)[None], torch.as_tensor(H)[None])[0].numpy()
    assert T.shape[1] == d * (d - 1) // 2
    A = np.zeros((d, d))
    A[0, 1], A[1, 0] = 1, -1
    step = 1e-6
    R = expm(step * A)
    moved = np.concatenate([(W @ R).ravel(), (R.T @ H).T.ravel()])
    before = np.concatenate([W.ravel(), H.T.ravel()])
    difference = (moved - before) / step
    assert min(np.abs(T[:, 0] - difference).max(), np.abs(T[:, 0] + difference).max()) < 1e-5


def test_instances_of_the_curvature_law_measure_what_the_oracle_does() -> None:
    """lambda_min of the (W, H) block through the statement's own quantity."""
    from checkers.settings.regularised import least_curvature
    from checkers.values import ball_values

    W, H, b, labels, decay = drawn(11, 3, 1, 2, True)
    arrays = {"W": W, "H": H, "b": b, LABELS: labels}
    arrays |= {k: np.array([[x]]) for k, x in zip(("lw", "lh"), decay, strict=False)}
    instance = Instance({"K": 3, "N": 3, "d": 2, "n": 1, "one": 1}, arrays)
    with ctx.workprec(128):
        found = ball_values(instance)(least_curvature)
    block = Textbook(W, H, labels, decay, b).hessian[:12, :12]
    assert float(found) == pytest.approx(np.linalg.eigvalsh(block)[0], abs=1e-13)
