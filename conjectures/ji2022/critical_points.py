"""Where the gradient of the unpenalised cross-entropy vanishes (Ji et al. 2022, Theorem 3.3).

Exactly where all rows of W are equal and the features of every class have the same sum. In numbers
that hold everywhere, with Wt the rows of W less their mean, St the class sums of H less theirs,
G = Y - P and p the least softmax probability: sqrt(2 n K) p |Wt| <= |W^T G|, the gradient in H; and
the gradient in W, G H^T, is St up to |Wt| |H|^2 / 2. So a vanishing gradient makes the rows equal
and then the class sums. p cannot be dropped: at infinity the gradient vanishes elsewhere, too.
"""

from __future__ import annotations

import numpy as np
from sympy import Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.quantities.duality import centred_norm
from checkers.quantities.norms import operator_norm, squared_norm
from checkers.quantities.residuals import (
    class_sums,
    classifier_force,
    feature_force,
    least_probability,
    residual,
)
from checkers.settings.unconstrained import BALANCED, SIZES, VARIABLES, H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness
from checkers.variables import K, N, n
from checkers.verdict import Standing, Transcription

from . import PAPER

G = residual(W, H, labels)
rows = sqrt(centred_norm(W))
sums = sqrt(centred_norm(class_sums(H, labels)))
in_H, in_W = sqrt(squared_norm(feature_force(W, G))), sqrt(squared_norm(classifier_force(H, G)))
bent = rows * operator_norm(H) ** 2 / 2


def no_features(layout: Layout, labels: Array) -> Arrays:
    """H = 0: every probability is 1/K."""
    K, d = layout["K"], layout["d"]
    W = np.zeros((K, d))
    W[0], W[1] = 1.0, -1.0
    return {"W": W, "H": np.zeros((d, layout["N"]))}


def equal_rows(layout: Layout, labels: Array) -> Arrays:
    """W = 1 c^T: the gradient in W is that of the class sums."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    return {"W": np.ones((K, d)), "H": (np.arange(d * N).reshape(d, N) ** 2 % 5) - 2.0}


def opposite(layout: Layout, labels: Array) -> Arrays:
    """K = 2 on a line: rows and features of opposite signs, small rows."""
    signs = 1.0 - 2.0 * np.arange(2)
    return {"W": signs[:, None] / 16, "H": signs[None, labels]}


def two_tied(layout: Layout, labels: Array) -> Arrays:
    """Classes 1 and 2 share row and feature, class 3 is opposite, far out."""
    rows = np.array([[5.0], [5.0], [-5.0]])
    return {"W": rows, "H": rows.T[:, labels]}


def instead(name: str, lhs: object, rhs: object) -> Change:
    """One other claim in place of all."""
    return Change(claims=(Claim(name, lhs, rhs),))


NO_FEATURES = Witness(
    "no features", no_features, (sizes(K=2, n=1, d=1), sizes(K=2, n=3, d=2)), says="H = 0"
)
EQUAL_ROWS = Witness(
    "equal rows", equal_rows, (sizes(K=3, n=2, d=2), sizes(K=2, n=1, d=1)), says="W = 1 c^T"
)
OPPOSITE = Witness("opposite signs", opposite, (sizes(K=2, n=1, d=1),))

STATEMENT = Statement(
    title="Critical points of the unpenalised cross-entropy",
    source=PAPER.at("behind Theorem 3.3"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED,),
    claims=(
        Claim("rows", lhs=sqrt(2 * n * K) * least_probability(W, H) * rows, rhs=in_H),
        Claim("sums", lhs=sums, rhs=in_W + bent),
        Claim("conversely, rows", lhs=in_H, rhs=sqrt(2 * N) * rows),
        Claim("conversely, sums", lhs=in_W, rhs=sums + bent),
    ),
    witnesses=(NO_FEATURES, EQUAL_ROWS),
    kind=Inequality(effort=0.2),
    mutants=(
        Mutant(
            "three",
            "3 n K in place of 2 n K",
            instead("rows", sqrt(3 * n * K) * least_probability(W, H) * rows, in_H),
            NO_FEATURES,
        ),
        Mutant(
            "everywhere",
            "1/K in place of p: equal rows wherever the gradient is small",
            instead("rows", sqrt(2 * n / K) * rows, in_H),
            Witness("two classes tied", two_tied, (sizes(K=3, n=2, d=1),)),
        ),
        Mutant("quarter", "|H|^2 / 4", instead("sums", sums, in_W + bent / 2), OPPOSITE),
        Mutant(
            "only_sums",
            "equal class sums wherever the gradient in W vanishes",
            instead("sums", sums, in_W + Rational(1, 100) * bent),
            OPPOSITE,
        ),
    ),
    notes="For x of sum zero the entry of G^T x at a sample of the class with the largest"
    " x_k is at least K p x_k.",
)
