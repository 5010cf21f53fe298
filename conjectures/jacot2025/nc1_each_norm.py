"""Interpolation and balancedness imply NC1, each norm where it is needed (after Jacot et al. 2025).

With s_K(Y) = sqrt(n_min), classes of any size and e1 < min(s_K(Y), sqrt((K-1) n_min)),
NC1(Z_{L-1}) <= (kappa(W_L)^2 e1^2 + |W_L|^2 |Z_{L-2}|^2 (n_{L-1} - K) e2)
                / (N (sqrt((K-1)/K) - e1 / sqrt(K n_min))^2).
Against (18): a bound r of all norms enters there in its fourth power, which makes it vacuous in
training. The part of e2 is attained exactly; that of e1 as e1 -> 0, by long features behind short
weights.
"""

from __future__ import annotations

from sympy import Expr, Integer, Min, sqrt

from checkers.declared.kinds import Inequality
from checkers.models.experiments import DIGITS
from checkers.quantities.collapse import nc1
from checkers.quantities.labels import smallest_class
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.variables import K, N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import (
    BALANCED_HEADS,
    DISPLACED_OUTPUTS,
    SIZES,
    VARIABLES,
    Z_last,
    e1,
    e2,
    interpolate,
    kappa,
    labels,
    norm_earlier,
    norm_W,
    s_K,
)
from .setting.linear_head_witnesses import (
    LARGE_EARLIER_FEATURES,
    LARGE_LAST_FEATURES,
    LONE_SAMPLE,
    SPREAD,
    SPREAD_EXACTLY,
)

measured = nc1(Z_last, labels)
n_min = smallest_class(labels)
INTERPOLATION = Hypothesis(
    "interpolation", margin=Min(s_K, sqrt((K - 1) * n_min)) - e1, strict=True
)


def becomes(
    outputs: Expr = kappa**2 * e1**2,
    norms: Expr = norm_W**2 * norm_earlier**2,
    kernel: Expr = last_width - K,
    classes: Expr = K * n_min,
) -> Change:
    """The claim with another part of e1, of e2, or another bound on the error of class means."""
    spread = outputs + norms * kernel * e2
    gap = sqrt((K - 1) / K) - e1 / sqrt(classes)
    return Change(claims=(Claim("NC1", measured, spread / (N * gap**2)),))


STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1, each norm where it is needed",
    source=PAPER.at("Theorem 3.1, (18) sharpened"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(INTERPOLATION,),
    claims=becomes().claims,
    witnesses=(SPREAD, SPREAD_EXACTLY),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    kind=Inequality(effort=0.3),
    prepare=interpolate,
    trained=(DIGITS,),
    observed=(
        ("e1", e1),
        ("e2", e2),
        ("k", kappa),
        ("w_L", norm_W),
        ("z_{L-2}", norm_earlier),
    ),
    mutants=(
        Mutant("no_kappa", "kappa(W_L) dropped", becomes(e1**2), LARGE_LAST_FEATURES),
        Mutant(
            "half_e1", "half of the part of e1", becomes(kappa**2 * e1**2 / 2), LARGE_LAST_FEATURES
        ),
        Mutant("no_outputs", "e1 taken to be 0 above", becomes(Integer(0)), LARGE_LAST_FEATURES),
        Mutant("no_weights", "norm of W_L dropped", becomes(norms=norm_earlier**2), SPREAD_EXACTLY),
        Mutant("M5", "norm of Z_{L-2} dropped", becomes(norms=norm_W**2), LARGE_EARLIER_FEATURES),
        Mutant("M2", "n_{L-1} - K dropped", becomes(kernel=Integer(1)), SPREAD_EXACTLY),
        Mutant(
            "kernel_less_one",
            "n_{L-1} - K - 1 in place of n_{L-1} - K",
            becomes(kernel=last_width - K - 1),
            SPREAD_EXACTLY,
        ),
        Mutant(
            "error_over_N",
            "error of class means at most e1 / sqrt(N)",
            becomes(classes=N),
            LONE_SAMPLE,
        ),
    ),
)
