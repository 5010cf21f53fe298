from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

KEYS = [
    *("nc1_pinv_weighted", "nc1_pinv_unweighted", "nc1_trace_weighted", "nc1_trace_unweighted"),
    *("cdnv", "nc2_etf", "nc2_orthogonal", "nc2_condition", "nc3_self_duality", "nc4_disagreement"),
]

X = np.array([[1.0, 0, 0], [3, 0, 0], [0, 1, 0], [0, 3, 0], [0, 0, 0], [0, 0, 4]])
"""Class means 2 e_1, 2 e_2, 2 e_3: an orthogonal frame; scatter 2, 2 and 8."""


def network(**changes):
    arrays = {
        "features": X,
        "labels": np.array([0, 0, 1, 1, 2, 2]),
        "weights": np.eye(3) - 1 / 3,
        "bias": np.zeros(3),
    }
    arrays.update(changes)
    return {name: array for name, array in arrays.items() if array is not None}


def save(arrays):
    np.savez("x.npz", **arrays)
    return "x.npz"


def measured(ncheck, arrays):
    found = ncheck("metrics", save(arrays), "--json", "o.json")
    assert found.status == 0, found
    return found, json.loads(Path("o.json").read_text())


def test_the_numbers_of_a_network(ncheck):
    """tr Sigma_W = 12/6; |mu_c - mu_G|^2 = 4 (2/3): tr Sigma_B = 8/3. Variances 1, 1, 4.

    The class means are 2 I; |mu_c - mu_c'|^2 = 8. The sample at zero is as near to class 0, which
    has the lowest number, and there the scores tie too.
    """
    found, data = measured(ncheck, network())
    assert list(data) == KEYS
    assert data["nc1_trace_weighted"] == pytest.approx(0.75, rel=1e-14)
    assert data["cdnv"] == pytest.approx((2 + 5 + 5) / 16 / 3, rel=1e-14)
    assert data["nc2_condition"] == pytest.approx(1, rel=1e-14)
    zeros = ("nc2_etf", "nc2_orthogonal", "nc3_self_duality", "nc4_disagreement")
    assert [data[name] for name in zeros] == pytest.approx([0] * 4, abs=1e-14)
    assert found.err == ""
    assert "rank of Σ_B 2" in found.out
    for word in (*KEYS, "convention", "0.75", "class means", "all samples", "lowest class"):
        assert word in found.out


@pytest.mark.parametrize(
    "arrays",
    [
        network(features=X.astype(np.float32)),
        network(features=X.astype(np.float16)),
        network(features=X.astype(np.int8)),
        network(features=X.astype(">f4")),
        network(features=np.asfortranarray(X)),
        network(labels=network()["labels"].astype(np.uint8)),
        network(bias=None),
        network(bias=np.zeros(3, int)),
        network(unused=np.array(["text"])),
        network(features=X[::-1], labels=network()["labels"][::-1]),
    ],
)
def test_the_same_network_in_another_form(ncheck, arrays):
    _, data = measured(ncheck, arrays)
    assert data["nc1_trace_weighted"] == pytest.approx(0.75, rel=1e-14)
    assert data["nc3_self_duality"] == pytest.approx(0, abs=1e-14)


def test_what_the_input_does_not_define_is_null_with_one_line_each(ncheck):
    found, data = measured(ncheck, network(weights=None, bias=None))
    missing = ["nc3_self_duality", "nc4_disagreement"]
    assert [name for name in KEYS if data[name] is None] == missing
    lines = found.err.splitlines()
    assert len(lines) == 2
    for name, line in zip(missing, lines, strict=True):
        assert line.startswith(f"ncheck: {name} ")
        assert "weights" in line
    assert "–" in found.out
    found, data = measured(ncheck, network(features=X[:, :2], weights=np.zeros((3, 2))))
    undefined = [name for name in KEYS if data[name] is None]
    assert undefined == ["nc2_condition", "nc3_self_duality"]
    assert len(found.err.splitlines()) == 2


def test_instance_files_are_measured_where_their_theorems_measure(ncheck):
    """A head of two matrices: features that enter the last, and the last as the classifier."""
    first, last = np.diag([1.0, 2, 3]), np.ones((3, 3))
    chain = {"Z": X.T, "head_0": first, "head_1": last, "labels": network()["labels"]}
    found, data = measured(ncheck, chain)
    assert "the features that enter head_1" in found.out
    _, expected = measured(ncheck, network(features=X @ first, weights=last, bias=None))
    assert data == expected
    weights = network()["weights"]
    found, data = measured(ncheck, {"H": X.T, "W": weights, "labels": network()["labels"]})
    assert "H and W" in found.out
    assert data == measured(ncheck, network(bias=None))[1]


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_a_row_a_sample_or_a_column_is_the_same_network(ncheck, kind):
    labels, rows = network()["labels"], X.astype(kind)
    head = {"head_0": np.diag([1.0, 2, 3]), "head_1": np.ones((3, 3)) + np.eye(3)}
    W = {"W": network()["weights"], "b": np.array([0.0, 5, 0])}
    for column, classifier, told in (("Z", head, "enter head_1"), ("H", W, "and W")):
        found, data = measured(ncheck, {column: rows.T, **classifier, "labels": labels})
        same, rowwise = measured(ncheck, {"features": rows, **classifier, "labels": labels})
        assert data == rowwise
        assert None not in data.values()
        assert told in found.out
        assert told in same.out
        assert found.err == same.err == ""
        both = {column: rows.T, "features": rows, **classifier, "labels": labels}
        assert ncheck("metrics", save(both)).is_refused(column, "features", "both given")


def test_of_several_classifiers_one_is_measured_and_the_others_are_told(ncheck):
    _, expected = measured(ncheck, network())
    W, head = {"W": np.ones((3, 3))}, {"head_0": np.diag([1.0, 2, 3]), "head_1": np.eye(3)}
    found, data = measured(ncheck, network(**W, **head))
    assert data == expected
    (line,) = found.err.splitlines()
    assert "head_0, ... and W ignored, weights measured" in line
    labels = network()["labels"]
    _, expected = measured(ncheck, {"Z": X.T, "labels": labels, **head})
    found, data = measured(ncheck, {"features": X, "labels": labels, **W, **head})
    assert data == expected
    assert "W ignored, head_0, ... measured" in found.err
    found, _ = measured(ncheck, {"H": X.T, "labels": labels, **W, **head})
    assert "head_0, ... ignored, W measured" in found.err


BAD = {
    "nothing": ({}, ("features", "missing")),
    "no features": (network(features=None), ("features", "missing")),
    "no labels": (network(labels=None), ("labels", "missing")),
    "features 1-d": (network(features=np.ones(6)), ("features", "(6,)")),
    "features 3-d": (network(features=np.ones((6, 3, 1))), ("features",)),
    "empty": (network(features=np.ones((0, 3)), labels=np.ones(0, int)), ("features",)),
    "complex": (network(features=X * 1j), ("features", "complex")),
    "text": (network(features=np.full((6, 3), "a")), ("features",)),
    "long double": (network(features=X.astype(np.longdouble)), ("features",)),
    "NaN": (network(features=X * np.nan), ("features", "NaN")),
    "infinity": (network(features=X + np.inf), ("features", "infinite")),
    "transposed": (network(features=X.T), ("(3, 6)",)),
    "too few labels": (network(labels=np.array([0, 1, 2])), ("labels", "(3,)")),
    "labels 2-d": (network(labels=np.zeros((6, 1), int)), ("labels", "(6, 1)")),
    "float labels": (network(labels=np.zeros(6)), ("labels", "float64", "astype(int)")),
    "boolean labels": (network(labels=np.arange(6) > 2), ("labels", "bool")),
    "negative labels": (network(labels=np.array([-1, 0, 0, 1, 1, 2])), ("labels", "-1")),
    "labels from 1": (network(labels=np.array([1, 1, 2, 2, 3, 3])), ("labels", "1..3")),
    "no samples of a class": (network(labels=np.array([0, 0, 0, 2, 2, 2])), ("class 1",)),
    "nor without weights": (
        network(labels=np.array([0, 0, 0, 2, 2, 2]), weights=None, bias=None),
        ("class 1",),
    ),
    "huge labels": (
        network(labels=np.full(6, 2**64 - 1, np.uint64), weights=None, bias=None),
        ("labels", "renumber"),
    ),
    "negative labels alone": (
        network(labels=np.full(6, -3), weights=None, bias=None),
        ("labels", "-3", "0..K-1"),
    ),
    "one class": (network(labels=np.zeros(6, int), weights=None, bias=None), ("1 class",)),
    "weights transposed": (network(weights=np.ones((3, 4))), ("weights", "(3, 4)", "(K, 3)")),
    "weights of more classes": (network(weights=np.ones((4, 3)), bias=None), ("class 3",)),
    "weights 1-d": (network(weights=np.ones(3)), ("weights",)),
    "weights NaN": (network(weights=np.full((3, 3), np.nan)), ("weights", "NaN")),
    "bias 2-d": (network(bias=np.ones((3, 1))), ("bias", "(3, 1)", "(3,)")),
    "bias of other classes": (network(bias=np.ones(4)), ("bias", "(4,)")),
    "bias NaN": (network(bias=np.full(3, np.nan)), ("bias", "NaN")),
    "bias alone": (network(weights=None), ("bias", "weights")),
    "a gap in the head": (
        {"Z": X.T, "head_0": np.eye(3), "head_2": np.eye(3), "labels": network()["labels"]},
        ("head_1", "missing"),
    ),
    "a head in another order": (
        {"Z": X.T, "head_0": np.ones((3, 2)), "labels": network()["labels"]},
        ("head_0",),
    ),
    "rows in a head in another order": (
        {"features": X, "head_0": np.ones((3, 2)), "labels": network()["labels"]},
        ("head_0", "one row a sample"),
    ),
    "W of other features": (
        {"features": X, "W": np.ones((3, 2)), "labels": network()["labels"]},
        ("(3, 2)", "(K, 3)"),
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_arrays_are_told_in_one_line(ncheck, written, name):
    arrays, words = BAD[name]
    assert ncheck("metrics", save(arrays), "--json", "o.json").is_refused("x.npz", *words)
    assert written() == ["x.npz"]


def test_other_files_are_refused(ncheck):
    np.save("one.npy", X)
    Path("text.npz").write_text("features = 1")
    Path("folder.npz").mkdir()
    np.savez("pickle.npz", **network(features=np.array([[1, "a"]], dtype=object)))
    for name in ("one.npy", "text.npz", "folder.npz", "pickle.npz", "gone.npz"):
        assert ncheck("metrics", name).is_refused(name)
    assert ncheck("metrics", save(network()), "--json", "nowhere/o.json").is_refused("nowhere")
