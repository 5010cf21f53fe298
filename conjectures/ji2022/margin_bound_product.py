"""The margin bound in product form and the chain that leads to it (Ji et al. 2022, Theorem 3.1).

The smallest margin is at most the mean over samples of their worst margins, which is at most
|Wt| |Hbar_t| / (K-1), then |Wt| |H - h_G| / ((K-1) sqrt(n)) and |W| |H| / ((K-1) sqrt(n)). The
last is invariant under (t W, H / t) and implies the bound by the sum of squares.
"""

from __future__ import annotations

from sympy import Expr, sqrt

from checkers.quantities.duality import centred_features_norm, centred_norm, mean_features_norm
from checkers.quantities.margins import mean_worst_margin, smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import (
    BALANCED,
    COLLAPSED,
    COLLAPSED_EXACTLY,
    SIZES,
    VARIABLES,
    H,
    W,
    average_margin_gap,
    labels,
    spectral_pair,
)
from checkers.sizes import sizes
from checkers.statement import Change, Claim, Mutant, Proof, Statement, Witness
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER

q_min = smallest_margin(W, H, labels)
q_mean = mean_worst_margin(W, H, labels)
product = sqrt(squared_norm(W)) * sqrt(squared_norm(H))
bound = product / ((K - 1) * sqrt(n))
by_means = sqrt(centred_norm(W)) * sqrt(mean_features_norm(H, labels)) / (K - 1)
by_features = sqrt(centred_norm(W)) * sqrt(centred_features_norm(H, labels)) / ((K - 1) * sqrt(n))


def with_bound(other: Expr) -> Change:
    """The last claim with another right-hand side."""
    return Change(claims=(Claim("product form", q_min, other),))


STATEMENT = Statement(
    title="The margin bound in product form",
    source=PAPER.at("Theorem 3.1"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED,),
    claims=(
        Claim("product form", lhs=q_min, rhs=bound),
        Claim("mean of worst margins", lhs=q_min, rhs=q_mean),
        Claim("centred class means", lhs=q_mean, rhs=by_means),
        Claim("centred features", lhs=by_means, rhs=by_features),
        Claim("norms", lhs=by_features, rhs=bound),
    ),
    witnesses=(COLLAPSED, COLLAPSED_EXACTLY),
    mutants=(
        Mutant("M1", "K in place of K-1", with_bound(product / (K * sqrt(n))), COLLAPSED),
        Mutant("M2", "n in place of sqrt(n)", with_bound(product / ((K - 1) * n)), COLLAPSED),
        Mutant(
            "M4",
            "classes of any size, n = N/K",
            Change(claims=(Claim("product form", q_min, bound),), drop=("balanced",)),
            Witness(
                "singular factors of centred labels",
                spectral_pair,
                (sizes((4, 1, 1), d=2), sizes((9, 1, 1), d=2)),
            ),
        ),
        Mutant("M9", "the bound less one part in 1001", with_bound(bound * 1000 / 1001), COLLAPSED),
    ),
    proofs=(
        Proof(
            claim="product form",
            method="LDL^T over the rationals, all d at once",
            obligation=average_margin_gap,
            at=tuple((k, m) for k in (2, 3, 5) for m in (1, 2, 4)),
            names=("K", "n"),
            says="after the best rescaling (t W, H / t) of the sum-of-squares form",
        ),
    ),
)
