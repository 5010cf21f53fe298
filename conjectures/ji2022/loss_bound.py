"""The least cross-entropy at given norms (behind Ji et al. 2022, Theorem 3.1).

The summed cross-entropy of W H is at least K n log(1 + (K-1) exp(-c)) with
c = (|W|^2 + |H|^2) / (2 (K-1) sqrt(n)), with equality exactly at collapse. It implies the margin
bound, because a loss that large cannot go with a smallest margin above c.
"""

from dataclasses import replace

from checkers.language import DERIVED, THEOREM, Claim, Definition, K, Mutant, Statement, exp, log, n
from checkers.language import sizes, sqrt
from checkers.quantities.margins import cross_entropy
from checkers.settings.unconstrained import BALANCED, COLLAPSED, COLLAPSED_EXACTLY, FREE_FEATURES
from checkers.settings.unconstrained import SPECTRAL, H, W, labels, rho2

from . import PAPER

c = Definition("c", rho2 / (2 * (K - 1) * sqrt(n)))


def least_loss(c):
    """K n log(1 + (K-1) exp(-c))."""
    return K * n * log(1 + (K - 1) * exp(-c))


STATEMENT = Statement(
    title="The least cross-entropy at given norms",
    source=PAPER.at("Theorem 3.1, loss form"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=FREE_FEATURES,
    hypotheses=(BALANCED,),
    claims=(Claim("loss bound", lhs=least_loss(c), rhs=cross_entropy(W, H, labels)),),
    witnesses=(COLLAPSED, COLLAPSED_EXACTLY),
    mutants=(
        Mutant(
            "M1", "2K in place of 2(K-1)", lhs=least_loss(rho2 / (2 * K * sqrt(n))), by=COLLAPSED
        ),
        Mutant(
            "M2", "n in place of sqrt(n)", lhs=least_loss(rho2 / (2 * (K - 1) * n)), by=COLLAPSED
        ),
        Mutant(
            "M4",
            "classes of any size, n = N/K",
            drop=("balanced",),
            by=replace(SPECTRAL, sizes=tuple(sizes((m, 1, 1), d=2) for m in (9, 4, 100))),
        ),
        Mutant(
            "M10",
            "K in place of K-1 wrong classes",
            lhs=K * n * log(1 + K * exp(-rho2 / (2 * (K - 1) * sqrt(n)))),
            by=COLLAPSED,
        ),
    ),
)
