"""The landscape with a penalised bias for d >= K-1, and critical points that tell its edges."""

from checkers.language import Ranges, Witness, sizes
from checkers.models.critical import simplices_logits
from checkers.settings.regularised import REGULARISED, lb, lh, lw, b, placed, regularised
from checkers.settings.regularised import zero_logits
from checkers.settings.unconstrained import VARIABLES, hessian_entries

PENALISED_BIAS = REGULARISED.but(
    variables=(*VARIABLES, b, lw, lh, lb),
    ranges=Ranges(
        K=(2, 4),
        n=(1, 2),
        others={"d": (1, 4), "one": (1, 1)},
        fit=lambda drawn: {"d": max(drawn["d"], drawn["K"] - 1), "one": 1},
        smallest=(sizes(K=2, n=1, d=1, one=1), sizes(K=3, n=1, d=2, one=1)),
        working=hessian_entries,
    ),
)


def pairs_and_one(K, kappa):
    """Antipodal pairs on orthogonal axes and a class at zero."""
    return simplices_logits((2,) * (K // 2) + (1,), kappa)


NEAR_ONE = 0.99 / 3

CROSS_AND_ZERO = Witness(
    "two pairs and a class at zero",
    placed(pairs_and_one, 0.1, 0.1),
    (regularised(5, 1, 2),),
    says="a local minimum in the plane; the pentagon is lower",
)
ZERO_NEAR_ONE = Witness("zero", placed(zero_logits, NEAR_ONE, NEAR_ONE), (regularised(3, 1, 2),))
ZERO_BELOW = Witness("zero", placed(zero_logits, 0.25, 0.25), (regularised(3, 1, 2),))
