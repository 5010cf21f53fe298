"""Metrics against definitions carried out in exact rational arithmetic, and numbers by hand."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, ctx, fmpq, fmpq_mat
from hypothesis import given
from hypothesis import strategies as st

shapes = st.tuples(
    st.integers(0, 10**6), st.lists(st.integers(1, 4), min_size=2, max_size=5), st.integers(1, 5)
)
"""A seed, the sizes of the classes, a dimension: singletons and more classes than dimensions."""

NC1 = ("nc1_pinv_weighted", "nc1_pinv_unweighted", "nc1_trace_weighted", "nc1_trace_unweighted")


class Exact:
    """The matrices of the definitions over the rationals; samples and means are rows."""

    def __init__(self, arrays):
        self.y, self.K = arrays["labels"].tolist(), len(arrays["weights"])
        self.X, self.W = rational(arrays["features"]), rational(arrays["weights"])
        self.b = rational(arrays["bias"][None, :]).entries()
        self.counts = [self.y.count(c) for c in range(self.K)]
        averages = [fmpq(k == c, n) for c, n in enumerate(self.counts) for k in self.y]
        self.means = fmpq_mat(self.K, len(self.y), averages) * self.X
        belongs = [k == c for k in self.y for c in range(self.K)]
        residuals = self.X - fmpq_mat(len(self.y), self.K, list(map(int, belongs))) * self.means
        self.within = residuals.transpose() * residuals / len(self.y)
        self.squares = [total(x * x for x in row) for row in residuals.tolist()]

    def centred(self, weighted):
        weights = [fmpq(n, len(self.y)) if weighted else fmpq(1, self.K) for n in self.counts]
        return self.means - fmpq_mat(self.K, self.K, weights * self.K) * self.means

    def between(self, weighted):
        M = self.centred(weighted)
        return M.transpose() * M / self.K

    def pseudo_inverse_trace(self, weighted):
        """S^+ = Q (Q^T S Q)^-1 Q^T where the columns of Q are a basis of the range of S."""
        S = self.between(weighted)
        reduced, rank = S.rref()
        if rank == 0:
            return None
        Q = fmpq_mat(rank, S.ncols(), reduced.entries()[: rank * S.ncols()]).transpose()
        return trace(self.within * Q * (Q.transpose() * S * Q).inv() * Q.transpose()) / self.K

    def trace_ratio(self, weighted):
        between = trace(self.between(weighted))
        return trace(self.within) / between if between else None

    def cdnv(self):
        v = [
            total(s for s, k in zip(self.squares, self.y, strict=True) if k == c) / n
            for c, n in enumerate(self.counts)
        ]
        means = self.means.tolist()
        pairs = [
            (v[a] + v[b], 2 * distance(means[a], means[b])) for a in range(self.K) for b in range(a)
        ]
        if not all(below for _, below in pairs):
            return None
        return total(above / below for above, below in pairs) / len(pairs)

    def disagreement(self):
        """Ties go to the lowest class, as ``index`` returns the first place."""
        differ = 0
        for row in self.X.tolist():
            x = fmpq_mat(1, len(row), row)
            scores = [
                s + b for s, b in zip((x * self.W.transpose()).entries(), self.b, strict=True)
            ]
            distances = [distance(row, mean) for mean in self.means.tolist()]
            differ += scores.index(max(scores)) != distances.index(min(distances))
        return differ / len(self.y)


def rational(array):
    fractions = [Fraction(x) for x in array.ravel().tolist()]
    return fmpq_mat(*array.shape, [fmpq(x.numerator, x.denominator) for x in fractions])


def total(values):
    return sum(values, fmpq(0))


def trace(A):
    return total(A[i, i] for i in range(A.nrows()))


def distance(a, b):
    return total((p - q) ** 2 for p, q in zip(a, b, strict=True))


def apart(A, B):
    """|A/|A| - B/|B||_F = sqrt(2 - 2 <A, B> / (|A| |B|)) in balls; None where one vanishes."""
    a, b = A.entries(), B.entries()
    lengths = total(x * x for x in a) * total(x * x for x in b)
    if not lengths:
        return None
    with ctx.workprec(200):
        cosine = arb(total(p * q for p, q in zip(a, b, strict=True))) / arb(lengths).sqrt()
        return math.sqrt(max(0.0, float((2 - 2 * cosine).mid())))


def expected_as(value):
    """Ten digits of an exact value."""
    if value is None:
        return None
    number = value if isinstance(value, float) else int(value.p) / int(value.q)
    return pytest.approx(number, rel=1e-10, abs=1e-13)


@given(shapes)
def test_variability_follows_its_definition(integers, collapse, drawn):
    seed, counts, d = drawn
    arrays = integers(seed, tuple(counts), d)
    found, exact = collapse(**arrays).values, Exact(arrays)
    for name, weighted in (("weighted", True), ("unweighted", False)):
        expected = exact.pseudo_inverse_trace(weighted)
        assert found[f"nc1_pinv_{name}"] == expected_as(expected), name
        assert found[f"nc1_trace_{name}"] == expected_as(exact.trace_ratio(weighted)), name
    assert found["cdnv"] == expected_as(exact.cdnv())


@given(shapes)
def test_geometry_follows_its_definition(integers, collapse, drawn):
    seed, counts, d = drawn
    arrays = integers(seed, tuple(counts), d)
    found, exact = collapse(**arrays).values, Exact(arrays)
    K = len(counts)
    identity = fmpq_mat(K, K, [int(i == j) for i in range(K) for j in range(K)])
    simplex = identity - fmpq_mat(K, K, [fmpq(1, K)] * K**2)
    M, centred = exact.means, exact.centred(weighted=False)
    gram, centred_gram = M * M.transpose(), centred * centred.transpose()
    assert found["nc2_orthogonal"] == expected_as(apart(gram, identity))
    assert found["nc2_etf"] == expected_as(apart(centred_gram, simplex))
    assert found["nc3_self_duality"] == expected_as(apart(exact.W, centred))


@given(shapes)
def test_disagreement_follows_its_definition_ties_included(integers, collapse, drawn):
    seed, counts, d = drawn
    arrays = integers(seed, tuple(counts), d, size=2)
    assert collapse(**arrays).values["nc4_disagreement"] == Exact(arrays).disagreement()


def test_by_hand(collapse):
    """Two classes on a line at -1, 1 and 4, 6, 8: means 0 and 6, of all 3.6, of means 3.

    tr Sigma_W = (1 + 1 + 4 + 0 + 4) / 5 = 2; tr Sigma_B is (3.6^2 + 2.4^2) / 2 = 9.36 or 9; the
    variances are 1 and 8/3. In one dimension the traces are the covariances.
    """
    X = np.array([[-1.0], [1], [4], [6], [8]])
    found = collapse(X, [0, 0, 1, 1, 1], weights=np.array([[-1.0], [1]]), bias=np.array([3, -3]))
    assert found.values == pytest.approx(
        {
            "nc1_pinv_weighted": 2 / 9.36 / 2,
            "nc1_pinv_unweighted": 1 / 9,
            "nc1_trace_weighted": 2 / 9.36,
            "nc1_trace_unweighted": 2 / 9,
            "cdnv": (1 + 8 / 3) / (2 * 36),
            "nc2_etf": 0,
            "nc2_orthogonal": math.sqrt((1 - 1 / math.sqrt(2)) ** 2 + 0.5),
            "nc2_condition": None,
            "nc3_self_duality": 0,
            "nc4_disagreement": 0,
        },
        abs=1e-15,
    )
    assert found.undefined == {
        "nc2_condition": "2 class means in 1 dimensions are linearly dependent"
    }


@pytest.mark.parametrize("K", [2, 3, 10])
def test_collapse_itself(collapse, K):
    """A turned and moved simplex ETF, and a turned orthogonal frame, with W their multiple."""
    generator = np.random.default_rng(K)
    frame = np.linalg.qr(generator.standard_normal((K + 2, K)))[0].T
    labels = np.repeat(np.arange(K), 3)
    simplex = frame - frame.mean(axis=0)
    bias = -7 * simplex.sum(axis=1)
    found = collapse(2 * simplex[labels] + 1, labels, weights=7 * simplex, bias=bias).values
    zeros = [*NC1, "cdnv", "nc2_etf", "nc3_self_duality", "nc4_disagreement"]
    assert [found[name] for name in zeros] == pytest.approx([0] * len(zeros), abs=1e-13)
    found = collapse(frame[labels], labels).values
    assert found["nc2_orthogonal"] == pytest.approx(0, abs=1e-14)
    assert found["nc2_etf"] == pytest.approx(0, abs=1e-14)
    assert found["nc2_condition"] == pytest.approx(1, abs=1e-14)


def test_the_classifier_is_not_centred(collapse):
    """W = M + c 1^T: cos = |M| / |W|, at K = 2 with M = (1, -1), c = 1: W = (2, 0)."""
    X, y = np.array([[1.0], [-1]]), [0, 1]
    found = collapse(X, y, weights=np.array([[2.0], [0]])).values["nc3_self_duality"]
    assert found == pytest.approx(math.sqrt(2 - 2 / math.sqrt(2)), rel=1e-14)


def test_small_singular_values_are_kept_and_rounding_is_not(collapse):
    """Means s e_1, t e_2 and their negatives: tr Sigma_W Sigma_B^+ = 2 (a/s^2 + b/t^2) by hand.

    At t = 1e-8 s, Sigma_B has a condition number of 1e16: a pseudo-inverse of it drops t.
    """
    t, v = 2.0**-27, 2.0**-30
    centres = np.array([[1.0, 0], [0, t], [-1, 0], [0, -t]])
    labels = np.repeat(np.arange(4), 2)
    X = centres[labels] + np.tile([[0, v], [0, -v]], (4, 1))
    expected = 2 * v**2 / t**2 / 4
    found = collapse(X, labels)
    assert found.rank == 2
    assert found.values["nc1_pinv_unweighted"] == pytest.approx(expected, rel=1e-7)
    covariance = centres.T @ centres / 4
    dropped = np.trace(v**2 * np.diag([0, 1]) @ np.linalg.pinv(covariance)) / 4
    assert dropped < expected / 2
    turned = X @ np.array([[0.6, 0.8, 0], [0, 0, 1]])  # into a plane of three dimensions
    found = collapse(turned, labels)
    assert found.rank == 2
    assert found.values["nc1_pinv_unweighted"] == pytest.approx(expected, rel=1e-7)
