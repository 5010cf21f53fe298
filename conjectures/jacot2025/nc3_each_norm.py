"""Features align with the rows of W_L, sample by sample (improves Jacot et al. 2025, (21)).

Let k = kappa(W_L), A = (k + 1/k) / 2, x = e1 / sqrt(N) with e1 < s_K(Y) the distance of the outputs
from the one-hot labels, and q^2 = |W_L|^2 |Z_{L-2}|^2 (n_{L-1} - K) e2 / N. Then the mean cosine of
features Z_{L-1} and the rows of their classes is at least
1 / sqrt(A^2 + q^2) - (1/A + max(1, k / A^2)) x, for classes of any size.
A feature whose output errs by h < 1 and whose part in the kernel of W_L is u has a cosine of at
least (1 - h) / sqrt((A + k h)^2 + |w|^2 |u|^2), w its row; the bound is the mean of a tangent. Both
1/A and q are attained. No power of a common bound r of all norms enters, so that the bound says
something of trained networks, where (21) does not.
"""

from __future__ import annotations

from sympy import Expr, Integer, Max, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.models.experiments import DIGITS
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import K, N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_collapse import (
    CONFUSED,
    LONG_KERNEL,
    REVERSED_SAMPLES,
    SPREAD_EVENLY,
    THIN_KERNEL,
    TURNED,
)
from .setting.linear_head import (
    BALANCED_HEADS,
    DISPLACED_OUTPUTS,
    INTERPOLATION_OF_RANK_K,
    NARROW_SIZES,
    NC3,
    NONZERO_FEATURES,
    VARIABLES,
    e1,
    e2,
    interpolate,
    kappa,
    norm_earlier,
    norm_W,
)

A = (kappa + 1 / kappa) / 2
slope = 1 / A + Max(1, kappa / A**2)


def becomes(
    aligned: Expr = 1 / A,
    slope: Expr = slope,
    norms: Expr = norm_W**2 * norm_earlier**2,
    kernel: Expr = last_width - K,
) -> Change:
    """The claim with another value for A, slope in x, or q^2."""
    q2 = norms * kernel * e2 / N
    bound = 1 / sqrt(1 / aligned**2 + q2) - slope * e1 / sqrt(N)
    return Change(claims=(Claim("NC3", bound, NC3),))


STATEMENT = Statement(
    title="Features align with the rows of the last matrix, sample by sample",
    source=PAPER.at("Theorem 3.1, (21) improved"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K, NONZERO_FEATURES),
    claims=becomes().claims,
    witnesses=(TURNED, SPREAD_EVENLY),
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
        Mutant("no_kappa", "1 in place of A", becomes(Integer(1)), TURNED),
        Mutant(
            "per_mille", "1.001 / A in place of 1 / A", becomes(Rational(1001, 1000) / A), TURNED
        ),
        Mutant("no_error", "x taken to be 0", becomes(slope=Integer(0)), CONFUSED),
        Mutant("half_error", "half of x", becomes(slope=slope / 2), REVERSED_SAMPLES),
        Mutant("numerator", "max(1, k / A^2) dropped", becomes(slope=1 / A), REVERSED_SAMPLES),
        Mutant("no_balancedness", "e2 taken to be 0", becomes(kernel=Integer(0)), THIN_KERNEL),
        Mutant(
            "kernel_less_one",
            "n_{L-1} - K - 1 in place of n_{L-1} - K",
            becomes(kernel=last_width - K - 1),
            SPREAD_EVENLY,
        ),
        Mutant("no_weights", "norm of W_L dropped", becomes(norms=norm_earlier**2), LONG_KERNEL),
        Mutant("no_features", "norm of Z_{L-2} dropped", becomes(norms=norm_W**2), LONG_KERNEL),
    ),
)
