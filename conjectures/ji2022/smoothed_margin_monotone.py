"""The smoothed margin grows along gradient flow (behind Ji et al. 2022, Theorem 3.2).

Let L be the summed cross-entropy and F = -log(e^L - 1), g = F / rho^2, nu = (1/2) d rho^2 / dt.
Wherever L < log 2: nu >= 2 Lam(L) with Lam(L) = F (1 - e^-L); hence d log g / dt is at least
2 tan^2(beta) d log rho / dt, where beta is the angle between theta and -grad L; and
q_min - log(2 N (K-1)) <= F <= q_min. Rates are in units of L; classes may be of any size.
"""

from __future__ import annotations

import numpy as np
from sympy import Integer, log

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.models.frames import simplex_etf
from checkers.quantities.margins import smallest_margin
from checkers.settings.unconstrained import VARIABLES, H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness
from checkers.variables import K, N
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.gradient_flow import (
    ALONG_FLOWS,
    SEPARATED,
    STATES,
    F,
    lam,
    loss_below,
    nu,
    rho2,
    separate,
    speed2,
    tan2,
)

q_min = smallest_margin(W, H, labels)
log_margin_rate = speed2 / lam - 2 * nu / rho2
"""d log g / dt over L."""


def deciding_sample(layout: Layout, labels: Array) -> Arrays | None:
    """Two classes on a line: one sample has margin 3, the others margins beyond 60."""
    if layout["K"] != 2:
        return None
    W, H = np.zeros((2, layout["d"])), np.zeros((layout["d"], len(labels)))
    W[:, 0] = 1.0, -1.0
    H[0] = np.where(labels == 0, 30.0, -30.0)
    H[0, 0] = np.sign(H[0, 0]) * 1.5
    return {"W": W, "H": H}


def barely_separated(layout: Layout, labels: Array) -> Arrays | None:
    """A simplex frame and its dual, long enough for a loss a little below log 2."""
    if layout["d"] < layout["K"] - 1:
        return None
    W = 1.5 * simplex_etf(layout["K"], layout["d"])
    return {"W": W, "H": W.T[:, labels]}


def anti_aligned(layout: Layout, labels: Array) -> Arrays:
    """W = -V/2 and H = V^T/2 for a simplex frame V: the flow runs into zero."""
    V = simplex_etf(layout["K"], layout["d"])
    return {"W": -V / 2, "H": V.T[:, labels] / 2}


def one_wrong_of_six(layout: Layout, labels: Array) -> Arrays:
    """Two classes of three: mean loss 0.17 < log 2, yet a sample is on the wrong side."""
    W = np.array([[3.0, 0], [-3, 0]])
    return {"W": W, "H": np.array([[2, 2, -0.1, -2, -2, -2], [0, 0, 0, 0, 0, 0]])}


ONE_DECIDES = Witness(
    "one sample decides", deciding_sample, (sizes(K=2, n=1, d=1), sizes(K=2, n=3, d=2))
)
BARELY = Witness(
    "short simplex ETF", barely_separated, (sizes(K=3, n=2, d=2), sizes(K=4, n=1, d=3))
)
TURNED = Witness("anti-aligned simplex ETF", anti_aligned, (sizes(K=3, n=1, d=2),))

GROWS = Claim("norm grows", lhs=2 * lam, rhs=nu)
MONOTONE = Claim("smoothed margin grows", lhs=2 * tan2 * nu / rho2, rhs=log_margin_rate)


def sandwich(factor: int) -> Claim:
    """q_min - log(factor N (K-1)) <= F."""
    return Claim("margin within a logarithm", q_min - log(factor * N * (K - 1)), F)


STATEMENT = Statement(
    title="The smoothed margin grows along gradient flow",
    source=PAPER.at("Theorem 3.2, proof, after Lyu and Li (2020)"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=STATES,
    hypotheses=(SEPARATED,),
    claims=(GROWS, MONOTONE, Claim("below the least margin", F, q_min), sandwich(2)),
    witnesses=(ONE_DECIDES,),
    kind=Inequality(effort=0.1),
    samplers=(ALONG_FLOWS,),
    prepare=separate,
    mutants=(
        Mutant(
            "N2",
            "the norm grows from every start",
            Change(claims=(Claim("norm grows", Integer(0), nu),), drop=(SEPARATED.name,)),
            TURNED,
        ),
        Mutant(
            "N4",
            "a mean loss below log 2 makes every margin positive",
            Change(
                claims=(Claim("separated", Integer(0), q_min),),
                drop=(SEPARATED.name,),
                assume=(loss_below(N * log(2), "mean loss below log 2"),),
            ),
            Witness("one sample of six is wrong", one_wrong_of_six, (sizes(K=2, n=3, d=2),)),
        ),
        Mutant(
            "N6",
            "the smoothed margin grows at every time",
            Change(
                claims=(Claim("smoothed margin grows", 2 * nu * F / rho2, speed2 * F / lam),),
                drop=(SEPARATED.name,),
            ),
            TURNED,
        ),
        Mutant(
            "growth_3",
            "3 Lam(L) in place of 2 Lam(L)",
            Change(claims=(Claim("norm grows", 3 * lam, nu),)),
            ONE_DECIDES,
        ),
        Mutant(
            "turn_3",
            "3 tan^2(beta) in place of 2 tan^2(beta)",
            Change(claims=(Claim(MONOTONE.name, 3 * tan2 * nu / rho2, log_margin_rate),)),
            ONE_DECIDES,
        ),
        Mutant(
            "logarithm",
            "log(N (K-1)) in place of log(2 N (K-1))",
            Change(claims=(sandwich(1),)),
            BARELY,
        ),
    ),
)
