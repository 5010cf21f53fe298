"""A tangent direction of descent wherever the loss is not least (Ji et al. 2022, Theorem 3.3).

On the sphere |W|^2 + |H|^2 = rho^2 let gap be the loss less K n log(1 + (K-1) exp(-rho^2 /
(2 (K-1) sqrt(n)))), its least value. Everywhere 2 gap / rho^2 <= sigma_1(Y - P) - mu, by convexity
of the loss in the logits. So where a direction of R^d is not used the least tangential curvature is
at most -2 gap / rho^2, at every scale and whether or not the point is critical; in general up to
the size of W and H in their least used direction. A critical point with d >= K-1 that is not
collapse has an unused direction: descent is of first order where the tangential gradient is not
zero and of second order elsewhere. A direction that is stationary for the margin need not be
critical at finite scale.
"""

from __future__ import annotations

from sympy import Expr, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.settings.unconstrained import BALANCED, COLLAPSED, VARIABLES
from checkers.statement import Change, Claim, Mutant, Sampler, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.sphere import (
    AGAINST,
    NOT_ZERO,
    SPHERES,
    SQUARE,
    TIED,
    bent,
    critical_on_spheres,
    curvature,
    gradient2,
    least_loss,
    loss,
    moderate,
    mu,
    rho2,
    sigma1,
    used,
)

rate = 2 * (loss - least_loss) / rho2


def instead(name: str, lhs: Expr, rhs: Expr) -> Change:
    """One other claim in place of all."""
    return Change(claims=(Claim(name, lhs, rhs),))


STATEMENT = Statement(
    title="Tangent descent wherever the loss is not least",
    source=PAPER.at("Theorem 3.3"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=SPHERES,
    hypotheses=(BALANCED, NOT_ZERO),
    claims=(
        Claim("convexity", lhs=rate + mu, rhs=sigma1),
        Claim("descent", lhs=rate, rhs=used - bent),
    ),
    witnesses=(COLLAPSED,),
    samplers=(Sampler("critical on the sphere", critical_on_spheres),),
    prepare=moderate,
    kind=Inequality(effort=0.3),
    mutants=(
        Mutant(
            "scaled",
            "twice the gap and a twentieth",
            instead("convexity", rate * Rational(21, 20) + mu, sigma1),
            AGAINST,
        ),
        Mutant(
            "first_order",
            "the gradient alone shows descent",
            instead("descent", rate, 1000 * sqrt(gradient2)),
            TIED,
        ),
        Mutant(
            "second_order",
            "curvature alone shows descent, whatever d",
            instead("descent", rate, -curvature),
            SQUARE,
        ),
        Mutant(
            "reversed",
            "the gap as large as the excess of sigma_1 over mu",
            instead("convexity", sigma1 - mu, rate),
            TIED,
        ),
    ),
)
