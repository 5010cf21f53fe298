"""Features align with the rows of W_L, at any condition number (improves Jacot et al. 2025, (21)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, neighbouring matrices of the head
balanced up to e2, all norms at most r and k = kappa(W_L). Then the mean cosine of features Z_{L-1}
and the rows of their classes is at least 2 k / (1 + k^2) - 2 r Psi / sqrt(N), for classes of any
size. By Kantorovich's inequality a row w of W_L and the feature W_L^+ e have a cosine of at least
2 k / (1 + k^2); a matrix that stretches by k and then turns by 45 degrees attains it, where (21)
gives (3 - k^2) / (2 k). The coefficient 2 of Psi is not claimed to be sharp.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Mutant, N, Rational, Statement
from checkers.language import last_width, sqrt
from . import PAPER
from .setting.head_collapse import LONG_KERNEL, REVERSED_OUTPUTS, THIN_KERNEL, TURNED
from .setting.linear_head import INTERPOLATION_OF_RANK_K, NARROW_ALONG_DIGITS, NC3
from .setting.linear_head import NONZERO_FEATURES, e1, e2, error_bound, kappa, r

Psi = Definition("Psi", error_bound(e1, e2))
kantorovich = 2 * kappa / (1 + kappa**2)


def bound(aligned=kantorovich, error=r * Psi):
    """The left-hand side with another cosine without errors or another r Psi."""
    return aligned - 2 * error / sqrt(N)


STATEMENT = Statement(
    title="Features align with the rows of the last matrix, at any condition number",
    source=PAPER.at("Theorem 3.1, (21) improved"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=NARROW_ALONG_DIGITS,
    hypotheses=(INTERPOLATION_OF_RANK_K, NONZERO_FEATURES),
    claims=(Claim("NC3", lhs=bound(), rhs=NC3),),
    witnesses=(TURNED,),
    mutants=(
        Mutant("M12", "Psi dropped", lhs=kantorovich, by=THIN_KERNEL),
        Mutant("M13", "1 in place of 2 k / (1 + k^2)", lhs=bound(1), by=TURNED),
        Mutant(
            "root",
            "sqrt(k) in place of k, as for the condition number of a Gram matrix",
            lhs=bound(2 * sqrt(kappa) / (1 + kappa)),
            by=TURNED,
        ),
        Mutant(
            "per_mille",
            "1.001 times 2 k / (1 + k^2)",
            lhs=bound(Rational(1001, 1000) * kantorovich),
            by=TURNED,
        ),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            lhs=bound(error=r * error_bound(e1, 0)),
            by=THIN_KERNEL,
        ),
        Mutant(
            "M2",
            "n_{L-1} dropped",
            lhs=bound(error=r * error_bound(e1, e2 / last_width)),
            by=LONG_KERNEL,
        ),
        Mutant("low_power", "Psi in place of r Psi", lhs=bound(error=Psi), by=LONG_KERNEL),
        Mutant(
            "eighth",
            "1/4 in place of the coefficient 2",
            lhs=bound(error=r * Psi / 8),
            by=LONG_KERNEL,
        ),
        Mutant(
            "any_outputs",
            "outputs not near the labels",
            drop=("interpolation",),
            by=REVERSED_OUTPUTS,
        ),
    ),
)
