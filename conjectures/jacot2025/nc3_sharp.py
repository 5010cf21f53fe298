"""Features align with the rows of W_L, at any condition number (improves Jacot et al. 2025, (21)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, neighbouring matrices of the head
balanced up to e2, all norms at most r and k = kappa(W_L). Then the mean cosine of features Z_{L-1}
and the rows of their classes is at least 2 k / (1 + k^2) - 2 r Psi / sqrt(N), for classes of any
size. By Kantorovich's inequality a row w of W_L and the feature W_L^+ e have a cosine of at least
2 k / (1 + k^2); a matrix that stretches by k and then turns by 45 degrees attains it, where (21)
gives (3 - k^2) / (2 k). The coefficient 2 of Psi is not claimed to be sharp.
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.models.experiments import DIGITS
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import N, last_width
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_collapse import LONG_KERNEL, REVERSED_OUTPUTS, THIN_KERNEL, TURNED
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
    error_bound,
    interpolate,
    kappa,
    r,
)

psi = error_bound(e1, e2)
kantorovich = 2 * kappa / (1 + kappa**2)


def becomes(lhs: Expr) -> Change:
    """The claim with another bound."""
    return Change(claims=(Claim("NC3", lhs, NC3),))


def with_error(error: Expr) -> Change:
    """The bound with another r Psi."""
    return becomes(kantorovich - 2 * error / sqrt(N))


STATEMENT = Statement(
    title="Features align with the rows of the last matrix, at any condition number",
    source=PAPER.at("Theorem 3.1, (21) improved"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K, NONZERO_FEATURES),
    claims=(Claim("NC3", lhs=kantorovich - 2 * r * psi / sqrt(N), rhs=NC3),),
    witnesses=(TURNED,),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    kind=Inequality(effort=0.3),
    prepare=interpolate,
    trained=(DIGITS,),
    observed=(("e1", e1), ("e2", e2), ("r", r), ("k", kappa)),
    mutants=(
        Mutant("M12", "Psi dropped", becomes(kantorovich), THIN_KERNEL),
        Mutant("M13", "1 in place of 2 k / (1 + k^2)", becomes(1 - 2 * r * psi / sqrt(N)), TURNED),
        Mutant(
            "root",
            "sqrt(k) in place of k, as for the condition number of a Gram matrix",
            becomes(2 * sqrt(kappa) / (1 + kappa) - 2 * r * psi / sqrt(N)),
            TURNED,
        ),
        Mutant(
            "per_mille",
            "1.001 times 2 k / (1 + k^2)",
            becomes(Rational(1001, 1000) * kantorovich - 2 * r * psi / sqrt(N)),
            TURNED,
        ),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            with_error(r * error_bound(e1, Integer(0))),
            THIN_KERNEL,
        ),
        Mutant(
            "M2", "n_{L-1} dropped", with_error(r * error_bound(e1, e2 / last_width)), LONG_KERNEL
        ),
        Mutant("low_power", "Psi in place of r Psi", with_error(psi), LONG_KERNEL),
        Mutant("eighth", "1/4 in place of the coefficient 2", with_error(r * psi / 8), LONG_KERNEL),
        Mutant(
            "any_outputs",
            "outputs not near the labels",
            Change(drop=("interpolation",)),
            REVERSED_OUTPUTS,
        ),
    ),
)
