"""What gradient flow conserves (Ji et al. 2022, behind Theorem 3.2).

With dW/dt = G H^T, dH/dt = W^T G, G = Y - P: the matrix W^T W - H H^T, its trace |W|^2 - |H|^2 and
the mean of the rows of W are constant. Two symmetric matrices A and B are equal iff
|A|^2 = <A, B> = |B|^2, so the rates of W^T W and H H^T are compared by these three numbers; the
mean does not move iff the rate of W is as long as that of W less its mean. Rates are in units of L.
"""

from __future__ import annotations

import numpy as np
import sympy

from checkers.declared.kinds import Flow
from checkers.instance import Array
from checkers.quantities.descent import classifier_rate, features_rate
from checkers.quantities.duality import centred_columns_norm, centred_norm
from checkers.quantities.norms import inner, squared_norm
from checkers.quantities.products import gram, gram_rate, outer, outer_rate
from checkers.settings.unconstrained import VARIABLES, H, W
from checkers.sizes import sizes
from checkers.statement import (
    Arrays,
    Change,
    Claim,
    Layout,
    Mutant,
    Proof,
    Statement,
    Vanishing,
    Witness,
    identity,
)
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.flow_model import LAYER_PEELED
from .setting.gradient_flow import ALONG_FLOWS, STATES, S

W_dot = classifier_rate(H, S)
H_dot = features_rate(W, S)
A = gram_rate(W, W_dot)
B = outer_rate(H, H_dot)

CLAIMS = (
    *identity("classifier", squared_norm(A), inner(A, B)),
    *identity("features", squared_norm(B), inner(A, B)),
    *identity("norms", inner(W, W_dot), inner(H, H_dot)),
    *identity("mean", squared_norm(W_dot), centred_norm(W_dot)),
)


def integers(layout: Layout, labels: Array) -> Arrays:
    """Small integers: nothing centred, nothing aligned."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    W = 1.0 + np.arange(K * d).reshape(K, d) ** 2 % 5
    return {"W": W, "H": np.arange(d * N).reshape(d, N) % 3 - 1.0}


GENERIC = Witness("small integers", integers, (sizes(K=3, n=2, d=2),))


def expanded(K: int, N: int, d: int) -> Vanishing:
    """d(W^T W - H H^T) / dt, its trace and d(mean of W) / dt, for any G with columns of sum zero.

    G stands for the derivative of any loss of the logits that is unmoved by adding a number to all
    logits of a sample. Every entry is a polynomial in those of W, H and G.
    """
    W, H = sympy.Matrix(sympy.symarray("w", (K, d))), sympy.Matrix(sympy.symarray("h", (d, N)))
    free = sympy.Matrix(sympy.symarray("g", (K - 1, N)))
    G = free.col_join(-sympy.ones(1, K - 1) * free)
    W_dot, H_dot = G * H.T, W.T * G
    change = W_dot.T * W + W.T * W_dot - H_dot * H.T - H * H_dot.T
    entries = [*change, change.trace(), *(sympy.ones(1, K) * W_dot)]
    return Vanishing(tuple(sympy.expand(e) for e in entries))


def claimed(*claims: Claim) -> Change:
    """The same with other claims."""
    return Change(claims=claims)


STATEMENT = Statement(
    title="What gradient flow conserves",
    source=PAPER.at("Theorem 3.2, proof; conservation laws"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=STATES,
    claims=CLAIMS,
    kind=Flow(LAYER_PEELED),
    samplers=(ALONG_FLOWS,),
    mutants=(
        Mutant(
            "N7",
            "W^T W equals H H^T, in place of a constant difference",
            claimed(*identity("balance", squared_norm(gram(W)), inner(gram(W), outer(H)))),
            GENERIC,
        ),
        Mutant(
            "sum",
            "W^T W + H H^T in place of the difference",
            claimed(*identity("classifier", squared_norm(A), -inner(A, B))),
            GENERIC,
        ),
        Mutant(
            "rows",
            "W^T W alone is constant",
            claimed(Claim("classifier", squared_norm(A), sympy.Integer(0))),
            GENERIC,
        ),
        Mutant(
            "mean_features",
            "the mean of the features is constant too",
            claimed(*identity("mean of H", squared_norm(H_dot), centred_columns_norm(H_dot))),
            GENERIC,
        ),
    ),
    proofs=tuple(
        Proof(
            claim=claim.name,
            method="expansion of a polynomial identity, any loss of the logits",
            obligation=expanded,
            at=((2, 2, 1), (2, 4, 2), (3, 3, 2), (3, 6, 3), (4, 4, 3)),
            names=("K", "N", "d"),
        )
        for claim in CLAIMS
    ),
    notes="Integrated flows are measured too: the drift of W^T W - H H^T is its change since the"
    " start over rho^2 at the same moment, that of the mean row its change over rho.",
)
