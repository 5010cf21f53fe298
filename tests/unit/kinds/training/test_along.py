"""Statements along training: admitted checkpoints, divergence, hypotheses that never hold."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from checkers import catalogue
from checkers.kinds.training.carried import checkpoints
from checkers.models.datasets import digits
from checkers.models.experiments import DIGITS
from checkers.models.mlp import Architecture
from checkers.verdict import Verdict
from late import Late

check_along = Late("checkers.kinds.training.along", "check_along")
train = Late("checkers.kinds.training.along", "train")

SMALL = replace(
    DIGITS,
    per_class=12,
    architecture=Architecture(widths=(64, 32, 32, 24, 24, 10), nonlinear=2),
    networks=2,
    learning_rate=2e-3,
    weight_decays=(0.2,),
    checkpoints=(0, 200, 800),
)
NC1 = catalogue.load("jacot2025_nc1")


@pytest.fixture(scope="module")
def snapshots():
    return list(train(SMALL, 0, 800))


def test_the_bound_holds_wherever_its_hypotheses_do(snapshots) -> None:
    finding = check_along(NC1, SMALL, snapshots)
    assert finding.verdict is Verdict.HOLDS
    assert finding.admitted >= 2
    assert finding.worst is not None
    for point in checkpoints(finding):
        if point.admitted:
            assert point.lhs["NC1"] <= point.rhs["NC1"]
        assert set(point.measured) == {"weight decay", "e1", "e2", "r", "NC1"}
    first = [c for c in checkpoints(finding) if c.step == 0]
    assert not any(c.admitted for c in first), "at initialisation the network does not interpolate"


def test_measured_values_are_those_of_plain_numpy(snapshots) -> None:
    last = snapshots[-1].batch
    point = [c for c in checkpoints(check_along(NC1, SMALL, snapshots)) if c.step == 800][1]
    Z, y = last.arrays["Z"][1], last.arrays["labels"]
    head = [last.arrays[f"head_{i}"][1] for i in range(3)]
    features = head[1] @ head[0] @ Z
    error = head[2] @ features - np.eye(10)[:, y]
    gaps = [np.linalg.norm(B.T @ B - A @ A.T, 2) for A, B in itertools.pairwise(head)]
    radius = max(np.linalg.norm(A, 2) for A in (head[0] @ Z, features, *head))
    assert point.measured["e1"] == pytest.approx(np.linalg.norm(error), rel=1e-9)
    assert point.measured["e2"] == pytest.approx(max(gaps), rel=1e-9)
    assert point.measured["r"] == pytest.approx(radius, rel=1e-9)
    psi = radius * (
        point.measured["e1"] / (np.sqrt(12) - point.measured["e1"])
        + np.sqrt(24 * point.measured["e2"])
    )
    bound = radius**2 / 120 * psi**2 / (np.sqrt(0.9) - 2 * point.measured["e1"] / np.sqrt(120)) ** 2
    assert point.rhs["NC1"] == pytest.approx(bound, rel=1e-9)


def test_an_untrained_network_is_vacuous_not_false() -> None:
    finding = check_along(NC1, SMALL, list(train(SMALL, 0, 0)))
    assert finding.verdict is Verdict.VACUOUS
    assert "none of 2 checkpoints" in finding.reason


def test_a_diverged_network_is_inconclusive_and_left_out() -> None:
    wild = replace(SMALL, learning_rate=1.0, checkpoints=(0, 100))
    snapshots = list(train(wild, 0, 100))
    assert snapshots[-1].networks == ()
    assert check_along(NC1, wild, snapshots).verdict is Verdict.INCONCLUSIVE


def test_digits_are_centred_and_balanced_on_request() -> None:
    X, y = digits()
    assert X.shape == (64, 1797)
    assert np.abs(X.mean(1)).max() < 1e-12
    X, y = digits(174)
    assert np.bincount(y).tolist() == [174] * 10
    with pytest.raises(ValueError, match=r"1\.\.174 expected"):
        digits(175)
