"""How far a state of the flow is from a KKT point (behind Ji et al. 2022, Theorem 3.2).

The problem is min rho^2 / 2 with all margins at least 1. At theta / sqrt(q_min) with multipliers
lam_kij = (rho / |grad L|) p_kij and L < log 2: the squared stationarity residual is at most
(rho^2 / q_min) tan^2(beta), beta the angle between theta and -grad L, and the slackness residual
sum lam (m / q_min - 1) is at most rho^2 N (K-1) exp(-q_min - 1) / (2 q_min Lam(L)).
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, exp, sqrt

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.models.frames import simplex_etf
from checkers.quantities.descent import log_loss, slack_mass
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
    S,
    kkt_residual2,
    lam,
    rho2,
    separate,
    speed2,
    tan2,
)

q_min = smallest_margin(W, H, labels)
slackness = sqrt(rho2 / speed2) * slack_mass(W, H, S, labels)


def least_slackness(shift: int) -> Expr:
    """rho^2 N (K-1) exp(-q_min - shift) / (2 q_min Lam(L))."""
    decay = exp(-q_min - shift - log_loss(W, H, labels))
    return rho2 * N * (K - 1) * decay / (2 * q_min * lam)


def nearly_dual(layout: Layout, labels: Array) -> Arrays | None:
    """A simplex frame and its dual features, one row and one feature a little off."""
    if layout["d"] < layout["K"] - 1:
        return None
    V = 3 * simplex_etf(layout["K"], layout["d"])
    H = V.T[:, labels] / np.sqrt(layout["N"] / layout["K"])
    H[0, 0] += 0.01
    return {"W": V, "H": H}


def unequal_samples(layout: Layout, labels: Array) -> Arrays | None:
    """Two classes on a line: one margin is 8, the others 9; |W| = |H| nearly for n = 4."""
    if layout["K"] != 2:
        return None
    W, H = np.zeros((2, layout["d"])), np.zeros((layout["d"], len(labels)))
    W[:, 0] = 3.0, -3.0
    H[0] = np.where(labels == 0, 1.5, -1.5)
    H[0, 0] *= 8 / 9
    return {"W": W, "H": H}


DUAL = Witness("nearly dual frame", nearly_dual, (sizes(K=3, n=1, d=2), sizes(K=4, n=2, d=3)), 0.99)
UNEQUAL = Witness("margins q and q + 1", unequal_samples, (sizes(K=2, n=4, d=1),))

STATIONARITY = Claim("stationarity", kkt_residual2, rho2 / q_min * tan2)
SLACKNESS = Claim("slackness", slackness, least_slackness(1))

STATEMENT = Statement(
    title="How far a state of the flow is from a KKT point",
    source=PAPER.at("Theorem 3.2, proof, after Lyu and Li (2020)"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=STATES,
    hypotheses=(SEPARATED,),
    claims=(STATIONARITY, SLACKNESS),
    witnesses=(DUAL,),
    kind=Inequality(effort=0.1),
    samplers=(ALONG_FLOWS,),
    prepare=separate,
    mutants=(
        Mutant(
            "half",
            "half of tan^2(beta)",
            Change(
                claims=(Claim("stationarity", kkt_residual2, rho2 / q_min * tan2 / 2), SLACKNESS)
            ),
            DUAL,
        ),
        Mutant(
            "shift",
            "exp(-q_min - 2) in place of exp(-q_min - 1)",
            Change(claims=(STATIONARITY, Claim("slackness", slackness, least_slackness(2)))),
            UNEQUAL,
        ),
    ),
)
