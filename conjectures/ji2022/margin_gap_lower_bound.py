"""How fast the margin can reach its limit at all (Ji et al. 2022, behind Theorem 3.2).

The mean wbar of the rows of W does not change along the flow, so that at every time the margin
misses its bound c rho^2, c = 1 / (2 (K-1) sqrt(n)), by a part of at least K |wbar(0)|^2 / rho^2.
As rho^2 grows like log t, nothing is faster than 1 / log t unless wbar(0) = 0.
W is given the mean of W0 before anything is measured, so that any pair of states may be given.
"""

from checkers.language import DERIVED, THEOREM, Claim, Inequality, K, Mutant, Sampler, Setting
from checkers.language import Statement, n, sqrt
from checkers.quantities.duality import mean_row, with_mean_of
from checkers.quantities.margins import smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import BALANCED, SIZES, H, W, labels

from . import PAPER
from .setting.gradient_flow import H0, SHIFTED, W0, two_states

later = with_mean_of(W, W0)
rho2 = squared_norm(later) + squared_norm(H)
rho2_before = squared_norm(W0) + squared_norm(H0)
missing = rho2 - 2 * (K - 1) * sqrt(n) * smallest_margin(W, H, labels)
"""rho^2 times the part by which the margin misses its bound."""
mean_before = mean_row(W0)
direction = Claim(
    "direction",
    sqrt(mean_before / rho2) * rho2,
    sqrt(mean_before / rho2_before) * rho2_before,
)

STATEMENT = Statement(
    title="The margin cannot reach its limit faster than the mean of W allows",
    source=PAPER.at("Theorem 3.2, rate; lower bound"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=Setting(
        variables=(W0, H0, W, H, labels),
        ranges=SIZES,
        samplers=(Sampler("two times of a flow", two_states),),
        kind=Inequality(effort=0.2),
    ),
    hypotheses=(BALANCED,),
    claims=(Claim("margin gap", lhs=mean_before, rhs=missing),),
    witnesses=(SHIFTED,),
    mutants=(
        Mutant("twice", "2 K |wbar|^2 in place of K |wbar|^2", lhs=2 * mean_before, by=SHIFTED),
        Mutant("norm", "rho in place of rho^2", lhs=mean_before * sqrt(rho2), by=SHIFTED),
        Mutant(
            "N9",
            "the distance of theta / rho from mean zero falls like 1 / rho^2, not like 1 / rho",
            claims=(direction,),
            by=SHIFTED,
        ),
    ),
)
