"""Exact proofs prove what the claims say: obligations against the claims' own exact values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import sympy

from checkers import catalogue
from checkers.arithmetic.rationals import ldlt, quadratic_form
from checkers.declared.proof import Semidefinite, Vanishing
from checkers.instance import LABELS, Instance
from checkers.prove import discharge
from checkers.quantities.margins import average_margin
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import H, W, average_margin_gap, labels
from checkers.values import rational_values


@pytest.mark.parametrize(("K", "n", "d"), [(2, 1, 1), (3, 2, 2), (4, 3, 1), (5, 2, 3)])
def test_the_form_is_the_gap_of_the_average_margin(K: int, n: int, d: int) -> None:
    """Summed over coordinates it is (n |W|^2 + |H|^2) / (2 (K-1) n) - Q, at random integers."""
    generator = np.random.default_rng(K * 100 + n)
    y = np.repeat(np.arange(K), n)
    for _ in range(5):
        arrays = {
            "W": generator.integers(-5, 6, (K, d)).astype(float),
            "H": generator.integers(-5, 6, (d, K * n)).astype(float),
            LABELS: y,
        }
        values = rational_values(Instance({"K": K, "N": K * n, "d": d}, arrays))
        gap = (n * values(squared_norm(W)) + values(squared_norm(H))) / (2 * (K - 1) * n)
        gap -= values(average_margin(W, H, labels))
        M = average_margin_gap(K, n).matrix
        form = sum(
            quadratic_form(M, [int(x) for x in (*arrays["H"][a], *arrays["W"][:, a])])
            for a in range(d)
        )
        assert form == Fraction(int(gap.p), int(gap.q))


def test_the_form_has_the_rank_of_its_equality_set() -> None:
    """K n + 1 of K n + K: the kernel is a collapsed classifier of K-1 dimensions."""
    for K, n in ((3, 2), (4, 1), (10, 10)):
        assert ldlt(average_margin_gap(K, n).matrix).rank == K * n + 1


def test_a_bound_smaller_by_a_thousandth_has_no_proof() -> None:
    for K, n in ((2, 1), (3, 4), (5, 2)):
        M = average_margin_gap(K, n).matrix
        scaled = [
            [x * Fraction(1000, 1001) if i == j else x for j, x in enumerate(row)]
            for i, row in enumerate(M)
        ]
        assert not discharge(Semidefinite(scaled))


def test_the_expanded_identity_is_the_claim() -> None:
    """The polynomial of the proof against the claim's own sides, where the entries are dropped."""
    from conjectures.ji2022.setting.gap import polynomial_gap

    for size in ((2, 1), (3, 2), (3, 3)):
        assert discharge(polynomial_gap(*size))
    statement = catalogue.load("ji2022_margin_gap_identity")
    assert {p.claim for p in statement.proofs} == {c.name for c in statement.claims}


def test_nothing_is_proved_by_nothing() -> None:
    x = sympy.Symbol("x")
    assert not discharge(Vanishing(()))
    assert not discharge(Vanishing((x,)))
    assert discharge(Vanishing(((x + 1) ** 2 - x**2 - 2 * x - 1,)))
