"""The least curvature of the regularised loss is that of a 2 x 2 matrix (behind Zhu et al. 2021).

With G = Y - P and tau the smaller eigenvalue of [[lw, -sigma], [-sigma, lh]], sigma = sigma_1(G)/N,
the Hessian of f in (W, H) obeys, at every point and for every bias,
tau <= lambda_min(Hess f) <= tau + lambda_min(W^T W + H H^T) / (2 N).
Both are equalities where a direction of R^d is used by neither W nor H. tau < 0 iff sigma > s.
"""

from dataclasses import replace

from checkers.language import DERIVED, THEOREM, Claim, Inequality, Integer, Mutant, N, Rational
from checkers.language import Sampler, Statement, sqrt
from checkers.settings.regularised import GLOBAL, REGULARISED, least_curvature, lh_, lw_, middle
from checkers.settings.regularised import radius, s, sigma1, unused

from . import PAPER
from .setting.curvature import AT_CYCLE, AT_GLOBAL, AT_PAIRS, AT_ZERO, SPREAD, unused_coordinate

reached = middle - least_curvature


def attained(excess):
    """The upper bound with another excess over tau."""
    return (Claim("attained", radius, reached + excess),)


STATEMENT = Statement(
    title="The curvature of the regularised cross-entropy",
    source=PAPER.at("behind Theorem 3.2"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=REGULARISED.but(
        samplers=(Sampler("unused coordinate", unused_coordinate),), kind=Inequality(effort=0.3)
    ),
    claims=(Claim("least curvature", lhs=reached, rhs=radius), *attained(unused / (2 * N))),
    witnesses=(AT_PAIRS, replace(AT_GLOBAL, sizes=GLOBAL.sizes[:2])),
    mutants=(
        Mutant(
            "scaled", "the radius less a thousandth", rhs=radius * Rational(999, 1000), by=AT_ZERO
        ),
        Mutant(
            "R5",
            "curvature at most -2 (sigma_1 - s)",
            claims=(Claim("attained", 2 * (sigma1 - s), -least_curvature),),
            by=AT_ZERO,
        ),
        Mutant(
            "everywhere",
            "equality wherever, unused direction or not",
            claims=attained(Integer(0)),
            by=SPREAD,
        ),
        Mutant(
            "quarter", "1/(4N) in place of 1/(2N)", claims=attained(unused / (4 * N)), by=SPREAD
        ),
        Mutant(
            "sum",
            "sigma_1(G) in place of sigma_1(G) / N",
            claims=(
                Claim(
                    "attained",
                    sqrt(((lw_ - lh_) / 2) ** 2 + (N * sigma1) ** 2),
                    reached + unused / (2 * N),
                ),
            ),
            by=AT_CYCLE,
        ),
    ),
    notes="The test direction (a u z^T, b z v^T) with top singular vectors u, v of G and z unused "
    "leaves the logits fixed to first order and moves them by a b delta^2 u v^T to second.",
)
