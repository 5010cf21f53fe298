"""Unit vectors at angles of 120 degrees, and statements whose hypotheses are equalities."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Abs, Expr, Rational, exp, log

from checkers import catalogue
from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.statement import Statement
from checkers.instance import LABELS, Array, Instance
from checkers.quantities.margins import cross_entropy, smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.quantities.spheres import off_unit_columns, off_unit_rows
from checkers.settings.unconstrained import H, W, labels

W2, H2 = squared_norm(W), squared_norm(H)
UNIT = (
    Hypothesis("unit rows", -off_unit_rows(W)),
    Hypothesis("unit features", -off_unit_columns(H)),
)
LOSS, MARGIN = cross_entropy(W, H, labels), smallest_margin(W, H, labels)
TRIANGLE = np.array([[0.0, 1.0], [3**0.5 / 2, -0.5], [-(3**0.5) / 2, -0.5]])


def statement(hypotheses: tuple[Hypothesis, ...], lhs: Expr = MARGIN, rhs: Expr = W2) -> Statement:
    """A claim of one inequality under these hypotheses, on W, H and labels."""
    base = catalogue.load("ji2022_margin_bound")
    return replace(
        base, hypotheses=hypotheses, claims=(Claim("c", lhs, rhs),), mutants=(), proofs=()
    )


def loss_of_unit_vectors(margin: Rational) -> Statement:
    """3 log(1 + 2 exp(-margin)) <= cross-entropy: true for 3/2 and more, false below."""
    return statement(UNIT, 3 * log(1 + 2 * exp(-margin)), LOSS)


def equal(name: str, a: Expr, b: Expr | int) -> Hypothesis:
    """a = b."""
    return Hypothesis(name, -Abs(a - b))


def instance(W: Array, H: Array, classes: Array | None = None) -> Instance:
    """Sample i is of class i, if no labels are given."""
    of = np.arange(len(W)) if classes is None else np.asarray(classes)
    sizes = {"K": len(W), "N": H.shape[1], "d": W.shape[1]}
    return Instance(sizes, {"W": W, "H": H, LABELS: of})
