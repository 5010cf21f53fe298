"""Figures of wide networks trained with weight decay (Jacot et al. 2025), worked out elsewhere."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import ctx, fmpq

from checkers import catalogue
from checkers.arithmetic.balls import as_float
from checkers.evaluation import certify
from checkers.instance import LABELS, Instance, InvalidInput
from checkers.sizes import sizes
from checkers.values import ball_values, rational_values
from checkers.variables import instance_from_arrays
from checkers.verdict import Verdict
from conjectures.jacot2025.setting import deep_network, head_descent
from conjectures.jacot2025.setting.deep_network_witnesses import LINEAR
from conjectures.jacot2025.setting.linear_head import head


def one_neuron(x: float, w1: float, w2: float, gamma: float, sharpness: float) -> Instance:
    """One sample, one class, one neuron; theta is theta_0."""
    numbers = {"X": x, "hidden_0": w1, "head_0": w2, "start_hidden_0": w1, "start_head_0": w2}
    numbers |= {"gamma": gamma, "sharpness": sharpness}
    arrays = {name: np.array([[value]]) for name, value in numbers.items()}
    layout = {"K": 1, "N": 1, "d": 1, "L1": 1, "hidden_width": 1}
    layout |= {"width": 1, "depth": 1, "last_width": 1}
    return Instance(layout, {**arrays, LABELS: np.array([0])})


def test_the_figures_of_the_missing_square() -> None:
    """x = 1/1000, W_1 = 200, y = 1, C_0 = 3.1e-5: inside A4.3, ratio 0.400; repaired 4."""
    w2 = (1 - math.sqrt(6.2e-5)) / 0.2
    instance = one_neuron(1e-3, 200.0, w2, 0.5, 1e8)
    printed = catalogue.load("jacot2025_pl_ball_printed")
    repaired = catalogue.load("jacot2025_pl_ball")
    with ctx.workprec(128):
        values = ball_values(instance)
        C0, lam_F2 = (as_float(values(f)) for f in (deep_network.C0, deep_network.lam_F2))
        assert pytest.approx(3.1e-5, rel=1e-3) == C0
        assert lam_F2**0.75 == pytest.approx(0.08944, abs=5e-6)
        assert 16 * math.sqrt(C0) == pytest.approx(0.08908, abs=5e-6)
        ratios = [
            as_float(values(s.claims[0].rhs) / values(s.claims[0].lhs)) for s in (printed, repaired)
        ]
    assert ratios == pytest.approx([0.400, 4.0], rel=2e-3)
    assert certify(printed, instance)[0].verdict is Verdict.REFUTED
    assert certify(repaired, instance)[0].verdict is Verdict.HOLDS


def test_the_first_figures_of_the_missing_square() -> None:
    """w_2 = 0, z_1 = 0.1, y = 1 and two layers: |grad|^2 = 0.01 against 4 J / 4 = 0.1."""
    instance = one_neuron(1.0, 0.1, 0.0, 1.0, 1.0)
    with ctx.workprec(128):
        values = ball_values(instance)
        assert as_float(values(deep_network.gradient2)) == pytest.approx(0.01, rel=1e-12)
        J = as_float(values(deep_network.lam_F2)) ** 0.5
        assert pytest.approx(0.1, rel=1e-12) == J
        assert as_float(values(deep_network.C0)) == pytest.approx(0.5)


def shifted(**numbers: str) -> Instance:
    arrays = {"theta": "1", "R": "1", **numbers}
    exact = {k: np.array([[Fraction(v)]], dtype=object) for k, v in arrays.items()}
    return Instance({"p": 1}, exact)


def test_the_figures_of_the_shifted_pl_inequality() -> None:
    """alpha = 1, lam = 1/10, |theta| = 1, x = 2 lam |theta|: 1/100 twice; printed -0.034."""
    instance = shifted(alpha="1", lam="1/10", gradient="-1/5", C0="2/25")
    statement = catalogue.load("jacot2025_shifted_pl")
    best, printed = statement.claims
    exact = rational_values(instance)
    assert exact(best.lhs) == exact(best.rhs) == fmpq(1, 100)
    with ctx.workprec(64):
        assert as_float(ball_values(instance)(printed.lhs)) == pytest.approx(-0.034, abs=2e-4)
    assert certify(statement, instance)[0].touches


def test_where_the_gradient_may_vanish_the_shifted_bound_is_negative() -> None:
    """x = lam |theta|: grad C_lam = 0, and the right-hand side is -lam^2 / 2."""
    instance = shifted(alpha="2", lam="1/2", gradient="-1/2", C0="1/4")
    best, _ = catalogue.load("jacot2025_shifted_pl").claims
    exact = rational_values(instance)
    assert exact(best.rhs) == 0
    assert exact(best.lhs) == fmpq(-1, 8)


def test_a_critical_point_is_balanced_and_shares_its_conditioning() -> None:
    """W_1 = W_2 = diag(1/2, 1/4): gradient zero, kappa(W_2) = 2 and kappa(P) = 4."""
    statement = catalogue.load("jacot2025_critical_balancedness")
    witness = statement.witnesses[0]
    instance = witness.instance(witness.sizes[0])
    assert instance.arrays["lam"][0, 0] == 15 / 16
    gradient = rational_values(instance).argument(head_descent.R)
    assert all(x == 0 for R in gradient for x in R.entries())
    balanced, conditioning = certify(statement, instance)
    assert as_float(balanced.lhs) == as_float(balanced.rhs) == 0
    assert conditioning.touches
    product = instance.arrays["head_1"] @ instance.arrays["head_0"]
    assert np.linalg.cond(product) == pytest.approx(np.linalg.cond(instance.arrays["head_1"]) ** 2)


def test_the_imbalance_decays_at_twice_the_weight_decay_below_the_edge_of_stability() -> None:
    """d log(e2) / d(eta lam k) = -2 where eta |G|^2 / (2 lam e2) is small, at eta = 1/1000."""
    import torch

    from checkers.quantities.balance import descended, head_gradients, penalised
    from checkers.quantities.classes import classes_of
    from checkers.quantities.heads import imbalance
    from checkers.quantities.norms import largest_operator_norm

    generator = np.random.default_rng(0)
    classes = classes_of(np.arange(6) % 3, 3)
    Z = torch.tensor(generator.standard_normal((1, 5, 6)))
    layers = tuple(
        torch.tensor(generator.standard_normal((1, *shape))) / 2
        for shape in ((4, 5), (4, 4), (3, 4))
    )
    lam, eta = (torch.tensor([[[x]]], dtype=torch.float64) for x in (0.03, 0.001))
    measured = []
    for step in range(3001):
        G = head_gradients.batched(Z, layers, classes)
        if step in (1500, 3000):
            e2, g = float(imbalance.batched(layers)), float(largest_operator_norm.batched(G))
            assert 0.001 * g**2 / (2 * 0.03 * e2) < 0.01
            measured.append(math.log(e2))
        layers = descended.batched(layers, penalised.batched(G, layers, lam), eta)
    assert (measured[1] - measured[0]) / (1500 * 0.001 * 0.03) == pytest.approx(-2, abs=0.01)


@pytest.mark.parametrize("lam", [0.01, 0.001, 0.0001])
def test_linear_regression_reaches_twice_the_shift_in_time_and_within_the_ball(lam: float) -> None:
    """Proposition 4.5, steps and distance: k1 within its bound and (12), runs written in numpy."""
    generator = np.random.default_rng(7)
    runs = 0
    for _ in range(100):
        N = int(generator.integers(1, 5))
        A = generator.standard_normal((N, N + int(generator.integers(1, 4))))
        y, start = generator.standard_normal(N), generator.standard_normal(A.shape[1])
        gains = np.linalg.svd(A, compute_uv=False) ** 2
        alpha, eta = 4 * gains[-1], 1 / (2.001 * (gains[0] + lam))

        def loss(theta, A=A, y=y):
            return (((A @ theta - y) ** 2).sum() + lam * (theta**2).sum()) / 2

        r0 = 8 * math.sqrt(loss(start) / alpha)
        m = (1 + math.sqrt(4 * lam / alpha)) ** 2 * (np.linalg.norm(start) + r0) ** 2
        if loss(start) <= 2 * lam * m:
            continue
        runs += 1
        bound = math.ceil(
            math.log(lam * m / (loss(start) - lam * m)) / math.log(1 - eta * alpha / 8)
        )
        theta, steps = start, 0
        while loss(theta) > 2 * lam * m:
            theta = theta - eta * (A.T @ (A @ theta - y) + lam * theta)
            steps += 1
            assert steps <= bound
        assert np.linalg.norm(theta - start) <= r0
    assert runs >= 10


def test_one_linear_neuron_has_the_curvature_worked_out_by_hand() -> None:
    """C_ww = C_tt = 2 and C_wt = -(4 + sqrt(2)) at w = -1, W_2 = (1, -1) / sqrt(2): 6 + sqrt(2)."""
    statement = catalogue.load("jacot2025_gradient_lipschitz")
    found = certify(statement, LINEAR.instance(LINEAR.sizes[0]))[0]
    assert found.ratio == pytest.approx((6 + math.sqrt(2)) / (40 * math.sqrt(2)), rel=1e-3)


def test_chains_of_one_kind_have_the_same_number_of_matrices() -> None:
    """theta and theta_0 of different depth are no instance."""
    statement = catalogue.load("jacot2025_pl_ball")
    witness = statement.witnesses[0]
    given = dict(witness.instance(witness.sizes[0]).arrays)
    assert instance_from_arrays(statement.variables, given).sizes["L1"] == 1
    given["start_hidden_1"] = np.eye(2)
    with pytest.raises(InvalidInput, match="L1=2 given, but another array says L1=1"):
        instance_from_arrays(statement.variables, given)
    for name in ("start_hidden_0", "start_hidden_1"):
        del given[name]
    with pytest.raises(InvalidInput, match="0 matrices given, at least 1 expected"):
        instance_from_arrays(statement.variables, given)


def test_sizes_without_classes() -> None:
    spec = sizes((), p=3)
    assert spec.layout == {"p": 3}
    assert str(spec) == "p=3"
    assert len(spec.labels()) == 0
    assert head.name == "head"


def test_a_bottleneck_does_not_refute_the_conditioning_of_critical_points() -> None:
    """Width 1 below K = 2: an exact critical point whose product has s_K(P) = 0."""
    from checkers import catalogue
    from checkers.evaluation import verdict_on
    from checkers.instance import LABELS, Instance
    from checkers.verdict import Verdict

    arrays = {
        "Z": np.array([[1.0, 0.0]]),
        "head_0": np.array([[0.5], [0.0]]),
        "head_1": np.array([[0.5, 0.0], [0.0, 0.0]]),
        "lam": np.array([[0.75]]),
        LABELS: np.array([0, 1]),
    }
    layout = {"K": 2, "N": 2, "width": 1, "depth": 2, "last_width": 2}
    statement = catalogue.load("jacot2025_critical_balancedness")
    assert verdict_on(statement, Instance(layout, arrays)) is Verdict.HOLDS
