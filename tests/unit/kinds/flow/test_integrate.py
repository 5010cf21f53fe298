"""The integrator against other ways to the same numbers: plain time, closed forms, invariants."""

from __future__ import annotations

import time

import numpy as np
import pytest
from flint import arb, ctx
from scipy.integrate import solve_ivp

from checkers.declared.kinds import Flow
from checkers.models.flow import Trajectory, along_ray, integrate, slope, span
from checkers.models.frames import simplex_etf
from checkers.models.separation import margins_of
from conjectures.ji2022.setting.flow_model import LAYER_PEELED
from conjectures.ji2022.setting.gradient_flow import STARTS, gaussian, one_sample_apart


def in_plain_time(W, H, labels, end: float):
    """The flow by an explicit method in ordinary time, from the textbook gradient."""
    Y = np.eye(len(W))[:, labels]
    split = W.size

    def rate(_: float, y):
        A, B = y[:split].reshape(W.shape), y[split:].reshape(H.shape)
        Z = A @ B
        P = np.exp(Z - Z.max(0))
        G = Y - P / P.sum(0)
        return np.concatenate([(G @ B.T).ravel(), (A.T @ G).ravel()])

    start = np.concatenate([W.ravel(), H.ravel()])
    found = solve_ivp(rate, (0, end), start, method="DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    return found[:split].reshape(W.shape), found[split:].reshape(H.shape)


def ratio(flow: Trajectory, i: int = -1) -> float:
    """Least margin over its largest possible value for equal classes."""
    K, n = flow.W.shape[1], len(flow.labels) / flow.W.shape[1]
    q = margins_of(flow.W[i], flow.H[i], flow.labels).min()
    return float(q / flow.rho2[i] * 2 * (K - 1) * np.sqrt(n))


def clock(flow: Trajectory, i: int, gamma: float) -> float:
    """4 gamma t L log t."""
    log_time = flow.log_time[i]
    log_loss = slope(flow.W[i], flow.H[i], flow.labels).log_loss
    return float(4 * gamma * np.exp(log_loss + log_time) * log_time)


@pytest.mark.parametrize(("K", "n", "d", "seed"), [(3, 2, 4, 0), (4, 1, 2, 1), (2, 3, 1, 2)])
def test_the_same_states_as_in_plain_time(K: int, n: int, d: int, seed: int) -> None:
    W, H = gaussian(K, K * n, d, seed)
    labels = np.repeat(np.arange(K), n)
    flow = integrate(W, H, labels, log_time=5)
    origin = np.exp(flow.log_time[0])
    for i in (len(flow) // 2, len(flow) - 1):
        A, B = in_plain_time(W, H, labels, float(np.exp(flow.log_time[i]) - origin))
        assert np.abs(flow.W[i] - A).max() < 1e-6
        assert np.abs(flow.H[i] - B).max() < 1e-6


@pytest.mark.parametrize("K", [2, 3, 5])
@pytest.mark.parametrize("general", [False, True])
def test_the_time_on_the_collapse_ray_is_a_known_integral(K: int, general: bool) -> None:
    """With W = s V, H = s V^T: dq/dt = 2 K p q, so that 2 K t = Ei(q) + (K-1) log(q) + const."""
    V = simplex_etf(K, K - 1)
    labels = np.arange(K)
    flow = (integrate if general else along_ray)(V, V.T.copy(), labels, rho2=8000.0)
    q0, q1 = (margins_of(flow.W[i], flow.H[i], labels).min() for i in (0, -1))
    with ctx.workprec(256):
        a, b = arb(float(q0)), arb(float(q1))
        elapsed = (b.ei() - a.ei() + (K - 1) * (b / a).log()) / (2 * K)
        exact = float((elapsed + arb(flow.log_time[0]).exp()).log().mid())
    assert exact > 800
    assert flow.log_time[-1] == pytest.approx(exact, rel=1e-8)


def test_the_slope_is_that_of_the_logarithm_of_the_loss() -> None:
    W, H = gaussian(3, 4, 2, 5)
    labels = np.array([0, 1, 2, 1])
    at, step = slope(W, H, labels), 1e-5
    for k in range(3):
        for j in range(2):
            E = np.zeros_like(W)
            E[k, j] = step
            up, down = (slope(W + s * E, H, labels).log_loss for s in (1, -1))
            assert (at.G @ H.T)[k, j] == pytest.approx(-(up - down) / (2 * step), abs=1e-8)


def test_a_loss_of_e_to_the_minus_ten_thousand_is_kept() -> None:
    V = 100 * simplex_etf(3, 2)
    at = slope(V, V.T.copy(), np.arange(3))
    q = 15_000.0
    assert at.log_loss == pytest.approx(np.log(6) - q, rel=1e-12)
    assert at.G[0] == pytest.approx([1 / 3, -1 / 6, -1 / 6])


@pytest.mark.parametrize("start", STARTS, ids=lambda s: s.name)
def test_far_in_seconds_with_invariants_kept(start) -> None:
    W, H = start.build()
    labels = start.spec.labels()
    begun = time.process_time()
    flow = (along_ray if start.ray else integrate)(W, H, labels, rho2=Flow(LAYER_PEELED).rho2)
    assert time.process_time() - begun < 3
    assert flow.rho2[-1] >= Flow(LAYER_PEELED).rho2 >= 1e4
    C = W.T @ W - H @ H.T
    for i in (len(flow) // 2, -1):
        drift = flow.W[i].T @ flow.W[i] - flow.H[i] @ flow.H[i].T - C
        assert np.abs(drift).max() <= 1e-8 * flow.rho2[i]
        assert np.abs(flow.W[i].mean(0) - W.mean(0)).max() <= 1e-10


def test_the_natural_clock() -> None:
    """4 gamma t L log t at log t = 25, 102, 950, 7487 as in the notes, from another start."""
    W, H = gaussian(3, 6, 4, 0)
    flow = integrate(W, H, np.repeat(np.arange(3), 2), rho2=4.4e4)
    for log_time, value in ((25, 0.80), (102, 0.933), (950, 0.990), (7487, 0.9985)):
        i = int(np.searchsorted(flow.log_time, log_time))
        gamma = ratio(flow, i) / (4 * np.sqrt(2))
        assert clock(flow, i, gamma) == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize(
    ("K", "n", "d", "seed", "limit"),
    [(3, 2, 4, 0, 1.0), (4, 1, 3, 1, 1.0), (5, 1, 2, 0, 0.552786), (4, 2, 2, 5, 0.75)],
)
def test_where_flows_end(K: int, n: int, d: int, seed: int, limit: float) -> None:
    """Collapse where d >= K-1; the polygon in the plane. The clock is within 1 % of 1 there."""
    W, H = gaussian(K, K * n, d, seed)
    flow = integrate(W, H, np.repeat(np.arange(K), n), rho2=2e4)
    assert ratio(flow) == pytest.approx(limit, rel=2e-3)
    assert ratio(flow) < limit
    gamma = ratio(flow) / (2 * (K - 1) * np.sqrt(n))
    assert clock(flow, -1, gamma) == pytest.approx(1, abs=0.01)


def test_the_cross_polytope_keeps_its_ratio() -> None:
    start = next(s for s in STARTS if s.ray)
    for follow in (along_ray, integrate):
        flow = follow(*start.build(), start.spec.labels(), rho2=1e4)
        assert [ratio(flow, i) for i in range(len(flow))] == pytest.approx([0.75] * len(flow))
        assert flow.turn.max() < 1e-12


def test_the_least_margin_may_fall_while_the_smoothed_one_grows() -> None:
    """Fixture N5: q from 6 to 5.171, q / rho^2 from .005124 to .004415, g monotone."""
    flow = integrate(*one_sample_apart(), np.repeat([0, 1], 8), rho2=2e3)
    q = np.array([margins_of(W, H, flow.labels).min() for W, H in zip(flow.W, flow.H, strict=True)])
    losses = [slope(W, H, flow.labels).log_loss for W, H in zip(flow.W, flow.H, strict=True)]
    assert np.exp(losses[0]) == pytest.approx(0.0389, abs=1e-4)
    assert q[0] == 6
    assert q.min() == pytest.approx(5.171, abs=1e-3)
    assert q[0] / flow.rho2[0] == pytest.approx(0.005124, abs=1e-6)
    assert (q / flow.rho2).min() == pytest.approx(0.004415, abs=1e-6)
    g = -np.log(np.expm1(np.exp(losses))) / flow.rho2
    assert (np.diff(g) > -1e-12 * g[:-1]).all()


def test_a_flow_of_low_rank_stays_in_its_span() -> None:
    W, H = gaussian(5, 5, 2, 0)
    Q, _ = np.linalg.qr(np.random.default_rng(1).standard_normal((5, 2)))
    assert span(W @ Q.T, Q @ H).shape == (5, 2)
    flow = integrate(W @ Q.T, Q @ H, np.arange(5), rho2=1e4)
    outside = flow.W[-1] - flow.W[-1] @ Q @ Q.T
    assert np.abs(outside).max() < 1e-10
    assert ratio(flow) == pytest.approx(0.552786, abs=1e-4)


def test_on_a_line_three_classes_never_get_below_log_2() -> None:
    """Fixture N3, and random numbers: with d = 1 and K = 3 two classes tie or one loses."""
    W, H = np.array([[-6.0], [6 * 0.998], [6.0]]), np.array([[-6.0, 3.0, 400.0]])
    flow = integrate(W, H, np.arange(3), log_time=20)
    losses = [slope(a, b, flow.labels).log_loss for a, b in zip(flow.W, flow.H, strict=True)]
    assert np.exp(losses[0]) == pytest.approx(np.log(2) + 0.02636, abs=1e-5)
    assert min(losses) > np.log(np.log(2))
    generator = np.random.default_rng(0)
    for scale in (0.1, 1, 10, 100):
        for _ in range(500):
            W, H = scale * generator.standard_normal((3, 1)), generator.standard_normal((1, 3))
            assert slope(W, H, np.arange(3)).log_loss > np.log(np.log(2))


def test_turning_is_the_integral_of_what_it_says() -> None:
    """By the trapezoidal rule on the recorded states, which is another way to the number."""
    W, H = 6 * np.eye(3), np.diag([9.0, 5.0, 2.0]) + 0.5
    flow = integrate(W, H, np.arange(3), rho2=2000)
    rho = np.log(flow.rho2) / 2
    summed = ((flow.turn[1:] + flow.turn[:-1]) / 2 * np.diff(rho)).sum()
    assert flow.turning[-1] == pytest.approx(summed, rel=1e-2)
    assert flow.turning[-1] > 0.1
