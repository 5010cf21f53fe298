"""Critical points of the loss itself are strict saddles on their spheres (Ji et al. 2022).

Where all rows of W are equal and the features of every class have the same sum, the gradient of the
cross-entropy is zero, so the point is critical on |W|^2 + |H|^2 = rho^2 with mu = 0. The direction
of least curvature of the loss, (h - sqrt(h^2 + 4 n)) / 2 with h = lambda_min(H H^T) / K, is tangent
to the sphere: the least tangential curvature is the same number. Half of it is claimed.
"""

from dataclasses import replace

from checkers.language import DERIVED, THEOREM, Claim, Mutant, Statement
from checkers.quantities.curvature import tangential_curvature
from checkers.settings.unconstrained import BALANCED, H, W, labels

from . import PAPER
from .setting.flat import EQUAL_ROWS, EQUAL_SUMS, FLAT, INTEGERS, least_curvature
from .setting.sphere import NOT_ZERO

curvature = tangential_curvature(W, H, labels)

STATEMENT = Statement(
    title="Critical points of the loss are strict saddles on their spheres",
    source=PAPER.at("Theorem 3.3, where mu = 0"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=FLAT,
    hypotheses=(BALANCED, EQUAL_ROWS, EQUAL_SUMS, NOT_ZERO),
    claims=(Claim("on the sphere", lhs=-least_curvature / 2, rhs=-curvature),),
    witnesses=(replace(INTEGERS, tight=0.5),),
    mutants=(
        Mutant(
            "twice",
            "twice the curvature",
            claims=(Claim("on the sphere", curvature, 2 * least_curvature),),
            by=INTEGERS,
        ),
        Mutant(
            "minimum",
            "a minimum along the sphere",
            claims=(Claim("a minimum", 0, curvature),),
            by=INTEGERS,
        ),
    ),
)
