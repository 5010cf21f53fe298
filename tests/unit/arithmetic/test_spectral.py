from __future__ import annotations

from collections.abc import Sequence

import flint
import mpmath
import numpy as np
import pytest
import scipy.linalg
import sympy
from flint import arb, arb_mat
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.arithmetic import spectral
from checkers.arithmetic.diagonalisation import Diagonalised
from checkers.arithmetic.spectral import (
    RankUndecidedError,
    condition_number,
    eigenvalues,
    frobenius_norm,
    kth_singular_value,
    operator_norm,
    singular_values,
    smallest_eigenvalue,
)

ORACLE_DIGITS = 100
REGIMES = ["gaussian", "low_rank", "repeated", "graded", "integer", "zero_row", "tiny", "huge"]


def ball(a: np.ndarray) -> arb_mat:
    return arb_mat(a.shape[0], a.shape[1], a.ravel().tolist())


def sample(m: int, n: int, regime: str, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    a = rng.normal(size=(m, n))
    if regime == "low_rank":
        small = rng.integers(-3, 4, size=(m, 1)) @ rng.integers(-3, 4, size=(1, n))
        return small.astype(float)
    if regime == "repeated":
        u, _, vt = np.linalg.svd(a, full_matrices=False)
        return u @ vt
    if regime == "graded":
        return a * 10.0 ** rng.integers(-8, 9, size=(m, 1))
    if regime == "integer":
        return rng.integers(-2, 3, size=(m, n)).astype(float)
    if regime == "zero_row":
        a[0] = 0.0
    return a * {"tiny": 2.0**-600, "huge": 2.0**1000}.get(regime, 1.0)


def oracle(a: np.ndarray) -> list[arb]:
    """Singular values by mpmath with an error far below every radius tested."""
    with mpmath.workdps(ORACLE_DIGITS), flint.ctx.workprec(400):
        values = mpmath.svd_r(mpmath.matrix(a.tolist()), compute_uv=False)
        top = abs(arb(values[0]))
        error = top * arb(10) ** (10 - ORACLE_DIGITS)
        return sorted((arb(v) + arb(0, error) for v in values), key=lambda x: -x.mid())


def encloses(found: Sequence[arb], true: Sequence[arb]) -> bool:
    """Whether every ball found meets the tiny ball that holds the true value."""
    return len(found) == len(true) and all(f.overlaps(t) for f, t in zip(found, true, strict=True))


def relative_width(values: Sequence[arb]) -> arb:
    top = values[0].abs_upper()
    return max(v.rad() for v in values) / top if top > 0 else arb(0)


@given(
    m=st.integers(1, 5),
    n=st.integers(1, 7),
    regime=st.sampled_from(REGIMES),
    seed=st.integers(0, 2**32 - 1),
)
@settings(deadline=None, max_examples=40)
def test_encloses_the_values_and_shrinks_with_the_precision(
    m: int, n: int, regime: str, seed: int
) -> None:
    a = sample(m, n, regime, seed)
    true = oracle(a)
    widths = []
    for bits in (64, 128, 256):
        with flint.ctx.workprec(bits):
            found = singular_values(ball(a))
            assert encloses(found, true)
            assert encloses([operator_norm(ball(a))], true[:1])
            widths.append(relative_width(found))
            assert widths[-1] <= arb(2) ** (12 - bits)
    assert widths[2] <= widths[0]


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (5, 12), (12, 5), (16, 16), (33, 40)])
def test_agrees_with_lapack(shape: tuple[int, int]) -> None:
    a = np.random.default_rng(7).normal(size=shape)
    found = [float(s) for s in singular_values(ball(a))]
    expected = scipy.linalg.svdvals(a)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * expected[0])
    np.testing.assert_allclose(float(operator_norm(ball(a))), expected[0], rtol=1e-13)
    assert float(frobenius_norm(ball(a))) == pytest.approx(np.linalg.norm(a), rel=1e-14)


def test_a_large_matrix_is_tight() -> None:
    a = np.random.default_rng(3).normal(size=(40, 300))
    with flint.ctx.workprec(64):
        found = singular_values(ball(a))
    assert relative_width(found) < 1e-18
    np.testing.assert_allclose([float(s) for s in found], scipy.linalg.svdvals(a), rtol=1e-12)


def test_the_oracle_detects_a_planted_error() -> None:
    a = sample(4, 6, "gaussian", 1)
    true = oracle(a)
    with flint.ctx.workprec(128):
        found = singular_values(ball(a))
        assert encloses(found, true)
        planted = [arb(float(found[0]) * (1 + 1e-15)), *found[1:]]
        assert not encloses(planted, true)
        assert not encloses([s * (1 + arb(2) ** -120) for s in found], true)
        assert not encloses(found[:-1], true)
        assert not encloses([found[1], found[0], *found[2:]], true)


def crude(S: arb_mat, bits: int) -> Diagonalised:
    """Vectors wrong in the third digit, not orthogonal, with an honest account of both."""
    n = S.nrows()
    values = np.array([float(x) for x in S.entries()]).reshape(n, n)
    vectors = np.linalg.eigh(values)[1] + 1e-3 * np.random.default_rng(0).normal(size=(n, n))
    U = ball(vectors)
    T = U.transpose()
    return Diagonalised(U, arb_mat(n, n, 1) - T * U, T * S * U)


def test_the_bound_holds_however_bad_the_vectors_are(monkeypatch: pytest.MonkeyPatch) -> None:
    a = sample(5, 8, "gaussian", 2)
    true = oracle(a)
    good = relative_width(singular_values(ball(a)))
    monkeypatch.setattr(spectral, "diagonalise", crude)
    found = singular_values(ball(a))
    assert encloses(found, true)
    assert relative_width(found) > 1000 * good


def test_forgetting_the_defect_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def dishonest(S: arb_mat, bits: int) -> Diagonalised:
        n = S.nrows()
        U = arb_mat(n, n, 1) * (1 + arb(2) ** -10)
        return Diagonalised(U, arb_mat(n, n), U.transpose() * S * U)

    a = np.diag([3.0, 2.0])
    monkeypatch.setattr(spectral, "diagonalise", dishonest)
    assert not encloses(singular_values(ball(a)), oracle(a))


def test_forgetting_the_off_diagonal_part_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    def dishonest(S: arb_mat, bits: int) -> Diagonalised:
        n = S.nrows()
        diagonal = arb_mat(n, n)
        for k in range(n):
            diagonal[k, k] = S[k, k]
        return Diagonalised(arb_mat(n, n, 1), arb_mat(n, n), diagonal)

    a = np.array([[2.0, 1.0], [1.0, 3.0]])
    monkeypatch.setattr(spectral, "diagonalise", dishonest)
    assert not encloses(singular_values(ball(a)), oracle(a))


def hadamard(k: int) -> np.ndarray:
    h = np.ones((1, 1))
    for _ in range(k):
        h = np.kron(h, np.array([[1.0, 1.0], [1.0, -1.0]]))
    return h


@pytest.mark.parametrize("bits", [64, 128, 512])
def test_known_spectra(bits: int) -> None:
    with flint.ctx.workprec(bits):
        root8 = arb(8).sqrt()
        assert all(s.overlaps(root8) for s in singular_values(ball(hadamard(3))))
        assert [float(s) for s in singular_values(ball(hadamard(2)))] == [2.0] * 4
        ones = singular_values(ball(np.ones((3, 5))))
        assert ones[0].overlaps(arb(15).sqrt())
        assert all(s.contains(0) and s.rad() < arb(2) ** (4 - bits) for s in ones[1:])
        dyadic = ball(np.diag([0.25, 3.0, 1024.0, 0.5]))
        assert encloses(singular_values(dyadic), [arb(v) for v in (1024, 3, 0.5, 0.25)])
        assert singular_values(ball(np.zeros((2, 3)))) == [0, 0]
        assert operator_norm(ball(np.zeros((2, 3)))) == 0
        assert operator_norm(arb_mat(0, 3)) == 0
        assert singular_values(arb_mat(0, 3)) == []


@pytest.mark.parametrize(
    "rows", [[[1, 1], [0, 1]], [[1, 1], [1, -1]], [[1, 2, 0], [0, 1, 3]], [[2, 1], [1, 2], [0, 1]]]
)
def test_irrational_values_known_exactly(rows: list[list[int]]) -> None:
    k = min(len(rows), len(rows[0]))
    exact = sympy.Matrix(rows).singular_values()
    digits = sorted((sympy.N(s, 90) for s in exact), reverse=True)[:k]
    with flint.ctx.workprec(256):
        true = [arb(str(s)) + arb(0, arb(10) ** -85) for s in digits]
        found = singular_values(arb_mat(rows))
        assert encloses(found, true)
        assert relative_width(found) < arb(2) ** -250


@pytest.mark.parametrize("gap", [0.0, 1e-17, 1e-30, 1e-60])
@pytest.mark.parametrize("bits", [64, 128, 256, 512])
def test_close_values_do_not_spoil_the_bounds(gap: float, bits: int) -> None:
    """Q D R with the exactly orthogonal reflection I - J / 2, so the values are those of D."""
    with flint.ctx.workprec(2000):
        values = [arb(2), 1 + arb(gap), arb(1), arb(gap) / 4]
        D = arb_mat(4, 4)
        for k, v in enumerate(values):
            D[k, k] = v
        half = arb_mat(4, 4, [arb(0.5)] * 16)
        Q = arb_mat(4, 4, 1) - half
        A = (Q * D * Q).mid()
    with flint.ctx.workprec(bits):
        found = singular_values(A)
        assert encloses(found, values)
        assert relative_width(found) < arb(2) ** (6 - bits)


def test_a_ball_matrix_holds_the_values_of_its_members() -> None:
    rng = np.random.default_rng(11)
    centre = rng.normal(size=(4, 7))
    radius = 2.0**-10
    A = arb_mat(4, 7, [arb(x, radius) for x in centre.ravel().tolist()])
    found = singular_values(A)
    norm = operator_norm(A)
    extreme = 0.0
    for k in range(40):
        shift = rng.choice([-1.0, 1.0], size=(4, 7)) if k % 2 else rng.uniform(-1, 1, size=(4, 7))
        true = oracle(centre + radius * shift)
        assert encloses(found, true)
        assert norm.overlaps(true[0])
        extreme = max(extreme, abs(float(true[0] - found[0].mid())))
    assert 0 < extreme <= float(found[0].rad()) <= 2 * radius * 28**0.5


def test_the_worst_member_is_inside() -> None:
    """Radii aligned with the top singular pair move s_1 by the Frobenius norm of the radii."""
    A = arb_mat(2, 3, [arb(1, 0.5)] * 6)
    assert operator_norm(A).overlaps(arb(6).sqrt() * 1.5)
    assert operator_norm(A).overlaps(arb(6).sqrt() * 0.5)


@pytest.mark.parametrize("bits", [64, 256])
def test_eigenvalues_of_symmetric_matrices(bits: int) -> None:
    rng = np.random.default_rng(5)
    a = rng.integers(-4, 5, size=(6, 6)).astype(float)
    a = a + a.T
    with flint.ctx.workprec(bits):
        found = eigenvalues(ball(a))
        with mpmath.workdps(ORACLE_DIGITS):
            true = sorted(mpmath.eigsy(mpmath.matrix(a.tolist()), eigvals_only=True), reverse=True)
        with flint.ctx.workprec(400):
            exact = [arb(v) + arb(0, arb(10) ** -85) for v in true]
        assert encloses(found, exact)
        assert smallest_eigenvalue(ball(a)).overlaps(exact[-1])
        assert relative_width(found) < arb(2) ** (6 - bits)
        assert [float(v) for v in found] == sorted((float(v) for v in found), reverse=True)


def test_eigenvalues_of_symmetric_balls_hold_those_of_members() -> None:
    rng = np.random.default_rng(6)
    centre = rng.normal(size=(5, 5))
    centre = centre + centre.T
    found = eigenvalues(arb_mat(5, 5, [arb(x, 2.0**-8) for x in centre.ravel().tolist()]))
    for _ in range(20):
        shift = np.triu(rng.choice([-1.0, 1.0], size=(5, 5)))
        member = centre + 2.0**-8 * (shift + np.triu(shift, 1).T)
        values = np.linalg.eigvalsh(member)[::-1].tolist()
        assert encloses(found, [arb(v, 1e-12) for v in values])


def test_condition_number() -> None:
    A = ball(np.diag([8.0, 4.0, 0.5]))
    assert condition_number(A).contains(16)
    assert condition_number(A, rank=2).contains(2)
    flat = ball(np.diag([8.0, 4.0, 0.0]))
    with pytest.raises(RankUndecidedError, match="singular value 3 of 3"):
        condition_number(flat)
    assert condition_number(flat, rank=2).contains(2)
    with pytest.raises(ValueError, match="no singular value 4"):
        condition_number(A, rank=4)


def test_a_small_singular_value_is_certified_positive_with_more_bits() -> None:
    """The Hilbert matrix of size 20 has condition number near 2^94."""
    A = arb_mat.hilbert(20, 20)
    with pytest.raises(RankUndecidedError):
        condition_number(A)
    with flint.ctx.workprec(256):
        assert 1e27 < condition_number(arb_mat.hilbert(20, 20)) < 1e29


def test_kth_singular_value() -> None:
    A = ball(np.diag([3.0, 1.0, 2.0]))
    assert [kth_singular_value(A, k).contains(4 - k) for k in (1, 2, 3)] == [True] * 3
    for k in (0, 4):
        with pytest.raises(ValueError, match="no singular value"):
            kth_singular_value(A, k)


@pytest.mark.parametrize("entry", [arb("nan"), arb("inf"), arb(0, arb("inf"))])
@pytest.mark.parametrize("place", [(0, 0), (0, 1)])
def test_a_matrix_that_is_not_finite_is_refused(entry: arb, place: tuple[int, int]) -> None:
    A = arb_mat(2, 2, [1, 2, 2, 5])
    A[place] = entry
    before = flint.ctx.prec
    for function in (singular_values, operator_norm, frobenius_norm, condition_number, eigenvalues):
        with pytest.raises(ValueError, match="not a finite number"):
            function(A)
    assert flint.ctx.prec == before


def test_an_asymmetric_matrix_has_no_eigenvalues_here() -> None:
    with pytest.raises(ValueError, match="not symmetric"):
        eigenvalues(arb_mat(2, 2, [1, 2, 3, 4]))
    with pytest.raises(ValueError, match="empty"):
        smallest_eigenvalue(arb_mat(0, 0))


def test_the_precision_and_the_argument_are_left_alone() -> None:
    A = arb_mat(2, 2, [2, 0, 0, 1])
    with flint.ctx.workprec(96):
        singular_values(A)
        eigenvalues(A)
        assert flint.ctx.prec == 96
    assert arb_mat(2, 2, [2, 0, 0, 1]) == A
