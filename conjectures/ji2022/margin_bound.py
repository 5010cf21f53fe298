"""Margin of the unconstrained layer-peeled model (Ji et al. 2022, Theorem 3.1).

The smallest margin over a balanced data set is at most (|W|^2 + |H|^2) / (2 (K-1) sqrt(n)), with
equality exactly at zero or at neural collapse: rows of W a zero-mean simplex ETF, h = w / sqrt(n).
A non-zero equality needs d >= K-1 and no more.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from sympy import Expr, sqrt

from checkers.instance import Array
from checkers.models.frames import centring, polygon
from checkers.quantities.duality import distance_from_dual
from checkers.quantities.margins import best_sample_margin, margin_spread, smallest_margin
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import (
    BALANCED,
    COLLAPSED,
    COLLAPSED_EXACTLY,
    EQUAL_NORMS,
    NC1,
    NC2,
    NC3,
    SIZES,
    VARIABLES,
    ZERO_MEAN,
    H,
    W,
    average_margin_gap,
    labels,
    spectral_pair,
)
from checkers.sizes import sizes
from checkers.statement import (
    Arrays,
    Change,
    Claim,
    Hypothesis,
    Layout,
    Mutant,
    Proof,
    Statement,
    Witness,
)
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER

q_min = smallest_margin(W, H, labels)
rho2 = squared_norm(W) + squared_norm(H)
bound = rho2 / (2 * (K - 1) * sqrt(n))


def best_against_rest(layout: Layout, labels: Array) -> Arrays:
    """W = (e1, -e1, 0), h_1 = e1 and the other features zero."""
    return {"W": np.array([[1.0, 0], [-1, 0], [0, 0]]), "H": np.array([[1.0, 0, 0], [0, 0, 0]])}


def shifted_features(layout: Layout, labels: Array) -> Arrays:
    """K = 4, n = 1: centred collapse with |W| = |H|, but the features share an offset."""
    W = centring(4)
    return {"W": W, "H": (W.T + Fraction(3, 4)) / 2}


def square(layout: Layout, labels: Array) -> Arrays:
    """K = 4 in the plane: the vertices of a square, h = w; all samples have the same margin."""
    W = np.round(polygon(4))
    return {"W": W, "H": W.T}


def spread_samples(layout: Layout, labels: Array) -> Arrays:
    """K = 4, n = 4: class means collapsed, samples off them by half a unit orthogonal to W."""
    W = centring(4)
    offset = np.array([1, 1, -1, -1] * 4) * Fraction(1, 4)
    return {"W": W, "H": W.T[:, labels] / 2 + offset * np.ones((4, 1), dtype=int)}


def unequal_norms(layout: Layout, labels: Array) -> Arrays:
    """K = 4, n = 1: collapse with W four times as long as H."""
    W = centring(4)
    return {"W": 2 * W, "H": W.T / 2}


def attained(name: str, *assume: Hypothesis) -> Change:
    """The false claim that the bound is attained wherever these hypotheses hold."""
    return Change(claims=(Claim(name, lhs=bound, rhs=q_min),), assume=assume)


def with_bound(other: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("margin bound", q_min, other),))


DUAL = Hypothesis("NC3 at exact scale", margin=-distance_from_dual(W, H, labels))
EQUAL_MARGINS = Hypothesis("equal margins", margin=-margin_spread(W, H, labels))

STATEMENT = Statement(
    title="The margin of the unconstrained layer-peeled model",
    source=PAPER.at("Theorem 3.1"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED,),
    claims=(Claim("margin bound", lhs=q_min, rhs=bound),),
    witnesses=(COLLAPSED, COLLAPSED_EXACTLY),
    mutants=(
        Mutant("M1", "2K in place of 2(K-1)", with_bound(rho2 / (2 * K * sqrt(n))), COLLAPSED),
        Mutant("M2", "n in place of sqrt(n)", with_bound(rho2 / (2 * (K - 1) * n)), COLLAPSED),
        Mutant(
            "M3",
            "the best sample in place of the worst",
            Change(claims=(Claim("margin bound", best_sample_margin(W, H, labels), bound),)),
            Witness("one sample against the rest", best_against_rest, (sizes(K=3, n=1, d=2),)),
        ),
        Mutant(
            "M4",
            "classes of any size, n = N/K",
            Change(drop=("balanced",)),
            Witness(
                "singular factors of centred labels",
                spectral_pair,
                (sizes((4, 1, 1), d=2), sizes((9, 1, 1), d=2), sizes((100, 1, 1), d=3)),
            ),
        ),
        Mutant(
            "M5",
            "equality at centred collapse with |W| = |H|, means not zero",
            attained("equality at centred collapse", NC1, NC2, NC3, EQUAL_NORMS),
            Witness("shifted features", shifted_features, (sizes(K=4, n=1, d=4),)),
        ),
        Mutant(
            "M6",
            "equality at dual frames of equal margins, whatever d",
            attained("equality in any dimension", DUAL, ZERO_MEAN, EQUAL_MARGINS),
            Witness("square", square, (sizes(K=4, n=1, d=2),)),
        ),
        Mutant(
            "M7",
            "equality at collapse of the class means alone",
            attained("equality of class means", NC2, NC3, ZERO_MEAN),
            Witness("samples off their means", spread_samples, (sizes(K=4, n=4, d=4),)),
        ),
        Mutant(
            "M8",
            "equality at collapse with norms unequal",
            attained("equality at collapse", NC1, NC2, NC3, ZERO_MEAN),
            Witness("classifier four times as long", unequal_norms, (sizes(K=4, n=1, d=4),)),
        ),
        Mutant("M9", "the bound less one part in 1001", with_bound(bound * 1000 / 1001), COLLAPSED),
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
