"""How a step of gradient descent moves the imbalance of layers (Jacot et al. 2025, section 4).

With D_l = W_{l+1}^T W_{l+1} - W_l W_l^T between neighbours of the linear head and G_l the gradient
of C_0 in W_l, a step of size eta on C_lam gives exactly
D_l^{k+1} = (1 - eta lam)^2 D_l^k + eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T),
because W_{l+1}^T G_{l+1} = G_l W_l^T. Any features Z may enter the head and any labels are allowed.
Below the edge of stability the imbalance therefore decays at the rate 2 eta lam a step, and it
stalls where the second term is as large as the first. A nonlinear layer below has no such identity.
"""

from __future__ import annotations

from sympy import Integer

from checkers.quantities import Quantity
from checkers.quantities.head_descent import (
    descended,
    fourth_power_defect,
    penalised,
    penalised_unevenly,
    recursion_defect,
    undriven_defect,
)
from checkers.quantities.networks import gradients_of_bent_first
from checkers.settings.head_descent import (
    ETA,
    HEADS,
    INTEGERS,
    LAM,
    NEIGHBOUR_SIZES,
    NEIGHBOURS,
    VARIABLES,
    G,
    moderate,
    next_head,
    recursion_expanded,
)
from checkers.settings.linear_head import JACOT2025, Z, head, labels
from checkers.statement import Change, Claim, Mutant, Proof, Statement, identity
from checkers.verdict import Standing, Transcription


def residual(defect: Quantity, after: object = next_head, gradients: object = G) -> Change:
    """Another recursion, another step or other gradients."""
    measured = defect(after, head, gradients, LAM, ETA)  # type: ignore[arg-type]
    return Change(claims=(Claim("recursion", measured, Integer(0)),))


uneven = descended(head, penalised_unevenly(G, head, LAM), ETA)
bent = gradients_of_bent_first(Z, head, labels)
CLAIMS = identity("recursion", recursion_defect(next_head, head, G, LAM, ETA), Integer(0))

STATEMENT = Statement(
    title="The imbalance of linear layers along gradient descent with weight decay",
    source=JACOT2025.at("Section 4, balancedness of the linear layers"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=(*VARIABLES, ETA),
    ranges=HEADS,
    claims=CLAIMS,
    witnesses=(INTEGERS,),
    prepare=moderate,
    mutants=(
        Mutant(
            "fourth_power",
            "(1 - eta lam)^4 in place of (1 - eta lam)^2",
            residual(fourth_power_defect),
            INTEGERS,
        ),
        Mutant("undriven", "no term in eta^2", residual(undriven_defect), INTEGERS),
        Mutant(
            "uneven",
            "a weight decay of its own in every layer",
            residual(recursion_defect, after=uneven),
            INTEGERS,
        ),
        Mutant(
            "nonlinear",
            "the first of the layers is nonlinear, l = L1",
            residual(recursion_defect, descended(head, penalised(bent, head, LAM), ETA), bent),
            INTEGERS,
        ),
    ),
    proofs=tuple(
        Proof(
            claim=claim.name,
            method="expansion of a polynomial identity, any layers around the two",
            obligation=recursion_expanded,
            at=NEIGHBOUR_SIZES,
            names=NEIGHBOURS,
        )
        for claim in CLAIMS
    ),
    notes="With (1 - eta lam)^2 < 1 and operator norms of all gradients at most g, k steps leave "
    "the imbalance at most (1 - eta lam)^(2k) times its first value plus "
    "eta g^2 / (lam (2 - eta lam)).",
)
