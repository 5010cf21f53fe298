"""Multipliers of the minimum-norm separation problem, fitted, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from checkers.models.frames import block_frame, polygon, simplex_etf
from checkers.models.separation import fit_multipliers, margins_of
from conjectures.ji2022.setting.gradient_flow import cross_polytope


def test_the_cross_polytope_has_multipliers_one_half_across_blocks() -> None:
    fitted = fit_multipliers(*cross_polytope(), np.arange(4))
    assert fitted.residual < 1e-12
    expected = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [1, 1, 0, 0], [1, 1, 0, 0]]) / 2
    assert fitted.multipliers == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("scale", [0.1, 30.0])
def test_collapse_has_equal_multipliers_at_any_scale(scale: float) -> None:
    """1 / (K sqrt(n)) each, of sum (K-1) sqrt(n)."""
    V = scale * simplex_etf(3, 4)
    labels = np.repeat(np.arange(3), 4)
    fitted = fit_multipliers(V * 4**0.25, V.T[:, labels] / 4**0.25, labels)
    assert fitted.residual < 1e-12
    assert fitted.multipliers.sum() == pytest.approx(4)


@pytest.mark.parametrize("K", [5, 6, 7])
def test_the_polygon_has_multipliers_on_neighbours(K: int) -> None:
    """1 / (2 - 2 cos(2 pi / K))."""
    V = polygon(K)
    fitted = fit_multipliers(V, V.T.copy(), np.arange(K))
    assert fitted.residual < 1e-12
    assert fitted.multipliers[1, 0] == pytest.approx(1 / (2 - 2 * np.cos(2 * np.pi / K)))
    assert fitted.multipliers[2, 0] == pytest.approx(0, abs=1e-12)


def test_example_3_1() -> None:
    """The matrix of the paper: rows (1, -1, 0, 0) and so on, q / rho^2 = 1/8, short of 1/6."""
    B = np.array([[1.0, -1, 0, 0], [-1, 1, 0, 0], [0, 0, 1, -1], [0, 0, -1, 1]])
    q = margins_of(B, B, np.arange(4)).min()
    assert q / (2 * (B**2).sum()) == 1 / 8
    assert fit_multipliers(B, B, np.arange(4)).residual < 1e-12


def test_a_point_that_is_not_kkt_has_a_residual() -> None:
    V = simplex_etf(3, 2)
    off = V.T * np.array([[1.5], [1.0]])
    assert fit_multipliers(V, off, np.arange(3)).residual > 0.05


def test_a_point_that_does_not_separate_has_no_multipliers() -> None:
    with pytest.raises(ValueError, match="positive"):
        fit_multipliers(-np.eye(2), np.eye(2), np.arange(2))


@pytest.mark.parametrize("blocks", [(2, 2), (2, 3), (3, 3), (4, 2), (2, 2, 3), (5, 4)])
def test_block_frames_are_unit_simplices_that_are_orthogonal(blocks: tuple[int, ...]) -> None:
    from fractions import Fraction

    frame = block_frame(blocks, Fraction(3))
    block = np.repeat(np.arange(len(blocks)), blocks)
    for i in range(sum(blocks)):
        for j in range(sum(blocks)):
            same = 3 if i == j else Fraction(-3, blocks[block[i]] - 1)
            assert frame[i] @ frame[j] == (same if block[i] == block[j] else 0)
