"""Do more linear layers make the class means better conditioned (Jacot et al. 2025, Figure 2)?

The paper sees NC2 of the last features improve with the number of linear layers, at given data,
weight decay and training. Here on small networks and the digits: the mean of log NC2 with one more
linear layer is at most that without it. An observation, not a theorem: the bound that explains it
has kappa(W_L) at most a constant to the power 1 / L2.
"""

from __future__ import annotations

import numpy as np

from checkers.declared.kinds import Training
from checkers.instance import Array
from checkers.sizes import sizes
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.depth import (
    NETWORKS,
    SHORT,
    TRAINED,
    VARIABLES,
    mean_deep,
    mean_shallow,
    record,
)


def halved(layout: Layout, labels: Array) -> Arrays:
    """NC2 of 4, 2 and 3 against 2, 3/2 and 5/4."""
    rows = {"shallow": [4.0, 2.0, 3.0], "deep": [2.0, 1.5, 1.25], "errors": [0.5, 0.5, 0.5]}
    return {k: np.array([row]) for k, row in rows.items()}


STATEMENT = Statement(
    title="More linear layers make the class means better conditioned",
    source=PAPER.at("Figure 2"),
    standing=Standing.CONJECTURE,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=NETWORKS,
    hypotheses=(TRAINED,),
    claims=(Claim("on average", lhs=mean_deep, rhs=mean_shallow),),
    samplers=(SHORT,),
    kind=Training(record, longest=3000),
    mutants=(
        Mutant(
            "worse",
            "more layers make it worse",
            Change(claims=(Claim("on average", mean_shallow, mean_deep),)),
            Witness("three networks", halved, (sizes((), count=3),)),
        ),
    ),
    notes="Each instance compares L2 and L2 + 1 = 2, ..., 5 linear layers, the last 1 and 5.",
)
