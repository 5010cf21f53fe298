"""A bounded tangent kernel makes every product of the head well conditioned (after Prop. 5.3).

Let the kernel of the linear layers have operator norm C L2, the outputs be within e1 < s_K(Y) of
the one-hot labels and the weights of the linear layers at most w in norm (r in the paper). Then
every linear layer l has kappa(W_{L:l}) <= sqrt(C L2) w / (s_K(Y) - e1). Against Proposition 5.3:
all layers, and without K, as operator norms take the place of Frobenius norms; but no gain of
sqrt(M). A head whose first matrix is thin in one direction attains it in the limit.
"""

from checkers.language import DERIVED, THEOREM, Claim, Mutant, Rational, Statement, depth, sqrt
from checkers.quantities.conditioning import largest_partial_condition

from . import PAPER
from .setting.linear_head import INTERPOLATION_OF_RANK_K, e1, head, s_K, w
from .setting.tangent_kernel import KERNELS, LARGE_WEIGHTS, SMALL_OUTPUTS, THIN_FIRST, theta

bound = sqrt(theta) * w / (s_K - e1)

STATEMENT = Statement(
    title="A bounded tangent kernel makes every product of the head well conditioned",
    source=PAPER.at("Proposition 5.3, improved"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=KERNELS,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("conditioning", lhs=largest_partial_condition(head), rhs=bound),),
    witnesses=(THIN_FIRST,),
    mutants=(
        Mutant("per_mille", "0.999 of the bound", rhs=bound * Rational(999, 1000), by=THIN_FIRST),
        Mutant(
            "M",
            "a gain of sqrt(L2), as Proposition 5.3 has",
            rhs=bound / sqrt(depth),
            by=THIN_FIRST,
        ),
        Mutant("no_r", "w dropped", rhs=bound / w, by=LARGE_WEIGHTS),
        Mutant(
            "any_outputs",
            "outputs not near the labels, |s_K(Y) - e1| in place of s_K(Y) - e1",
            rhs=sqrt(bound**2),
            drop=("interpolation",),
            by=SMALL_OUTPUTS,
        ),
    ),
)
