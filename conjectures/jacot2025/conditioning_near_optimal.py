"""Networks of nearly least norm have well-conditioned heads (Jacot et al. 2025, Proposition 5.1).

If the outputs of a network of L1 nonlinear and L2 linear layers are within e1 < s_K(Y) of the
one-hot labels, and |theta|^2 = L K + c with theta all weights and L = L1 + L2, then
kappa(W_{L:L1+1}) <= (K^{L1/2} |X| / (s_K(Y) - e1))^K exp(c / 2). Here e1 and c are measured, e1
of the network from its inputs X on and called e_X for that, and exp(c / 2) is brought to the other
side. Of the activation only |sigma(x)| <= |x| is used; it is the leaky ReLU of slope 1/2 here. For
K = 2 the constants are sharp as the head becomes deep and its longer singular value long: the other
is 2^{-L1/2} / |X|, and the nonlinear layers are its inverse.
"""

from __future__ import annotations

from sympy import Expr, exp

from checkers.declared.kinds import Inequality
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import K
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.deep_network import L1
from .setting.linear_head import s_K
from .setting.near_optimal import (
    CHEAPEST,
    CHEAPEST_DEEP,
    CHEAPEST_LARGE_DATA,
    CHEAPEST_PLAIN,
    CHEAPEST_WITH_ERROR,
    DIAGONAL_NETWORKS,
    INTERPOLATION,
    SIZES,
    VARIABLES,
    c3,
    e1,
    excess,
    interpolate,
    size_X,
)


def claim(c: Expr = excess / 2, rhs: Expr = (K ** (L1 / 2) * size_X / (s_K - e1)) ** K) -> Claim:
    """(14) with another exponent in place of c / 2, or another factor beside it."""
    return Claim("conditioning", c3 * exp(-c), rhs)


def becomes(changed: Claim) -> Change:
    """The changed claim alone."""
    return Change(claims=(changed,))


STATEMENT = Statement(
    title="Networks of nearly least norm have well-conditioned heads",
    source=PAPER.at("Proposition 5.1, (14)"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=SIZES,
    hypotheses=(INTERPOLATION,),
    claims=(claim(),),
    witnesses=(CHEAPEST_DEEP, CHEAPEST),
    samplers=(DIAGONAL_NETWORKS,),
    kind=Inequality(effort=0.3),
    prepare=interpolate,
    observed=(("e_X", e1), ("c", excess)),
    mutants=(
        Mutant("quarter", "exp(c / 4)", becomes(claim(excess / 4)), CHEAPEST_PLAIN),
        Mutant(
            "no_layers",
            "K^{L1/2} dropped",
            becomes(claim(rhs=(size_X / (s_K - e1)) ** K)),
            CHEAPEST_PLAIN,
        ),
        Mutant(
            "first_power",
            "exponent 1 in place of K",
            becomes(claim(rhs=K ** (L1 / 2) * size_X / (s_K - e1))),
            CHEAPEST_PLAIN,
        ),
        Mutant(
            "linear_only",
            "c - L1 K in place of c",
            becomes(claim((excess - L1 * K) / 2)),
            CHEAPEST_PLAIN,
        ),
        Mutant(
            "no_data",
            "|X| dropped",
            becomes(claim(rhs=(K ** (L1 / 2) / (s_K - e1)) ** K)),
            CHEAPEST_LARGE_DATA,
        ),
        Mutant(
            "no_error",
            "s_K(Y) in place of s_K(Y) - e1",
            becomes(claim(rhs=(K ** (L1 / 2) * size_X / s_K) ** K)),
            CHEAPEST_WITH_ERROR,
        ),
    ),
)
