"""Interpolation and balancedness imply NC1, with the best constants (after Jacot et al. 2025).

For equal classes
NC1(Z_{L-1}) <= (r^2/N) ((r e1 / (s_K - e1))^2 + r^2 (n_{L-1} - K) e2)
                / (sqrt((K-1)/K) - e1 / sqrt(N))^2
for e1 < min(s_K(Y), sqrt((K-1) N / K)). Against (18): Pythagoras in place of the triangle
inequality, the kernel of W_L has n_{L-1} - K dimensions, and the error enters once.
"""

from checkers.language import DERIVED, THEOREM, Claim, Hypothesis, K, Max, Min, Mutant, N, Statement
from checkers.language import last_width, sqrt
from . import PAPER
from .setting import linear_head_witnesses as built
from .setting.linear_head import ALONG_DIGITS, BALANCED, NC1, e1, e2, norm_earlier, norm_last
from .setting.linear_head import norm_weights, r, s_K

INTERPOLATION = Hypothesis(
    "interpolation", margin=Min(s_K, sqrt((K - 1) * N / K)) - e1, strict=True
)


def bound(radius=r, kernel=last_width - K, imbalance=e2):
    """The right-hand side with another radius, dimension of the kernel or imbalance."""
    spread = (radius * e1 / (s_K - e1)) ** 2 + radius**2 * kernel * imbalance
    return radius**2 / N * spread / (sqrt((K - 1) / K) - e1 / sqrt(N)) ** 2


STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1, with the best constants",
    source=PAPER.at("Theorem 3.1, sharpened"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=ALONG_DIGITS,
    hypotheses=(BALANCED, INTERPOLATION),
    claims=(Claim("NC1", lhs=NC1, rhs=bound()),),
    witnesses=(built.SPREAD, built.SPREAD_EXACTLY),
    mutants=(
        Mutant(
            "kernel_less_one",
            "n_{L-1} - K - 1 in place of n_{L-1} - K",
            rhs=bound(kernel=last_width - K - 1),
            by=built.SPREAD_EXACTLY,
        ),
        Mutant("M1", "half the bound", rhs=bound() / 2, by=built.SPREAD_EXACTLY),
        Mutant("M2", "n_{L-1} - K dropped", rhs=bound(kernel=1), by=built.SPREAD_EXACTLY),
        Mutant("M3", "e2^2 in place of e2", rhs=bound(imbalance=e2**2), by=built.SPREAD_EXACTLY),
        Mutant("M4", "r in place of r^2 outside", rhs=bound() / r, by=built.SPREAD_EXACTLY),
        Mutant(
            "M5",
            "norm of Z_{L-2} not bounded",
            rhs=bound(Max(norm_last, norm_weights)),
            by=built.LARGE_EARLIER_FEATURES,
        ),
        Mutant(
            "M6",
            "norm of Z_{L-1} not bounded",
            rhs=bound(Max(norm_earlier, norm_weights)),
            by=built.LARGE_LAST_FEATURES,
        ),
    ),
)
