"""Is every KKT direction collapse? No (Ji et al. 2022, Example 3.1 and its generalisation).

The problem is min (|W|^2 + |H|^2) / 2 with all margins at least 1. For any partition of the K
classes into blocks of at least two, rows that form a unit simplex ETF inside each block, blocks
orthogonal, h = w / sqrt(n), |w|^2 = sqrt(n), and multipliers 1 / (sqrt(n) (K - s)) across blocks,
s the size of the own block: a KKT point of value K sqrt(n), of rank K less the number of blocks.
A KKT point that is collapse has value (K-1) sqrt(n): one block, |w|^2 = sqrt(n) (K-1) / K,
multipliers 1 / (K sqrt(n)).
"""

from __future__ import annotations

from sympy import sqrt

from checkers.declared.kinds import Inequality
from checkers.quantities.norms import squared_norm
from checkers.settings.unconstrained import BALANCED, H, W, labels
from checkers.statement import Claim, Sampler, Statement
from checkers.variables import K, n
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.separation import KKT, MULTIPLIERS, SEPARATION, in_blocks, pairs

rho2 = squared_norm(W) + squared_norm(H)

STATEMENT = Statement(
    title="Every KKT point of minimum-norm separation is collapse",
    source=PAPER.at("Example 3.1, and its generalisation"),
    standing=Standing.FALSE,
    transcription=Transcription.RECONSTRUCTED,
    variables=(W, H, labels, MULTIPLIERS),
    ranges=SEPARATION,
    hypotheses=(BALANCED, *KKT),
    claims=(Claim("value of collapse", rho2 / 2, (K - 1) * sqrt(n)),),
    counterexamples=(
        in_blocks((2, 2), d=4),
        in_blocks((2, 2), n=4),
        in_blocks((2, 3)),
        in_blocks((3, 3)),
        in_blocks((4, 2)),
        in_blocks((2, 2, 2)),
        in_blocks((2, 2, 3), n=4),
    ),
    kind=Inequality(effort=0.2),
    samplers=(Sampler("pairs of opposite rows", pairs),),
    notes="Also KKT, and irrational: the K-gon in the plane, with multipliers on neighbours only.",
)
