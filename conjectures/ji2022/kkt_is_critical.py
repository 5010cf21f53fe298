"""Is every KKT point of minimum-norm separation critical for the loss on its sphere? No.

Directions that gradient flow may converge to are KKT points of min (|W|^2 + |H|^2) / 2 with margins
at least 1 (Ji et al. 2022). One is tempted to read the landscape of the cross-entropy at finite
norm from them. That is right for blocks of equal size, where softmax weights are proportional to
the multipliers; blocks of 2 and 3 classes have a tangential gradient that vanishes at no scale.
"""

from __future__ import annotations

from checkers.declared.kinds import Inequality
from checkers.quantities.residuals import residual, tangential_gradient
from checkers.settings.unconstrained import BALANCED, H, W, labels
from checkers.statement import Claim, Sampler, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.separation import KKT, MULTIPLIERS, SEPARATION, in_blocks, pairs

STATEMENT = Statement(
    title="Every KKT point of minimum-norm separation is critical on its sphere",
    source=PAPER.at("Theorem 3.3 and Definition 3.1, read with Example 3.1"),
    standing=Standing.FALSE,
    transcription=Transcription.DERIVED,
    variables=(W, H, labels, MULTIPLIERS),
    ranges=SEPARATION,
    hypotheses=(BALANCED, *KKT),
    claims=(
        Claim(
            "tangential gradient",
            lhs=tangential_gradient(W, H, residual(W, H, labels)),
            rhs=0,
        ),
    ),
    counterexamples=(in_blocks((2, 3)), in_blocks((2, 4)), in_blocks((2, 2, 3), n=4)),
    kind=Inequality(effort=0.05),
    samplers=(Sampler("pairs of opposite rows", pairs),),
)
