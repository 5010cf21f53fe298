"""The gap of the margin bound, exactly (behind Ji et al. 2022, Theorem 3.1).

With c = 1 / (2 (K-1) sqrt(n)) and Q the average margin,
c (|W|^2 + |H|^2) - q_min = c (K |wbar|^2 + sum |h_ki - wt_k / sqrt(n)|^2) + (Q - q_min).
Both terms on the right are non-negative and vanish together exactly at collapse.
"""

from __future__ import annotations

import numpy as np
import sympy
from sympy import Expr, sqrt

from checkers.instance import Array
from checkers.quantities.duality import distance_from_dual, mean_row
from checkers.quantities.margins import average_margin, smallest_margin
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
)
from checkers.sizes import sizes
from checkers.statement import (
    Arrays,
    Change,
    Layout,
    Mutant,
    Proof,
    Statement,
    Vanishing,
    Witness,
    identity,
)
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER

c = 1 / (2 * (K - 1) * sqrt(n))
q_min = smallest_margin(W, H, labels)
gap = c * (squared_norm(W) + squared_norm(H)) - q_min
classifier_mean = mean_row(W)
off_dual = distance_from_dual(W, H, labels)
off_average = average_margin(W, H, labels) - q_min


def integers(layout: Layout, labels: Array) -> Arrays:
    """Small integers: nothing centred, nothing collapsed, margins of many sizes."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    W = 1.0 + np.arange(K * d).reshape(K, d) ** 2 % 5
    return {"W": W, "H": np.arange(d * N).reshape(d, N) % 3 - 1.0}


GENERIC = Witness(
    "small integers", integers, (sizes(K=3, n=4, d=2), sizes(K=2, n=1, d=3), sizes(K=3, n=2, d=2))
)


def without(*terms: Expr) -> Change:
    """The identity with other terms on the right."""
    return Change(claims=identity("gap", gap, sum(terms)))


def expanded(classes: int, samples: int) -> Vanishing:
    """The difference of the two sides as a polynomial in the entries, for d = 1.

    Both sides are sums over coordinates of the same form, and the smallest margin cancels.
    """
    w = sympy.symbols(f"w:{classes}")
    h = sympy.symbols(f"h:{classes * samples}")
    mean = sum(w) / classes
    scale = 1 / (2 * (classes - 1) * sqrt(sympy.Integer(samples)))
    total = scale * (sum(x**2 for x in w) + sum(x**2 for x in h))
    average = sum(
        (w[i // samples] - w[j]) * h[i] for i in range(classes * samples) for j in range(classes)
    ) / (classes * samples * (classes - 1))
    dual = sum((h[i] - (w[i // samples] - mean) / sqrt(samples)) ** 2 for i in range(len(h)))
    return Vanishing((sympy.expand(total - scale * (classes * mean**2 + dual) - average),))


STATEMENT = Statement(
    title="The gap of the margin bound, exactly",
    source=PAPER.at("Theorem 3.1, gap form"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(BALANCED,),
    claims=identity("gap", gap, c * (classifier_mean + off_dual) + off_average),
    witnesses=(COLLAPSED_EXACTLY, COLLAPSED, GENERIC),
    mutants=(
        Mutant(
            "no_mean", "the term of the mean dropped", without(c * off_dual, off_average), GENERIC
        ),
        Mutant(
            "no_average",
            "the least margin taken for the average",
            without(c * (classifier_mean + off_dual)),
            GENERIC,
        ),
        Mutant(
            "mean_once",
            "|wbar|^2 in place of K |wbar|^2",
            without(c * (classifier_mean / K + off_dual), off_average),
            GENERIC,
        ),
    ),
    proofs=tuple(
        Proof(
            claim=f"gap ({side})",
            method="expansion of a polynomial identity, all d at once",
            obligation=expanded,
            at=tuple((k, m) for k in (2, 3, 4, 5) for m in (1, 2, 3)),
            names=("K", "n"),
        )
        for side in ("at most", "at least")
    ),
)
