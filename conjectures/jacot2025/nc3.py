"""Features align with the rows of W_L (Jacot et al. 2025, Theorem 3.1, (21), for e1 < 1).

Let the outputs be within e1 < 1 of the one-hot labels, neighbouring matrices of the head balanced
up to e2, all norms at most r and k = kappa(W_L). Then NC3, the mean cosine of a feature Z_{L-1} and
the row of its class, is at least
((sqrt(N) - e1)^2 + N / k^2 - (r Psi + sqrt(N) (k - 1/k))^2) / (2 N k (1 + e1)).
The bound is negative for k > sqrt(3), whatever the errors, and far from sharp there; it meets NC3
at collapse, and to first order in a thin kernel of W_L. The paper's proof takes two steps that fail
(features in the kernel of W_L; outputs of the wrong sign). For e1 < 1 no output has the wrong sign
and the inequality survives, as noted; for larger errors ``jacot2025_nc3_printed`` refutes it.
"""

from __future__ import annotations

from sympy import Expr, Integer, Max, sqrt

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.variables import N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_collapse import (
    REVERSED_OUTPUTS,
    THIN_KERNEL,
    THINNER_KERNEL,
    TURNED,
)
from .setting.linear_head import (
    BALANCED_HEADS,
    DISPLACED_OUTPUTS,
    INTERPOLATION,
    NARROW_SIZES,
    NC3,
    NONZERO_FEATURES,
    VARIABLES,
    e1,
    e2,
    error_bound,
    interpolate,
    kappa,
    norm_last,
    norm_weights,
    r,
)
from .setting.linear_head_witnesses import LARGE_EARLIER_FEATURES

SMALL_ERROR = Hypothesis(
    "small error",
    margin=1 - e1,
    strict=True,
    says="every output is nearer than 1 to its one-hot label",
)
psi = error_bound(e1, e2)


def bound(error: Expr = r * psi, k: Expr = kappa) -> Expr:
    """The left-hand side of (21) with another r Psi or another kappa(W_L)."""
    cross = (error + sqrt(N) * (k - 1 / k)) ** 2
    return ((sqrt(N) - e1) ** 2 + N / k**2 - cross) / (2 * N * k * (1 + e1))


def becomes(lhs: Expr) -> Change:
    """The claim with another bound."""
    return Change(claims=(Claim("NC3", lhs, NC3),))


STATEMENT = Statement(
    title="Features align with the rows of the last matrix",
    source=PAPER.at("Theorem 3.1, (21)"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=(INTERPOLATION, SMALL_ERROR, NONZERO_FEATURES),
    claims=(Claim("NC3", lhs=bound(), rhs=NC3),),
    witnesses=(THINNER_KERNEL,),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    kind=Inequality(effort=0.4),
    prepare=interpolate,
    mutants=(
        Mutant("no_kappa", "terms in kappa(W_L) dropped", becomes(bound(k=Integer(1))), TURNED),
        Mutant("half_psi", "half of Psi", becomes(bound(r * psi / 2)), THIN_KERNEL),
        Mutant("low_power", "Psi in place of r Psi", becomes(bound(psi)), THIN_KERNEL),
        Mutant(
            "M2",
            "n_{L-1} dropped",
            becomes(bound(r * error_bound(e1, e2 / last_width))),
            THIN_KERNEL,
        ),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            becomes(bound(r * error_bound(e1, Integer(0)))),
            THIN_KERNEL,
        ),
        Mutant(
            "M5",
            "norm of Z_{L-2} not bounded",
            becomes(
                bound(
                    Max(norm_last, norm_weights) * error_bound(e1, e2, Max(norm_last, norm_weights))
                )
            ),
            LARGE_EARLIER_FEATURES,
        ),
        Mutant(
            "any_outputs",
            "outputs not near the labels",
            Change(drop=("interpolation", "small error")),
            REVERSED_OUTPUTS,
        ),
    ),
    notes=(
        "A proof without the gap, for classes of any size. With x = e1 / sqrt(N), u_i the part of"
        " feature i in the kernel of W_L, q^2 the mean of r^2 |u_i|^2 and eta_i <= e1 < 1 the"
        " error of output i: cos_i >= (1 - eta_i) / sqrt((k + k eta_i)^2 + r^2 |u_i|^2), and"
        " r Psi >= sqrt(N) (x + q). The mean of these is at least"
        " (2 - 2 x - q^2 / k^2) / (2 k (1 + e1)), more than (21). Not evaluated along training on"
        " the digits: e1 < 1 asks for a mean squared error below 1 / N, and e1 stays above 3"
        " there; ``jacot2025_nc3_each_norm`` needs no such condition."
    ),
)
