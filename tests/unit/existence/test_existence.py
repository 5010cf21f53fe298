"""Existence proved in balls: what no float satisfies, and nothing that does not exist."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import spheres
import sympy
from flint import arb, ctx
from spheres import H2, MARGIN, TRIANGLE, W2, equal, instance, loss_of_unit_vectors, statement

from checkers.declared.claim import Claim, Hypothesis
from checkers.evaluation import certify
from checkers.existence import Existence, enclosure, failure
from checkers.existence_search import Certified, NoCertificate, certify_near, prove_existence
from checkers.models.frames import centring
from checkers.quantities.duality import centred_norm, mean_row
from checkers.settings.unconstrained import (
    BALANCED,
    EQUAL_NORMS,
    NC1,
    NC2,
    NC3,
    ZERO_MEAN,
    W,
)
from checkers.verdict import Verdict

BELOW = sympy.Rational(149, 100)
COLLAPSE = (BALANCED, ZERO_MEAN, NC1, NC2, NC3, EQUAL_NORMS)


def unit_vectors(margin=BELOW) -> Existence:
    found = prove_existence(loss_of_unit_vectors(margin), instance(TRIANGLE, TRIANGLE.T))
    assert isinstance(found, Existence)
    return found


def simplex(K: int, d: int, seed: int) -> np.ndarray:
    """K vertices of a regular simplex in a random orientation, from the eigenvectors of I - J/K."""
    values, vectors = np.linalg.eigh(np.asarray(centring(K), dtype=float))
    turn = np.linalg.qr(np.random.default_rng(seed).standard_normal((d, d)))[0]
    return np.pad(vectors[:, values > 0.5], ((0, 0), (0, d - K + 1))) @ turn


def test_no_float_near_the_triangle_is_admitted() -> None:
    """What the certificate is for."""
    assert certify(loss_of_unit_vectors(BELOW), instance(TRIANGLE, TRIANGLE.T))[0].verdict is (
        Verdict.VACUOUS
    )


def test_a_wrong_constant_for_unit_vectors_is_refuted() -> None:
    found = certify_near(loss_of_unit_vectors(BELOW), instance(TRIANGLE, TRIANGLE.T))
    assert isinstance(found, Certified)
    assert found.verdict is Verdict.REFUTED
    assert found.existence is not None
    assert found.existence.radius < 1e-30
    (evaluation,) = found.evaluations
    assert evaluation.satisfied == {"unit rows": True, "unit features": True}
    assert float(evaluation.rhs.mid()) == pytest.approx(3 * np.log(1 + 2 * np.exp(-1.5)), rel=1e-14)


@pytest.mark.parametrize("noise", [0, 1e-9, 1e-4])
def test_the_right_constant_is_not_refuted(noise) -> None:
    change = noise * np.random.default_rng(3).standard_normal((2, 3, 2))
    near = instance(TRIANGLE + change[0], (TRIANGLE + change[1]).T)
    found = certify_near(loss_of_unit_vectors(sympy.Rational(3, 2)), near)
    assert found.verdict is Verdict.HOLDS
    assert found.existence is not None


def test_the_box_holds_the_algebraic_solution() -> None:
    """The solved entry of (x, -1/2) on the unit circle is the square root of 3/4."""
    found = unit_vectors()
    assert set(found.radii) >= {("W", 1, 0), ("H", 0, 1)}
    with ctx.workprec(600):
        root = arb(3).sqrt() / 2
        for name, i, j in (("W", 1, 0), ("H", 0, 1)):
            x, radius = found.centre.arrays[name][i, j], found.radii[name, i, j]
            assert abs(arb(x.numerator) / x.denominator - root) < arb(radius.numerator) / (
                radius.denominator
            )
            assert x.denominator > 2**60  # more digits than a float has


def test_unsolved_entries_stay_as_given() -> None:
    found = unit_vectors()
    for name, given in (("W", TRIANGLE), ("H", TRIANGLE.T)):
        array = found.centre.arrays[name]
        for (i, j), x in np.ndenumerate(given):
            if (name, i, j) not in found.radii:
                assert array[i, j] == Fraction(float(x))


def test_values_on_the_box_hold_those_of_any_point_in_it() -> None:
    found = unit_vectors()
    wide = replace(found, radii={e: Fraction(1, 8) for e in found.radii})
    with ctx.workprec(128):
        box = enclosure(wide)(W2)
        assert box.overlaps(arb(3))
        assert not box.contains(arb(4.5))  # (7/8)^2 + ... at most 3 (9/8)^2 < 4
        assert box.rad() > 0.3


@pytest.mark.parametrize("factor", [Fraction(1, 2**40), Fraction(2**112)])
def test_another_radius_is_not_verified(factor) -> None:
    """Too small to hold the solution, too large for the slopes."""
    found, claim = unit_vectors(), loss_of_unit_vectors(BELOW)
    assert failure(claim, found) == ""
    edited = replace(found, radii={e: r * factor for e, r in found.radii.items()})
    assert "Krawczyk" in failure(claim, edited)


@pytest.mark.parametrize(
    "change",
    [
        lambda e: {"kept": e.kept[1:]},
        lambda e: {"kept": (e.kept[0], *e.kept[:-1])},
        lambda e: {"kept": (*e.kept[:-1], 99)},
        lambda e: {"radii": {k: -r for k, r in e.radii.items()}},
        lambda e: {"radii": {k: Fraction(0) for k in e.radii}},
        lambda e: {"radii": {}, "kept": ()},
        lambda e: {"bits": 20},
    ],
)
def test_an_edited_claim_of_existence_is_not_verified(change) -> None:
    found = unit_vectors()
    assert failure(loss_of_unit_vectors(BELOW), replace(found, **change(found)))


def test_a_moved_centre_is_not_verified() -> None:
    found = unit_vectors()
    arrays = {name: array.copy() for name, array in found.centre.arrays.items()}
    arrays["W"][1, 0] += Fraction(1, 2**90)
    moved = replace(found, centre=replace(found.centre, arrays=arrays))
    assert failure(loss_of_unit_vectors(BELOW), moved)


NEGATIVE = equal("negative", W2, -sympy.Rational(1, 10**30))
DOUBLE = equal("double", W2**2 + H2**2, 2 * W2 * H2)


@pytest.mark.parametrize(
    ("hypotheses", "scale", "reason"),
    [
        ((equal("one", W2, 1), equal("two", W2, 2)), 1.0001, "no solution nearby"),
        ((NEGATIVE,), 1.0, "not simple"),
        ((NEGATIVE,), 1e-16, "not simple"),
        ((NEGATIVE,), 0.0, "have no slope"),
        ((DOUBLE,), 1.0001, "not simple"),
        ((equal("far", W2, 2), DOUBLE), 1e-3, "no solution nearby"),
    ],
)
def test_what_does_not_exist_or_is_not_simple_gets_no_certificate(
    hypotheses, scale, reason
) -> None:
    """Contradictory equations, a sum of squares that is negative, a double zero (W2 - H2)^2."""
    found = certify_near(statement(hypotheses), instance(TRIANGLE * scale, TRIANGLE.T))
    assert isinstance(found, NoCertificate)
    assert found.verdict is Verdict.INCONCLUSIVE
    assert reason in found.reason


@pytest.mark.parametrize(("K", "n", "d"), [(3, 1, 2), (4, 2, 3), (5, 3, 4), (5, 2, 6)])
def test_full_collapse_is_certified_near_a_frame(K, n, d) -> None:
    """The margin there is |W|^2 / ((K-1) sqrt n): above 9/10 of it, not above 11/10."""
    frame = simplex(K, d, seed=K)
    noise = 1e-7 * np.random.default_rng(0).standard_normal((d, K * n))
    near = instance(frame, np.repeat(frame.T, n, 1) / n**0.5 + noise, np.repeat(np.arange(K), n))
    bound = W2 / ((K - 1) * sympy.sqrt(n))
    for factor, verdict in ((9, Verdict.REFUTED), (11, Verdict.HOLDS)):
        found = certify_near(statement(COLLAPSE, MARGIN, bound * factor / 10), near)
        assert isinstance(found, Certified), found
        assert found.existence is not None
        assert found.verdict is verdict
        assert all(found.evaluations[0].satisfied.values())


def test_no_simplex_frame_fits_into_a_plane_at_four_classes() -> None:
    """Four points of a plane are no regular simplex."""
    square = np.array([[1.0, 0], [0, 1], [-1, 0], [0, -1]])
    assert isinstance(certify_near(statement((NC2,)), instance(square, square.T)), NoCertificate)


def test_an_antipodal_pair_is_not_positively_proportional() -> None:
    """NC3 asks for a positive factor, which the equations alone do not."""
    near = instance(TRIANGLE, -2 * TRIANGLE.T + 1e-9)
    found = certify_near(statement((NC3,)), near)
    assert isinstance(found, NoCertificate)
    assert "positive" in found.reason


PYTHAGORAS = (
    equal("whole", W2, sympy.Rational(33, 10)),
    equal("centred", centred_norm(W), 3),
    equal("mean", mean_row(W), sympy.Rational(3, 10)),
)


def test_equations_that_follow_exactly_from_others_are_left_out() -> None:
    """|W|^2 = |W less its mean|^2 + K |mean|^2: two of the three equations say all."""
    near = instance(TRIANGLE + np.array([0.1, 0.3]), TRIANGLE.T)
    found = prove_existence(statement(PYTHAGORAS), near)
    assert isinstance(found, Existence)
    assert len(found.kept) == len(found.radii) == 2


def test_equations_that_nearly_follow_are_not_left_out() -> None:
    off = equal("mean", mean_row(W), sympy.Rational(3, 10) + sympy.Rational(1, 10**15))
    near = instance(TRIANGLE + np.array([0.1, 0.3]), TRIANGLE.T)
    found = prove_existence(statement((*PYTHAGORAS[:2], off)), near)
    assert isinstance(found, NoCertificate)
    assert "depend on the others" in found.reason


def test_other_hypotheses_are_decided_on_the_box() -> None:
    """A strict inequality that is an equality at the point stays open: no refutation."""
    tied = Hypothesis("margin", MARGIN - sympy.Rational(3, 2), strict=True)
    slack = Hypothesis("margin", MARGIN - 1, strict=True)
    near = instance(TRIANGLE, TRIANGLE.T)
    for extra, verdict in ((tied, Verdict.INCONCLUSIVE), (slack, Verdict.REFUTED)):
        claim = statement((*spheres.UNIT, extra), MARGIN, BELOW)
        assert certify_near(claim, near).verdict is verdict


def test_an_equality_within_a_minimum_leaves_the_rest_to_the_box() -> None:
    near = instance(TRIANGLE, TRIANGLE.T)
    for least, verdict in ((1, Verdict.REFUTED), (2, Verdict.VACUOUS)):
        both = Hypothesis("both", sympy.Min(-sympy.Abs(W2 - 3), MARGIN - least))
        found = certify_near(statement((*spheres.UNIT, both), MARGIN, BELOW), near)
        assert found.verdict is verdict


def test_without_equalities_the_instance_itself_is_certified() -> None:
    found = certify_near(statement((), W2, H2), instance(TRIANGLE, 2 * TRIANGLE.T))
    assert found == Certified(found.instance, None, found.evaluations)
    assert found.verdict is Verdict.HOLDS


def test_a_hypothesis_without_known_equations_is_not_guessed() -> None:
    """exp(|W|^2) = e^3 has a slope; a norm of a singular value is not differentiable in balls."""
    from checkers.quantities.norms import operator_norm

    near = instance(TRIANGLE, TRIANGLE.T)
    smooth = statement((equal("exp", sympy.exp(W2), sympy.exp(3)),), MARGIN, BELOW)
    assert certify_near(smooth, near).verdict is Verdict.REFUTED
    rough = statement((equal("operator", operator_norm(W) ** 2, sympy.Rational(3, 2)),))
    found = certify_near(rough, near)
    assert isinstance(found, NoCertificate)
    assert "not differentiable" in found.reason


def test_claims_with_several_sides_are_all_decided() -> None:
    both = replace(
        loss_of_unit_vectors(BELOW),
        claims=(Claim("a", W2, H2 + 1), Claim("b", W2 + 1, H2)),
    )
    found = certify_near(both, instance(TRIANGLE, TRIANGLE.T))
    assert [e.verdict for e in found.evaluations] == [Verdict.HOLDS, Verdict.REFUTED]
