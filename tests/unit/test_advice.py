"""What would have to improve: told for planted statements whose numbers are worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sympy import Integer, Max, Min, Rational, sqrt

from checkers import catalogue
from checkers.advice import improvements, observed
from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.definition import Definition
from checkers.evaluation import certify
from checkers.instance import LABELS, Instance
from checkers.quantities.labels import class_size_spread, smallest_class
from checkers.quantities.margins import smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import H, W, labels
from checkers.values import SharedBalls

w2, h2, q = squared_norm(W), squared_norm(H), smallest_margin(W, H, labels)


@pytest.fixture
def told():
    """``told(claim, hypotheses...)``: what is said of W = I and H = 2 I with norms^2 2 and 8."""
    arrays = {"W": np.eye(2), "H": 2 * np.eye(2), LABELS: np.array([0, 1])}
    instance = Instance({"K": 2, "d": 2, "N": 2}, arrays)

    def told(*claims, hypotheses=(), observes=()):
        statement = replace(
            catalogue.load("ji2022_margin_bound"),
            claims=claims or (Claim("margin", q, q + 1),),
            hypotheses=tuple(hypotheses),
        ).within(observed=tuple(observes))
        measured = SharedBalls()
        found = improvements(statement, instance, certify(statement, instance, measured), measured)
        return [improvement.says for improvement in found]

    return told


def test_of_a_hypothesis_both_sides_and_their_names(told):
    size = Definition("size", sqrt(w2))
    below = Hypothesis("a", Min(h2, Rational(1, 2)) - Max(size, Rational(1, 4)), strict=True)
    assert told(hypotheses=[below], observes=[size]) == ["size = 1.414 must be below 0.5"]
    at_most = Hypothesis("a", 1 - h2, says="H is small")
    assert told(hypotheses=[at_most]) == ["squared_norm(H) = 8 must be at most 1 (H is small)"]
    positive = Hypothesis("a", q - 2, strict=True)
    assert told(hypotheses=[positive]) == ["2 must be below smallest_margin(W, H, labels) = 2"]
    alone = Hypothesis("a", Rational(1, 2) * class_size_spread(labels), strict=True)
    assert told(hypotheses=[alone]) == ["class_size_spread(labels)/2 = 0 must be above 0"]


def test_of_several_conditions_those_that_fail(told):
    several = Hypothesis("a", Min(1 - w2, 10 - h2, 7 - h2))
    assert told(hypotheses=[several]) == [
        "squared_norm(W) = 2 must be at most 1",
        "squared_norm(H) = 8 must be at most 7",
    ]


def test_what_cannot_be_decided(told):
    equal = Hypothesis("a", sqrt(h2) - 2 * sqrt(w2))
    (says,) = told(hypotheses=[equal])
    assert "too close to" in says


def test_nothing_is_told_of_bounds_that_are_close_or_attained(told):
    assert told(Claim("close", q, 9 * q)) == []
    assert told(Claim("attained", q, Integer(2))) == []


def test_of_a_bound_its_factor_and_its_law(told):
    assert told(Claim("loose", q, w2**3 * h2 / sqrt(smallest_class(labels)))) == [
        "the bound is 32 times the measured value; it takes less of squared_norm(W),"
        " squared_norm(H), as it goes like squared_norm(W)^3 squared_norm(H)^1 here"
    ]
    h = Definition("h", sqrt(h2))
    assert told(Claim("loose", q, 50 / h + 10), observes=[h])[0].endswith(
        "it takes more of h, as it goes like h^-0.64 here"
    )
    assert told(Claim("lower", 1 / (w2 * h2), q)) == [
        "the lower bound is 0.031 times the measured value; it takes less of squared_norm(H),"
        " squared_norm(W), as it goes like squared_norm(H)^-1 squared_norm(W)^-1 here"
    ]
    assert told(Claim("neither", w2 + h2, w2 * h2**3)) == [
        "the right side is 102 times the left one"
    ]


def test_of_bounds_that_say_nothing(told):
    (says,) = told(Claim("trivial", q, w2 * h2, trivial=Integer(4)))
    assert says.startswith("the bound 16 says nothing, as lhs never exceeds 4; it takes less of")
    (says,) = told(Claim("negative", 1 - w2 * h2, q))
    assert says.startswith("the left side -15 is not positive, the right one is 2")
    (says,) = told(Claim("zero", class_size_spread(labels), w2))
    assert says.startswith("the bound is 2, the measured value 0")


def test_what_is_observed_along_training():
    """The witness interpolates up to rounding."""
    statement = catalogue.load("jacot2025_nc1")
    witness = statement.witnesses[0]
    values = observed(statement, witness.instance(witness.sizes[0]), SharedBalls())
    assert values.keys() == {"e1", "e2", "r", "NC1"}
    assert values["e1"] == pytest.approx(0, abs=1e-13)
