"""What gradient flow conserves (Ji et al. 2022, behind Theorem 3.2).

With dW/dt = G H^T, dH/dt = W^T G, G = Y - P: the matrix W^T W - H H^T, its trace |W|^2 - |H|^2 and
the mean of the rows of W are constant. Two symmetric matrices A and B are equal iff
|A|^2 = <A, B> = |B|^2, so the rates of W^T W and H H^T are compared by these three numbers; the
mean does not move iff the rate of W is as long as that of W less its mean. Rates are in units of L.
"""

from checkers.language import DERIVED, THEOREM, Claim, Flow, Integer, Mutant, Proof, Statement
from checkers.language import identity
from checkers.quantities.gradient_flow import classifier_rate, features_rate
from checkers.quantities.duality import centred_columns_norm, centred_norm
from checkers.quantities.norms import inner, squared_norm
from checkers.quantities.gram_matrices import gram, gram_rate, outer, outer_rate
from checkers.settings.unconstrained import H, W

from . import PAPER
from .setting.flow_model import LAYER_PEELED
from .setting.gradient_flow import STATES, S
from .setting.invariants import GENERIC, conserved

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

STATEMENT = Statement(
    title="What gradient flow conserves",
    source=PAPER.at("Theorem 3.2, proof; conservation laws"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=STATES.but(kind=Flow(LAYER_PEELED)),
    claims=CLAIMS,
    mutants=(
        Mutant(
            "N7",
            "W^T W equals H H^T, in place of a constant difference",
            claims=identity("balance", squared_norm(gram(W)), inner(gram(W), outer(H))),
            by=GENERIC,
        ),
        Mutant(
            "sum",
            "W^T W + H H^T in place of the difference",
            claims=identity("classifier", squared_norm(A), -inner(A, B)),
            by=GENERIC,
        ),
        Mutant(
            "rows",
            "W^T W alone is constant",
            claims=(Claim("classifier", squared_norm(A), Integer(0)),),
            by=GENERIC,
        ),
        Mutant(
            "mean_features",
            "the mean of the features is constant too",
            claims=identity("mean of H", squared_norm(H_dot), centred_columns_norm(H_dot)),
            by=GENERIC,
        ),
    ),
    proofs=tuple(
        Proof(
            claim=claim.name,
            method="expansion of a polynomial identity, any loss of the logits",
            obligation=conserved,
            at=((2, 2, 1), (2, 4, 2), (3, 3, 2), (3, 6, 3), (4, 4, 3)),
            names=("K", "N", "d"),
        )
        for claim in CLAIMS
    ),
    notes="Integrated flows are measured too: the drift of W^T W - H H^T is its change since the"
    " start over rho^2 at the same moment, that of the mean row its change over rho.",
)
