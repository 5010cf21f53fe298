"""Margin of the unconstrained layer-peeled model (Ji et al. 2022, Theorem 3.1).

The smallest margin over a balanced data set is at most (|W|^2 + |H|^2) / (2 (K-1) sqrt(n)), with
equality exactly at zero or at neural collapse: rows of W a zero-mean simplex ETF, h = w / sqrt(n).
A non-zero equality needs d >= K-1 and no more.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, K, Mutant, Proof, Statement, n, sqrt
from checkers.quantities.margins import best_sample_margin
from checkers.settings.unconstrained import BALANCED, COLLAPSED, COLLAPSED_EXACTLY, EQUAL_NORMS
from checkers.settings.unconstrained import FREE_FEATURES, NC1, NC2, NC3, ZERO_MEAN
from checkers.settings.unconstrained import H, W, average_margin_gap, labels, q_min, rho2

from . import PAPER
from .setting import near_collapse
from .setting.near_collapse import DUAL, EQUAL_MARGINS

bound = rho2 / (2 * (K - 1) * sqrt(n))


def attained(name):
    """The false claim that the bound is attained wherever a mutant's hypotheses hold."""
    return (Claim(name, lhs=bound, rhs=q_min),)


STATEMENT = Statement(
    title="The margin of the unconstrained layer-peeled model",
    source=PAPER.at("Theorem 3.1"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=FREE_FEATURES,
    hypotheses=(BALANCED,),
    claims=(Claim("margin bound", lhs=q_min, rhs=bound),),
    witnesses=(COLLAPSED, COLLAPSED_EXACTLY),
    mutants=(
        Mutant("M1", "2K in place of 2(K-1)", rhs=rho2 / (2 * K * sqrt(n)), by=COLLAPSED),
        Mutant("M2", "n in place of sqrt(n)", rhs=rho2 / (2 * (K - 1) * n), by=COLLAPSED),
        Mutant(
            "M3",
            "the best sample in place of the worst",
            lhs=best_sample_margin(W, H, labels),
            by=near_collapse.ONE_AGAINST_THE_REST,
        ),
        Mutant("M4", "classes of any size, n = N/K", drop=("balanced",), by=near_collapse.UNEQUAL),
        Mutant(
            "M5",
            "equality at centred collapse with |W| = |H|, means not zero",
            claims=attained("equality at centred collapse"),
            assume=(NC1, NC2, NC3, EQUAL_NORMS),
            by=near_collapse.SHIFTED_FEATURES,
        ),
        Mutant(
            "M6",
            "equality at dual frames of equal margins, whatever d",
            claims=attained("equality in any dimension"),
            assume=(DUAL, ZERO_MEAN, EQUAL_MARGINS),
            by=near_collapse.SQUARE,
        ),
        Mutant(
            "M7",
            "equality at collapse of the class means alone",
            claims=attained("equality of class means"),
            assume=(NC2, NC3, ZERO_MEAN),
            by=near_collapse.SPREAD_SAMPLES,
        ),
        Mutant(
            "M8",
            "equality at collapse with norms unequal",
            claims=attained("equality at collapse"),
            assume=(NC1, NC2, NC3, ZERO_MEAN),
            by=near_collapse.UNEQUAL_NORMS,
        ),
        Mutant("M9", "the bound less one part in 1001", rhs=bound * 1000 / 1001, by=COLLAPSED),
    ),
    proofs=(
        Proof(
            claim="margin bound",
            method="LDL^T over the rationals, all d at once",
            obligation=average_margin_gap,
            at=tuple((k, m) for k in (2, 3, 4, 5, 7, 10) for m in (1, 2, 4, 10)),
            names=("K", "n"),
            says="the margin averaged over samples and classes is at most the bound, as a"
            " quadratic form; the least margin is at most the average",
        ),
    ),
)
