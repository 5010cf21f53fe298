"""How a step of gradient descent moves the imbalance of layers (Jacot et al. 2025, section 4).

With D_l = W_{l+1}^T W_{l+1} - W_l W_l^T between neighbours of the linear head and G_l the gradient
of C_0 in W_l, a step of size eta on C_lam gives exactly
D_l^{k+1} = (1 - eta lam)^2 D_l^k + eta^2 (G_{l+1}^T G_{l+1} - G_l G_l^T),
because W_{l+1}^T G_{l+1} = G_l W_l^T. Any features Z may enter the head and any labels are allowed.
Below the edge of stability the imbalance therefore decays at the rate 2 eta lam a step, and it
stalls where the second term is as large as the first. A nonlinear layer below has no such identity.
"""

from checkers.language import DERIVED, THEOREM, Claim, Mutant, Statement, identity
from checkers.quantities.head_descent import descended, fourth_power_defect, penalised
from checkers.quantities.head_descent import penalised_unevenly, recursion_defect, undriven_defect
from checkers.quantities.networks import gradients_of_bent_first

from . import PAPER
from .setting.head_descent import ETA, INTEGERS, LAM, STEPS, G, expansion, next_head
from .setting.head_descent import recursion_expanded
from .setting.linear_head import Z, head, labels


def vanishes(defect, after=next_head, gradients=G):
    """Another recursion, another step or other gradients."""
    return (Claim("recursion", defect(after, head, gradients, LAM, ETA), 0),)


uneven = descended(head, penalised_unevenly(G, head, LAM), ETA)
bent = gradients_of_bent_first(Z, head, labels)
after_bent = descended(head, penalised(bent, head, LAM), ETA)
CLAIMS = identity("recursion", recursion_defect(next_head, head, G, LAM, ETA), 0)

STATEMENT = Statement(
    title="The imbalance of linear layers along gradient descent with weight decay",
    source=PAPER.at("Section 4, balancedness of the linear layers"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=STEPS,
    claims=CLAIMS,
    witnesses=(INTEGERS,),
    mutants=(
        Mutant(
            "fourth_power",
            "(1 - eta lam)^4 in place of (1 - eta lam)^2",
            claims=vanishes(fourth_power_defect),
            by=INTEGERS,
        ),
        Mutant("undriven", "no term in eta^2", claims=vanishes(undriven_defect), by=INTEGERS),
        Mutant(
            "uneven",
            "a weight decay of its own in every layer",
            claims=vanishes(recursion_defect, uneven),
            by=INTEGERS,
        ),
        Mutant(
            "nonlinear",
            "the first of the layers is nonlinear, l = L1",
            claims=vanishes(recursion_defect, after_bent, bent),
            by=INTEGERS,
        ),
    ),
    proofs=tuple(expansion(claim.name, recursion_expanded) for claim in CLAIMS),
    notes="With (1 - eta lam)^2 < 1 and operator norms of all gradients at most g, k steps leave "
    "the imbalance at most (1 - eta lam)^(2k) times its first value plus "
    "eta g^2 / (lam (2 - eta lam)).",
)
