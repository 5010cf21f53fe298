"""Critical points with weight decay are balanced, and nearly so nearby (Jacot et al. 2025, 5.2).

With R_l the gradient of C_lam in W_l, neighbours of the linear head obey exactly
lam (W_{l+1}^T W_{l+1} - W_l W_l^T) = W_{l+1}^T R_{l+1} - R_l W_l^T, so that for lam > 0
e2 <= max_l (|W_{l+1}| |R_{l+1}| + |W_l| |R_l|) / lam
in operator norms: e2 = 0 wherever the gradient in the head vanishes, at minimisers or not. With P
the product of the L2 matrices and delta = L2 (L2-1) / 2 times this bound times r^(2 (L2-1)), r
the largest norm of a matrix,
s_1(W_L)^(2 L2) (s_K(P)^2 - delta) <= s_K(W_L)^(2 L2) (s_1(P)^2 + delta):
at a critical point kappa(W_L) = kappa(P)^(1/L2). The paper prints the exponent 1/L1.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Inequality, Mutant, Rational
from checkers.language import Statement, depth
from checkers.quantities.head_descent import (
    coupling,
    coupling_above,
    coupling_below,
    head_product,
    last,
)
from checkers.quantities.layers import row_gain
from checkers.quantities.norms import operator_norm

from . import PAPER
from .setting.head_descent import HEADS, NEARLY_CRITICAL, WEIGHT_DECAY, G, R, coupling_expanded
from .setting.head_descent import expansion, lam
from .setting.head_descent_witnesses import CRITICAL, FIRST_ONLY, LAST_ONLY, RESCALED
from .setting.head_descent_witnesses import RESCALED_UNEVENLY
from .setting.linear_head import e2, head, norm_weights

bound = coupling(head, R) / lam
r = Definition("r", norm_weights)
delta = Definition("delta", depth * (depth - 1) / 2 * bound * r ** (2 * (depth - 1)))
P, W_L = head_product(head), last(head)


def conditioning(power=depth, delta=delta):
    """Condition numbers of W_L and of the product, cleared of quotients."""
    return Claim(
        "conditioning",
        operator_norm(W_L) ** (2 * power) * (row_gain(P) - delta),
        row_gain(W_L) ** power * (operator_norm(P) ** 2 + delta),
    )


STATEMENT = Statement(
    title="Critical points with weight decay are balanced",
    source=PAPER.at("Theorem 5.2, proof"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=HEADS.but(samplers=(NEARLY_CRITICAL,), kind=Inequality(effort=0.1)),
    hypotheses=(WEIGHT_DECAY,),
    claims=(Claim("imbalance", lhs=e2, rhs=bound), conditioning()),
    witnesses=(CRITICAL, FIRST_ONLY, LAST_ONLY),
    mutants=(
        Mutant(
            "without_decay",
            "critical points of C_0 in place of C_lam: matrices t and 1/t",
            rhs=coupling(head, G) / lam,
            by=RESCALED,
        ),
        Mutant("below", "no term of W_{l+1}", rhs=coupling_below(head, R) / lam, by=LAST_ONLY),
        Mutant("above", "no term of W_l", rhs=coupling_above(head, R) / lam, by=FIRST_ONLY),
        Mutant("scaled", "999/1000 of the bound", rhs=Rational(999, 1000) * bound, by=LAST_ONLY),
        Mutant(
            "M9", "exponent 1/L1, as printed; L1 = 5", claims=(conditioning(power=5),), by=CRITICAL
        ),
        Mutant(
            "balanced",
            "exactly balanced wherever the weight decay is positive",
            claims=(conditioning(delta=0),),
            by=RESCALED_UNEVENLY,
        ),
    ),
    proofs=(
        expansion(
            "imbalance",
            coupling_expanded,
            says="lam D_l = W_{l+1}^T R_{l+1} - R_l W_l^T; then the triangle inequality",
        ),
    ),
)
