"""Is every local minimum of the regularised loss global, whatever the width d (Zhu et al. 2021)?

The benign landscape is proved for d >= K-1: a critical point is a global minimiser or a strict
saddle. Without the bound on d this would say that near no point that is certified to be close to a
local minimum, modulo rotations, f is larger than at another point of the same d:
f(W, H) - |grad f|^2 / l <= f(V, U).
It is refuted at K = 5, d = 2 in closed form: two antipodal pairs on orthogonal axes with the fifth
class at zero are a local minimum, and the regular pentagon has a smaller value. The search finds
more at K = 6, and none for K <= 4 or in one dimension.
"""

from __future__ import annotations

from checkers.declared.kinds import Landscape
from checkers.settings.regularised import POSITIVE, lh, lw, moderate
from checkers.settings.regularised_landscape import CrossEntropyLandscape
from checkers.settings.unconstrained import BALANCED, VARIABLES, H, W, hessian_entries
from checkers.sizes import sizes
from checkers.statement import Claim, Ranges, Sampler, Statement, Witness
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.minima import (
    LOCAL_MINIMUM,
    U,
    V,
    cross_and_polygon,
    found_minima,
    loss_of_minimum,
    value_at,
)

STATEMENT = Statement(
    title="A benign landscape at any width",
    source=PAPER.at("Theorem 3.2, without its condition on d"),
    standing=Standing.CONJECTURE,
    transcription=Transcription.DERIVED,
    variables=(*VARIABLES, V, U, lw, lh),
    ranges=Ranges(
        K=(3, 6),
        n=(1, 2),
        others={"d": (1, 3), "one": (1, 1)},
        smallest=(sizes(K=3, n=1, d=1, one=1), sizes(K=5, n=1, d=2, one=1)),
        working=hessian_entries,
    ),
    hypotheses=(BALANCED, *POSITIVE, *LOCAL_MINIMUM),
    claims=(
        Claim("local minima are global", lhs=value_at(W, H) - loss_of_minimum, rhs=value_at(V, U)),
    ),
    counterexamples=(
        Witness(
            "cross against pentagon",
            cross_and_polygon,
            (sizes(K=5, n=1, d=2, one=1), sizes(K=5, n=2, d=2, one=1)),
            says="K = 5, d = 2, kappa = 1/2, lw = lh",
        ),
    ),
    samplers=(Sampler("minima", found_minima),),
    prepare=moderate,
    kind=Landscape(
        CrossEntropyLandscape(lowest=((V.name, W.name), (U.name, H.name))),
        classes=(3, 6),
        samples=(1, 2),
        beyond=(-4, -1),
    ),
)
