"""Gradient flow separates the data and settles on a KKT direction (Ji et al. 2022, Theorem 3.2).

If L < log 2 at some time, then L -> 0, rho -> infinity and every limit of theta / rho is, up to
scale, a KKT point of the minimum-norm separation problem. At finite times, F = -log(e^L - 1):
4 F(t1)^2 / rho(t1)^2 times t2 - t1 is at most e^F + F between t1 and t2, so F grows without bound;
and F <= rho^2 / (2 (K-1) sqrt(n)), so rho does. That the direction is nearly a KKT direction at
some moments follows from ji2022_kkt_rate; here the residual with fitted multipliers is measured,
and a run counts only while that residual falls like a power of log t and if 4 gamma t L log t,
gamma = q_min / rho^2, ends within 1 % of 1.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Integer, Rational, exp, log, sqrt

from checkers.declared.kinds import Flow
from checkers.instance import Array
from checkers.models.flow import along_ray, integrate
from checkers.models.frames import simplex_etf
from checkers.quantities.descent import log_loss
from checkers.quantities.margins import cross_entropy, smallest_margin
from checkers.settings.unconstrained import BALANCED, H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Hypothesis, Layout, Mutant, Statement, Witness
from checkers.variables import K, d, n
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.flow_model import LAYER_PEELED
from .setting.gradient_flow import (
    PAIRS_OF_TIMES,
    SEPARATED_BEFORE,
    STATES,
    TWO_TIMES,
    F,
    F_before,
    carried,
    cross_polytope,
    ends,
    gaussian,
    log_elapsed,
    loss_below,
    rho2,
    rho2_before,
)

q_min = smallest_margin(W, H, labels)
margin_part = 2 * (K - 1) * sqrt(n) * q_min / rho2
"""q_min / rho^2 over its largest possible value."""


def loss_vanishes(rate: int) -> Claim:
    """rate F(t1)^2 / rho(t1)^2 <= (e^F + F between the times) / (t2 - t1), scaled by e^F(t2)."""
    grown = 1 - exp(F_before - F) + (F - F_before) * exp(-F)
    return Claim("loss vanishes", rate * F_before**2 / rho2_before, exp(F - log_elapsed) * grown)


def norm_diverges(factor: Expr) -> Claim:
    """F <= rho^2 / (factor (K-1) sqrt(n))."""
    return Claim("norm diverges", F, rho2 / (factor * (K - 1) * sqrt(n)))


def collapse_ray(layout: Layout, labels: Array) -> Arrays:
    """A simplex frame and its dual at a large scale, a short time."""
    W = 12 * simplex_etf(layout["K"], layout["d"])
    target = 1.02 * 2 * (W**2).sum()
    return ends(carried(along_ray(W, W.T[:, labels], labels, rho2=target), rho2=target))


def cross_polytope_ray(layout: Layout, labels: Array) -> Arrays:
    """Two orthogonal pairs of opposite vectors, in four dimensions: no collapse, ever."""
    W, H = cross_polytope()
    W, H = 2 * W @ np.eye(2, 4), 2 * np.eye(4, 2) @ H
    return ends(carried(along_ray(W, H, labels, rho2=1e4), rho2=1e4))


def planar_flow(layout: Layout, labels: Array) -> Arrays:
    """Five classes from a random start of rank two, in five dimensions."""
    W, H = gaussian(5, 5, 2, 0)
    flow = integrate(W @ np.eye(2, 5), np.eye(5, 2) @ H, labels, rho2=1e4)
    return ends(carried(flow, rho2=1e4), flow.separated)


def line_flow(layout: Layout, labels: Array) -> Arrays:
    """Three classes on a line, from a loss 0.026 above log 2: on a line it stays above."""
    W = np.array([[-6.0], [6 * (1 - 0.002)], [6.0]])
    flow = integrate(W, np.array([[-6.0, 3.0, 400.0]]), labels, log_time=11)
    return ends(carried(flow, log_time=11))


COLLAPSE_RAY = Witness("collapse ray", collapse_ray, (sizes(K=3, n=1, d=2),), 0.9)
CROSS = Witness("cross-polytope", cross_polytope_ray, (sizes(K=4, n=1, d=4),))
WIDE = Hypothesis("wide", margin=d - K, says="d >= K")
LONG = Hypothesis("long", margin=log_elapsed - 10, says="log of the elapsed time at least 10")

STATEMENT = Statement(
    title="Gradient flow separates the data and settles on a KKT direction",
    source=PAPER.at("Theorem 3.2"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=TWO_TIMES,
    ranges=STATES,
    hypotheses=(BALANCED, SEPARATED_BEFORE),
    claims=(loss_vanishes(4), norm_diverges(Integer(2))),
    kind=Flow(LAYER_PEELED, between=True, settles=True),
    witnesses=(COLLAPSE_RAY,),
    samplers=(PAIRS_OF_TIMES,),
    mutants=(
        Mutant("twice", "8 in place of 4", Change(claims=(loss_vanishes(8),)), COLLAPSE_RAY),
        Mutant(
            "norm",
            "2K in place of 2(K-1)",
            Change(claims=(norm_diverges(2 * K / (K - 1)),)),
            COLLAPSE_RAY,
        ),
        Mutant(
            "N1",
            "the direction tends to collapse if d >= K: the gap falls like 1 / rho^2",
            Change(
                claims=(Claim("collapse", 1 - margin_part, rho2_before / rho2),), assume=(WIDE,)
            ),
            CROSS,
        ),
        Mutant(
            "N3",
            "a loss below log 2 + 1/30 suffices",
            Change(
                claims=(Claim("stays separated", cross_entropy(W, H, labels), log(2)),),
                drop=(SEPARATED_BEFORE.name,),
                assume=(loss_below(log(2) + Rational(1, 30), "small loss", earlier=True), LONG),
            ),
            Witness("three classes on a line", line_flow, (sizes(K=3, n=1, d=1),)),
        ),
        Mutant(
            "N8",
            "the loss falls like 1 / t and no faster",
            Change(
                claims=(
                    Claim(
                        "slow loss",
                        Rational(1, 100),
                        exp(log_loss(W, H, labels) + log_elapsed),
                    ),
                )
            ),
            CROSS,
        ),
        Mutant(
            "N10",
            "the limit is the global minimum from every start, if d >= K",
            Change(
                claims=(Claim("global", Rational(9, 10), margin_part),),
                assume=(
                    WIDE,
                    Hypothesis("far", margin=rho2 - 1000, says="rho^2 at least 1000"),
                ),
            ),
            Witness("random start of rank two", planar_flow, (sizes(K=5, n=1, d=5),)),
        ),
    ),
    notes="The two states have to be those of one flow, with what lies between them measured on"
    " it; the flow checker integrates them, nothing in the arrays proves it. The limit theorem"
    " itself is that of Lyu and Li (arXiv:1906.05890).",
)
