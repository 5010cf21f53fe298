"""Where the gradient of the unpenalised cross-entropy vanishes (Ji et al. 2022, Theorem 3.3).

Exactly where all rows of W are equal and the features of every class have the same sum. In numbers
that hold everywhere, with Wt the rows of W less their mean, St the class sums of H less theirs,
G = Y - P and p the least softmax probability: sqrt(2 n K) p |Wt| <= |W^T G|, the gradient in H; and
the gradient in W, G H^T, is St up to |Wt| |H|^2 / 2. So a vanishing gradient makes the rows equal
and then the class sums. p cannot be dropped: at infinity the gradient vanishes elsewhere, too.
"""

from checkers.language import DERIVED, THEOREM, Claim, Inequality, K, Mutant, N, Rational, Statement
from checkers.language import n, sqrt
from checkers.quantities.duality import centred_norm
from checkers.quantities.norms import operator_norm, squared_norm
from checkers.quantities.residuals import class_sums, classifier_force, feature_force
from checkers.quantities.residuals import least_probability, residual
from checkers.settings.unconstrained import BALANCED, FREE_FEATURES, H, W, labels

from . import PAPER
from .setting.flat import EQUAL_ROWS_EXACTLY, NO_FEATURES, OPPOSITE, TWO_TIED

G = residual(W, H, labels)
rows = sqrt(centred_norm(W))
sums = sqrt(centred_norm(class_sums(H, labels)))
in_H, in_W = sqrt(squared_norm(feature_force(W, G))), sqrt(squared_norm(classifier_force(H, G)))
bent = rows * operator_norm(H) ** 2 / 2

STATEMENT = Statement(
    title="Critical points of the unpenalised cross-entropy",
    source=PAPER.at("behind Theorem 3.3"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=FREE_FEATURES.but(kind=Inequality(effort=0.2)),
    hypotheses=(BALANCED,),
    claims=(
        Claim("rows", lhs=sqrt(2 * n * K) * least_probability(W, H) * rows, rhs=in_H),
        Claim("sums", lhs=sums, rhs=in_W + bent),
        Claim("conversely, rows", lhs=in_H, rhs=sqrt(2 * N) * rows),
        Claim("conversely, sums", lhs=in_W, rhs=sums + bent),
    ),
    witnesses=(NO_FEATURES, EQUAL_ROWS_EXACTLY),
    mutants=(
        Mutant(
            "three",
            "3 n K in place of 2 n K",
            lhs=sqrt(3 * n * K) * least_probability(W, H) * rows,
            by=NO_FEATURES,
        ),
        Mutant(
            "everywhere",
            "1/K in place of p: equal rows wherever the gradient is small",
            lhs=sqrt(2 * n / K) * rows,
            by=TWO_TIED,
        ),
        Mutant("quarter", "|H|^2 / 4", claims=(Claim("sums", sums, in_W + bent / 2),), by=OPPOSITE),
        Mutant(
            "only_sums",
            "equal class sums wherever the gradient in W vanishes",
            claims=(Claim("sums", sums, in_W + Rational(1, 100) * bent),),
            by=OPPOSITE,
        ),
    ),
    notes="For x of sum zero the entry of G^T x at a sample of the class with the largest"
    " x_k is at least K p x_k.",
)
