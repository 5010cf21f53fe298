"""The unpenalised cross-entropy has no local minimum (Ji et al. 2022, second-order results).

Its gradient vanishes exactly where all rows of W are equal and the features of every class have the
same sum. There the least eigenvalue of its Hessian is (h - sqrt(h^2 + 4 n)) / 2 < 0 with
h = lambda_min(H H^T) / K: every critical point is a strict saddle, for every d >= 1.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Integer, Min, sqrt

from checkers.instance import Array
from checkers.quantities.curvature import loss_curvature
from checkers.quantities.margins import cross_entropy
from checkers.quantities.norms import squared_norm
from checkers.quantities.residuals import pairing, residual, row_spread, tangential_gradient
from checkers.settings.unconstrained import BALANCED, VARIABLES, H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness, identity
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.flat import (
    EQUAL_ROWS,
    EQUAL_SUMS,
    FLAT,
    INTEGERS,
    h,
    least_curvature,
    made_critical,
    small_integers,
)

curvature = loss_curvature(W, H, labels)
G = residual(W, H, labels)
rho2 = squared_norm(W) + squared_norm(H)
gradient2 = tangential_gradient(W, H, G) + (2 * pairing(W, H, G)) ** 2 / rho2


def unequal_rows(layout: Layout, labels: Array) -> Arrays:
    """Equal class sums, but one row moved."""
    arrays = small_integers(layout, labels)
    arrays["W"][0] += 3.0
    return arrays


def two_tied(layout: Layout, labels: Array) -> Arrays:
    """Classes 1 and 2 share row and feature, class 3 is opposite: far out the gradient vanishes."""
    rows = np.array([[5.0], [5.0], [-5.0]])
    return {"W": rows, "H": rows.T[:, labels]}


def equal_to(value: Expr, *drop: str) -> Change:
    """The identity with another value."""
    return Change(claims=identity("curvature", curvature, value), drop=drop)


STATEMENT = Statement(
    title="No local minimum of the unpenalised cross-entropy",
    source=PAPER.at("behind Theorem 3.3"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=FLAT,
    hypotheses=(BALANCED, EQUAL_ROWS, EQUAL_SUMS),
    claims=identity("curvature", curvature, least_curvature),
    witnesses=(INTEGERS,),
    prepare=made_critical,
    mutants=(
        Mutant(
            "iv",
            "the loss has a local minimum",
            Change(claims=(Claim("a minimum", Integer(0), curvature),)),
            INTEGERS,
        ),
        Mutant(
            "no_K", "h without 1/K", equal_to((K * h - sqrt((K * h) ** 2 + 4 * n)) / 2), INTEGERS
        ),
        Mutant(
            "root", "sqrt(n) in place of n", equal_to((h - sqrt(h**2 + 4 * sqrt(n))) / 2), INTEGERS
        ),
        Mutant(
            "any_rows",
            "rows of any kind",
            equal_to(least_curvature, "equal rows"),
            Witness("one row moved", unequal_rows, (sizes(K=3, n=2, d=3),)),
        ),
        Mutant(
            "iii",
            "a small gradient means equal rows or a small loss",
            Change(
                claims=(
                    Claim(
                        "only such points",
                        Min(row_spread(W), cross_entropy(W, H, labels)),
                        10**6 * gradient2,
                    ),
                ),
                drop=("equal rows", "equal class sums"),
            ),
            Witness("two classes tied", two_tied, (sizes(K=3, n=2, d=1),)),
        ),
    ),
    notes="The value of the curvature needs equal rows only; equal class sums are what makes the"
    " point critical.",
)
