"""The gradient of the squared error is Lipschitz on bounded weights (Jacot et al. 2025, Lemma C.1).

For |W_l| <= r_l with r_l >= 1, samples of norm at most c with c >= 1, and an activation whose slope
is at most 1 and beta-Lipschitz with beta >= 1,
|grad C_0(theta) - grad C_0(theta')| <= 5 N beta c^3 (prod_l r_l)^3 L^{5/2} |theta - theta'|.
Here r_l and c are the measured norms, or 1 where they are smaller, and beta is (1 - gamma) b / 4,
or 1. For two layers the best constant found is (6 + sqrt(2)) / (40 sqrt(2)) = 0.131 of this one, in
a linear network of one neuron. Without the lower bounds of 1 on r_l, c and beta the bound is false,
as small weights leave the products with the labels.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Definition, Max, Mutant, N, Rational
from checkers.language import Statement, sqrt
from checkers.quantities.layers import bare_norm_product, distance_to_other, gradient_change
from checkers.quantities.layers import longest_column, norm_product
from checkers.quantities.networks import gradients

from . import PAPER
from .setting import deep_network_witnesses as built
from .setting.deep_network import ACTIVATION, GAMMA, PAIRS, SHARPNESS, L, X, gamma, grad, head
from .setting.deep_network import hidden, labels, other_head, other_hidden, sharpness

points = (hidden, head, other_hidden, other_head)
other_grad = gradients(X, other_hidden, other_head, labels, GAMMA, SHARPNESS)
distance = sqrt(distance_to_other(*points))
r = norm_product(*points)
bend = (1 - gamma) * sharpness / 4
longest = sqrt(longest_column(X))
beta = Definition("beta", Max(1, bend))
c = Definition("c", Max(1, longest))


def bound(r=r, c=c, beta=beta, count=N, factor=5):
    """The constant of the lemma with other factors, times the distance; r is the product of r_l."""
    return factor * count * beta * c**3 * r**3 * L ** Rational(5, 2) * distance


STATEMENT = Statement(
    title="The gradient of the squared error is Lipschitz where weights are bounded",
    source=PAPER.at("Lemma C.1"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=PAIRS,
    hypotheses=ACTIVATION,
    claims=(Claim("Lipschitz", lhs=sqrt(gradient_change(grad, other_grad)), rhs=bound()),),
    witnesses=(built.LINEAR,),
    mutants=(
        Mutant(
            "r",
            "weights of any norm, not 1 or more",
            rhs=bound(r=bare_norm_product(*points)),
            by=built.SMALL_WEIGHTS,
        ),
        Mutant("c", "data of any norm, not 1 or more", rhs=bound(c=longest), by=built.SMALL_DATA),
        Mutant("smooth", "beta of any size, not 1 or more", rhs=bound(beta=bend), by=built.LINEAR),
        Mutant("beta", "no beta", rhs=bound(beta=1), by=built.KINK),
        Mutant("N", "no N", rhs=bound(count=1), by=built.MANY),
        Mutant("tenth", "1/2 in place of 5", rhs=bound(factor=Rational(1, 2)), by=built.LINEAR),
        Mutant("steep", "any slope", drop=("gamma at most 1",), by=built.STEEP),
    ),
    notes="Per sample, what comes back to layer l is at most 2 c R / (r_1 ... r_l), R the product "
    "of all r_l, and every factor of the gradient is Lipschitz with the products of the others.",
)
