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
from checkers.quantities.residuals import (
    class_sum_spread,
    least_feature,
    pairing,
    residual,
    row_spread,
    tangential_gradient,
)
from checkers.settings.unconstrained import (
    BALANCED,
    JI2022,
    VARIABLES,
    H,
    W,
    hessian_entries,
    labels,
)
from checkers.statement import (
    Arrays,
    Change,
    Claim,
    Hypothesis,
    Layout,
    Mutant,
    Ranges,
    Statement,
    Witness,
    identity,
    sizes,
)
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

curvature = loss_curvature(W, H, labels)
h = least_feature(H) / K
G = residual(W, H, labels)
rho2 = squared_norm(W) + squared_norm(H)
gradient2 = tangential_gradient(W, H, G) + (2 * pairing(W, H, G)) ** 2 / rho2

EQUAL_ROWS = Hypothesis("equal rows", -row_spread(W), says="W = 1 c^T")
EQUAL_SUMS = Hypothesis(
    "equal class sums", -class_sum_spread(H, labels), says="sum_i h_ki is the same for all k"
)

_LARGEST = 4.0
_BITS = 10


def made_critical(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Rows made equal; features of few binary places, the last of each class making the sum right.

    Few places, because the sums have to be exact.
    """
    K, last = layout["K"], {int(k): i for i, k in enumerate(labels)}
    W, H = (a / np.maximum(1.0, np.abs(a).max((-2, -1), keepdims=True) / _LARGEST)
            for a in (arrays["W"], arrays["H"]))  # fmt: skip
    H = np.round(H * 2.0**_BITS) / 2.0**_BITS
    common = H[..., labels == 0].sum(-1)
    for k in range(1, K):
        H[..., last[k]] += common - H[..., labels == k].sum(-1)
    return {"W": np.repeat(W[:, :1], K, axis=1), "H": H}


def small_integers(layout: Layout, labels: Array) -> Arrays:
    """Features small integers with equal class sums, all rows of W the same."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    W = np.tile(1.0 + np.arange(d) % 2, (K, 1))
    H = (np.arange(d * N).reshape(d, N) ** 2 + np.arange(N)) % 5 - 2.0
    generator = np.random.default_rng(0)
    return {k: a[0] for k, a in made_critical(
        generator, layout, labels, {"W": W[None], "H": H[None]}).items()}  # fmt: skip


def unequal_rows(layout: Layout, labels: Array) -> Arrays:
    """Equal class sums, but one row moved."""
    arrays = small_integers(layout, labels)
    arrays["W"][0] += 3.0
    return arrays


def two_tied(layout: Layout, labels: Array) -> Arrays:
    """Classes 1 and 2 share row and feature, class 3 is opposite: far out the gradient vanishes."""
    rows = np.array([[5.0], [5.0], [-5.0]])
    return {"W": rows, "H": rows.T[:, labels]}


INTEGERS = Witness(
    "small integers",
    small_integers,
    (sizes(K=3, n=2, d=3), sizes(K=2, n=1, d=1), sizes(K=4, n=2, d=2)),
    says="h_ki integers, the last of each class chosen to make the sums equal",
)


def equal_to(value: Expr, *drop: str) -> Change:
    """The identity with another value."""
    return Change(claims=identity("curvature", curvature, value), drop=drop)


claimed = (h - sqrt(h**2 + 4 * n)) / 2

STATEMENT = Statement(
    title="No local minimum of the unpenalised cross-entropy",
    source=JI2022.at("behind Theorem 3.3"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=Ranges(
        K=(2, 4),
        n=(1, 3),
        others={"d": (1, 3)},
        smallest=(sizes(K=2, n=1, d=1), sizes(K=3, n=2, d=2)),
        working=hessian_entries,
    ),
    hypotheses=(BALANCED, EQUAL_ROWS, EQUAL_SUMS),
    claims=identity("curvature", curvature, claimed),
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
            equal_to(claimed, "equal rows"),
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
