"""The class means are nearly as well conditioned as W_L, with better constants (after (20)).

Let the outputs be within e1 < s_K(Y) of the one-hot labels, x = e1 / s_K(Y), and neighbouring
matrices of the head balanced up to e2. Then
NC2(Z_{L-1})^2 <= kappa(W_L)^2 ((1 + x sqrt(2 - x^2)) / (1 - x^2))^2 + b^2 / (1 - x)^2 with
b = |W_L| |Z_{L-2}| sqrt(e2) / s_K(Y), for classes of any size. Against (20): no condition beyond
e1 < s_K(Y), no width n_{L-1} (operator norms, and the kernel of W_L only lengthens class means),
W_L applied to the class means is I up to x in Frobenius norm. Errors of opposite sign on two
classes attain the first part; a class that alone fills the kernel attains the second in the limit.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, K, Mutant, N, Rational, Statement
from checkers.language import sqrt
from . import PAPER
from .setting.head_collapse import KERNEL_ALONG_CLASS, KERNEL_ALONG_CLASS_LARGE, OPPOSITE_ERRORS
from .setting.head_collapse import SHORT_LONE_SAMPLE
from .setting.linear_head import INTERPOLATION_OF_RANK_K, NARROW_ALONG_DIGITS, NC2, e1, e2
from .setting.linear_head import kappa, norm_earlier, norm_W, s_K

x = Definition("x", e1 / s_K)
b = Definition("b", norm_W * norm_earlier * sqrt(e2) / s_K)


def bound(x=x, b=b):
    """The right-hand side with another relative error or another part of the kernel."""
    stretched = kappa * (1 + x * sqrt(2 - x**2)) / (1 - x**2)
    return sqrt(stretched**2 + (b / (1 - x)) ** 2)


STATEMENT = Statement(
    title="The class means are nearly as well conditioned as the last matrix, better constants",
    source=PAPER.at("Theorem 3.1, (20) sharpened"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=NARROW_ALONG_DIGITS.but(observed=(e1, e2, kappa)),
    hypotheses=(INTERPOLATION_OF_RANK_K,),
    claims=(Claim("NC2", lhs=NC2, rhs=bound()),),
    witnesses=(OPPOSITE_ERRORS, KERNEL_ALONG_CLASS),
    mutants=(
        Mutant(
            "per_mille", "0.999 of the bound", rhs=bound() * Rational(999, 1000), by=OPPOSITE_ERRORS
        ),
        Mutant("M10", "class means conditioned as W_L", rhs=kappa, by=OPPOSITE_ERRORS),
        Mutant("M11", "half of e1", rhs=bound(x=x / 2), by=OPPOSITE_ERRORS),
        Mutant(
            "mean_size",
            "classes of N / K samples",
            rhs=bound(x=e1 / sqrt(N / K)),
            by=SHORT_LONE_SAMPLE,
        ),
        Mutant("no_balancedness", "e2 taken to be 0", rhs=bound(b=0), by=KERNEL_ALONG_CLASS),
        Mutant(
            "linear", "e2 in place of sqrt(e2)", rhs=bound(b=b * sqrt(e2)), by=KERNEL_ALONG_CLASS
        ),
        Mutant(
            "no_weights",
            "norm of W_L dropped from b",
            rhs=bound(b=b / norm_W),
            by=KERNEL_ALONG_CLASS_LARGE,
        ),
        Mutant(
            "no_features",
            "norm of Z_{L-2} dropped from b",
            rhs=bound(b=b / norm_earlier),
            by=KERNEL_ALONG_CLASS,
        ),
    ),
)
