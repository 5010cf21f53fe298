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

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Inequality, Mutant, Rational, Statement
from checkers.language import sqrt
from checkers.settings.unconstrained import BALANCED, COLLAPSED, rho2

from . import PAPER
from .setting.sphere import AGAINST, NOT_ZERO, SPHERES, SQUARE, TIED, bent, curvature, gradient2
from .setting.sphere import least_loss, loss, mu, sigma1, used

rate = 2 * (loss - least_loss) / rho2

STATEMENT = Statement(
    title="Tangent descent wherever the loss is not least",
    source=PAPER.at("Theorem 3.3"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=SPHERES.but(kind=Inequality(effort=0.3)),
    hypotheses=(BALANCED, NOT_ZERO),
    claims=(
        Claim("convexity", lhs=rate + mu, rhs=sigma1),
        Claim("descent", lhs=rate, rhs=used - bent),
    ),
    witnesses=(COLLAPSED,),
    mutants=(
        Mutant(
            "scaled",
            "twice the gap and a twentieth",
            lhs=rate * Rational(21, 20) + mu,
            by=AGAINST,
        ),
        Mutant(
            "first_order",
            "the gradient alone shows descent",
            claims=(Claim("descent", rate, 1000 * sqrt(gradient2)),),
            by=TIED,
        ),
        Mutant(
            "second_order",
            "curvature alone shows descent, whatever d",
            claims=(Claim("descent", rate, -curvature),),
            by=SQUARE,
        ),
        Mutant(
            "reversed",
            "the gap as large as the excess of sigma_1 over mu",
            claims=(Claim("convexity", sigma1 - mu, rate),),
            by=TIED,
        ),
    ),
)
