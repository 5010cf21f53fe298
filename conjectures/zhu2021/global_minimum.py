"""The least value of the regularised loss without bias, and its norms (Zhu et al. 2021).

f >= f* = log(1 + (K-1) e^-c) + c s sqrt(n) (K-1) with s = sqrt(lw lh), kappa = K sqrt(n) s and
e^c = max(1, 1 + K (1/kappa - 1)), so that f* = log K where kappa >= 1. More precisely
f >= log(1 + (K-1) e^(-p/((K-1) sqrt(n)))) + s p + (sqrt(lw) |W| - sqrt(lh) |H|)^2 / 2
at the product p = |W| |H|: the first two terms have their only minimum f* at p = c sqrt(n) (K-1),
which with equal penalties lw |W|^2 = lh |H|^2 gives the norms of every global minimiser. Equality
is collapse. And 2 (s - 1/(K sqrt(n))) p + (sqrt(lw) |W| - sqrt(lh) |H|)^2 <= |grad f| |(W, H)|, so
that for kappa > 1 zero is the only critical point, whatever d.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from sympy import Expr, Rational, sqrt

from checkers.instance import Array
from checkers.quantities.norms import squared_norm
from checkers.settings.regularised import (
    GLOBAL,
    POSITIVE,
    kappa,
    least_value,
    lh,
    lh_,
    lw,
    lw_,
    moderate,
    one,
    placed,
    profile_at,
    regularised,
    restricted,
    s,
    zero_logits,
)
from checkers.settings.unconstrained import BALANCED, SIZES, VARIABLES, H, W, spectral_pair
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.minima import gradient2, value_at

f = value_at(W, H)
product = sqrt(squared_norm(W)) * sqrt(squared_norm(H))
imbalance = (sqrt(lw_) * sqrt(squared_norm(W)) - sqrt(lh_) * sqrt(squared_norm(H))) ** 2 / 2

pull = 2 * (s - 1 / (K * sqrt(n))) * product + 2 * imbalance
"""At most <grad f, (W, H)>, as the residual is monotone and at zero has norm 1 / (K sqrt(n))."""


def at_least(bound: Expr) -> Change:
    """The first claim with another value."""
    return Change(claims=(Claim("least value", lhs=bound, rhs=f),))


ALONE = ("W", "H", "lw", "lh")
COLLAPSE = restricted(GLOBAL, *ALONE)


def unequal_norms(layout: Layout, labels: Array) -> Arrays:
    """The minimiser with W doubled and H halved: the same logits, norms out of balance."""
    built = COLLAPSE.build(layout, labels)
    assert built is not None
    return {**built, "W": 2 * built["W"], "H": built["H"] / 2}


def few_in_most_classes(layout: Layout, labels: Array) -> Arrays | None:
    """Logits three times the centred labels, factored at least norm; kappa = 0.3."""
    built = spectral_pair(layout, labels)
    decay = one(0.3 / np.sqrt(layout["K"] * layout["N"]))
    if built is None:
        return None
    return {**{k: a * np.sqrt(3.0) for k, a in built.items()}, "lw": decay, "lh": decay}


ABOVE_ONE = restricted(
    Witness("zero", placed(zero_logits, 0.5, 0.25), (regularised(4, 1, 3),)), *ALONE
)

STATEMENT = Statement(
    title="The least value of the regularised cross-entropy",
    source=PAPER.at("Theorem 3.1"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=(*VARIABLES, lw, lh),
    ranges=replace(
        SIZES,
        others={**SIZES.others, "one": (1, 1)},
        smallest=(sizes(K=2, n=1, d=1, one=1), sizes(K=3, n=2, d=2, one=1)),
    ),
    hypotheses=(BALANCED, *POSITIVE),
    claims=(
        Claim("least value", lhs=least_value(kappa), rhs=f),
        Claim("least at these norms", lhs=profile_at(product) + imbalance, rhs=f),
        Claim("critical", lhs=pull, rhs=sqrt(gradient2 * (squared_norm(W) + squared_norm(H)))),
    ),
    witnesses=(COLLAPSE,),
    prepare=moderate,
    mutants=(
        Mutant(
            "one_less",
            "K-1 in place of K in e^c",
            at_least(least_value(kappa, K - 1)),
            COLLAPSE,
        ),
        Mutant(
            "root",
            "kappa with n in place of sqrt(n)",
            at_least(least_value(K * n * s)),
            replace(COLLAPSE, sizes=COLLAPSE.sizes[1:2]),
        ),
        Mutant(
            "R3",
            "non-zero minimisers for every penalty",
            Change(claims=(Claim("not zero", least_value(kappa) + s / 10, f + product),)),
            ABOVE_ONE,
        ),
        Mutant(
            "norms",
            "twice the term of the norms",
            Change(claims=(Claim("least at these norms", profile_at(product) + 2 * imbalance, f),)),
            Witness("norms out of balance", unequal_norms, COLLAPSE.sizes),
        ),
        Mutant(
            "M4",
            "classes of any size, n = N/K",
            Change(drop=("balanced",)),
            Witness(
                "singular factors of centred labels",
                few_in_most_classes,
                (sizes((9, 1, 1), d=2, one=1), sizes((4, 1, 1), d=2, one=1)),
            ),
        ),
        Mutant(
            "M9",
            "the value and a thousandth",
            at_least(least_value(kappa) * Rational(1001, 1000)),
            COLLAPSE,
        ),
    ),
)
