"""The squared error is PL on a ball around a wide network, as printed (Jacot et al. 2025, (10)).

With alpha = 2^-(L-3) gamma^(L-2) lambda_F lambda_3 ... lambda_L, under Assumptions 4.1 to 4.3,
every theta within r_0 = 1/2 min(lambda_F, min_{l >= 3} lambda_l) of theta_0 has
|grad C_0|^2 >= alpha/2 C_0. Assumption 4.3 reads
sqrt(lambda_F lambda_3 ... lambda_L) min(lambda_F, min_{l >= 3} lambda_l)
>= 8 gamma (2/gamma)^(L/2) sqrt(C_0(theta_0)); data may be of any scale. The lambdas enter alpha to
the first power where a gradient gives their squares, so that short features refute it, already at
theta_0 itself.
"""

from checkers.language import PRINTED, RECONSTRUCTED, Claim, Definition, Hypothesis, Min, Statement
from checkers.language import sqrt
from . import PAPER
from .setting.deep_network import ACTIVATION, C0, PRINTED_BALL, PYRAMID, C0_start, L, distance2
from .setting.deep_network import gamma, gradient2, lam_F2, later, weakest
from .setting.deep_network_witnesses import SHORT_FEATURES

product = sqrt(lam_F2 * later)
least2 = Min(lam_F2, weakest)
alpha = Definition("alpha", 2 ** (3 - L) * gamma ** (L - 2) * product)
NEAR = Hypothesis("near theta_0", least2 - 4 * distance2, says="theta is within r_0 of theta_0")
ASSUMPTION = Hypothesis(
    "A4.3",
    product * least2 - 64 * gamma**2 * (2 / gamma) ** L * C0_start,
    says="Assumption 4.3, (8), squared",
)

STATEMENT = Statement(
    title="The squared error is PL on a ball around a wide network, as printed",
    source=PAPER.at("Section 4, (8) and (10)"),
    standing=PRINTED,
    transcription=RECONSTRUCTED,
    setting=PRINTED_BALL,
    hypotheses=(*ACTIVATION, PYRAMID, NEAR, ASSUMPTION),
    claims=(Claim("PL", lhs=alpha / 2 * C0, rhs=gradient2),),
    counterexamples=(SHORT_FEATURES,),
)
