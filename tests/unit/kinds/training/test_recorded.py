"""What training statements measure, against plain simulations; and what the checker makes of it."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from checkers import catalogue
from checkers.declared.kinds import Training
from checkers.models.recorded import Recorded
from checkers.profile import PROFILES
from checkers.verdict import Evidence, Verdict
from late import Late

torch = Late("torch")
balancing = Late("checkers.models.balancing")
recorded = Late("checkers.kinds.training.recorded")

FEW = replace(PROFILES["ci"], training_steps=40)


def smooth_leaky(A, gamma: float = 0.5):
    """b = 1, written out."""
    return gamma * A + (1 - gamma) * (torch.nn.functional.softplus(A) - np.log(2))


def textbook(weights, X, Y, eta: float, lam: float, steps: int):
    """Gradient descent by automatic differentiation; imbalances and driving terms of every step."""
    W = [w.clone().requires_grad_() for w in weights]
    course, driven = [], []
    for _ in range(steps + 1):
        Z = X
        for layer, w in enumerate(W):
            Z = w @ Z if layer > 1 else smooth_leaky(w @ Z)
        loss = (Z - Y).square().sum() / 2
        G = torch.autograd.grad(loss, W)
        head, slopes = [w.detach() for w in W[2:]], G[2:]
        course.append(
            max(float(torch.linalg.matrix_norm(b.T @ b - a @ a.T, 2)) for a, b in pairwise(head))
        )
        driven.append(
            max(float(torch.linalg.matrix_norm(b.T @ b - a @ a.T, 2)) for a, b in pairwise(slopes))
        )
        W = [(w - eta * (g + lam * w)).detach().requires_grad_() for w, g in zip(W, G, strict=True)]
    return course, driven


def test_imbalances_and_their_drive_along_training() -> None:
    from checkers.models.mlp import initialise

    setup = replace(balancing.STABLE, etas=(0.004, 0.002), lams=(0.03, 0.1))
    windows = balancing.train(setup, (0, 5, 12), 3)
    X, Y = (torch.from_numpy(a) for a in balancing.data(setup, 3))
    weights = initialise(setup.architecture, 2, 3, dtype=torch.float64)
    for network, (eta, lam) in enumerate(zip(setup.etas, setup.lams, strict=True)):
        course, driven = textbook([w[network] for w in weights], X, Y, eta, lam, 12)
        q = (1 - eta * lam) ** 2
        for row, (start, end) in enumerate(((0, 5), (5, 12))):
            assert windows.before[row, network] == pytest.approx(course[start], rel=1e-9)
            assert windows.after[row, network] == pytest.approx(course[end], rel=1e-9)
            forcing = sum(q ** (end - 1 - j) * eta**2 * driven[j] for j in range(start, end))
            assert windows.forcing[row, network] == pytest.approx(forcing, rel=1e-9)
            assert windows.largest[row, network] == pytest.approx(max(driven[start:end]), rel=1e-9)
            assert windows.mismatch[row, network] < 1e-13
            assert windows.defect[row, network] < 1e-12


def test_networks_of_the_depth_experiment_are_those_of_plain_pytorch() -> None:
    from checkers.models.datasets import digits
    from checkers.models.mlp import Architecture, initialise
    from conjectures.jacot2025.setting.depth import DECAY, PER_CLASS, RATE, WIDTH, trained

    nc2, e1 = trained(2, 30, 2, seed=5)
    X, labels = digits(PER_CLASS)
    architecture = Architecture((64, WIDTH, WIDTH, WIDTH, 10), nonlinear=2)
    weights = initialise(architecture, 2, 5)
    for network in range(2):
        layers = [torch.nn.Linear(*w.shape[:0:-1], bias=False) for w in weights]
        for layer, w in zip(layers, weights, strict=True):
            layer.weight.data = w[network].clone()
        optimizer = torch.optim.SGD([layer.weight for layer in layers], lr=RATE, weight_decay=DECAY)
        inputs = torch.tensor(X.T, dtype=torch.float32)
        target = torch.nn.functional.one_hot(torch.as_tensor(labels), 10).float()

        def features(layers=layers, inputs=inputs):
            hidden = torch.relu(layers[1](torch.relu(layers[0](inputs))))
            return layers[2](hidden)

        for _ in range(30):
            optimizer.zero_grad()
            (layers[3](features()) - target).square().sum().div(2).backward()
            optimizer.step()
        last = features().detach().numpy().astype(float)
        means = np.stack([last[labels == k].mean(0) for k in range(10)])
        s = np.linalg.svd(means, compute_uv=False)
        error = np.linalg.norm(layers[3](features()).detach().numpy() - target.numpy())
        assert nc2[network] == pytest.approx(s[0] / s[-1], rel=1e-3)
        assert e1[network] == pytest.approx(error / np.sqrt(PER_CLASS), rel=1e-4)


@pytest.mark.parametrize("widths", [(4, 4, 2), (4, 4, 4, 2)])
def test_tuned_starts_meet_the_assumptions_and_their_ball_is_pl(widths: tuple[int, ...]) -> None:
    """A4.1 to A4.3 by their formulas, and |grad C_0|^2 >= alpha/2 C_0 by autograd in the ball."""
    from conjectures.jacot2025.setting.first_phase import GAMMA, constants, start

    weights, X, Y = start(widths, 1)
    known = constants(weights, X, Y)
    assert widths[1] >= X.shape[1]
    assert list(widths[2:]) == sorted(widths[2:], reverse=True)

    def loss(W):
        Z = torch.as_tensor(X)
        for layer, w in enumerate(W):
            Z = w @ Z if layer == len(W) - 1 else smooth_leaky(w @ Z, GAMMA)
        return (Z - torch.as_tensor(Y)).square().sum() / 2

    W = [torch.as_tensor(w) for w in weights]
    lam_F = float(torch.linalg.svdvals(smooth_leaky(W[0] @ torch.as_tensor(X), GAMMA))[-1])
    gains = [float(torch.linalg.svdvals(w)[-1]) for w in W[2:]]
    least = min([lam_F / np.linalg.norm(X, 2), *gains])
    L = len(W)
    bound = 16 * np.sqrt(2) * (2 / GAMMA) ** (L - 2) * np.sqrt(float(loss(W)))
    assert lam_F * np.prod(gains) * least >= bound
    assert known["radius"] == pytest.approx(least / 2)
    assert known["eta"] < 1 / (2 * known["beta"])
    generator = torch.Generator().manual_seed(0)
    for _ in range(20):
        step = [torch.randn(w.shape, generator=generator, dtype=torch.float64) for w in W]
        length = sum(float(s.square().sum()) for s in step) ** 0.5
        there = [
            (w + s * known["radius"] / length).requires_grad_()
            for w, s in zip(W, step, strict=True)
        ]
        value = loss(there)
        G = torch.autograd.grad(value, there)
        assert sum(float(g.square().sum()) for g in G) >= known["alpha"] / 2 * float(value.detach())


def made(**changed) -> Recorded:
    """One instance of the plateau: the decay of an undriven step, unless changed."""
    numbers = {
        "before": 3.0, "after": 0.75, "steps": 1.0, "eta": 1.0, "lam": 0.5, "forcing": 0.0,
        "largest": 0.0, "defect": 0.0, "mismatch": 0.0, **changed,
    }  # fmt: skip
    arrays = {k: np.array([[[x]]]) for k, x in numbers.items()}
    return Recorded("made", {"one": 1}, arrays, networks=(0,), steps=(1,))


def checked(*instances: Recorded):
    statement = catalogue.load("jacot2025_balancedness_plateau")
    kind = Training(lambda steps, seed: iter(instances))
    return recorded.check_recorded(statement.within(kind=kind), FEW, 0)


def test_a_measured_violation_refutes() -> None:
    result = checked(made(), made(after=0.76))
    assert result.finding.verdict is Verdict.REFUTED
    assert result.counterexample is not None
    assert result.counterexample.instance.arrays["after"] == 0.76


def test_a_violation_of_the_last_bit_refutes_too() -> None:
    """No tolerance: what rounding may do has to be in the measured numbers."""
    assert checked(made(after=np.nextafter(0.75, 1))).finding.verdict is Verdict.REFUTED
    assert checked(made(after=np.nextafter(0.75, 1), defect=1e-15)).finding.verdict is Verdict.HOLDS


def test_diverged_networks_are_inconclusive() -> None:
    finding = checked(replace(made(), unused=2)).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "2 networks diverged" in finding.reason


def test_networks_that_really_diverge_are_left_out_and_counted() -> None:
    from conjectures.jacot2025.setting import balancing as setting

    wild = replace(balancing.STABLE, etas=(0.001, 3.0), lams=(0.03, 0.03))
    with np.errstate(all="ignore"):
        found = setting._recorded("wild", wild, 60, 0)
    assert found.unused == 1
    assert set(found.networks) == {0}
    assert all(np.isfinite(a).all() for a in found.arrays.values())


def test_tuned_networks_arrive_within_the_steps_that_are_promised() -> None:
    from conjectures.jacot2025.setting.first_phase import record

    for found in record(10_000, 0, networks=2):
        a = {k: x[:, 0, 0] for k, x in found.arrays.items()}
        m = (1 + np.sqrt(4 * a["lam"] / a["alpha"])) ** 2 * (a["norm"] + a["radius"]) ** 2
        assert a["after"][-1] <= 2 * a["lam"][-1] * m[-1] < a["before"][-1]
        assert 0 < a["arrival"][-1] < 10_000


def test_nothing_admitted_is_vacuous_unless_the_witness_speaks() -> None:
    statement = catalogue.load("jacot2025_balancedness_plateau")
    kind = Training(lambda steps, seed: iter([made(eta=3.0)]))
    alone = replace(statement.within(kind=kind), witnesses=())
    assert recorded.check_recorded(alone, FEW, 0).finding.verdict is Verdict.VACUOUS


def test_the_finding_repeats() -> None:
    statement = catalogue.load("jacot2025_balancedness_rate")
    first, second = (recorded.check_recorded(statement, FEW, 4).finding for _ in range(2))
    assert replace(first, seconds=0.0) == replace(second, seconds=0.0)
    assert first.verdict is Verdict.HOLDS
    assert first.evidence is Evidence.CERTIFIED
