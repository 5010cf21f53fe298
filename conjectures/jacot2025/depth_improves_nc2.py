"""Do more linear layers make the class means better conditioned (Jacot et al. 2025, Figure 2)?

The paper sees NC2 of the last features improve with the number of linear layers, at given data,
weight decay and training. Here on small networks and the digits: the mean of log NC2 with one more
linear layer is at most that without it. An observation, not a theorem: the bound that explains it
has kappa(W_L) at most a constant to the power 1 / L2.
"""

import numpy as np


from checkers.language import CONJECTURE, RECONSTRUCTED, Claim, Mutant, Statement, construction
from checkers.language import sizes
from . import PAPER
from .setting.depth import NETWORKS, TRAINED, mean_deep, mean_shallow


@construction("three networks", sizes((), count=3))
def halved(layout, labels):
    """NC2 of 4, 2 and 3 against 2, 3/2 and 5/4."""
    rows = {"shallow": [4.0, 2.0, 3.0], "deep": [2.0, 1.5, 1.25], "errors": [0.5, 0.5, 0.5]}
    return {k: np.array([row]) for k, row in rows.items()}


STATEMENT = Statement(
    title="More linear layers make the class means better conditioned",
    source=PAPER.at("Figure 2"),
    standing=CONJECTURE,
    transcription=RECONSTRUCTED,
    setting=NETWORKS,
    hypotheses=(TRAINED,),
    claims=(Claim("on average", lhs=mean_deep, rhs=mean_shallow),),
    mutants=(
        Mutant("worse", "more layers make it worse", lhs=mean_shallow, rhs=mean_deep, by=halved),
    ),
    notes="Each instance compares L2 and L2 + 1 = 2, ..., 5 linear layers, the last 1 and 5.",
)
