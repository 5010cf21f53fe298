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

from sympy import Expr, Integer

from checkers.declared.kinds import Inequality
from checkers.quantities.balance import coupling, coupling_above, coupling_below, head_product, last
from checkers.quantities.heads import imbalance
from checkers.quantities.layers import row_gain
from checkers.quantities.norms import largest_operator_norm, operator_norm
from checkers.statement import Change, Claim, Mutant, Proof, Statement
from checkers.variables import depth
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_descent import (
    HEADS,
    NEARLY_CRITICAL,
    NEIGHBOUR_SIZES,
    NEIGHBOURS,
    VARIABLES,
    WEIGHT_DECAY,
    G,
    R,
    coupling_expanded,
    lam,
    moderate,
)
from .setting.head_descent_witnesses import (
    CRITICAL,
    FIRST_ONLY,
    LAST_ONLY,
    RESCALED,
    RESCALED_UNEVENLY,
)
from .setting.linear_head import head

e2 = imbalance(head)
bound = coupling(head, R) / lam
P = head_product(head)
spread = depth * (depth - 1) / 2 * bound * largest_operator_norm(head) ** (2 * (depth - 1))


def conditioning(power: Expr = depth, spread: Expr = spread) -> Claim:
    """Condition numbers of W_L and of the product, cleared of quotients."""
    return Claim(
        "conditioning",
        operator_norm(last(head)) ** (2 * power) * (row_gain(P) - spread),
        row_gain(last(head)) ** power * (operator_norm(P) ** 2 + spread),
    )


def becomes(rhs: Expr) -> Change:
    """Another bound on the imbalance."""
    return Change(claims=(Claim("imbalance", e2, rhs),))


def instead(claim: Claim) -> Change:
    """One claim in place of all."""
    return Change(claims=(claim,))


STATEMENT = Statement(
    title="Critical points with weight decay are balanced",
    source=PAPER.at("Theorem 5.2, proof"),
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
