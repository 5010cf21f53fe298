"""Every critical point is a global minimiser or a strict saddle, for d >= K-1 (Zhu et al. 2021).

In a form that holds at every point, with the gradient inside: let sigma = sigma_1(Y - P) / N, where
P is the softmax of W H + b 1^T, and s = sqrt(lw lh). Up to terms that vanish with the gradient,
f <= f* where sigma <= s, and lambda_min(Hess f) <= tau(sigma) < 0 where sigma > s. For critical
points this is the theorem, for d >= K-1 (the paper has d > K) and with or without a bias: the model
without one is b = 0, and the negative curvature is in (W, H) alone. The global value f* is that of
collapse, log(1 + (K-1) e^-c) + c s sqrt(n) (K-1) with e^c = max(1, 1 + K (1/kappa - 1)).
"""

from __future__ import annotations

from sympy import Max, Min, log, sqrt

from checkers.declared.kinds import Landscape
from checkers.models.critical import simplices_logits
from checkers.quantities.duality import etf_defect
from checkers.settings.regularised import (
    GLOBAL,
    PAIRS,
    POSITIVE,
    POSITIVE_BIAS,
    WIDE,
    b,
    bias_gradient2,
    gradient2,
    kappa,
    lb,
    lb_,
    least_curvature,
    least_value,
    lh,
    lh_,
    lw,
    lw_,
    moderate,
    placed,
    regularised,
    rho2,
    s,
    sigma1,
    tau,
    value,
    zero_logits,
)
from checkers.settings.regularised_landscape import CROSS_ENTROPY
from checkers.settings.unconstrained import BALANCED, VARIABLES, W, hessian_entries
from checkers.sizes import sizes
from checkers.statement import Change, Claim, Mutant, Ranges, Statement, Witness
from checkers.variables import K, N
from checkers.verdict import Standing, Transcription

from . import PAPER

least = least_value(kappa)
excess = Max(sigma1**2 - s**2, 0) ** 2
_off = sigma1**2 + lh_**2 + excess / lw_**2
unused = gradient2 * (_off + (sigma1**2 + lh_**2) * (_off + excess / lh_**2) / lh_**2)
"""At least excess times the squared size of W and H in their least used direction."""

residual_value = sqrt(gradient2 * rho2) / 2 + bias_gradient2 / (2 * lb_)


def below(threshold: object) -> Claim:
    """Optimality where sigma is at most a threshold."""
    spare = (1 - Min(1, threshold / sigma1)) * log(K)
    return Claim("global below the threshold", lhs=value, rhs=least + residual_value + spare)


ABOVE = Claim(
    "negative curvature above it", lhs=excess * (least_curvature - tau), rhs=unused / (2 * N)
)

NEAR_ONE = 0.99 / 3


STATEMENT = Statement(
    title="A benign landscape: global minimisers and strict saddles only",
    source=PAPER.at("Theorem 3.2"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=(*VARIABLES, b, lw, lh, lb),
    ranges=Ranges(
        K=(2, 4),
        n=(1, 2),
        others={"d": (1, 4), "one": (1, 1)},
        fit=lambda drawn: {"d": max(drawn["d"], drawn["K"] - 1), "one": 1},
        smallest=(sizes(K=2, n=1, d=1, one=1), sizes(K=3, n=1, d=2, one=1)),
        working=hessian_entries,
    ),
    hypotheses=(BALANCED, WIDE, *POSITIVE, POSITIVE_BIAS),
    claims=(below(s), ABOVE),
    witnesses=(GLOBAL,),
    prepare=moderate,
    kind=Landscape(CROSS_ENTROPY, classes=(2, 6), samples=(1, 3), beyond=(0, 3)),
    mutants=(
        Mutant(
            "R1",
            "any width d",
            Change(drop=("width",)),
            Witness(
                "two pairs and a class at zero",
                placed(lambda K, kappa: simplices_logits((2,) * (K // 2) + (1,), kappa), 0.1, 0.1),
                (regularised(5, 1, 2),),
                says="a local minimum in the plane; the pentagon is lower",
            ),
        ),
        Mutant(
            "R4",
            "critical points are collapsed",
            Change(claims=(Claim("collapse", etf_defect(W), 10**6 * gradient2),)),
            PAIRS,
        ),
        Mutant(
            "R6",
            "global minimisers are isolated",
            Change(
                claims=(
                    Claim(
                        "isolated",
                        s / 1000,
                        least_curvature + 1000 * (value - least) + 1000 * sqrt(gradient2),
                    ),
                )
            ),
            GLOBAL,
        ),
        Mutant(
            "R7",
            "curvature at most -s/10 above the threshold, whatever kappa",
            Change(claims=(Claim("steep", excess * (least_curvature + s / 10), unused / (2 * N)),)),
            Witness("zero", placed(zero_logits, NEAR_ONE, NEAR_ONE), (regularised(3, 1, 2),)),
        ),
        Mutant(
            "threshold",
            "2 s in place of s",
            Change(claims=(below(2 * s),)),
            Witness("zero", placed(zero_logits, 0.25, 0.25), (regularised(3, 1, 2),)),
        ),
    ),
    notes="Why: with top singular vectors u, v of Y - P the two gradients give"
    " (sigma^2 - s^2) W^T u = O(grad) and W^T 1 = O(grad), so for d >= K-1 some direction z of"
    " R^d is used by neither W nor H up to O(grad); the curvature law does the rest. Below the"
    " threshold Y - P is a dual certificate.",
)
