"""Gradient flow separates the data and settles on a KKT direction (Ji et al. 2022, Theorem 3.2).

If L < log 2 at some time, then L -> 0, rho -> infinity and every limit of theta / rho is, up to
scale, a KKT point of the minimum-norm separation problem. At finite times, F = -log(e^L - 1):
4 F(t1)^2 / rho(t1)^2 times t2 - t1 is at most e^F + F between t1 and t2, so F grows without bound;
and F <= rho^2 / (2 (K-1) sqrt(n)), so rho does. That the direction is nearly a KKT direction at
some moments follows from ji2022_kkt_rate; here the residual with fitted multipliers is measured,
and a run counts only while that residual falls like a power of log t and if 4 gamma t L log t,
gamma = q_min / rho^2, ends within 1 % of 1.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Flow, Hypothesis, Integer, K, Mutant
from checkers.language import Rational, Statement, d, exp, log, n, sqrt
from checkers.quantities.gradient_flow import log_loss
from checkers.quantities.margins import cross_entropy
from checkers.settings.unconstrained import BALANCED, H, W, labels, q_min, rho2

from . import PAPER
from .setting.flow_model import LAYER_PEELED
from .setting.gradient_flow import SEPARATED_BEFORE, TWO_TIMES, F, F_before, log_elapsed
from .setting.gradient_flow import loss_below, rho2_before
from .setting.trajectories import COLLAPSE_RAY, CROSS, ON_A_LINE, RANK_TWO

margin_part = 2 * (K - 1) * sqrt(n) * q_min / rho2
"""q_min / rho^2 over its largest possible value."""
WIDE = Hypothesis("wide", margin=d - K, says="d >= K")
LONG = Hypothesis("long", margin=log_elapsed - 10, says="log of the elapsed time at least 10")
FAR = Hypothesis("far", margin=rho2 - 1000, says="rho^2 at least 1000")


def loss_vanishes(rate):
    """rate F(t1)^2 / rho(t1)^2 <= (e^F + F between the times) / (t2 - t1), scaled by e^F(t2)."""
    grown = 1 - exp(F_before - F) + (F - F_before) * exp(-F)
    return Claim("loss vanishes", rate * F_before**2 / rho2_before, exp(F - log_elapsed) * grown)


def norm_diverges(factor):
    """F <= rho^2 / (factor (K-1) sqrt(n))."""
    return Claim("norm diverges", F, rho2 / (factor * (K - 1) * sqrt(n)))


STATEMENT = Statement(
    title="Gradient flow separates the data and settles on a KKT direction",
    source=PAPER.at("Theorem 3.2"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=TWO_TIMES.but(kind=Flow(LAYER_PEELED, between=True, settles=True)),
    hypotheses=(BALANCED, SEPARATED_BEFORE),
    claims=(loss_vanishes(4), norm_diverges(Integer(2))),
    witnesses=(COLLAPSE_RAY,),
    mutants=(
        Mutant("twice", "8 in place of 4", claims=(loss_vanishes(8),), by=COLLAPSE_RAY),
        Mutant(
            "norm",
            "2K in place of 2(K-1)",
            claims=(norm_diverges(2 * K / (K - 1)),),
            by=COLLAPSE_RAY,
        ),
        Mutant(
            "N1",
            "the direction tends to collapse if d >= K: the gap falls like 1 / rho^2",
            claims=(Claim("collapse", 1 - margin_part, rho2_before / rho2),),
            assume=(WIDE,),
            by=CROSS,
        ),
        Mutant(
            "N3",
            "a loss below log 2 + 1/30 suffices",
            claims=(Claim("stays separated", cross_entropy(W, H, labels), log(2)),),
            drop=(SEPARATED_BEFORE.name,),
            assume=(loss_below(log(2) + Rational(1, 30), "small loss", earlier=True), LONG),
            by=ON_A_LINE,
        ),
        Mutant(
            "N8",
            "the loss falls like 1 / t and no faster",
            claims=(
                Claim("slow loss", Rational(1, 100), exp(log_loss(W, H, labels) + log_elapsed)),
            ),
            by=CROSS,
        ),
        Mutant(
            "N10",
            "the limit is the global minimum from every start, if d >= K",
            claims=(Claim("global", Rational(9, 10), margin_part),),
            assume=(WIDE, FAR),
            by=RANK_TWO,
        ),
    ),
    notes="The two states have to be those of one flow, with what lies between them measured on"
    " it; the flow checker integrates them, nothing in the arrays proves it. The limit theorem"
    " itself is that of Lyu and Li (arXiv:1906.05890).",
)
