"""Critical points on spheres are global or strict saddles (Ji et al. 2022, second-order results).

On |W|^2 + |H|^2 = rho^2 let G = Y - P, mu = 2 <G, W H> / rho^2 and lambda_T the least eigenvalue
of Hess L + mu I on the tangent space. Everywhere lambda_T >= mu - sigma_1(G), with equality where
a direction of R^d is used by neither W nor H; and lambda_T <= 2 mu where |W| = |H|, as it is at
critical points with mu not 0. At a critical point with d >= K-1 and sigma_1 > |mu| > 0 there is
such a direction (quantitatively: it is used as little as the gradient is small), so
lambda_T = mu - sigma_1 < 0. Where sigma_1 <= mu the point is global; points with mu = 0 are those
of ji2022_no_local_minimum.
"""

from __future__ import annotations

from sympy import Expr, Min, Rational

from checkers.declared.kinds import Inequality
from checkers.settings.regularised import WIDE
from checkers.settings.unconstrained import BALANCED, COLLAPSED, VARIABLES
from checkers.statement import Change, Claim, Mutant, Sampler, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.sphere import (
    NOT_ZERO,
    PENTAGON,
    SPHERES,
    SQUARE,
    TIED,
    allowed,
    bent,
    critical_on_spheres,
    curvature,
    excess,
    gradient2,
    moderate,
    mu,
    rho2,
    sigma1,
    slant,
    unused,
    used,
)


def instead(name: str, lhs: Expr, rhs: Expr, *drop: str) -> Change:
    """One other claim in place of all."""
    return Change(claims=(Claim(name, lhs, rhs),), drop=drop)


UNUSED = Claim("an unused direction", lhs=mu**4 * excess * unused, rhs=allowed)
doubled = 2 * mu * (1 - slant**2) + slant**2 * rho2 / 2
turned = Min(curvature, curvature * (1 - slant**2))

STATEMENT = Statement(
    title="Strict saddles of the cross-entropy on spheres",
    source=PAPER.at("Theorem 3.3 and Definition 3.1"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=SPHERES,
    hypotheses=(BALANCED, NOT_ZERO, WIDE),
    claims=(
        Claim("least curvature", lhs=mu - curvature, rhs=sigma1),
        Claim("attained", lhs=sigma1, rhs=mu - bent + used),
        Claim("opposite direction", lhs=-doubled, rhs=-turned),
        UNUSED,
        Claim("norms", lhs=mu**2 * slant**2 * rho2, rhs=gradient2),
    ),
    witnesses=(TIED, COLLAPSED),
    samplers=(Sampler("critical on the sphere", critical_on_spheres),),
    prepare=moderate,
    observed=(("mu", mu),),
    kind=Inequality(effort=0.3),
    mutants=(
        Mutant(
            "scaled",
            "sigma_1 less a thousandth",
            instead("least curvature", mu - curvature, sigma1 * Rational(999, 1000)),
            TIED,
        ),
        Mutant(
            "any_width",
            "an unused direction whatever d",
            Change(claims=(UNUSED,), drop=("width",)),
            PENTAGON,
        ),
        Mutant(
            "inside",
            "a direction of descent in the span of the classifier",
            instead("inside the span", sigma1, mu - curvature, "width"),
            SQUARE,
        ),
        Mutant(
            "half",
            "curvature at most 2 (mu - sigma_1)",
            instead("steeper", 2 * (sigma1 - mu), used - bent),
            TIED,
        ),
    ),
    notes="The test directions are (u z^T, z v^T), with top singular vectors u, v of G and z the"
    " least used direction, and (W, -H); both are made tangent. The paper's quantifiers are"
    " reconstructed.",
)
