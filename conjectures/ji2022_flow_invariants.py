"""What gradient flow conserves (Ji et al. 2022, behind Theorem 3.2).

With dW/dt = G H^T, dH/dt = W^T G, G = Y - P: the matrix W^T W - H H^T, its trace |W|^2 - |H|^2 and
the mean of the rows of W are constant. Two symmetric matrices A and B are equal iff
|A|^2 = <A, B> = |B|^2, so the rates of W^T W and H H^T are compared by these three numbers; the
mean does not move iff the rate of W is as long as that of W less its mean. Rates are in units of L.
"""

from __future__ import annotations

import sympy
from sympy import Expr

from checkers.instance import Array
from checkers.kinds import Flow
from checkers.quantities.descent import (
    features_gram_rate,
    matrix_product,
    rate_of_features,
    rate_of_classifier,
    weights_gram_rate,
)
from checkers.quantities.duality import centred_norm
from checkers.quantities.norms import inner, squared_norm
from checkers.settings.gradient_flow import ALONG_FLOWS, STATES, S
from checkers.settings.unconstrained import JI2022, VARIABLES, H, W
from checkers.statement import (
    Arrays,
    Change,
    Layout,
    Mutant,
    Proof,
    Statement,
    Vanishing,
    Witness,
    identity,
    sizes,
)
from checkers.verdict import Standing, Transcription
