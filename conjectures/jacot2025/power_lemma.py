"""The last matrix of a nearly balanced head is a root of the whole (Jacot et al. 2025, Lemma C.2).

If the L2 matrices of a linear head have norms at most r and neighbours are balanced up to e2, then
|(W_L W_L^T)^L2 - W_{L:L1+1} W_{L:L1+1}^T| <= L2 (L2 - 1) / 2 e2 r^(2 (L2 - 1)) in operator norm.
Features and labels play no part. Multiples of the identity whose squares fall by e2 a layer attain
the count L2 (L2 - 1) / 2: exactly for two matrices, in the limit e2 -> 0 for more. A wrong count,
power of r, or a norm taken of W_L alone would be the ways to be wrong.
"""

from __future__ import annotations

import sympy
from sympy import Expr, Rational

from checkers.declared.kinds import Inequality
from checkers.quantities.heads import power_defect
from checkers.statement import Change, Claim, Mutant, Proof, Statement, Vanishing
from checkers.variables import depth
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_chains import RISING, STEPPED, STEPPED_LONG, scaled_steps
from .setting.linear_head import (
    BALANCED_CHAINS,
    HEAD_SIZES,
    e2,
    head,
    norm_W,
    norm_weights,
)

defect = power_defect(head)
count = depth * (depth - 1) / 2


def bound(count: Expr = count, radius: Expr = norm_weights, power: Expr = 2 * (depth - 1)) -> Expr:
    """The right-hand side with another count of terms, radius or power of it."""
    return count * e2 * radius**power


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("power", defect, rhs),))


def telescoped(layers: int) -> Vanishing:
    """The defect as a sum of as many terms as counted, each with one imbalance between powers.

    With X = W_{l+1}^T W_{l+1} and Y = W_l W_l^T, summed over l and i + j = l - L1 - 1, the terms
    are W_{L:l+1} X^i (X - Y) Y^j W_{L:l+1}^T, of norm at most e2 r^(2 (L2 - 1)).
    """
    W = sympy.symbols(f"W1:{layers + 1}", commutative=False)
    V = sympy.symbols(f"V1:{layers + 1}", commutative=False)  # V_l is the transpose of W_l
    power = [W[-1], V[-1]] * layers
    whole = [*reversed(W), *V]
    terms: list[Expr] = []
    for m in range(1, layers):
        left, right = [*reversed(W[m:])], [*V[m:]]
        for i in range(m):
            X, Y = [V[m], W[m]], [W[m - 1], V[m - 1]]
            before, after = [*left, *(X * i)], [*(Y * (m - 1 - i)), *right]
            terms.append(sympy.Mul(*before, *X, *after) - sympy.Mul(*before, *Y, *after))
    gap = sympy.Mul(*power) - sympy.Mul(*whole) - sympy.Add(*terms)
    return Vanishing((sympy.expand(gap), len(terms) - layers * (layers - 1) // 2))


STATEMENT = Statement(
    title="The last matrix of a nearly balanced head is a root of the whole",
    source=PAPER.at("Lemma C.2"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=(head,),
    ranges=HEAD_SIZES,
    claims=(Claim("power", lhs=defect, rhs=bound()),),
    witnesses=(STEPPED,),
    samplers=(BALANCED_CHAINS,),
    kind=Inequality(effort=0.2),
    mutants=(
        Mutant(
            "per_mille", "0.999 of the count", becomes(bound(Rational(999, 1000) * count)), STEPPED
        ),
        Mutant("square", "(L2 - 1)^2 / 2 terms", becomes(bound((depth - 1) ** 2 / 2)), STEPPED),
        Mutant("linear", "L2 - 1 terms", becomes(bound(depth - 1)), STEPPED_LONG),
        Mutant(
            "low_power",
            "r^(L2 - 1) in place of r^(2 (L2 - 1))",
            becomes(bound(power=depth - 1)),
            scaled_steps(2, 1.5),
        ),
        Mutant(
            "high_power",
            "r^(2 L2) in place of r^(2 (L2 - 1))",
            becomes(bound(power=2 * depth)),
            scaled_steps(0.5, 0.25),
        ),
        Mutant(
            "last_norm",
            "the norm of W_L alone",
            becomes(bound(radius=norm_W)),
            RISING,
        ),
        Mutant("no_balancedness", "e2 taken to be 0", becomes(sympy.Integer(0)), STEPPED),
    ),
    proofs=(
        Proof(
            "power",
            "telescoping sum in matrices that do not commute",
            telescoped,
            at=((2,), (3,), (4,), (5,), (6,)),
            names=("L2",),
            says="widths are arbitrary; each term has norm at most e2 r^(2 (L2 - 1))",
        ),
    ),
)
