"""Is every local minimum of the regularised loss global, whatever the width d (Zhu et al. 2021)?

The benign landscape is proved for d >= K-1: a critical point is a global minimiser or a strict
saddle. Without the bound on d this would say that near no point that is certified to be close to a
local minimum, modulo rotations, f is larger than at another point of the same d:
f(W, H) - |grad f|^2 / l <= f(V, U).
It is refuted at K = 5, d = 2 in closed form: two antipodal pairs on orthogonal axes with the fifth
class at zero are a local minimum, and the regular pentagon has a smaller value. The search finds
more at K = 6, and none for K <= 4 or in one dimension.
"""

from checkers.language import CONJECTURE, DERIVED, Claim, Landscape, Statement
from checkers.settings.regularised import POSITIVE
from checkers.settings.unconstrained import BALANCED, H, W

from . import PAPER
from .setting.minima import (
    AGAINST_LOWEST,
    COMPARED,
    CROSS,
    LOCAL_MINIMUM,
    U,
    V,
    loss_of_minimum,
    value_at,
)

STATEMENT = Statement(
    title="A benign landscape at any width",
    source=PAPER.at("Theorem 3.2, without its condition on d"),
    standing=CONJECTURE,
    transcription=DERIVED,
    setting=COMPARED.but(
        kind=Landscape(AGAINST_LOWEST, classes=(3, 6), samples=(1, 2), beyond=(-4, -1))
    ),
    hypotheses=(BALANCED, *POSITIVE, *LOCAL_MINIMUM),
    claims=(
        Claim("local minima are global", lhs=value_at(W, H) - loss_of_minimum, rhs=value_at(V, U)),
    ),
    counterexamples=(CROSS,),
)
