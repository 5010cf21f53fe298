"""How fast gradient flow aligns with its own direction (behind Ji et al. 2022, Theorem 3.2).

Between two times of a flow with L < log 2, with g = -log(e^L - 1) / rho^2 and beta the angle
between theta and -grad L: the integral of tan^2(beta) d log rho is at most (1/2) log(g(t2)/g(t1)),
so at some moment in between tan^2(beta) is at most log(g(t2)/g(t1)) / (2 log(rho(t2)/rho(t1))).
g never exceeds 1 / (2 (K-1) sqrt(n)) and rho grows without bound, so that beta comes as near to 0
as one likes. With the multipliers lam_kij = (rho / |grad L|) p_kij at theta / sqrt(q_min), the
squared stationarity residual of the KKT conditions is (rho^2 / q_min) 2 (1 - cos(beta)).
"""

from __future__ import annotations

from sympy import Expr, log, sqrt

from checkers.declared.kinds import Flow
from checkers.instance import Array
from checkers.models.flow import integrate
from checkers.quantities.margins import smallest_margin
from checkers.settings.unconstrained import H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness, identity
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.flow_model import LAYER_PEELED
from .setting.gradient_flow import (
    H0,
    PAIRS_OF_TIMES,
    SEPARATED_BEFORE,
    STATES,
    TWO_TIMES,
    W0,
    F,
    F_before,
    carried,
    ends,
    kkt_residual2,
    least_turn,
    nu,
    one_sample_apart,
    rho2,
    rho2_before,
    skewed,
    speed2,
    turning,
)

q_min = smallest_margin(W, H, labels)
g, g_before = F / rho2, F_before / rho2_before
by_angle = rho2 / q_min * (2 - 2 * nu / sqrt(rho2 * speed2))

TURNING = Claim("turning", turning, log(g / g_before) / 2)
BEST_MOMENT = Claim("best moment", least_turn, log(g / g_before) / log(rho2 / rho2_before))


def turning_below(bound: Expr) -> Change:
    """The claims with another bound on the turning."""
    return Change(claims=(Claim("turning", turning, bound),))


def skewed_flow(layout: Layout, labels: Array) -> Arrays:
    """From a large and far from aligned start, a short time."""
    return ends(carried(integrate(*skewed(), labels, rho2=245), rho2=245))


def falling_margin(layout: Layout, labels: Array) -> Arrays:
    """One sample apart from the seven others of its class: its margin falls from 6 to 5.18."""
    return ends(carried(integrate(*one_sample_apart(), labels, rho2=1171.2), rho2=1171.2))


SKEWED = Witness("a short flow from a skewed start", skewed_flow, (sizes(K=3, n=1, d=3),), 0.9)

STATEMENT = Statement(
    title="How fast gradient flow aligns with its own direction",
    source=PAPER.at("Theorem 3.2, proof, after Lyu and Li (2020)"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=TWO_TIMES,
    ranges=STATES,
    hypotheses=(SEPARATED_BEFORE,),
    claims=(TURNING, BEST_MOMENT, *identity("stationarity", kkt_residual2, by_angle)),
    kind=Flow(LAYER_PEELED, between=True),
    witnesses=(SKEWED,),
    samplers=(PAIRS_OF_TIMES,),
    mutants=(
        Mutant(
            "quarter",
            "a quarter of the logarithm in place of a half",
            turning_below(log(g / g_before) / 4),
            SKEWED,
        ),
        Mutant(
            "N5",
            "the least margin in place of the smoothed one",
            turning_below(log(q_min * rho2_before / (smallest_margin(W0, H0, labels) * rho2)) / 2),
            Witness("one sample apart", falling_margin, (sizes(K=2, n=8, d=2),)),
        ),
        Mutant(
            "cosine",
            "1 - cos(beta) in place of 2 (1 - cos(beta))",
            Change(claims=identity("stationarity", kkt_residual2, by_angle / 2)),
            SKEWED,
        ),
        Mutant(
            "twice",
            "a moment with half of that angle",
            Change(claims=(Claim("best moment", 2 * least_turn, BEST_MOMENT.rhs),)),
            SKEWED,
        ),
    ),
    notes="The two states have to be those of one flow, with what lies between them measured on"
    " it; the flow checker integrates them, nothing in the arrays proves it. The least"
    " tan^2(beta) is taken over the steps of the integrator, so that it is at least the least over"
    " all moments: the claim that is checked is a little stronger than the theorem.",
)
