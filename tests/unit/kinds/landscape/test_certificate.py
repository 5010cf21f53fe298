"""What a critical point is certified to be; and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from flint import ctx
from kinds.landscape.textbook import Textbook

from checkers.models import critical
from checkers.settings.regularised_landscape import CROSS_ENTROPY
from checkers.verdict import Character
from late import Late

torch = Late("torch")
regularised = Late("checkers.models.regularised")
certificate = Late("checkers.kinds.landscape.certificate")
enclosed = Late("checkers.settings.regularised_certificate", "Enclosed")

LABELS = np.arange(4)


def points(A, lw: float, lh: float, d: int = 4, labels=LABELS, b=None, lb: float = 0.02):
    """One closed form as a batch of one."""
    W, H = critical.factors(A, labels, d, lw, lh)
    extra = {}
    if b is not None:
        extra = {"b": torch.as_tensor(b)[None], "lb": torch.tensor([lb], dtype=torch.float64)}
    decay = (torch.tensor([x], dtype=torch.float64) for x in (lw, lh))
    return regularised.Points(
        torch.as_tensor(W)[None], torch.as_tensor(H)[None], *decay, labels, **extra
    )


def character(found) -> Character:
    values, vectors = torch.linalg.eigh(found.hessian)
    return certificate.characters(CROSS_ENTROPY, found, values[:, 0], vectors[:, :, 0])[0]


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda k: critical.collapsed_logits(4, k), Character.GLOBAL),
        (lambda k: critical.block_logits(4, 2, k), Character.SADDLE),
        (lambda k: critical.polygon_logits(4, 1, k), Character.SADDLE),
        (lambda k: critical.simplices_logits((2, 2), k), Character.SADDLE),
        (lambda k: np.zeros((4, 4)), Character.SADDLE),
    ],
)
def test_closed_forms(make, expected: Character, biased: bool) -> None:
    lw, lh = 0.03, 0.01
    A = make(critical.kappa_of(4, 1, lw, lh))
    assert character(points(A, lw, lh, b=np.zeros((4, 1)) if biased else None)) is expected


def test_zero_is_global_above_the_threshold() -> None:
    assert character(points(np.zeros((4, 4)), 0.3, 0.3)) is Character.GLOBAL


def test_a_local_minimum_that_is_not_global_is_neither() -> None:
    """Two antipodal pairs and a class at zero, K = 5, d = 2: no descent, no certificate."""
    lw = 0.5 / 5
    A = critical.simplices_logits((2, 2, 1), critical.kappa_of(5, 1, lw, lw))
    found = points(A, lw, lw, 2, np.arange(5))
    assert character(found) is Character.UNDECIDED
    pentagon = points(critical.polygon_logits(5, 1, 0.5), lw, lw, 2, np.arange(5))
    assert float(pentagon.value) < float(found.value) - 1e-3
    spectrum = Textbook(found.W[0].numpy(), found.H[0].numpy(), np.arange(5), (lw, lw)).spectrum
    assert spectrum[0] > -1e-12
    assert spectrum[1] > 1e-3


def test_a_point_near_collapse_is_not_global() -> None:
    """Its value is above the least by more than the tolerance."""
    lw = lh = 0.05
    found = points(critical.collapsed_logits(4, 0.2), lw, lh)
    moved = found.at(found.vector * (1 + 1e-3))
    assert character(moved) is Character.UNDECIDED


@pytest.mark.parametrize("seed", range(6))
def test_the_dual_bound_is_below_every_value_met(seed: int) -> None:
    """At a random point it bounds what a general minimiser finds for the same penalties."""
    from scipy.optimize import minimize

    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), 2)
    decay = (0.05, 0.02, 0.03)
    W, H, b = (generator.standard_normal(s) for s in ((3, 3), (3, 6), (3, 1)))
    tensors = {
        "W": W, "H": H, "b": b,
    }  # fmt: skip
    at = regularised.Points(
        labels=labels,
        lw=torch.tensor([decay[0]], dtype=torch.float64),
        lh=torch.tensor([decay[1]], dtype=torch.float64),
        lb=torch.tensor([decay[2]], dtype=torch.float64),
        **{k: torch.as_tensor(x)[None] for k, x in tensors.items()},
    )
    with ctx.workprec(64):
        bound = float(enclosed(at, 0).lower_bound())

    def f(x):
        oracle = Textbook(x[:9].reshape(3, 3), x[9:27].reshape(6, 3).T, labels, decay, x[27:, None])
        return oracle.value, oracle.gradient

    start = generator.standard_normal(30)
    least = minimize(f, start, jac=True, method="L-BFGS-B", options={"maxiter": 500}).fun
    assert bound <= least + 1e-12
    assert np.isfinite(bound)
