"""The smallest eigenvalue alone, against exact spectra and numpy."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, arb_mat, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from checkers.arithmetic.least_eigenvalue import least_eigenvalue


@pytest.mark.parametrize("bits", [64, 256])
def test_an_irrational_eigenvalue_is_enclosed_tightly(bits: int) -> None:
    """Of [[2, 1], [1, 3]]: (5 - sqrt(5)) / 2."""
    with ctx.workprec(bits):
        found = least_eigenvalue(arb_mat([[2, 1], [1, 3]]))
    with ctx.workprec(4 * bits):
        exact = (5 - arb(5).sqrt()) / 2
        assert found.contains(exact)
        assert found.rad() < arb(2) ** (4 - bits)


@settings(max_examples=40)
@given(
    st.lists(st.fractions(-4, 4, max_denominator=8), min_size=2, max_size=6),
    st.integers(0, 1000),
)
def test_known_spectra_in_rational_bases(spectrum, seed: int) -> None:
    """Q D Q^T with a rational reflection Q: multiple, zero and close eigenvalues included."""
    m = len(spectrum)
    v = [int(x) for x in np.random.default_rng(seed).integers(1, 5, m)]
    length = sum(x * x for x in v)
    Q = [[fmpq(int(i == j)) - fmpq(2 * v[i] * v[j], length) for j in range(m)] for i in range(m)]
    D = [fmpq(x.numerator, x.denominator) for x in spectrum]
    S = [[sum(Q[i][k] * D[k] * Q[j][k] for k in range(m)) for j in range(m)] for i in range(m)]
    found = least_eigenvalue(arb_mat([[arb(x) for x in row] for row in S]))
    least = min(spectrum)
    with ctx.workprec(400):
        assert found.contains(arb(fmpq(least.numerator, least.denominator)))
    assert found.rad() < arb(2) ** -40


def test_agrees_with_numpy_on_larger_matrices() -> None:
    A = np.random.default_rng(0).standard_normal((24, 24))
    S = A + A.T
    found = least_eigenvalue(arb_mat(S.tolist()))
    assert float(found.mid()) == pytest.approx(np.linalg.eigvalsh(S)[0], abs=1e-12)


def test_degenerate_matrices() -> None:
    assert least_eigenvalue(arb_mat(3, 3)) == 0
    assert least_eigenvalue(arb_mat([[7]])).contains(7)
    assert not least_eigenvalue(arb_mat([[arb("nan")]])).is_finite()
    wide = arb_mat([[arb(1, 0.5), 0], [0, 2]])
    found = least_eigenvalue(wide)
    assert found.contains(arb("0.5"))
    assert found.contains(arb("1.5"))
