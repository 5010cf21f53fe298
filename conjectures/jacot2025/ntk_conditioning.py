"""A bounded tangent kernel makes a product of the head well conditioned (Jacot et al., Prop. 5.3).

Let the kernel be at most C L2 in operator norm, the outputs within e1 < s_K(Y) of the one-hot
labels and the weights of the L2 linear layers at most w in norm (r in the paper). Then for every
M <= L2 one of the first M linear layers l has
kappa(W_{L:l}) <= sqrt(C L2) K w / (sqrt(M) (s_K(Y) - e1)). Only the part Theta_lin of the kernel
that the linear layers add is needed; C, e1 and w are measured, and all M are claimed at once.
Identities reach 1/K of the bound. The factor K cannot be dropped: where the long direction of
W_{L:l} switches between layers, sqrt(2)/2 is approached for K = 2.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, K, Mutant, Statement, depth, sqrt
from checkers.quantities.conditioning import early_condition, worst_early_condition

from . import PAPER
from .setting import tangent_kernel as built
from .setting.linear_head import INTERPOLATION_OF_RANK_K, e1, head, s_K, w
from .setting.tangent_kernel import KERNELS, theta

bound = sqrt(theta) * K * w / (s_K - e1)

STATEMENT = Statement(
    title="A bounded tangent kernel makes some product of the head well conditioned",
    source=PAPER.at("Proposition 5.3"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=KERNELS,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("conditioning", lhs=early_condition(head), rhs=bound),),
    witnesses=(built.SWITCHING,),
    mutants=(
        Mutant(
            "for_all",
            "all of the first M layers in place of one",
            lhs=worst_early_condition(head),
            by=built.THIRD_FIRST,
        ),
        Mutant("no_K", "K dropped", rhs=bound / K, by=built.SWITCHING),
        Mutant("C", "C in place of C L2", rhs=bound / sqrt(depth), by=built.IDENTITIES_LONG),
        Mutant("no_r", "w dropped", rhs=bound / w, by=built.LARGE_WEIGHTS),
        Mutant(
            "any_outputs",
            "outputs not near the labels, |s_K(Y) - e1| in place of s_K(Y) - e1",
            rhs=sqrt(bound**2),
            drop=("interpolation",),
            by=built.SMALL_OUTPUTS,
        ),
    ),
)
