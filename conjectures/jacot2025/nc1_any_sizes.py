"""Interpolation and balancedness imply NC1 for classes of any size (repairs Jacot et al. 2025).

With s_K(Y) = sqrt(n_min) and e1 < min(s_K(Y), sqrt((K-1) n_min)),
NC1(Z_{L-1}) <= (r^2/N) ((r e1 / (s_K - e1))^2 + r^2 (n_{L-1} - K) e2)
                / (sqrt((K-1)/K) - e1 / sqrt(K n_min))^2.
It holds for either convention of the global mean, as the mean of class means gives the smaller
trace of Sigma_B.
"""

from checkers.language import DERIVED, THEOREM, Claim, K, Mutant, N, Statement, last_width, sqrt
from . import PAPER
from .setting.linear_head import HEADS, INTERPOLATION_ANY_SIZES, NC1, e1, e2, n_min, r, s_K
from .setting.linear_head_witnesses import LONE_SAMPLE, SPREAD, SPREAD_EXACTLY


error = e1 / sqrt(K * n_min)


def bound(error=error, kernel=last_width - K):
    """The right-hand side where the error of class means is at most ``error``."""
    spread = (r * e1 / (s_K - e1)) ** 2 + r**2 * kernel * e2
    return r**2 / N * spread / (sqrt((K - 1) / K) - error) ** 2


STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1 for classes of any size",
    source=PAPER.at("Theorem 3.1, repaired"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=HEADS,
    hypotheses=(INTERPOLATION_ANY_SIZES,),
    claims=(Claim("NC1", lhs=NC1, rhs=bound()),),
    witnesses=(SPREAD, SPREAD_EXACTLY),
    mutants=(
        Mutant("M1", "half the bound", rhs=bound() / 2, by=SPREAD_EXACTLY),
        Mutant("M2", "n_{L-1} - K dropped", rhs=bound(kernel=1), by=SPREAD_EXACTLY),
        Mutant(
            "error_over_N",
            "error of class means at most e1 / sqrt(N), as for equal classes",
            rhs=bound(e1 / sqrt(N)),
            by=LONE_SAMPLE,
        ),
    ),
)
