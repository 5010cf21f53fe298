"""The tangent kernel grows with the number of linear layers, sharp (after Proposition 5.3).

If the outputs are within e1 < s_1(Y) of the one-hot labels and the weights of the L2 linear layers
are at most w in norm (r in the paper), then the kernel is at least L2 (s_1(Y) - e1)^2 / w^2 in
operator norm. Against Proposition 5.3: s_1(Y), the root of the largest class, in place of s_K(Y),
and no K^2: the gradient of <A, Z_L> at the top singular pair A of Z_L is at least s_1(Z_L) / w in
every linear layer. Identities attain it.
"""

from checkers.language import DERIVED, THEOREM, Claim, Hypothesis, Mutant, N, Rational, Statement
from checkers.language import depth, sqrt
from . import PAPER
from .setting.linear_head import e1, w
from .setting.tangent_kernel import IDENTITIES, KERNELS, LARGE_WEIGHTS, SHORT_OUTPUTS, SMALL_OUTPUTS
from .setting.tangent_kernel import s_1, theta

INTERPOLATION = Hypothesis("interpolation", margin=s_1 - e1, strict=True)
bound = depth * (s_1 - e1) ** 2 / w**2

STATEMENT = Statement(
    title="The tangent kernel grows with the number of linear layers, sharp",
    source=PAPER.at("Proposition 5.3, improved"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=KERNELS,
    hypotheses=(INTERPOLATION,),
    claims=(Claim("kernel", lhs=bound, rhs=theta),),
    witnesses=(IDENTITIES,),
    mutants=(
        Mutant("per_mille", "1.001 of the bound", lhs=bound * Rational(1001, 1000), by=IDENTITIES),
        Mutant("one_more", "L2 + 1 in place of L2", lhs=bound * (depth + 1) / depth, by=IDENTITIES),
        Mutant(
            "frobenius",
            "|Y|_F = sqrt(N) in place of s_1(Y)",
            lhs=depth * (sqrt(N) - e1) ** 2 / w**2,
            by=IDENTITIES,
        ),
        Mutant("no_r", "w dropped", lhs=bound * w**2, by=LARGE_WEIGHTS),
        Mutant(
            "no_error",
            "s_1(Y) in place of s_1(Y) - e1",
            lhs=bound * (s_1 / (s_1 - e1)) ** 2,
            by=SHORT_OUTPUTS,
        ),
        Mutant(
            "any_outputs", "outputs not near the labels", drop=("interpolation",), by=SMALL_OUTPUTS
        ),
    ),
)
