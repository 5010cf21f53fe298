"""Networks of nearly least norm have well-conditioned heads (Jacot et al. 2025, Proposition 5.1).

If the outputs of a network of L1 nonlinear and L2 linear layers are within e1 < s_K(Y) of the
one-hot labels, and |theta|^2 = L K + c with theta all weights and L = L1 + L2, then
kappa(W_{L:L1+1}) <= (K^{L1/2} |X| / (s_K(Y) - e1))^K exp(c / 2). Here e1 and c are measured, e1
of the network from its inputs X on and called e_X for that, and exp(c / 2) is brought to the other
side. Of the activation only |sigma(x)| <= |x| is used; it is the leaky ReLU of slope 1/2 here. For
K = 2 the constants are sharp as the head becomes deep and its longer singular value long: the other
is 2^{-L1/2} / |X|, and the nonlinear layers are its inverse.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, K, Mutant, Statement, exp
from . import PAPER
from .setting import near_optimal as built
from .setting.deep_network import L1
from .setting.linear_head import s_K
from .setting.near_optimal import INTERPOLATION, NETWORKS, c, e_X, kappa_head, size_X

bound = (K ** (L1 / 2) * size_X / (s_K - e_X)) ** K

STATEMENT = Statement(
    title="Networks of nearly least norm have well-conditioned heads",
    source=PAPER.at("Proposition 5.1, (14)"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=NETWORKS,
    hypotheses=(INTERPOLATION,),
    claims=(Claim("conditioning", lhs=kappa_head * exp(-c / 2), rhs=bound),),
    witnesses=(built.CHEAPEST_DEEP, built.CHEAPEST),
    mutants=(
        Mutant("quarter", "exp(c / 4)", lhs=kappa_head * exp(-c / 4), by=built.CHEAPEST_PLAIN),
        Mutant(
            "no_layers",
            "K^{L1/2} dropped",
            rhs=(size_X / (s_K - e_X)) ** K,
            by=built.CHEAPEST_PLAIN,
        ),
        Mutant(
            "first_power",
            "exponent 1 in place of K",
            rhs=K ** (L1 / 2) * size_X / (s_K - e_X),
            by=built.CHEAPEST_PLAIN,
        ),
        Mutant(
            "linear_only",
            "c - L1 K in place of c",
            lhs=kappa_head * exp(-(c - L1 * K) / 2),
            by=built.CHEAPEST_PLAIN,
        ),
        Mutant(
            "no_data",
            "|X| dropped",
            rhs=(K ** (L1 / 2) / (s_K - e_X)) ** K,
            by=built.CHEAPEST_LARGE_DATA,
        ),
        Mutant(
            "no_error",
            "s_K(Y) in place of s_K(Y) - e1",
            rhs=(K ** (L1 / 2) * size_X / s_K) ** K,
            by=built.CHEAPEST_WITH_ERROR,
        ),
    ),
)
