"""Closed forms of critical points against the numbers of the literature and against the search.

Values and Hessians come from torch's cross-entropy, differentiated automatically; the numbers are
those of an independent computation for K = 4, n = 1, d = 4, lw = 0.03, lh = 0.01.
"""

from __future__ import annotations

import numpy as np
import pytest
from kinds.landscape.textbook import Textbook
from scipy.linalg import block_diag
from scipy.optimize import brentq

from checkers.models import critical
from checkers.models.frames import simplex_etf
from late import Late

regularised = Late("checkers.models.regularised")
stationary = Late("checkers.models.stationary")

K, LW, LH = 4, 0.03, 0.01
LABELS = np.arange(4)
KAPPA = critical.kappa_of(K, 1, LW, LH)

FIXTURES = [
    pytest.param(critical.collapsed_logits(K, KAPPA), 0.261336, 0.0, 0, id="collapse"),
    pytest.param(critical.block_logits(K, 2, KAPPA), 0.843669, -0.2301999, 8, id="pairs"),
    pytest.param(critical.polygon_logits(K, 1, KAPPA), 0.301044, -0.01490418, 2, id="square"),
    pytest.param(np.zeros((K, K)), np.log(4), -0.2301999, 12, id="zero"),
]


def placed(A, d: int = 4, labels=LABELS, lw: float = LW, lh: float = LH) -> Textbook:
    found = critical.factors(A, labels, d, lw, lh)
    assert found is not None
    return Textbook(*found, labels, (lw, lh))


@pytest.mark.parametrize(("A", "value", "curvature", "negative"), FIXTURES)
def test_value_and_curvature_of_the_fixtures(A, value, curvature, negative: int) -> None:
    at = placed(A)
    assert np.abs(at.gradient).max() < 1e-14
    assert at.value == pytest.approx(value, abs=6e-7)
    assert at.spectrum[0] == pytest.approx(curvature, abs=6e-8)
    assert (at.spectrum < -1e-9).sum() == negative


def test_the_square_has_the_printed_scale() -> None:
    """c = 3.3275, and 2 artanh(1 - kappa) for K = 4."""
    A = critical.polygon_logits(4, 1, KAPPA)
    assert A[0, 0] == pytest.approx(3.3275, abs=5e-5)
    assert A[0, 0] == pytest.approx(2 * np.arctanh(1 - KAPPA), rel=1e-12)


def test_the_hexagon_is_far_above_the_threshold() -> None:
    """K = 6: sigma_1 / s = 3.81, sigma_1 from the singular values of the residual."""
    lw, lh = 0.03, 0.01
    A = critical.polygon_logits(6, 1, critical.kappa_of(6, 1, lw, lh))
    P = np.exp(A) / np.exp(A).sum(0)
    sigma = np.linalg.svd((np.eye(6) - P) / 6, compute_uv=False)[0]
    assert sigma / np.sqrt(lw * lh) == pytest.approx(3.81, abs=0.005)


@pytest.mark.parametrize("A", [p.values[0] for p in FIXTURES])
def test_the_search_finds_the_fixtures(A) -> None:
    """From random starts, without the closed forms: the same value and the same curvature."""
    generator = np.random.default_rng(5)
    at = placed(A)
    rank = max(1, np.linalg.matrix_rank(A))
    count = 64
    starts = regularised.random_starts(
        generator, {"K": K, "N": 4, "d": 4}, LABELS, np.full(count, KAPPA), np.full(count, LW / LH),
        d=int(rank),
    )  # fmt: skip
    found = regularised.embedded(stationary.solve(starts), 4)
    good = found[found.gradient.norm(dim=1) < 1e-11]
    here = good[(good.value - at.value).abs() < 1e-12]
    assert len(here), "no point of this value"
    import torch

    spectra = torch.linalg.eigvalsh(here.hessian).numpy()
    assert np.abs(spectra - at.spectrum).max(1).min() < 1e-9


def test_above_the_threshold_only_zero_is_critical() -> None:
    """K sqrt(n) s = 1.05, 60 starts."""
    starts = regularised.random_starts(
        np.random.default_rng(0), {"K": 4, "N": 8, "d": 3}, np.repeat(LABELS, 2),
        np.full(60, 1.05), np.full(60, 3.0),
    )  # fmt: skip
    found = stationary.solve(starts)
    good = found[found.gradient.norm(dim=1) < 1e-11]
    assert len(good) > 55
    assert float(good.W.abs().max()) < 1e-9
    assert float(good.H.abs().max()) < 1e-9


@pytest.mark.parametrize("blocks", [(2, 2), (2, 3), (3, 3), (2, 4), (2, 2, 2), (2, 2, 3), (3, 4)])
@pytest.mark.parametrize("n", [1, 2])
def test_simplices_within_blocks_are_critical(blocks: tuple[int, ...], n: int) -> None:
    K, lw, lh = sum(blocks), 0.02, 0.01
    labels = np.repeat(np.arange(K), n)
    kappa = critical.kappa_of(K, n, lw, lh)
    A = critical.simplices_logits(blocks, kappa)
    at = placed(A, K, labels, lw, lh)
    assert np.abs(at.gradient).max() < 2e-15
    place = 0
    for s in blocks:
        c = A[place, place] / (1 - 1 / s)

        def stationary_at(c: float, s: int = s) -> float:
            out = [np.exp(c * (1 - 1 / s)), *[np.exp(-c / s)] * (s - 1), *[1.0] * (K - s)]
            return 1 - (out[0] - out[1]) / sum(out) - kappa

        assert c == pytest.approx(brentq(stationary_at, 1e-3, 50, xtol=1e-14), rel=1e-10)
        place += s


@pytest.mark.parametrize("alpha", [0.7, 1.5, 3.0])
@pytest.mark.parametrize("blocks", [(2, 2), (3, 3), (2, 2, 2)])
def test_the_riemannian_hessian_of_equal_blocks(blocks: tuple[int, ...], alpha: float) -> None:
    """Its least eigenvalue is mu - sigma_1; for (2, 2) at alpha = 1.5 it is -0.1543328."""
    K = sum(blocks)
    B = np.zeros((K, K))
    B[:, : K - len(blocks)] = alpha * block_diag(*(simplex_etf(s, s - 1) for s in blocks))
    labels = np.arange(K)
    at = Textbook(B, B.T, labels, mean=False)
    Z = B @ B.T
    G = np.eye(K) - np.exp(Z) / np.exp(Z).sum(0)
    mu = 2 * (G * Z).sum() / (2 * (B**2).sum())
    assert np.abs(G @ B - mu * B).max() < 1e-12
    unit = at.x / np.linalg.norm(at.x)
    project = np.eye(len(unit)) - np.outer(unit, unit)
    riemannian = project @ (at.hessian + mu * np.eye(len(unit))) @ project
    least = np.linalg.eigvalsh(riemannian)[0]
    assert least == pytest.approx(mu - np.linalg.svd(G, compute_uv=False)[0], abs=1e-6)
    if blocks == (2, 2) and alpha == 1.5:
        assert least == pytest.approx(-0.1543328, abs=6e-8)


def test_flat_points_of_the_loss_without_penalties() -> None:
    """K = 3, n = 2, d = 3, equal rows and class sums: (h - sqrt(h^2 + 8)) / 2."""
    generator = np.random.default_rng(3)
    labels = np.repeat(np.arange(3), 2)
    W = np.tile(generator.standard_normal(3), (3, 1))
    H = generator.standard_normal((3, 6))
    H[:, [3, 5]] = (H[:, [0]] + H[:, [1]]) - H[:, [2, 4]]
    at = Textbook(W, H, labels, mean=False)
    h = np.linalg.eigvalsh(H @ H.T)[0] / 3
    assert np.abs(at.gradient).max() < 1e-14
    assert at.spectrum[0] == pytest.approx((h - np.sqrt(h * h + 8)) / 2, abs=1e-13)


def test_factors_need_the_rank_of_the_logits() -> None:
    A = critical.collapsed_logits(4, 0.2)
    assert critical.factors(A, LABELS, 2, LW, LH) is None
    assert critical.factors(A, LABELS, 3, LW, LH) is not None


@pytest.mark.parametrize(
    "wrong",
    [lambda: critical.block_logits(5, 2, 0.5), lambda: critical.polygon_logits(4, 3, 0.5)],
)
def test_blocks_and_polygons_that_do_not_exist(wrong) -> None:
    with pytest.raises(ValueError, match=r"expected"):
        wrong()
