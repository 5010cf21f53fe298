"""Equation (21) of Jacot et al. (2025) as its proof gives it: without the condition e1 < 1.

Let the outputs be within e1 of the one-hot labels, neighbouring matrices of the head balanced up
to e2, all norms at most r and k = kappa(W_L). Then NC3, the mean cosine of a feature Z_{L-1} and
the row of its class, would be at least
((sqrt(N) - e1)^2 + N / k^2 - (r Psi + sqrt(N) (k - 1/k))^2) / (2 N k (1 + e1)).
The bound is negative for k > sqrt(3), and the factor 1 + e1, which grows with N, then raises it
towards 0, while NC3 can stay at a fixed negative value: outputs of nearly an eighth of the samples
may have the wrong sign, however small. This takes millions of samples, so that a column comes
with the number of samples that it stands for. ``jacot2025_nc3`` has e1 < 1 and holds.
"""

from __future__ import annotations

from sympy import sqrt

from checkers.declared.kinds import Inequality
from checkers.statement import Claim, Statement
from checkers.variables import last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.linear_head import NARROW_SIZES, e2, kappa
from .setting.repeated import (
    HYPOTHESES,
    NC3,
    REPEATED_HEADS,
    THINNER_KERNEL_ONCE,
    VARIABLES,
    WRONG_EIGHTH,
    N,
    e1,
    interpolate,
    r,
    s_K,
)

k = kappa
psi = r * (e1 / (s_K - e1) + sqrt(last_width * e2))
cross = (r * psi + sqrt(N) * (k - 1 / k)) ** 2
bound = ((sqrt(N) - e1) ** 2 + N / k**2 - cross) / (2 * N * k * (1 + e1))

STATEMENT = Statement(
    title="Features align with the rows of the last matrix, errors of any size as printed",
    source=PAPER.at("Theorem 3.1, (21)"),
    standing=Standing.PRINTED,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=HYPOTHESES,
    claims=(Claim("NC3", lhs=bound, rhs=NC3),),
    witnesses=(THINNER_KERNEL_ONCE,),
    counterexamples=(WRONG_EIGHTH,),
    samplers=(REPEATED_HEADS,),
    kind=Inequality(effort=0.2),
    prepare=interpolate,
    notes=(
        "For such heads with e1 = a sqrt(N), N large, the bound is of the order of"
        " -k / (a sqrt(N)), and NC3 is 2 k / (1 + k^2) - a^2 (1 + 2 k / (1 + k^2)), for which the"
        " hypotheses allow any a^2 < 1 / 8; near 1 / 8 it is negative if k >= 14."
    ),
)
