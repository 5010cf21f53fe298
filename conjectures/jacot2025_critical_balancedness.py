"""Critical points with weight decay are balanced, and nearly so nearby (Jacot et al. 2025, 5.2).

With R_l the gradient of C_lam in W_l, neighbours of the linear head obey exactly
lam (W_{l+1}^T W_{l+1} - W_l W_l^T) = W_{l+1}^T R_{l+1} - R_l W_l^T, so that for lam > 0
e2 <= max_l (|W_{l+1}| |R_{l+1}| + |W_l| |R_l|) / lam
in operator norms: e2 = 0 wherever the gradient in the head vanishes, at minimisers or not. With P
the product of the L2 matrices and d = L2 (L2-1) / 2 times this bound times r^(2 (L2-1)), r the
largest norm of a matrix,
s_1(W_L)^(2 L2) (s_K(P)^2 - d) <= s_K(W_L)^(2 L2) (s_1(P)^2 + d):
at a critical point kappa(W_L) = kappa(P)^(1/L2). The paper prints the exponent 1/L1.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr, Integer

from checkers.instance import Array
from checkers.kinds import Inequality
from checkers.quantities.balance import coupling, coupling_above, coupling_below, head_product, last
from checkers.quantities.heads import imbalance
from checkers.quantities.layers import least_gain
from checkers.quantities.norms import largest_operator_norm, operator_norm
from checkers.settings.head_descent import (
    HEADS,
    NEARLY_CRITICAL,
    NEIGHBOUR_SIZES,
    NEIGHBOURS,
    VARIABLES,
    WEIGHT_DECAY,
    G,
    R,
    coupling_expanded,
    head_sizes,
    lam,
    moderate,
    one,
)
from checkers.settings.linear_head import JACOT2025, head
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Proof, Statement, Witness
from checkers.variables import depth
from checkers.verdict import Standing, Transcription

e2 = imbalance(head)
bound = coupling(head, R) / lam
P = head_product(head)
spread = depth * (depth - 1) / 2 * bound * largest_operator_norm(head) ** (2 * (depth - 1))


def conditioning(power: Expr = depth, spread: Expr = spread) -> Claim:
    """Condition numbers of W_L and of the product, cleared of quotients."""
    return Claim(
        "conditioning",
        operator_norm(last(head)) ** (2 * power) * (least_gain(P) - spread),
        least_gain(last(head)) ** power * (operator_norm(P) ** 2 + spread),
    )


def becomes(rhs: Expr) -> Change:
    """Another bound on the imbalance."""
    return Change(claims=(Claim("imbalance", e2, rhs),))


def instead(claim: Claim) -> Change:
    """One claim in place of all."""
    return Change(claims=(claim,))


def critical(layout: Layout, labels: Array) -> Arrays | None:
    """W_1 = W_2 = diag(1/2, 1/4, ..., 1/4), Z = diag(3/2, 1, ..., 1) Y, lam = 15 n / 16.

    n z (1 - w^2 z) = lam on either diagonal: a critical point for classes of equal size.
    """
    K, n = layout["K"], layout["N"] // layout["K"]
    balanced = set(np.bincount(labels)) == {n}
    if not balanced or (layout["depth"], layout["width"], layout["last_width"]) != (2, K, K):
        return None
    W = np.diag([0.5] + [0.25] * (K - 1))
    Z = np.diag([1.5] + [1.0] * (K - 1))[:, labels]
    return {"Z": Z, "head_0": W, "head_1": W, "lam": one(15 * n / 16)}


def one_matrix(which: int) -> Witness:
    """All matrices are zero but one of the identity: the other terms of the bound vanish."""

    def build(layout: Layout, labels: Array) -> Arrays | None:
        K = layout["K"]
        if (layout["depth"], layout["width"], layout["last_width"]) != (2, K, K):
            return None
        links = {f"head_{i}": np.eye(K) * (i == which) for i in range(2)}
        # no feature reaches a matrix with a gradient of its own
        return {"Z": np.zeros((K, layout["N"])), **links, "lam": one(0.5)}

    return Witness(f"all but W_{which + 1} are zero", build, (head_sizes(2, 1), head_sizes(3, 2)))


def rescaled(layout: Layout, labels: Array) -> Arrays | None:
    """W_1 = 2 I, W_2 = I/2 and Z = Y: the outputs are the labels, C_0 is least."""
    K = layout["K"]
    Z = np.eye(K)[:, labels]
    return {"Z": Z, "head_0": 2 * np.eye(K), "head_1": np.eye(K) / 2, "lam": one(0.25)}


def unevenly_rescaled(layout: Layout, labels: Array) -> Arrays | None:
    """W_1 = diag(8, 1), W_2 its inverse and Z = Y, for two classes."""
    Z = np.eye(2)[:, labels]
    links = {"head_0": np.diag([8.0, 1.0]), "head_1": np.diag([0.125, 1.0])}
    return {"Z": Z, **links, "lam": one(0.25)}


CRITICAL = Witness("critical point", critical, (head_sizes(2, 1), head_sizes(3, 2)))
FIRST_ONLY, LAST_ONLY = one_matrix(0), one_matrix(1)
RESCALED = Witness("rescaled pair", rescaled, (head_sizes(2, 1),))
RESCALED_UNEVENLY = Witness("unevenly rescaled pair", unevenly_rescaled, (head_sizes(2, 1),))

STATEMENT = Statement(
    title="Critical points with weight decay are balanced",
    source=JACOT2025.at("Theorem 5.2, proof"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=HEADS,
    hypotheses=(WEIGHT_DECAY,),
    claims=(Claim("imbalance", lhs=e2, rhs=bound), conditioning()),
    witnesses=(CRITICAL, FIRST_ONLY, LAST_ONLY),
    samplers=(NEARLY_CRITICAL,),
    prepare=moderate,
    kind=Inequality(effort=0.1),
    mutants=(
        Mutant(
            "without_decay",
            "critical points of C_0 in place of C_lam: matrices t and 1/t",
            becomes(coupling(head, G) / lam),
            RESCALED,
        ),
        Mutant("below", "no term of W_{l+1}", becomes(coupling_below(head, R) / lam), LAST_ONLY),
        Mutant("above", "no term of W_l", becomes(coupling_above(head, R) / lam), FIRST_ONLY),
        Mutant("scaled", "999/1000 of the bound", becomes(bound * Integer(999) / 1000), LAST_ONLY),
        Mutant(
            "M9", "exponent 1/L1, as printed; L1 = 5", instead(conditioning(Integer(5))), CRITICAL
        ),
        Mutant(
            "balanced",
            "exactly balanced wherever the weight decay is positive",
            instead(conditioning(spread=Integer(0))),
            RESCALED_UNEVENLY,
        ),
    ),
    proofs=(
        Proof(
            claim="imbalance",
            method="expansion of a polynomial identity, any layers around the two",
            obligation=coupling_expanded,
            at=NEIGHBOUR_SIZES,
            names=NEIGHBOURS,
            says="lam D_l = W_{l+1}^T R_{l+1} - R_l W_l^T; then the triangle inequality",
        ),
    ),
)
