"""Metrics against scikit-learn and scipy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.linalg import pinvh, svdvals
from sklearn.datasets import load_digits
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import NearestCentroid


@pytest.fixture(scope="module")
def digits():
    """Features (1797, 61) of ten classes, those pixels that are not constant."""
    images = load_digits()
    return images.data[:, np.ptp(images.data, axis=0) > 0], images.target


def test_scatter_of_scikit_learn(collapse, digits):
    """Its within-class covariance weighs samples; the class means are its own as well."""
    X, y = digits
    found = collapse(X, y).values
    lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.5, store_covariance=True).fit(X, y)
    unshrunk = sum(prior * np.cov(X[y == c].T, bias=True) for c, prior in enumerate(lda.priors_))
    for name, mean in (("weighted", X.mean(axis=0)), ("unweighted", lda.means_.mean(axis=0))):
        M = lda.means_ - mean
        between = M.T @ M / 10
        expected = np.trace(unshrunk) / np.trace(between)
        assert found[f"nc1_trace_{name}"] == pytest.approx(expected, rel=1e-10)
        expected = np.trace(unshrunk @ pinvh(between, rtol=1e-10)) / 10
        assert found[f"nc1_pinv_{name}"] == pytest.approx(expected, rel=1e-9)
    values = svdvals(lda.means_)
    assert found["nc2_condition"] == pytest.approx(values[0] / values[-1], rel=1e-10)


def test_nearest_centroids_of_scikit_learn(collapse, digits):
    X, y = digits
    W = np.random.default_rng(0).standard_normal((10, 61))
    b = np.random.default_rng(1).standard_normal(10) * 50
    nearest = NearestCentroid().fit(X, y).predict(X)
    for bias, scores in ((None, X @ W.T), (b, X @ W.T + b)):
        given = {"weights": W} if bias is None else {"weights": W, "bias": bias}
        found = collapse(X, y, **given).values["nc4_disagreement"]
        assert found == pytest.approx((scores.argmax(axis=1) != nearest).mean(), abs=1e-15)
        assert 0 < found < 1


def test_a_linear_classifier_of_scikit_learn(collapse, digits):
    X, y = digits
    lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1).fit(X, y)
    nearest = NearestCentroid().fit(X, y).predict(X)
    found = collapse(X, y, weights=lda.coef_, bias=lda.intercept_).values["nc4_disagreement"]
    assert found == pytest.approx((lda.predict(X) != nearest).mean(), abs=1e-15)
