"""Quantities against definitions written out by hand, exact fractions and scikit-learn."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import log_loss

from checkers import catalogue
from checkers.evaluation import evaluate_batch
from checkers.instance import LABELS, Batch, Instance
from checkers.quantities.collapse import nc1
from checkers.quantities.duality import (
    centred_features_norm,
    centred_norm,
    distance_from_dual,
    duality_defect,
    etf_defect,
    mean_features_norm,
    mean_row,
)
from checkers.quantities.heads import imbalance, last_features, outputs, squared_error
from checkers.quantities.margins import (
    average_margin,
    best_sample_margin,
    cross_entropy,
    margin_spread,
    mean_worst_margin,
    smallest_margin,
)
from checkers.settings import unconstrained
from checkers.settings.unconstrained import H, W, labels
from checkers.sizes import sizes
from checkers.values import rational_values, tensor_values
from conjectures.jacot2025.setting import linear_head


def integer_instance(seed: int, counts: tuple[int, ...], d: int) -> Instance:
    generator = np.random.default_rng(seed)
    y = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    arrays = {
        "W": generator.integers(-4, 5, (len(counts), d)).astype(float),
        "H": generator.integers(-4, 5, (d, len(y))).astype(float),
        LABELS: y,
    }
    return Instance({"K": len(counts), "N": len(y), "d": d}, arrays)


def margins(instance: Instance) -> list[list[Fraction]]:
    """For each sample its margins, by the definition (w_k - w_j) . h."""
    A, B, y = (instance.arrays[name] for name in ("W", "H", LABELS))
    found = []
    for i, k in enumerate(y):
        row = []
        for j in range(len(A)):
            if j != k:
                terms = ((A[k][a] - A[j][a]) * B[a][i] for a in range(A.shape[1]))
                row.append(sum(map(Fraction, terms), Fraction(0)))
        found.append(row)
    return found


shapes = st.tuples(
    st.integers(0, 10**6), st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(1, 4)
)


@given(shapes)
def test_margins_follow_their_definition(drawn: tuple[int, list[int], int]) -> None:
    seed, counts, d = drawn
    instance = integer_instance(seed, tuple(counts), d)
    values, m = rational_values(instance), margins(instance)
    worst = [min(row) for row in m]
    expected = {
        smallest_margin: min(worst),
        best_sample_margin: max(worst),
        margin_spread: max(worst) - min(worst),
        mean_worst_margin: sum(worst) / len(worst),
        average_margin: sum(map(sum, m)) / (len(m) * (len(counts) - 1)),
    }
    for quantity, value in expected.items():
        found = values(quantity(W, H, labels))
        assert Fraction(int(found.p), int(found.q)) == value, quantity.name


def test_cross_entropy_is_the_summed_log_loss_of_scikit_learn() -> None:
    for seed, counts in product(range(5), ((2, 2, 2), (1, 5), (3, 1, 2, 2))):
        instance = integer_instance(seed, counts, 3)
        instance.arrays["W"][:] /= 8  # scikit-learn clips probabilities below 1e-16
        logits = (instance.arrays["W"] @ instance.arrays["H"]).T
        shifted = np.exp(logits - logits.max(1, keepdims=True))
        probabilities = shifted / shifted.sum(1, keepdims=True)
        classes = list(range(len(counts)))
        expected = log_loss(instance.arrays[LABELS], probabilities, labels=classes, normalize=False)
        assert float(floats(instance)(cross_entropy(W, H, labels))) == pytest.approx(
            expected, rel=1e-9
        )


def floats(instance: Instance):
    import torch

    tensors = {
        k: torch.tensor(np.asarray(a, dtype=float)[None])
        for k, a in instance.arrays.items()
        if k != LABELS
    }
    return tensor_values(tensors, instance.arrays[LABELS], instance.sizes)


def test_duality_quantities_by_plain_numpy() -> None:
    for seed, counts in product(range(4), ((2, 2, 2), (3, 3), (1, 4, 2))):
        instance = integer_instance(seed, counts, 3)
        A, B, y = (instance.arrays[name] for name in ("W", "H", LABELS))
        K, centred = len(A), A - A.mean(0)
        means = np.stack([B[:, y == k].mean(1) for k in range(K)])
        centre = means.mean(0)
        gram = centred @ centred.T
        target = np.trace(gram) / (K - 1) * (np.eye(K) - 1 / K)
        inner = ((means - centre) * centred).sum()
        n = len(y) / K
        expected = {
            mean_row(W): K * (A.mean(0) ** 2).sum(),
            centred_norm(W): (centred**2).sum(),
            mean_features_norm(H, labels): ((means - centre) ** 2).sum(),
            centred_features_norm(H, labels): ((B.T - centre) ** 2).sum(),
            etf_defect(W): ((gram - target) ** 2).sum(),
            duality_defect(W, H, labels): (centred**2).sum() * ((means - centre) ** 2).sum()
            - inner * abs(inner),
            distance_from_dual(W, H, labels): ((B.T - centred[y] / np.sqrt(n)) ** 2).sum(),
        }
        values = floats(instance)
        for symbol, value in expected.items():
            assert float(values(symbol)) == pytest.approx(value, rel=1e-9, abs=1e-9), symbol


def head_instance(seed: int) -> Instance:
    generator = np.random.default_rng(seed)
    y = generator.permutation(np.repeat(np.arange(3), (2, 4, 3)))
    arrays = {
        "Z": generator.standard_normal((5, 9)),
        "head_0": generator.standard_normal((4, 5)),
        "head_1": generator.standard_normal((6, 4)),
        "head_2": generator.standard_normal((3, 6)),
        LABELS: y,
    }
    return Instance({"K": 3, "N": 9, "width": 5, "depth": 3, "last_width": 6}, arrays)


def test_head_quantities_by_plain_numpy() -> None:
    Z, head, y = linear_head.Z, linear_head.head, linear_head.labels
    for seed in range(5):
        instance = head_instance(seed)
        a, labels_ = instance.arrays, instance.arrays[LABELS]
        features = a["head_1"] @ a["head_0"] @ a["Z"]
        error = a["head_2"] @ features - np.eye(3)[:, labels_]
        means = np.stack([features[:, labels_ == k].mean(1) for k in range(3)], axis=1)
        within = sum(((features[:, i] - means[:, k]) ** 2).sum() for i, k in enumerate(labels_)) / 9
        between = ((means - features.mean(1, keepdims=True)) ** 2).sum() / 3
        gaps = [
            np.linalg.norm(a[f"head_{i + 1}"].T @ a[f"head_{i + 1}"] - A @ A.T, 2)
            for i, A in enumerate((a["head_0"], a["head_1"]))
        ]
        radius = max(
            np.linalg.norm(A, 2)
            for A in (a["head_0"] @ a["Z"], features, a["head_0"], a["head_1"], a["head_2"])
        )
        values = floats(instance)
        expected = {
            nc1(last_features(Z, head), y): within / between,
            squared_error(outputs(Z, head), y): (error**2).sum(),
            imbalance(head): max(gaps),
            linear_head.r: radius,
            linear_head.s_K: np.sqrt(2),
            linear_head.e1: np.linalg.norm(error),
        }
        for formula, value in expected.items():
            assert float(values(formula)) == pytest.approx(value, rel=1e-9), formula


@pytest.mark.parametrize(
    ("counts", "ratio"),
    [((4, 1, 1), 0.183013), ((9, 1, 1), 0.1422), ((100, 1, 1), 0.0544)],
)
def test_margins_of_unequal_classes_at_the_singular_factors(
    counts: tuple[int, ...], ratio: float
) -> None:
    """q_min / rho^2, reference values of the layer-peeled model with unequal classes."""
    spec = sizes(counts, d=len(counts) - 1)
    y = spec.labels()
    arrays = unconstrained.spectral_pair(spec.layout, y)
    assert arrays is not None
    batch = Batch(spec.layout, {**{k: a[None] for k, a in arrays.items()}, LABELS: y})
    found = evaluate_batch(catalogue.load("ji2022_margin_bound"), batch)
    rho2 = sum((a**2).sum() for a in arrays.values())
    assert float(found.lhs["margin bound"]) / rho2 == pytest.approx(ratio, abs=5e-5)
