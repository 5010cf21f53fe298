"""The power of the last matrix of a head against the whole: the defect as a telescoping sum."""

from __future__ import annotations

import sympy

from checkers.language import Vanishing
from sympy import Expr


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
