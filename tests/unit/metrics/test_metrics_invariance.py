"""What must not change a metric, what must, and features that are hard on floats."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

NC2_UNCENTRED = ("nc2_orthogonal", "nc2_condition")
seeds = st.integers(0, 10**6)
COUNTS = (5, 1, 3, 4)


def same(found, expected, rel=1e-10, but=()):
    for name, value in expected.items():
        if name not in but:
            assert found[name] == (
                None if value is None else pytest.approx(value, rel=rel, abs=1e-12)
            )


@given(seeds)
def test_the_order_of_samples_and_of_classes(integers, collapse, seed):
    """No tie here, so that the numbers of classes do not matter."""
    arrays = integers(seed, COUNTS, 5)
    generator = np.random.default_rng(seed)
    arrays["weights"] += generator.uniform(0, 0.4, arrays["weights"].shape)
    arrays["features"] += generator.uniform(0, 0.4, arrays["features"].shape)
    expected = collapse(**arrays).values
    order, classes = generator.permutation(13), generator.permutation(4)
    places = np.argsort(classes)
    moved = {
        "features": arrays["features"][order],
        "labels": places[arrays["labels"][order]],
        "weights": arrays["weights"][classes],
        "bias": arrays["bias"][classes],
    }
    same(collapse(**moved).values, expected)


@given(seeds)
def test_rotation_scale_and_duplication(integers, collapse, seed):
    arrays = integers(seed, COUNTS, 5)
    arrays["bias"] += np.random.default_rng(seed).uniform(0, 0.4, 4)
    expected = collapse(**arrays).values
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((5, 5)))[0]
    turned = {**arrays, "features": arrays["features"] @ Q, "weights": arrays["weights"] @ Q}
    same(collapse(**turned).values, expected)
    scaled = {**arrays, "features": 3e5 * arrays["features"], "bias": 3e5 * arrays["bias"]}
    same(collapse(**scaled).values, expected)
    twice = {name: np.concatenate([arrays[name]] * 2) for name in ("features", "labels")}
    same(collapse(**{**arrays, **twice}).values, expected)


@pytest.mark.parametrize("offset", [1.0, 1e8, 2.0**40])
@given(seed=seeds)
def test_translation(integers, collapse, offset, seed):
    """Integers stay exact; the bias undoes the offset in the scores."""
    arrays = integers(seed, COUNTS, 5)
    expected = collapse(**arrays).values
    vector = np.floor(offset) * np.array([1.0, -1, 0, 2, 1])
    moved = {
        **arrays,
        "features": arrays["features"] + vector,
        "bias": arrays["bias"] - arrays["weights"] @ vector,
    }
    same(collapse(**moved).values, expected, but=NC2_UNCENTRED)


@pytest.mark.parametrize("exponent", [-1000, -600, 600, 1000])
def test_features_whose_squares_are_no_floats(integers, collapse, exponent):
    arrays = integers(1, COUNTS, 5)
    expected = collapse(**arrays).values
    scaled = {name: np.ldexp(arrays[name], exponent) for name in ("features", "bias")}
    same(collapse(**{**arrays, **scaled}).values, expected)
    scaled = {name: np.ldexp(arrays[name], exponent) for name in ("weights", "bias")}
    same(collapse(**{**arrays, **scaled}).values, expected)
    far = {**arrays, "features": np.hstack([arrays["features"], np.full((13, 1), 2.0**exponent)])}
    far["weights"] = np.hstack([arrays["weights"], np.zeros((4, 1))])
    same(collapse(**far).values, expected, but=NC2_UNCENTRED)


def test_float32_is_measured_in_float64(collapse):
    """Distances of 1 at 4096 from the origin: expanded squares in float32 decide by rounding."""
    generator = np.random.default_rng(0)
    centres = (4096 + generator.integers(-1, 2, (6, 8))).astype(np.float32)
    labels = np.repeat(np.arange(6), 20)
    X = centres[labels] + np.float32(0.25) * generator.integers(-1, 2, (120, 8)).astype(np.float32)
    weights = (centres - centres.mean(axis=0)).astype(np.float64)
    bias = -weights @ centres.mean(axis=0) - 0.5 * (weights**2).sum(1)
    single = collapse(X, labels, weights=weights, bias=bias).values
    double = collapse(X.astype(np.float64), labels, weights=weights, bias=bias).values
    assert single == double
    assert single["nc4_disagreement"] < 0.1
    means = np.stack([X[labels == c].mean(axis=0) for c in range(6)])
    expanded = (X**2).sum(1)[:, None] - 2 * X @ means.T + (means**2).sum(1)
    assert expanded.dtype == np.float32
    exact = np.linalg.norm(X.astype(float)[:, None] - centres[None].astype(float), axis=2)
    assert (expanded.argmin(axis=1) != exact.argmin(axis=1)).mean() > 0.1


def test_total_scatter_is_not_between_class_scatter(integers, collapse):
    arrays = integers(3, COUNTS, 5)
    X = arrays["features"]
    total = np.square(X - X.mean(axis=0)).sum() / len(X)
    means = np.stack([X[arrays["labels"] == c].mean(axis=0) for c in range(4)])
    within = np.square(X - means[arrays["labels"]]).sum() / len(X)
    found = collapse(**arrays).values
    assert within / total < 0.9 * found["nc1_trace_weighted"]
    sizes = np.bincount(arrays["labels"])
    by_samples = (sizes * np.square(means - X.mean(axis=0)).sum(axis=1)).sum() / len(X)
    assert within / by_samples != pytest.approx(found["nc1_trace_weighted"], rel=1e-3)
    assert found["nc1_trace_weighted"] != pytest.approx(found["nc1_trace_unweighted"], rel=1e-3)
    assert found["nc1_pinv_weighted"] != pytest.approx(found["nc1_pinv_unweighted"], rel=1e-3)


UNDEFINED = {
    "constant features": (np.full((6, 3), 7.0), [0, 0, 1, 1, 2, 2], "coincide"),
    "equal means": (np.array([[0.1], [0.3], [0.3], [0.1]]), [0, 0, 1, 1], "coincide"),
}


@pytest.mark.parametrize("case", UNDEFINED)
def test_class_means_that_coincide(collapse, case):
    X, y, word = UNDEFINED[case]
    found = collapse(X, y, weights=np.ones((max(y) + 1, X.shape[1])))
    names = [n for n in found.values if n.startswith(("nc1", "cdnv", "nc2_etf", "nc3"))]
    assert [found.values[n] for n in names] == [None] * 7
    assert all(word in found.undefined[n] for n in names)
    assert found.rank == 0
    assert found.values["nc4_disagreement"] == 0, "all tie, so that both decide for class 0"


def test_two_means_that_coincide_leave_only_cdnv_undefined(collapse):
    X = np.array([[1.0, 0], [3, 0], [2, 1], [2, -1], [0, 5], [0, 5]])
    found = collapse(X, [0, 0, 1, 1, 2, 2])
    assert found.undefined == {
        "cdnv": "the means of classes 0 and 1 coincide",
        "nc2_condition": "3 class means in 2 dimensions are linearly dependent",
        "nc3_self_duality": "the file has no weights",
        "nc4_disagreement": "the file has no weights",
    }
    assert found.rank == 1


def test_features_that_are_zero_in_the_mean(collapse):
    found = collapse(np.array([[0.1], [-0.1], [0.3], [-0.3]]), [0, 0, 1, 1])
    assert "zero" in found.undefined["nc2_orthogonal"]
    assert "zero" in found.undefined["nc2_condition"]


def test_singletons_have_no_variability(collapse):
    found = collapse(np.eye(3), [2, 0, 1]).values
    assert [found[n] for n in ("nc1_pinv_weighted", "nc1_trace_weighted", "cdnv")] == [0, 0, 0]


@pytest.mark.parametrize(("kind", "rel"), [(np.float32, 1e-4), (np.float16, 0.3)])
@pytest.mark.parametrize("far", [0, 30])
def test_rounding_to_fewer_digits_makes_no_directions(collapse, kind, rel, far):
    """Class means on a line: rounded, they span more, in which Sigma_W is rounding as well."""
    generator = np.random.default_rng(0)
    line, labels = generator.standard_normal(6), np.repeat(np.arange(5), 8)
    X = np.outer(labels + 0.2 * generator.standard_normal(40), line) + far
    exact, rounded = collapse(X, labels), collapse(X.astype(kind), labels)
    assert exact.rank == rounded.rank == 1
    for name in ("nc1_pinv_weighted", "nc1_pinv_unweighted"):
        assert rounded.values[name] == pytest.approx(exact.values[name], rel=rel)
    assert collapse(X.astype(kind).astype(float), labels).rank == 4, "taken to be exact"


@pytest.mark.parametrize("kind", [np.float64, np.float32, np.float16])
def test_rounding_to_fewer_digits_makes_no_condition_number(collapse, kind):
    """Four class means in a plane: kappa is infinite, and rounding must not make it 1e5 or 1e9."""
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(4), 8)
    in_plane = generator.standard_normal((4, 2))[labels] + 0.1 * generator.standard_normal((32, 2))
    found = collapse((in_plane @ generator.standard_normal((2, 6))).astype(kind), labels)
    assert found.rank == 2
    assert found.values["nc2_condition"] is None
    assert "or infinite" in found.undefined["nc2_condition"]


@pytest.mark.parametrize(("kind", "kappa"), [(np.float32, 2.0**12), (np.float16, 2.0**5)])
def test_a_condition_number_above_rounding_is_kept(collapse, kind, kappa):
    X = np.repeat(np.diag([kappa, 1, 1]), 2, axis=0).astype(kind)
    found = collapse(X, [0, 0, 1, 1, 2, 2]).values["nc2_condition"]
    assert found == pytest.approx(kappa, rel=1e-12)


def test_far_from_the_origin_the_condition_number_is_large_rather_than_infinite(collapse):
    """The matrix t 1 1^T + I of class means has the eigenvalues 1 + 3 t and 1."""
    labels = [0, 1, 2]
    near, far = collapse(np.eye(3) + 2.0**30, labels), collapse(np.eye(3) + 2.0**40, labels)
    assert near.values["nc2_condition"] == pytest.approx(3 * 2.0**30 + 1, rel=1e-6)
    assert far.values["nc2_condition"] is None
    assert "above 1e+12 or infinite" in far.undefined["nc2_condition"]


def test_memory_is_bounded_by_blocks(collapse):
    """Scores of 40,000 samples for 500 classes are 160 MB at once."""
    generator = np.random.default_rng(0)
    labels = np.arange(40_000) % 500
    X = generator.standard_normal((40_000, 4))
    W = generator.standard_normal((500, 4))
    tracemalloc.start()
    collapse(X, labels, weights=W)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 60e6
