"""A well-conditioned balanced head ends in a well-conditioned matrix (Jacot et al. 2025, (19)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, neighbouring matrices of the head
balanced up to e2, all norms at most r, and c3 = kappa(W_{L:L1+1}) the condition number of the whole
head. With eps = L2 (L2 - 1) / 2 e2 r^(2 (L2 - 1)) (r / (s_K(Y) - e1))^(2 L2),
kappa(W_L) <= c3^(1/L2) (1 + eps)^(1/L2) + c3^(1/L2 - 1) eps, and, sharper,
kappa(W_L) <= (c3^2 (1 + eps) + eps)^(1/(2 L2)), where the last r of eps need only bound Z_{L-1} and
the other one the weights. Here e1, e2, r and c3 are measured; classes may be
of any size. Exactly balanced heads attain both. The exponent 1/L1, which occurs in the paper's
sketch of a proof, is wrong.
"""

from __future__ import annotations

from sympy import Expr, Integer, Rational

from checkers.declared.kinds import Inequality
from checkers.models.experiments import DIGITS
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.variables import depth
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_chains import (
    BALANCED_EXACTLY,
    OPPOSED,
    OPPOSED_LARGE,
    OPPOSED_SMALL,
    OPPOSED_WITHOUT_OUTPUTS,
)
from .setting.linear_head import (
    BALANCED_HEADS,
    INTERPOLATION_OF_RANK_K,
    NARROW_SIZES,
    VARIABLES,
    c3,
    e1,
    e2,
    imbalance_excess,
    interpolate,
    kappa,
    norm_last,
    norm_weights,
    r,
)


def printed(root: Expr = 1 / depth, e2: Expr = e2) -> Claim:
    """(19) with another exponent in place of 1/L2, or another imbalance."""
    eps = imbalance_excess(e2)
    return Claim("conditioning", kappa, c3**root * (1 + eps) ** root + c3 ** (root - 1) * eps)


def sharper(
    root: Expr = 1 / depth,
    e2: Expr = e2,
    weights: Expr = norm_weights,
    features: Expr = norm_last,
) -> Claim:
    """The same before concavity is used, each norm where it is needed."""
    eps = imbalance_excess(e2, weights, features)
    return Claim("conditioning, sharper", kappa, (c3**2 * (1 + eps) + eps) ** (root / 2))


def becomes(root: Expr = 1 / depth, e2: Expr = e2) -> Change:
    """Both claims changed alike."""
    return Change(claims=(printed(root, e2), sharper(root, e2)))


STATEMENT = Statement(
    title="A well-conditioned balanced head ends in a well-conditioned matrix",
    source=PAPER.at("Theorem 3.1, (19)"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=NARROW_SIZES,
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(printed(), sharper()),
    witnesses=(BALANCED_EXACTLY,),
    samplers=(BALANCED_HEADS,),
    kind=Inequality(effort=0.2),
    prepare=interpolate,
    trained=(DIGITS,),
    observed=(
        ("e1", e1),
        ("e2", e2),
        ("w", norm_weights),
        ("z", norm_last),
        ("r", r),
        ("c3", c3),
    ),
    mutants=(
        Mutant("M8", "e2 taken to be 0", becomes(e2=Integer(0)), OPPOSED),
        Mutant("M9", "exponent 1/L1, for L1 = 5", becomes(Rational(1, 5)), BALANCED_EXACTLY),
        Mutant("deeper", "exponent 1/(L2 + 1)", becomes(1 / (depth + 1)), BALANCED_EXACTLY),
        Mutant(
            "per_mille", "exponent 0.999/L2", becomes(Rational(999, 1000) / depth), BALANCED_EXACTLY
        ),
        Mutant(
            "no_features",
            "norm of Z_{L-1} not bounded",
            Change(claims=(sharper(features=norm_weights),)),
            OPPOSED_SMALL,
        ),
        Mutant(
            "no_weights",
            "norms of the weights not bounded",
            Change(claims=(sharper(weights=norm_last),)),
            OPPOSED_LARGE,
        ),
        Mutant(
            "any_outputs",
            "outputs not near the labels",
            Change(drop=("interpolation",)),
            OPPOSED_WITHOUT_OUTPUTS,
        ),
    ),
    notes=(
        "The paper's display of eps is not legible; this one follows its proof. Half of it is not"
        " refuted by any instance found: (19) is loose in eps."
    ),
)
