"""How fast gradient flow aligns with its own direction (behind Ji et al. 2022, Theorem 3.2).

Between two times of a flow with L < log 2, with g = -log(e^L - 1) / rho^2 and beta the angle
between theta and -grad L: the integral of tan^2(beta) d log rho is at most (1/2) log(g(t2)/g(t1)),
so at some moment in between tan^2(beta) is at most log(g(t2)/g(t1)) / (2 log(rho(t2)/rho(t1))).
g never exceeds 1 / (2 (K-1) sqrt(n)) and rho grows without bound, so that beta comes as near to 0
as one likes. With the multipliers lam_kij = (rho / |grad L|) p_kij at theta / sqrt(q_min), the
squared stationarity residual of the KKT conditions is (rho^2 / q_min) 2 (1 - cos(beta)).
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Flow, Mutant, Statement, identity
from checkers.language import log, sqrt
from checkers.quantities.margins import smallest_margin
from checkers.settings.unconstrained import labels, q_min, rho2

from . import PAPER
from .setting.flow_model import LAYER_PEELED
from .setting.gradient_flow import H0, SEPARATED_BEFORE, TWO_TIMES, W0, F, F_before, kkt_residual2
from .setting.gradient_flow import least_turn, nu, rho2_before, speed2, turning
from .setting.trajectories import FALLING_MARGIN, SKEWED

g = Definition("g", F / rho2)
g_before = Definition("g0", F_before / rho2_before, "g_0")
by_angle = rho2 / q_min * (2 - 2 * nu / sqrt(rho2 * speed2))
angle_there = log(g / g_before) / log(rho2 / rho2_before)
q_before = smallest_margin(W0, H0, labels)

STATEMENT = Statement(
    title="How fast gradient flow aligns with its own direction",
    source=PAPER.at("Theorem 3.2, proof, after Lyu and Li (2020)"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=TWO_TIMES.but(kind=Flow(LAYER_PEELED, between=True)),
    hypotheses=(SEPARATED_BEFORE,),
    claims=(
        Claim("turning", turning, log(g / g_before) / 2),
        Claim("best moment", least_turn, angle_there),
        *identity("stationarity", kkt_residual2, by_angle),
    ),
    witnesses=(SKEWED,),
    mutants=(
        Mutant(
            "quarter",
            "a quarter of the logarithm in place of a half",
            rhs=log(g / g_before) / 4,
            by=SKEWED,
        ),
        Mutant(
            "N5",
            "the least margin in place of the smoothed one",
            rhs=log(q_min * rho2_before / (q_before * rho2)) / 2,
            by=FALLING_MARGIN,
        ),
        Mutant(
            "cosine",
            "1 - cos(beta) in place of 2 (1 - cos(beta))",
            claims=identity("stationarity", kkt_residual2, by_angle / 2),
            by=SKEWED,
        ),
        Mutant(
            "twice",
            "a moment with half of that angle",
            claims=(Claim("best moment", 2 * least_turn, angle_there),),
            by=SKEWED,
        ),
    ),
    notes="The two states have to be those of one flow, with what lies between them measured on"
    " it; the flow checker integrates them, nothing in the arrays proves it. The least"
    " tan^2(beta) is taken over the steps of the integrator, so that it is at least the least over"
    " all moments: the claim that is checked is a little stronger than the theorem.",
)
