"""The squared error is PL on a ball around a wide network (repairs Jacot et al. 2025, (10)).

With lambda_F = sigma_min(sigma(W_1 X)), lambda_l = sigma_min(W_l) at theta_0, every theta within
r_0 = 1/2 min(lambda_F / |X|, min_{l >= 3} lambda_l) of it has |grad C_0|^2 >= alpha/2 C_0,
alpha = 2^(-2(L-2)) gamma^(2(L-2)) lambda_F^2 (lambda_3 ... lambda_L)^2.
The paper has the first power of the lambdas and does not divide by |X| in r_0. The first layer is
as wide as there are samples and widths do not grow from the second layer on; Assumption 4.3 is not
needed for this. Equality up to e^{-b/2} for two layers: at distance r_0 one feature has lost half
its length, its output is zero and all other outputs are their labels.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Hypothesis, Mutant, Rational
from checkers.language import Statement, sqrt
from . import PAPER
from .setting.deep_network import ACTIVATION, BALL, C0, PYRAMID, L, distance2, gamma, gradient2
from .setting.deep_network import lam_F2, later, size_X, weakest
from .setting.deep_network_witnesses import ALL_THE_WAY, FLAT_LAYER, HALF_WAY, LAST_LAYER_GONE
from .setting.deep_network_witnesses import LONG_DATA, NO_SLOPE, SHORT_FEATURES, STEEP_SLOPE
from .setting.deep_network_witnesses import TOO_NARROW

slopes = (gamma / 2) ** (2 * (L - 2))
alpha = Definition("alpha", slopes * lam_F2 * later)
NEAR_FIRST = Hypothesis(
    "near theta_0, first layer",
    lam_F2 - 4 * size_X**2 * distance2,
    says="|theta - theta_0| is at most lambda_F / (2 |X|)",
)
NEAR_LATER = Hypothesis(
    "near theta_0, later layers",
    weakest - 4 * distance2,
    says="|theta - theta_0| is at most half of every lambda_l, l >= 3",
)


def wider(id, says, margin, by):
    """Another radius for the first layer."""
    return Mutant(id, says, drop=(NEAR_FIRST.name,), assume=(Hypothesis("near", margin),), by=by)


STATEMENT = Statement(
    title="The squared error is PL on a ball around a wide network",
    source=PAPER.at("Section 4, (10), repaired"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=BALL,
    hypotheses=(*ACTIVATION, PYRAMID, NEAR_FIRST, NEAR_LATER),
    claims=(Claim("PL", lhs=alpha / 2 * C0, rhs=gradient2),),
    witnesses=(HALF_WAY,),
    mutants=(
        Mutant(
            "scaled",
            "alpha larger by 1/1000",
            lhs=Rational(1001, 1000) * alpha / 2 * C0,
            by=HALF_WAY,
        ),
        Mutant(
            "F6", "first powers of the lambdas and factors", lhs=sqrt(alpha) * C0, by=SHORT_FEATURES
        ),
        Mutant(
            "slope", "no gamma in alpha", lhs=alpha / gamma ** (2 * (L - 2)) / 2 * C0, by=FLAT_LAYER
        ),
        wider("twice", "within twice the radius", lam_F2 - size_X**2 * distance2, ALL_THE_WAY),
        wider("data", "lambda_F not divided by |X|", lam_F2 - 4 * distance2, LONG_DATA),
        Mutant(
            "later", "no later layer in the radius", drop=(NEAR_LATER.name,), by=LAST_LAYER_GONE
        ),
        Mutant("A4.1", "layers of any width", drop=("pyramid",), by=TOO_NARROW),
        Mutant("steep", "any slope", drop=("gamma at most 1",), by=STEEP_SLOPE),
        Mutant("no_slope", "gamma of any sign", drop=("gamma positive",), by=NO_SLOPE),
    ),
)
