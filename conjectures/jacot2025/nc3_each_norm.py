"""Features align with the rows of W_L, sample by sample (improves Jacot et al. 2025, (21)).

Let k = kappa(W_L), A = (k + 1/k) / 2, x = e1 / sqrt(N) with e1 < s_K(Y) the distance of the outputs
from the one-hot labels, and q^2 = |W_L|^2 |Z_{L-2}|^2 (n_{L-1} - K) e2 / N. Then the mean cosine of
features Z_{L-1} and the rows of their classes is at least
1 / sqrt(A^2 + q^2) - (1/A + max(1, k / A^2)) x, for classes of any size.
A feature whose output errs by h < 1 and whose part in the kernel of W_L is u has a cosine of at
least (1 - h) / sqrt((A + k h)^2 + |w|^2 |u|^2), w its row; the bound is the mean of a tangent. Both
1/A and q are attained. No power of a common bound r of all norms enters, so that the bound says
something of trained networks, where (21) does not.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, K, Max, Mutant, N, Rational
from checkers.language import Statement, last_width, sqrt
from . import PAPER
from .setting.head_collapse import CONFUSED, LONG_KERNEL, REVERSED_SAMPLES, SPREAD_EVENLY
from .setting.head_collapse import THIN_KERNEL, TURNED
from .setting.linear_head import INTERPOLATION_OF_RANK_K, NARROW_ALONG_DIGITS, NC3
from .setting.linear_head import NONZERO_FEATURES, e1, e2, kappa, w_L, z_earlier

mean = (kappa + 1 / kappa) / 2  # in full for q = 0, where the root of A^2 would be |A|
A = Definition("A", mean)
x = Definition("x", e1 / sqrt(N))
slope = 1 / A + Max(1, kappa / A**2)


def in_kernel(norms=w_L**2 * z_earlier**2, dimension=last_width - K):
    """q^2 with other norms, or another dimension of the kernel of W_L."""
    return norms * dimension * e2 / N


q2 = Definition("q2", in_kernel(), "q^2")


def bound(A=A, slope=slope, q2=q2):
    """The left-hand side with another value for A, slope in x, or q^2."""
    return 1 / sqrt(A**2 + q2) - slope * x


STATEMENT = Statement(
    title="Features align with the rows of the last matrix, sample by sample",
    source=PAPER.at("Theorem 3.1, (21) improved"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=NARROW_ALONG_DIGITS.but(observed=(e1, e2, kappa, w_L, z_earlier)),
    hypotheses=(INTERPOLATION_OF_RANK_K, NONZERO_FEATURES),
    claims=(Claim("NC3", lhs=bound(), rhs=NC3),),
    witnesses=(TURNED, SPREAD_EVENLY),
    mutants=(
        Mutant("no_kappa", "1 in place of A", lhs=bound(1), by=TURNED),
        Mutant(
            "per_mille",
            "1.001 / A in place of 1 / A",
            lhs=bound(A / Rational(1001, 1000)),
            by=TURNED,
        ),
        Mutant("no_error", "x taken to be 0", lhs=bound(slope=0), by=CONFUSED),
        Mutant("half_error", "half of x", lhs=bound(slope=slope / 2), by=REVERSED_SAMPLES),
        Mutant("numerator", "max(1, k / A^2) dropped", lhs=bound(slope=1 / A), by=REVERSED_SAMPLES),
        Mutant("no_balancedness", "e2 taken to be 0", lhs=bound(mean, q2=0), by=THIN_KERNEL),
        Mutant(
            "kernel_less_one",
            "n_{L-1} - K - 1 in place of n_{L-1} - K",
            lhs=bound(q2=in_kernel(dimension=last_width - K - 1)),
            by=SPREAD_EVENLY,
        ),
        Mutant(
            "no_weights",
            "norm of W_L dropped",
            lhs=bound(q2=in_kernel(z_earlier**2)),
            by=LONG_KERNEL,
        ),
        Mutant(
            "no_features",
            "norm of Z_{L-2} dropped",
            lhs=bound(q2=in_kernel(w_L**2)),
            by=LONG_KERNEL,
        ),
    ),
)
