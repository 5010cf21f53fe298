"""How fast the margin can reach its limit at all (Ji et al. 2022, behind Theorem 3.2).

The mean wbar of the rows of W does not change along the flow, so that at every time the margin
misses its bound c rho^2, c = 1 / (2 (K-1) sqrt(n)), by a part of at least K |wbar(0)|^2 / rho^2.
As rho^2 grows like log t, nothing is faster than 1 / log t unless wbar(0) = 0.
W is given the mean of W0 before anything is measured, so that any pair of states may be given.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np
from sympy import Expr, sqrt

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.models.frames import centring
from checkers.quantities.duality import mean_row, with_mean_of
from checkers.quantities.margins import smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import BALANCED, SIZES, H, W, labels
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Sampler, Statement, Witness
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.gradient_flow import H0, PAIRS_OF_TIMES, W0

later = with_mean_of(W, W0)
rho2 = squared_norm(later) + squared_norm(H)
rho2_before = squared_norm(W0) + squared_norm(H0)
missing = rho2 - 2 * (K - 1) * sqrt(n) * smallest_margin(W, H, labels)
"""rho^2 times the part by which the margin misses its bound."""
mean_before = mean_row(W0)


def two_states(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Pairs of times of a flow, without what lies between them."""
    drawn = PAIRS_OF_TIMES.draw(generator, layout, labels, count)
    return {name: drawn[name] for name in ("W0", "H0", "W", "H")}


def shifted_collapse(layout: Layout, labels: Array) -> Arrays | None:
    """Collapse and collapse three times as long, a vector added to all rows: a flow in between."""
    K, samples = layout["K"], layout["N"] // layout["K"]
    if layout["d"] != K or samples * K != layout["N"] or isqrt(samples) ** 2 != samples:
        return None
    V = centring(K)
    H = V.T[:, labels] * Fraction(1, isqrt(samples))
    offset = np.array([[Fraction(1, 2)] + [Fraction(0)] * (K - 1)])
    return {"W0": V + offset, "H0": H, "W": 3 * V + offset, "H": 3 * H}


SHIFTED = Witness(
    "shifted simplex ETF", shifted_collapse, (sizes(K=2, n=1, d=2), sizes(K=4, n=4, d=4))
)


def missed_by(part: Expr) -> Change:
    """The claim with another lower bound."""
    return Change(claims=(Claim("margin gap", part, missing),))


STATEMENT = Statement(
    title="The margin cannot reach its limit faster than the mean of W allows",
    source=PAPER.at("Theorem 3.2, rate; lower bound"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=(W0, H0, W, H, labels),
    ranges=SIZES,
    hypotheses=(BALANCED,),
    claims=(Claim("margin gap", lhs=mean_before, rhs=missing),),
    witnesses=(SHIFTED,),
    kind=Inequality(effort=0.2),
    samplers=(Sampler("two times of a flow", two_states),),
    mutants=(
        Mutant("twice", "2 K |wbar|^2 in place of K |wbar|^2", missed_by(2 * mean_before), SHIFTED),
        Mutant("norm", "rho in place of rho^2", missed_by(mean_before * sqrt(rho2)), SHIFTED),
        Mutant(
            "N9",
            "the distance of theta / rho from mean zero falls like 1 / rho^2, not like 1 / rho",
            Change(
                claims=(
                    Claim(
                        "direction",
                        sqrt(mean_before / rho2) * rho2,
                        sqrt(mean_before / rho2_before) * rho2_before,
                    ),
                )
            ),
            SHIFTED,
        ),
    ),
)
