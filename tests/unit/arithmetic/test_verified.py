"""Floating-point verified norms against exact ones."""

from __future__ import annotations

import numpy as np
import pytest
from flint import arb, arb_mat, ctx

from checkers.arithmetic.spectral import FLOAT_SIZE, operator_norm
from checkers.arithmetic.verified import float_operator_norm


@pytest.mark.parametrize("shape", [(30, 40), (64, 200), (50, 30), (1, 5), (3, 3)])
@pytest.mark.parametrize("scale", [1.0, 1e-8, 1e8])
def test_contains_the_norm_computed_at_256_bits(shape: tuple[int, int], scale: float) -> None:
    A = np.random.default_rng(7).standard_normal(shape) * scale
    found = float_operator_norm(A)
    with ctx.workprec(256):
        reference = operator_norm(arb_mat(*shape, A.ravel().tolist()))
        assert found is not None
        assert found.overlaps(reference)
        assert float((found.rad() / reference).mid()) < 1e-9


def test_contains_exact_norms() -> None:
    n = 32
    ones = float_operator_norm(np.ones((n, n)))
    hadamard = np.array([[1.0]])
    while len(hadamard) < n:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    assert ones is not None
    assert ones.contains(arb(n))
    frame = float_operator_norm(hadamard)
    with ctx.workprec(200):
        assert frame is not None
        assert frame.contains(arb(n).sqrt())
    assert not frame.contains(arb(n).sqrt() * (1 + arb(2) ** -30))


def test_refuses_what_floats_cannot_bound() -> None:
    assert float_operator_norm(np.full((3, 3), 1e200)) is None
    assert float_operator_norm(np.array([[np.inf, 1.0]])) is None


def test_ball_matrices_of_this_size_use_it_and_cover_their_radii() -> None:
    n = FLOAT_SIZE
    wide = arb_mat(n, n, [arb(int(i == j), 0.25) for i in range(n) for j in range(n)])
    norm = operator_norm(wide)
    assert all(norm.contains(arb(value)) for value in (0.75, 1, 1.25))
