"""The search for critical points: it finds what is known, keeps one of an orbit, repeats itself."""

from __future__ import annotations

import numpy as np
import pytest
from kinds.landscape.textbook import Textbook
from scipy.optimize import least_squares

from checkers.declared.landscape_model import Case
from checkers.settings.regularised_landscape import CROSS_ENTROPY
from checkers.sizes import sizes
from checkers.ways import Way, WayKind
from late import Late

torch = Late("torch")
search = Late("checkers.kinds.landscape.search")
regularised = Late("checkers.models.regularised")
stationary = Late("checkers.models.stationary")
batches = Late("checkers.models.batches")
CRITICAL = Way(WayKind.CRITICAL, "critical points")

LAYOUT = {"K": 4, "n": 1, "N": 4, "d": 3}


def found(seed: int = 0, layout=LAYOUT, starts: int = 60, biased: bool = False, minima=False):
    spec = sizes(K=layout["K"], n=layout["N"] // layout["K"], d=layout["d"])
    case = Case(spec, (), CRITICAL, biased, 0, minima)
    return search.search(CROSS_ENTROPY, case, np.random.default_rng(seed), starts)


@pytest.mark.parametrize("biased", [False, True])
def test_what_is_found_is_critical(biased: bool) -> None:
    """By the oracle's gradient, not the search's."""
    points = found(biased=biased).points
    assert len(points) > 20
    for i in range(len(points)):
        decay = [float(x[i]) for x in (points.lw, points.lh)]
        decay += [float(points.lb[i])] if biased else []
        b = points.b[i].numpy() if biased else None
        W, H = points.W[i].numpy(), points.H[i].numpy()
        assert np.abs(Textbook(W, H, points.labels, tuple(decay), b).gradient).max() < 2e-12


def test_same_generator_same_points() -> None:
    first, second = found(3), found(3)
    assert torch.equal(first.points.vector, second.points.vector)
    assert not torch.equal(first.points.lw, found(4).points.lw)


def test_points_of_one_orbit_count_once() -> None:
    """Rotated, and with classes renamed."""
    points = found().points
    one = points[torch.tensor([5])]
    rotation = torch.linalg.qr(torch.randn(3, 3, dtype=torch.float64, generator=seeded())).Q
    order = torch.tensor([2, 0, 3, 1])
    turned = regularised.Points(
        (one.W @ rotation)[:, order], (rotation.mT @ one.H)[..., order], one.lw, one.lh, one.labels
    )
    both = batches.joined([one, turned])
    assert float((both.value[0] - both.value[1]).abs()) < 1e-14
    assert len(distinct(both, torch.tensor([0, 0]))) == 1
    assert len(distinct(both, torch.tensor([0, 1]))) == 2


def distinct(points, problem):
    return search.distinct(CROSS_ENTROPY.invariants(points), problem)


def seeded():
    return torch.Generator().manual_seed(1)


def test_values_found_by_a_general_solver_are_found() -> None:
    """scipy's least squares on the oracle's gradient, from plain normal starts, finds no others."""
    kappa, labels, count = 0.3, np.arange(3), 240
    layout = {"K": 3, "N": 3, "d": 2}
    s = kappa / 3
    known = []
    for d in (1, 2):
        starts = regularised.random_starts(
            np.random.default_rng(d), layout, labels, np.full(count, kappa), np.ones(count), d=d
        )
        ends = stationary.solve(starts)
        known.append(ends[ends.gradient.norm(dim=1) < 1e-11].value.numpy())
    values = np.append(np.concatenate(known), np.log(3))
    generator = np.random.default_rng(8)
    seen = set()
    for _ in range(12):
        x = generator.standard_normal(12) * np.exp(generator.uniform(-1, 1))

        def residual(x):
            return Textbook(x[:6].reshape(3, 2), x[6:].reshape(3, 2).T, labels, (s, s)).gradient

        def jacobian(x):
            return Textbook(x[:6].reshape(3, 2), x[6:].reshape(3, 2).T, labels, (s, s)).hessian

        end = least_squares(residual, x, jacobian, xtol=1e-15, ftol=1e-15, gtol=1e-15)
        if np.abs(end.fun).max() < 1e-12:
            at = Textbook(end.x[:6].reshape(3, 2), end.x[6:].reshape(3, 2).T, labels, (s, s))
            assert np.abs(values - at.value).min() < 1e-10, at.value
            seen.add(round(at.value, 8))
    assert len(seen) > 1


def test_a_critical_point_at_infinity_is_not_a_critical_point() -> None:
    """Without penalties the gradient vanishes far out: no start of the search may stop there."""
    points = found(starts=120).points
    assert float(points.W.abs().max()) < 1e3
    P = points.logits.softmax(1)
    norm = points.lw * points.W.square().sum((1, 2)) + points.lh * points.H.square().sum((1, 2))
    value = points.value
    assert bool((norm / 2 <= value).all())
    assert bool((P > 0).all())


def test_descent_ends_at_minima_only() -> None:
    count = 40
    starts = regularised.random_starts(
        np.random.default_rng(2), LAYOUT, np.arange(4), np.full(count, 0.4), np.ones(count)
    )
    ends = stationary.descend(starts)
    good = ends.gradient.norm(dim=1) < 1e-11
    assert int(good.sum()) > 0.9 * count
    least = torch.linalg.eigvalsh(ends[good].hessian)[:, 0]
    assert float(least.min()) > -1e-9
    lower = ends.value <= starts.value + 1e-12
    assert bool(lower.all())
