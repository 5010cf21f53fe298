"""The gradient of the squared error is Lipschitz on bounded weights (Jacot et al. 2025, Lemma C.1).

For |W_l| <= r_l with r_l >= 1, samples of norm at most c with c >= 1, and an activation whose slope
is at most 1 and beta-Lipschitz with beta >= 1,
|grad C_0(theta) - grad C_0(theta')| <= 5 N beta c^3 (prod_l r_l)^3 L^{5/2} |theta - theta'|.
Here r_l and c are the measured norms, or 1 where they are smaller, and beta is (1 - gamma) b / 4,
or 1. For two layers the best constant found is (6 + sqrt(2)) / (40 sqrt(2)) = 0.131 of this one, in
a linear network of one neuron. Without the lower bounds of 1 on r_l, c and beta the bound is false,
as small weights leave the products with the labels.
"""

from __future__ import annotations

from sympy import Expr, Integer, Max, Rational, sqrt

from checkers.declared.kinds import Inequality
from checkers.quantities.layers import (
    bare_norm_product,
    distance_to_other,
    gradient_change,
    longest_column,
    norm_product,
)
from checkers.quantities.networks import gradients
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import N
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.deep_network import (
    ACTIVATION,
    GAMMA,
    NETWORKS,
    SHARPNESS,
    TWO_POINTS,
    L,
    X,
    gamma,
    grad,
    head,
    hidden,
    labels,
    near_each_other,
    other_head,
    other_hidden,
    sharpness,
)
from .setting.deep_network_witnesses import (
    KINK,
    LINEAR,
    MANY,
    SMALL_DATA,
    SMALL_WEIGHTS,
    STEEP,
)

points = (hidden, head, other_hidden, other_head)
other_grad = gradients(X, other_hidden, other_head, labels, GAMMA, SHARPNESS)
change = sqrt(gradient_change(grad, other_grad))
distance = sqrt(distance_to_other(*points))
bend = (1 - gamma) * sharpness / 4
beta = Max(1, bend)
longest = sqrt(longest_column(X))
c = Max(1, longest)
r = norm_product(*points)
bare = bare_norm_product(*points)


FIVE = Integer(5)


def becomes(
    r: Expr = r, c: Expr = c, beta: Expr = beta, count: Expr = N, factor: Expr = FIVE
) -> Change:
    """The bound with other factors."""
    constant = factor * count * beta * c**3 * r**3 * L ** Rational(5, 2)
    return Change(claims=(Claim("Lipschitz", change, constant * distance),))


STATEMENT = Statement(
    title="The gradient of the squared error is Lipschitz where weights are bounded",
    source=PAPER.at("Lemma C.1"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=TWO_POINTS,
    ranges=NETWORKS,
    hypotheses=ACTIVATION,
    claims=becomes().claims,
    witnesses=(LINEAR,),
    prepare=near_each_other,
    kind=Inequality(effort=0.1),
    mutants=(
        Mutant("r", "weights of any norm, not 1 or more", becomes(r=bare), SMALL_WEIGHTS),
        Mutant("c", "data of any norm, not 1 or more", becomes(c=longest), SMALL_DATA),
        Mutant("smooth", "beta of any size, not 1 or more", becomes(beta=bend), LINEAR),
        Mutant("beta", "no beta", becomes(beta=Integer(1)), KINK),
        Mutant("N", "no N", becomes(count=Integer(1)), MANY),
        Mutant("tenth", "1/2 in place of 5", becomes(factor=Rational(1, 2)), LINEAR),
        Mutant("steep", "any slope", Change(drop=("gamma at most 1",)), STEEP),
    ),
    notes="Per sample, what comes back to layer l is at most 2 c R / (r_1 ... r_l), R the product "
    "of all r_l, and every factor of the gradient is Lipschitz with the products of the others.",
)
