"""The class means are nearly as well conditioned as W_L, with better constants (after (20)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, x = e1 / s_K(Y), and neighbouring
matrices of the head balanced up to e2. Then
NC2(Z_{L-1})^2 <= kappa(W_L)^2 ((1 + x sqrt(2 - x^2)) / (1 - x^2))^2 + b^2 / (1 - x)^2 with
b = |W_L| |Z_{L-2}| sqrt(e2) / s_K(Y), for classes of any size. Against (20): no condition beyond
e1 < s_K(Y), no width n_{L-1} (operator norms, and the kernel of W_L only lengthens class means),
W_L applied to the class means is I up to x in Frobenius norm. Errors of opposite sign on two
classes attain the first part; a class that alone fills the kernel attains the second in the limit.
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.models.experiments import DIGITS
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import K, N
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_collapse import (
    KERNEL_ALONG_CLASS,
    KERNEL_ALONG_CLASS_LARGE,
    OPPOSITE_ERRORS,
    SHORT_LONE_SAMPLE,
)
from .setting.linear_head import (
    BALANCED_HEADS,
    DISPLACED_OUTPUTS,
    INTERPOLATION_OF_RANK_K,
    NARROW_SIZES,
    NC2,
    VARIABLES,
    e1,
    e2,
    interpolate,
    kappa,
    norm_earlier,
    norm_W,
    s_K,
)

b = norm_W * norm_earlier * sqrt(e2) / s_K


def bound(x: Expr = e1 / s_K, b: Expr = b) -> Expr:
    """The right-hand side with another relative error or another part of the kernel."""
    stretched = kappa * (1 + x * sqrt(2 - x**2)) / (1 - x**2)
    return sqrt(stretched**2 + (b / (1 - x)) ** 2)


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("NC2", NC2, rhs),))


STATEMENT = Statement(
    title="The class means are nearly as well conditioned as the last matrix, better constants",
    source=PAPER.at("Theorem 3.1, (20) sharpened"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("NC2", lhs=NC2, rhs=bound()),),
    witnesses=(OPPOSITE_ERRORS, KERNEL_ALONG_CLASS),
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    kind=Inequality(effort=0.3),
    prepare=interpolate,
    trained=(DIGITS,),
    observed=(("e1", e1), ("e2", e2), ("k", kappa)),
    mutants=(
        Mutant(
            "per_mille",
            "0.999 of the bound",
            becomes(bound() * Rational(999, 1000)),
            OPPOSITE_ERRORS,
        ),
        Mutant("M10", "class means conditioned as W_L", becomes(kappa), OPPOSITE_ERRORS),
        Mutant("M11", "half of e1", becomes(bound(x=e1 / s_K / 2)), OPPOSITE_ERRORS),
        Mutant(
            "mean_size",
            "classes of N / K samples",
            becomes(bound(x=e1 / sqrt(N / K))),
            SHORT_LONE_SAMPLE,
        ),
        Mutant(
            "no_balancedness",
            "e2 taken to be 0",
            becomes(bound(b=Integer(0))),
            KERNEL_ALONG_CLASS,
        ),
        Mutant(
            "linear",
            "e2 in place of sqrt(e2)",
            becomes(bound(b=b * sqrt(e2))),
            KERNEL_ALONG_CLASS,
        ),
        Mutant(
            "no_weights",
            "norm of W_L dropped from b",
            becomes(bound(b=b / norm_W)),
            KERNEL_ALONG_CLASS_LARGE,
        ),
        Mutant(
            "no_features",
            "norm of Z_{L-2} dropped from b",
            becomes(bound(b=b / norm_earlier)),
            KERNEL_ALONG_CLASS,
        ),
    ),
)
