"""The unpenalised cross-entropy has no local minimum (Ji et al. 2022, second-order results).

Its gradient vanishes exactly where all rows of W are equal and the features of every class have the
same sum. There the least eigenvalue of its Hessian is (h - sqrt(h^2 + 4 n)) / 2 < 0 with
h = lambda_min(H H^T) / K: every critical point is a strict saddle, for every d >= 1.
"""

from checkers.language import DERIVED, THEOREM, Claim, Integer, K, Min, Mutant, Statement, identity
from checkers.language import n, sqrt
from checkers.quantities.curvature import loss_curvature
from checkers.quantities.margins import cross_entropy
from checkers.quantities.residuals import pairing, residual, row_spread, tangential_gradient
from checkers.settings.unconstrained import BALANCED, H, W, labels, rho2

from . import PAPER
from .setting.flat import EQUAL_ROWS, EQUAL_SUMS, FLAT, INTEGERS, ROW_MOVED, TWO_TIED
from .setting.flat import h, least_curvature

curvature = loss_curvature(W, H, labels)
G = residual(W, H, labels)
gradient2 = tangential_gradient(W, H, G) + (2 * pairing(W, H, G)) ** 2 / rho2
only_such_points = Claim(
    "only such points", Min(row_spread(W), cross_entropy(W, H, labels)), 10**6 * gradient2
)


def equal_to(value):
    """The identity with another value."""
    return identity("curvature", curvature, value)


STATEMENT = Statement(
    title="No local minimum of the unpenalised cross-entropy",
    source=PAPER.at("behind Theorem 3.3"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=FLAT,
    hypotheses=(BALANCED, EQUAL_ROWS, EQUAL_SUMS),
    claims=equal_to(least_curvature),
    witnesses=(INTEGERS,),
    mutants=(
        Mutant(
            "iv",
            "the loss has a local minimum",
            claims=(Claim("a minimum", Integer(0), curvature),),
            by=INTEGERS,
        ),
        Mutant(
            "no_K",
            "h without 1/K",
            claims=equal_to((K * h - sqrt((K * h) ** 2 + 4 * n)) / 2),
            by=INTEGERS,
        ),
        Mutant(
            "root",
            "sqrt(n) in place of n",
            claims=equal_to((h - sqrt(h**2 + 4 * sqrt(n))) / 2),
            by=INTEGERS,
        ),
        Mutant("any_rows", "rows of any kind", drop=("equal rows",), by=ROW_MOVED),
        Mutant(
            "iii",
            "a small gradient means equal rows or a small loss",
            claims=(only_such_points,),
            drop=("equal rows", "equal class sums"),
            by=TWO_TIED,
        ),
    ),
    notes="The value of the curvature needs equal rows only; equal class sums are what makes the"
    " point critical.",
)
