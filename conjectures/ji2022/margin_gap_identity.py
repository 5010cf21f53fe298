"""The gap of the margin bound, exactly (behind Ji et al. 2022, Theorem 3.1).

With c = 1 / (2 (K-1) sqrt(n)) and Q the average margin,
c (|W|^2 + |H|^2) - q_min = c (K |wbar|^2 + sum |h_ki - wt_k / sqrt(n)|^2) + (Q - q_min).
Both terms on the right are non-negative and vanish together exactly at collapse.
"""

from checkers.language import DERIVED, THEOREM, Definition, K, Mutant, Proof, Statement, identity, n
from checkers.language import sqrt
from checkers.quantities.duality import distance_from_dual, mean_row
from checkers.quantities.margins import average_margin
from checkers.settings.unconstrained import BALANCED, COLLAPSED, COLLAPSED_EXACTLY, FREE_FEATURES
from checkers.settings.unconstrained import H, W, labels, q_min, rho2

from . import PAPER
from .setting.gap import GENERIC, polynomial_gap

c = Definition("c", 1 / (2 * (K - 1) * sqrt(n)))
gap = c * rho2 - q_min
mean = mean_row(W)
off_dual = distance_from_dual(W, H, labels)
off_average = average_margin(W, H, labels) - q_min


def gap_is(*terms):
    """The identity with these terms on the right."""
    return identity("gap", gap, sum(terms))


STATEMENT = Statement(
    title="The gap of the margin bound, exactly",
    source=PAPER.at("Theorem 3.1, gap form"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=FREE_FEATURES,
    hypotheses=(BALANCED,),
    claims=gap_is(c * (mean + off_dual), off_average),
    witnesses=(COLLAPSED_EXACTLY, COLLAPSED, GENERIC),
    mutants=(
        Mutant(
            "no_mean",
            "the term of the mean dropped",
            claims=gap_is(c * off_dual, off_average),
            by=GENERIC,
        ),
        Mutant(
            "no_average",
            "the least margin taken for the average",
            claims=gap_is(c * (mean + off_dual)),
            by=GENERIC,
        ),
        Mutant(
            "mean_once",
            "|wbar|^2 in place of K |wbar|^2",
            claims=gap_is(c * (mean / K + off_dual), off_average),
            by=GENERIC,
        ),
    ),
    proofs=tuple(
        Proof(
            claim=f"gap ({side})",
            method="expansion of a polynomial identity, all d at once",
            obligation=polynomial_gap,
            at=tuple((k, m) for k in (2, 3, 4, 5) for m in (1, 2, 3)),
            names=("K", "n"),
        )
        for side in ("at most", "at least")
    ),
)
