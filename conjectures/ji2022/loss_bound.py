"""The least cross-entropy at given norms (behind Ji et al. 2022, Theorem 3.1).

The summed cross-entropy of W H is at least K n log(1 + (K-1) exp(-c)) with
c = (|W|^2 + |H|^2) / (2 (K-1) sqrt(n)), with equality exactly at collapse. It implies the margin
bound, because a loss that large cannot go with a smallest margin above c.
"""

from __future__ import annotations

from sympy import Expr, exp, log, sqrt

from checkers.quantities.margins import cross_entropy
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import (
    BALANCED,
    COLLAPSED,
    COLLAPSED_EXACTLY,
    SIZES,
    VARIABLES,
    H,
    W,
    labels,
    spectral_pair,
)
from checkers.sizes import sizes
from checkers.statement import Change, Claim, Mutant, Statement, Witness
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER

rho2 = squared_norm(W) + squared_norm(H)
loss = cross_entropy(W, H, labels)


def least_loss(c: Expr) -> Expr:
    """K n log(1 + (K-1) exp(-c))."""
    return K * n * log(1 + (K - 1) * exp(-c))


def with_margin(c: Expr) -> Change:
    """The claim with another margin in the exponent."""
    return Change(claims=(Claim("loss bound", least_loss(c), loss),))


STATEMENT = Statement(
    title="The least cross-entropy at given norms",
    source=PAPER.at("Theorem 3.1, loss form"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED,),
    claims=(Claim("loss bound", lhs=least_loss(rho2 / (2 * (K - 1) * sqrt(n))), rhs=loss),),
    witnesses=(COLLAPSED, COLLAPSED_EXACTLY),
    mutants=(
        Mutant("M1", "2K in place of 2(K-1)", with_margin(rho2 / (2 * K * sqrt(n))), COLLAPSED),
        Mutant("M2", "n in place of sqrt(n)", with_margin(rho2 / (2 * (K - 1) * n)), COLLAPSED),
        Mutant(
            "M4",
            "classes of any size, n = N/K",
            Change(drop=("balanced",)),
            Witness(
                "singular factors of centred labels",
                spectral_pair,
                (sizes((9, 1, 1), d=2), sizes((4, 1, 1), d=2), sizes((100, 1, 1), d=2)),
            ),
        ),
        Mutant(
            "M10",
            "K in place of K-1 wrong classes",
            Change(
                claims=(
                    Claim(
                        "loss bound",
                        K * n * log(1 + K * exp(-rho2 / (2 * (K - 1) * sqrt(n)))),
                        loss,
                    ),
                )
            ),
            COLLAPSED,
        ),
    ),
)
