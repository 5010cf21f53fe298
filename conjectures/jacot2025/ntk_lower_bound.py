"""The tangent kernel grows with the number of linear layers (Jacot et al. 2025, Proposition 5.3).

If the outputs are within e1 < s_K(Y) of the one-hot labels and the weights of the L2 linear layers
are at most w in norm (r in the paper), then the kernel is at least
L2 (s_K(Y) - e1)^2 / (K^2 w^2) in operator norm. Only the part Theta_lin that the linear layers add
is needed; e1 and w are measured. Identities are a factor K^2 above the bound, which
`jacot2025_ntk_lower_bound_sharp` removes.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, K, Mutant, Statement, depth
from . import PAPER
from .setting.linear_head import INTERPOLATION_OF_RANK_K, e1, s_K, w
from .setting.tangent_kernel import IDENTITIES_LONG, IDENTITIES_LOOSE, KERNELS, LARGE_WEIGHTS
from .setting.tangent_kernel import SHORT_OUTPUTS, SMALL_OUTPUTS, theta

bound = depth * (s_K - e1) ** 2 / (K**2 * w**2)

STATEMENT = Statement(
    title="The tangent kernel grows with the number of linear layers",
    source=PAPER.at("Proposition 5.3, furthermore"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=KERNELS,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("kernel", lhs=bound, rhs=theta),),
    witnesses=(IDENTITIES_LOOSE,),
    mutants=(
        Mutant("L2_squared", "L2^2 in place of L2", lhs=bound * depth, by=IDENTITIES_LONG),
        Mutant("no_r", "w dropped", lhs=bound * w**2, by=LARGE_WEIGHTS),
        Mutant(
            "no_error",
            "s_K(Y) in place of s_K(Y) - e1",
            lhs=bound * (s_K / (s_K - e1)) ** 2,
            by=SHORT_OUTPUTS,
        ),
        Mutant(
            "any_outputs", "outputs not near the labels", drop=("interpolation",), by=SMALL_OUTPUTS
        ),
    ),
)
