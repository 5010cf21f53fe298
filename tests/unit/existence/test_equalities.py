"""Which margins are equalities, and the equations that they come to."""

from __future__ import annotations

import numpy as np
import pytest
from spheres import H2, MARGIN, W2, statement
from sympy import Abs, Max, Min, S, sqrt

from checkers import catalogue
from checkers.declared.claim import Hypothesis
from checkers.equalities import equalities, equality_residuals
from checkers.quantities.collapse import class_mean_spread
from checkers.quantities.duality import mean_row
from checkers.quantities.labels import class_size_spread
from checkers.settings.unconstrained import H, W, labels
from checkers.variables import K

MEAN, SPREAD = mean_row(W), class_mean_spread(H, labels)


def up_to_sign(equation):
    return frozenset((equation, -equation))


@pytest.mark.parametrize(
    ("margin", "equations", "rest"),
    [
        (-Abs(W2 - H2), {W2 - H2}, S.Zero),
        (-((W2 - H2) ** 2), {W2 - H2}, S.Zero),
        (-MEAN, {MEAN}, S.Zero),
        (-3 * K * MEAN, {MEAN}, S.Zero),
        (-sqrt(MEAN), {MEAN}, S.Zero),
        (-(MEAN**2) - Abs(MARGIN), {MEAN, MARGIN}, S.Zero),
        (-Max(Abs(MARGIN - 1), SPREAD), {MARGIN - 1, SPREAD}, S.Zero),
        (Min(-MEAN, -SPREAD), {MEAN, SPREAD}, S.Zero),
        (Min(-MEAN, MARGIN - 1), {MEAN}, MARGIN - 1),
    ],
)
def test_a_margin_that_is_never_positive_is_taken_apart(margin, equations, rest) -> None:
    found = equalities(statement((Hypothesis("h", margin),)))
    assert {up_to_sign(e) for e in found.equations} == {up_to_sign(e) for e in equations}
    assert [h.margin for h in found.rest] == [rest]
    assert found.names == ("h",)


@pytest.mark.parametrize(
    "margin",
    [
        MARGIN,
        -MARGIN,
        Abs(MARGIN),
        MEAN,
        1 - MEAN,
        -MEAN - MARGIN,
        -MARGIN * MEAN,
        -Abs(MARGIN) - 1,
        -class_size_spread(labels),
        -1 / Abs(MARGIN),
        -((W2 - H2) ** 3),
    ],
)
def test_other_margins_stay_as_they_are(margin) -> None:
    """Among them what can be positive, what cannot be 0, and what is known of the labels."""
    hypothesis = Hypothesis("h", margin)
    found = equalities(statement((hypothesis,)))
    assert found.equations == ()
    assert found.rest == (hypothesis,)


def test_a_strict_hypothesis_is_no_equality() -> None:
    assert not equalities(statement((Hypothesis("h", -MEAN, strict=True),))).equations


def test_residuals_of_a_batch_are_those_of_the_instances() -> None:
    """Column sums, differences of samples, and |W|^2 - |H|^2, by hand."""
    import torch

    rng = np.random.default_rng(0)
    Ws, Hs, classes = rng.standard_normal((5, 3, 2)), rng.standard_normal((5, 2, 4)), [0, 1, 1, 2]
    claim = statement(
        tuple(Hypothesis(n, m) for n, m in zip("abc", (-MEAN, -SPREAD, -Abs(W2 - H2)), strict=True))
    )
    found = equality_residuals(
        claim,
        {"W": torch.tensor(Ws), "H": torch.tensor(Hs)},
        np.array(classes),
        {"K": 3, "N": 4, "d": 2},
    )
    norms = (Ws**2).sum((1, 2)) - (Hs**2).sum((1, 2))
    expected = np.concatenate([Ws.sum(1), Hs[:, :, 2] - Hs[:, :, 1]], 1)
    np.testing.assert_allclose(found.numpy()[:, :4], expected, atol=1e-14)
    np.testing.assert_allclose(abs(found.numpy()[:, 4]), abs(norms), atol=1e-14)


def test_hypotheses_of_the_catalogue_that_are_equalities_are_seen() -> None:
    """All that ask a squared norm to vanish; the sizes of classes are no matter of entries."""
    statements = [catalogue.load(id) for id in catalogue.ids()]
    seen = {n for s in statements for n in equalities(s).names}
    assert {"equal rows", "stationary", "slackness"} <= seen
    assert "balanced" not in seen
