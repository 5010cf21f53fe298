"""Every critical point is a global minimiser or a strict saddle, for d >= K-1 (Zhu et al. 2021).

In a form that holds at every point, with the gradient inside: let sigma = sigma_1(Y - P) / N, where
P is the softmax of W H + b 1^T, and s = sqrt(lw lh). Up to terms that vanish with the gradient,
f <= f* where sigma <= s, and lambda_min(Hess f) <= tau(sigma) < 0 where sigma > s. For critical
points this is the theorem, for d >= K-1 (the paper has d > K) and with or without a bias: the model
without one is b = 0, and the negative curvature is in (W, H) alone. The global value f* is that of
collapse, log(1 + (K-1) e^-c) + c s sqrt(n) (K-1) with e^c = max(1, 1 + K (1/kappa - 1)).
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Definition, K, Landscape, Max, Min
from checkers.language import Mutant, N, Statement, log, sqrt
from checkers.quantities.duality import etf_defect
from checkers.settings.regularised import GLOBAL, PAIRS, POSITIVE, POSITIVE_BIAS, WIDE
from checkers.settings.regularised import bias_gradient2, gradient2, kappa, lb_, least_curvature
from checkers.settings.regularised import least_value, lh_, lw_, s, sigma1, tau, value
from checkers.settings.regularised_landscape import CROSS_ENTROPY
from checkers.settings.unconstrained import BALANCED, W, rho2

from . import PAPER
from .setting.saddles import CROSS_AND_ZERO, PENALISED_BIAS, ZERO_BELOW, ZERO_NEAR_ONE

least = Definition("fmin", least_value(kappa), r"f_*")
excess = Definition("x", Max(sigma1**2 - s**2, 0) ** 2)
_off = Definition("y", sigma1**2 + lh_**2 + excess / lw_**2)
unused = gradient2 * (_off + (sigma1**2 + lh_**2) * (_off + excess / lh_**2) / lh_**2)
"""At least excess times the squared size of W and H in their least used direction."""
residual_value = sqrt(gradient2 * rho2) / 2 + bias_gradient2 / (2 * lb_)
isolated = least_curvature + 1000 * (value - least) + 1000 * sqrt(gradient2)


def least_below(threshold):
    """The global value, where sigma is at most a threshold."""
    spare = (1 - Min(1, threshold / sigma1)) * log(K)
    return least + residual_value + spare


STATEMENT = Statement(
    title="A benign landscape: global minimisers and strict saddles only",
    source=PAPER.at("Theorem 3.2"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=PENALISED_BIAS.but(
        kind=Landscape(CROSS_ENTROPY, classes=(2, 6), samples=(1, 3), beyond=(0, 3))
    ),
    hypotheses=(BALANCED, WIDE, *POSITIVE, POSITIVE_BIAS),
    claims=(
        Claim("global below the threshold", lhs=value, rhs=least_below(s)),
        Claim(
            "negative curvature above it",
            lhs=excess * (least_curvature - tau),
            rhs=unused / (2 * N),
        ),
    ),
    witnesses=(GLOBAL,),
    mutants=(
        Mutant("R1", "any width d", drop=("width",), by=CROSS_AND_ZERO),
        Mutant(
            "R4",
            "critical points are collapsed",
            claims=(Claim("collapse", etf_defect(W), 10**6 * gradient2),),
            by=PAIRS,
        ),
        Mutant(
            "R6",
            "global minimisers are isolated",
            claims=(Claim("isolated", s / 1000, isolated),),
            by=GLOBAL,
        ),
        Mutant(
            "R7",
            "curvature at most -s/10 above the threshold, whatever kappa",
            claims=(Claim("steep", excess * (least_curvature + s / 10), unused / (2 * N)),),
            by=ZERO_NEAR_ONE,
        ),
        Mutant("threshold", "2 s in place of s", rhs=least_below(2 * s), by=ZERO_BELOW),
    ),
    notes="Why: with top singular vectors u, v of Y - P the two gradients give"
    " (sigma^2 - s^2) W^T u = O(grad) and W^T 1 = O(grad), so for d >= K-1 some direction z of"
    " R^d is used by neither W nor H up to O(grad); the curvature law does the rest. Below the"
    " threshold Y - P is a dual certificate.",
)
