"""The least curvature of the regularised loss is that of a 2 x 2 matrix (behind Zhu et al. 2021).

With G = Y - P and tau the smaller eigenvalue of [[lw, -sigma], [-sigma, lh]], sigma = sigma_1(G)/N,
the Hessian of f in (W, H) obeys, at every point and for every bias,
tau <= lambda_min(Hess f) <= tau + lambda_min(W^T W + H H^T) / (2 N).
Both are equalities where a direction of R^d is used by neither W nor H. tau < 0 iff sigma > s.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Expr, Integer, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.settings.regularised import (
    CYCLE,
    GLOBAL,
    PAIRS,
    REGULARISED,
    ZERO,
    b,
    least_curvature,
    lh,
    lh_,
    lw,
    lw_,
    middle,
    moderate,
    one,
    radius,
    restricted,
    s,
    sigma1,
    unused,
)
from checkers.settings.unconstrained import VARIABLES
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Sampler, Statement, Witness
from checkers.variables import N
from checkers.verdict import Standing, Transcription

from . import PAPER


def below(other: Expr) -> Change:
    """The lower bound of the curvature with another radius."""
    return Change(claims=(Claim("least curvature", middle - least_curvature, other),))


def above(excess: Expr) -> Change:
    """The upper bound with another excess over tau."""
    return Change(claims=(Claim("attained", radius, middle - least_curvature + excess),))


def spread(layout: Layout, labels: Array) -> Arrays:
    """K = 2, n = 1, d = 1: classifier and features in the one dimension there is."""
    return {
        "W": np.array([[1.0], [-1.0]]) / 4,
        "H": np.array([[1.0, -1.0]]) / 4,
        "b": np.zeros((2, 1)),
        "lw": one(0.25),
        "lh": one(0.25),
    }


def unused_coordinate(
    generator: np.random.Generator, layout: Layout, labels: Array, count: int
) -> Arrays:
    """Normal arrays with the last coordinate of the features not used: equalities, a few."""
    count = min(count, 2)
    K, d, N = layout["K"], layout["d"], layout["N"]
    W, H = generator.standard_normal((count, K, d)), generator.standard_normal((count, d, N))
    W[..., -1], H[:, -1] = 0, 0
    raw = {"W": W, "H": H, "b": generator.standard_normal((count, K, 1))}
    ones = np.ones((count, 1, 1))
    return moderate(generator, layout, labels, {**raw, "lw": ones, "lh": ones})


_NAMES = ("W", "H", "b", "lw", "lh")
AT_ZERO, AT_PAIRS, AT_GLOBAL, AT_CYCLE = (
    restricted(witness, *_NAMES) for witness in (ZERO, PAIRS, GLOBAL, CYCLE)
)
SPREAD = Witness("one dimension", spread, (sizes(K=2, n=1, d=1, one=1),))

STATEMENT = Statement(
    title="The curvature of the regularised cross-entropy",
    source=PAPER.at("behind Theorem 3.2"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=(*VARIABLES, b, lw, lh),
    ranges=REGULARISED,
    claims=(
        Claim("least curvature", lhs=middle - least_curvature, rhs=radius),
        Claim("attained", lhs=radius, rhs=middle - least_curvature + unused / (2 * N)),
    ),
    witnesses=(AT_PAIRS, replace(AT_GLOBAL, sizes=GLOBAL.sizes[:2])),
    samplers=(Sampler("unused coordinate", unused_coordinate),),
    prepare=moderate,
    kind=Inequality(effort=0.3),
    mutants=(
        Mutant(
            "scaled", "the radius less a thousandth", below(radius * Rational(999, 1000)), AT_ZERO
        ),
        Mutant(
            "R5",
            "curvature at most -2 (sigma_1 - s)",
            Change(claims=(Claim("attained", 2 * (sigma1 - s), -least_curvature),)),
            AT_ZERO,
        ),
        Mutant(
            "everywhere", "equality wherever, unused direction or not", above(Integer(0)), SPREAD
        ),
        Mutant("quarter", "1/(4N) in place of 1/(2N)", above(unused / (4 * N)), SPREAD),
        Mutant(
            "sum",
            "sigma_1(G) in place of sigma_1(G) / N",
            Change(
                claims=(
                    Claim(
                        "attained",
                        sqrt(((lw_ - lh_) / 2) ** 2 + (N * sigma1) ** 2),
                        middle - least_curvature + unused / (2 * N),
                    ),
                )
            ),
            AT_CYCLE,
        ),
    ),
    notes="The test direction (a u z^T, b z v^T) with top singular vectors u, v of G and z unused "
    "leaves the logits fixed to first order and moves them by a b delta^2 u v^T to second.",
)
