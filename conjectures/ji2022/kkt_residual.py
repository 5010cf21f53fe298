"""How far a state of the flow is from a KKT point (behind Ji et al. 2022, Theorem 3.2).

The problem is min rho^2 / 2 with all margins at least 1. At theta / sqrt(q_min) with multipliers
lam_kij = (rho / |grad L|) p_kij and L < log 2: the squared stationarity residual is at most
(rho^2 / q_min) tan^2(beta), beta the angle between theta and -grad L, and the slackness residual
sum lam (m / q_min - 1) is at most rho^2 N (K-1) exp(-q_min - 1) / (2 q_min Lam(L)).
"""

from checkers.language import DERIVED, THEOREM, Claim, Inequality, K, Mutant, N, Statement, exp
from checkers.language import sqrt
from checkers.quantities.gradient_flow import log_loss, slack_mass
from checkers.settings.unconstrained import H, W, labels, q_min, rho2

from . import PAPER
from .setting.gradient_flow import SEPARATED, STATES, S, kkt_residual2, lam, separate, speed2, tan2
from .setting.margins_of_flows import NEARLY_DUAL, UNEQUAL_SAMPLES


def slackness(shift):
    """The residual at most rho^2 N (K-1) exp(-q_min - shift) / (2 q_min Lam(L))."""
    decay = exp(-q_min - shift - log_loss(W, H, labels))
    return Claim(
        "slackness",
        lhs=sqrt(rho2 / speed2) * slack_mass(W, H, S, labels),
        rhs=rho2 * N * (K - 1) * decay / (2 * q_min * lam),
    )


def stationarity(bound):
    """The squared residual at most a bound."""
    return Claim("stationarity", kkt_residual2, bound)


STATEMENT = Statement(
    title="How far a state of the flow is from a KKT point",
    source=PAPER.at("Theorem 3.2, proof, after Lyu and Li (2020)"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=STATES.but(prepare=separate, kind=Inequality(effort=0.1)),
    hypotheses=(SEPARATED,),
    claims=(stationarity(rho2 / q_min * tan2), slackness(1)),
    witnesses=(NEARLY_DUAL,),
    mutants=(
        Mutant(
            "half",
            "half of tan^2(beta)",
            claims=(stationarity(rho2 / q_min * tan2 / 2), slackness(1)),
            by=NEARLY_DUAL,
        ),
        Mutant(
            "shift",
            "exp(-q_min - 2) in place of exp(-q_min - 1)",
            claims=(stationarity(rho2 / q_min * tan2), slackness(2)),
            by=UNEQUAL_SAMPLES,
        ),
    ),
)
