"""Interpolation and balancedness imply NC1 (Jacot et al. 2025, Theorem 3.1, equation (18)).

If the outputs are within e1 of the one-hot labels, neighbouring matrices of the linear head are
balanced up to e2 and all norms are at most r, then the ratio of traces
NC1(Z_{L-1}) <= (r^2/N) Psi^2 / (sqrt((K-1)/K) - 2 e1 / sqrt(N))^2 with
Psi = r (e1 / (s_K(Y) - e1) + sqrt(n_{L-1} e2)). Here e1, e2 and r are measured, so that every
instance meets the first three conditions by definition; classes are of equal size.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Definition, K, Max, Mutant, N
from checkers.language import Statement, last_width, sqrt
from . import PAPER
from .setting import linear_head_witnesses as built
from .setting.linear_head import ALONG_DIGITS, BALANCED, INTERPOLATION, NC1, e1, e2, error_bound
from .setting.linear_head import norm_earlier, norm_last, norm_weights, r, s_K

Psi = Definition("Psi", error_bound(e1, e2))
gap = (sqrt((K - 1) / K) - 2 * e1 / sqrt(N)) ** 2


def bound(psi, radius=r):
    """The right-hand side of (18) with another Psi or radius."""
    return radius**2 / N * psi**2 / gap


def within(radius):
    """The bound with r measured on fewer matrices."""
    return bound(error_bound(e1, e2, radius), radius)


STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1",
    source=PAPER.at("Theorem 3.1, (18)"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=ALONG_DIGITS,
    hypotheses=(BALANCED, INTERPOLATION),
    claims=(Claim("NC1", lhs=NC1, rhs=bound(Psi)),),
    witnesses=(built.SPREAD_MANY,),
    mutants=(
        Mutant("M1", "half the bound", rhs=bound(Psi) / 2, by=built.SPREAD),
        Mutant(
            "M2",
            "n_{L-1} dropped",
            rhs=bound(r * (e1 / (s_K - e1) + sqrt(e2))),
            by=built.SPREAD,
        ),
        Mutant(
            "M3",
            "sqrt(n_{L-1}) e2 in place of sqrt(n_{L-1} e2)",
            rhs=bound(r * (e1 / (s_K - e1) + sqrt(last_width) * e2)),
            by=built.SPREAD_EXACTLY,
        ),
        Mutant("M4", "r in place of r^2 outside", rhs=r / N * Psi**2 / gap, by=built.SPREAD_WIDE),
        Mutant(
            "M5",
            "norm of Z_{L-2} not bounded",
            rhs=within(Max(norm_last, norm_weights)),
            by=built.LARGE_EARLIER_FEATURES,
        ),
        Mutant(
            "M6",
            "norm of Z_{L-1} not bounded",
            rhs=within(Max(norm_earlier, norm_weights)),
            by=built.LARGE_LAST_FEATURES,
        ),
        Mutant("M7", "classes of any size", drop=("balanced",), by=built.LONE_SAMPLE),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            rhs=bound(error_bound(e1, 0)),
            by=built.SPREAD_EXACTLY,
        ),
    ),
)
