"""The squared error is PL on a ball around a wide network (repairs Jacot et al. 2025, (10)).

With lambda_F = sigma_min(sigma(W_1 X)), lambda_l = sigma_min(W_l) at theta_0, every theta within
r_0 = 1/2 min(lambda_F / |X|, min_{l >= 3} lambda_l) of it has |grad C_0|^2 >= alpha/2 C_0,
alpha = 2^(-2(L-2)) gamma^(2(L-2)) lambda_F^2 (lambda_3 ... lambda_L)^2.
The paper has the first power of the lambdas and does not divide by |X| in r_0. The first layer is
as wide as there are samples and widths do not grow from the second layer on; Assumption 4.3 is not
needed for this. Equality up to e^{-b/2} for two layers: at distance r_0 one feature has lost half
its length, its output is zero and all other outputs are their labels.
"""

from __future__ import annotations

from sympy import Expr, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.deep_network import (
    ACTIVATION,
    C0,
    NETWORKS,
    PYRAMID,
    SHORTENED,
    VARIABLES,
    L,
    distance2,
    gamma,
    gradient2,
    in_ball,
    lam_F2,
    later,
    size_X,
    weakest,
)
from .setting.deep_network_witnesses import (
    ALL_THE_WAY,
    FLAT_LAYER,
    HALF_WAY,
    LAST_LAYER_GONE,
    LONG_DATA,
    NO_SLOPE,
    SHORT_FEATURES,
    STEEP_SLOPE,
    TOO_NARROW,
)

slopes = (gamma / 2) ** (2 * (L - 2))
NEAR_FIRST = Hypothesis(
    "near theta_0, first layer",
    lam_F2 - 4 * size_X**2 * distance2,
    says="|theta - theta_0| is at most lambda_F / (2 |X|)",
)
NEAR_LATER = Hypothesis(
    "near theta_0, later layers",
    weakest - 4 * distance2,
    says="|theta - theta_0| is at most half of every lambda_l, l >= 3",
)


def becomes(alpha: Expr) -> Change:
    """The inequality with another constant."""
    return Change(claims=(Claim("PL", alpha / 2 * C0, gradient2),))


def within(name: str, margin: Expr) -> Change:
    """Another radius for the first layer."""
    return Change(drop=(NEAR_FIRST.name,), assume=(Hypothesis(name, margin),))


ALPHA = slopes * lam_F2 * later

STATEMENT = Statement(
    title="The squared error is PL on a ball around a wide network",
    source=PAPER.at("Section 4, (10), repaired"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=NETWORKS,
    hypotheses=(*ACTIVATION, PYRAMID, NEAR_FIRST, NEAR_LATER),
    claims=(Claim("PL", lhs=ALPHA / 2 * C0, rhs=gradient2),),
    witnesses=(HALF_WAY,),
    samplers=(SHORTENED,),
    prepare=in_ball,
    kind=Inequality(effort=0.1),
    mutants=(
        Mutant("scaled", "alpha larger by 1/1000", becomes(ALPHA * Rational(1001, 1000)), HALF_WAY),
        Mutant(
            "F6",
            "first powers of the lambdas and factors",
            becomes(2 * sqrt(slopes * lam_F2 * later)),
            SHORT_FEATURES,
        ),
        Mutant(
            "slope",
            "no gamma in alpha",
            becomes(ALPHA / gamma ** (2 * (L - 2))),
            FLAT_LAYER,
        ),
        Mutant(
            "twice",
            "within twice the radius",
            within("near", lam_F2 - size_X**2 * distance2),
            ALL_THE_WAY,
        ),
        Mutant(
            "data",
            "lambda_F not divided by |X|",
            within("near", lam_F2 - 4 * distance2),
            LONG_DATA,
        ),
        Mutant(
            "later",
            "no later layer in the radius",
            Change(drop=(NEAR_LATER.name,)),
            LAST_LAYER_GONE,
        ),
        Mutant("A4.1", "layers of any width", Change(drop=(PYRAMID.name,)), TOO_NARROW),
        Mutant("steep", "any slope", Change(drop=("gamma at most 1",)), STEEP_SLOPE),
        Mutant("no_slope", "gamma of any sign", Change(drop=("gamma positive",)), NO_SLOPE),
    ),
)
