"""Interpolation and balancedness imply NC1, each norm where it is needed (after Jacot et al. 2025).

With s_K(Y) = sqrt(n_min), classes of any size and e1 < min(s_K(Y), sqrt((K-1) n_min)),
NC1(Z_{L-1}) <= (kappa(W_L)^2 e1^2 + |W_L|^2 |Z_{L-2}|^2 (n_{L-1} - K) e2)
                / (N (sqrt((K-1)/K) - e1 / sqrt(K n_min))^2).
Against (18): a bound r of all norms enters there in its fourth power, which makes it vacuous in
training. The part of e2 is attained exactly; that of e1 as e1 -> 0, by long features behind short
weights.
"""

from checkers.language import DERIVED, THEOREM, Claim, Inequality, K, Mutant, N, Statement
from checkers.language import last_width, sqrt
from . import PAPER
from .setting.linear_head import ALONG_DIGITS, INTERPOLATION_ANY_SIZES, NC1, e1, e2, kappa, n_min
from .setting.linear_head import w_L, z_earlier
from .setting.linear_head_witnesses import LARGE_EARLIER_FEATURES, LARGE_LAST_FEATURES, LONE_SAMPLE
from .setting.linear_head_witnesses import SPREAD, SPREAD_EXACTLY


def bound(
    outputs=kappa**2 * e1**2, norms=w_L**2 * z_earlier**2, kernel=last_width - K, classes=K * n_min
):
    """Another part of e1, of e2, or another bound on the error of class means."""
    spread = outputs + norms * kernel * e2
    return spread / (N * (sqrt((K - 1) / K) - e1 / sqrt(classes)) ** 2)


STATEMENT = Statement(
    title="Interpolation and balancedness imply NC1, each norm where it is needed",
    source=PAPER.at("Theorem 3.1, (18) sharpened"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=ALONG_DIGITS.but(kind=Inequality(effort=0.3), observed=(e1, e2, kappa, w_L, z_earlier)),
    hypotheses=(INTERPOLATION_ANY_SIZES,),
    claims=(Claim("NC1", lhs=NC1, rhs=bound()),),
    witnesses=(SPREAD, SPREAD_EXACTLY),
    mutants=(
        Mutant("no_kappa", "kappa(W_L) dropped", rhs=bound(e1**2), by=LARGE_LAST_FEATURES),
        Mutant(
            "half_e1",
            "half of the part of e1",
            rhs=bound(kappa**2 * e1**2 / 2),
            by=LARGE_LAST_FEATURES,
        ),
        Mutant("no_outputs", "e1 taken to be 0 above", rhs=bound(0), by=LARGE_LAST_FEATURES),
        Mutant(
            "no_weights", "norm of W_L dropped", rhs=bound(norms=z_earlier**2), by=SPREAD_EXACTLY
        ),
        Mutant("M5", "norm of Z_{L-2} dropped", rhs=bound(norms=w_L**2), by=LARGE_EARLIER_FEATURES),
        Mutant("M2", "n_{L-1} - K dropped", rhs=bound(kernel=1), by=SPREAD_EXACTLY),
        Mutant(
            "kernel_less_one",
            "n_{L-1} - K - 1 in place of n_{L-1} - K",
            rhs=bound(kernel=last_width - K - 1),
            by=SPREAD_EXACTLY,
        ),
        Mutant(
            "error_over_N",
            "error of class means at most e1 / sqrt(N)",
            rhs=bound(classes=N),
            by=LONE_SAMPLE,
        ),
    ),
)
