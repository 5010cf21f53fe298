"""Batches taken back to where equality hypotheses hold."""

from __future__ import annotations

import numpy as np
import pytest
import sympy
from spheres import TRIANGLE, UNIT, W2, equal, instance, statement

from checkers.declared.claim import Hypothesis
from checkers.existence import Existence
from checkers.existence_search import prove_existence
from checkers.models.frames import centring
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import EQUAL_NORMS, NC1, NC2, NC3, ZERO_MEAN, H
from late import Late

torch = Late("torch")
retraction = Late("checkers.retraction")

SIZES = {"K": 3, "N": 3, "d": 2}
LABELS = np.arange(3)


def batch(scale, W=TRIANGLE, H=TRIANGLE.T, seed=0):
    rng = np.random.default_rng(seed)
    return {
        name: torch.tensor(array + scale * rng.standard_normal((32, *array.shape)))
        for name, array in (("W", W), ("H", H))
    }


def test_unit_vectors_are_reached_along_their_own_direction() -> None:
    """The nearest unit vector is v / |v|."""
    given = batch(0.1)
    found, off = retraction.retract(statement(UNIT), given, LABELS, SIZES, steps=6)
    np.testing.assert_allclose(found["W"].norm(dim=2), 1, atol=1e-14)
    np.testing.assert_allclose(found["H"].norm(dim=1), 1, atol=1e-14)
    direction = given["W"] / given["W"].norm(dim=2, keepdim=True)
    np.testing.assert_allclose(found["W"], direction, atol=1e-13)
    assert off.shape == (32,)
    assert off.max() < 1e-14


def test_a_linear_set_is_reached_in_one_step_by_projection() -> None:
    given = batch(1.0)
    found, off = retraction.retract(statement((ZERO_MEAN,)), given, LABELS, SIZES, steps=1)
    projected = given["W"] - given["W"].mean(1, keepdim=True)
    np.testing.assert_allclose(found["W"], projected, atol=1e-10)
    np.testing.assert_array_equal(found["H"], given["H"])
    assert off.max() < 1e-10


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e6])
def test_scales_of_the_equations_do_not_matter(size) -> None:
    """|W|^2 = 3 size^2 beside |H|^2 = 2: residuals of very different units."""
    hypotheses = (
        equal("W", W2, 3 * sympy.Rational(size) ** 2),
        equal("H", squared_norm(H), 2),
    )
    given = batch(0.1)
    given["W"] = given["W"] * size
    found, _ = retraction.retract(statement(hypotheses), given, LABELS, SIZES, steps=6)
    np.testing.assert_allclose(found["W"].square().sum((1, 2)) / size**2, 3, rtol=1e-13)
    np.testing.assert_allclose(found["H"].square().sum((1, 2)), 2, rtol=1e-13)


def test_collapse_is_reached_and_proved_though_its_equations_depend() -> None:
    frame = np.asarray(centring(4)).astype(float)
    claim = statement((ZERO_MEAN, NC1, NC2, NC3, EQUAL_NORMS))
    labels = np.repeat(np.arange(4), 2)
    given = batch(0.03, frame, np.repeat(frame, 2, 1))
    found, off = retraction.retract(claim, given, labels, {"K": 4, "N": 8, "d": 4}, steps=6)
    assert off.max() < 1e-13
    first = instance(found["W"][0].numpy(), found["H"][0].numpy(), labels)
    assert isinstance(prove_existence(claim, first), Existence)


def test_what_cannot_be_reached_is_told() -> None:
    contradictory = statement((equal("one", W2, 1), equal("two", W2, 2)))
    found, off = retraction.retract(contradictory, batch(0.1), LABELS, SIZES, steps=20)
    assert off.min() > 0.05
    assert found["W"].isfinite().all()
    flat = {"W": torch.zeros(2, 3, 2).double(), "H": torch.zeros(2, 2, 3).double()}
    found, off = retraction.retract(statement((equal("one", W2, 1),)), flat, LABELS, SIZES)
    assert off.isinf().all()
    assert not found["W"].any()


def test_without_equalities_nothing_moves() -> None:
    given = batch(0.1)
    found, off = retraction.retract(statement((Hypothesis("h", W2),)), given, LABELS, SIZES)
    np.testing.assert_array_equal(found["W"], given["W"])
    assert not off.any()


def test_other_instances_of_the_batch_do_not_matter() -> None:
    """One that is not finite stays, the others go where they go alone."""
    claim, given = statement((*UNIT, EQUAL_NORMS)), batch(0.1)
    alone, _ = retraction.retract(claim, {k: v[:1] for k, v in given.items()}, LABELS, SIZES)
    given["W"][1] = torch.nan
    found, off = retraction.retract(claim, given, LABELS, SIZES)
    np.testing.assert_allclose(found["W"][0], alone["W"][0], atol=1e-13)
    assert found["W"][1].isnan().all()
    assert off[1].isnan()
