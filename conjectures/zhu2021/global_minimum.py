"""The least value of the regularised loss without bias, and its norms (Zhu et al. 2021).

f >= f* = log(1 + (K-1) e^-c) + c s sqrt(n) (K-1) with s = sqrt(lw lh), kappa = K sqrt(n) s and
e^c = max(1, 1 + K (1/kappa - 1)), so that f* = log K where kappa >= 1. More precisely
f >= log(1 + (K-1) e^(-p/((K-1) sqrt(n)))) + s p + (sqrt(lw) |W| - sqrt(lh) |H|)^2 / 2
at the product p = |W| |H|: the first two terms have their only minimum f* at p = c sqrt(n) (K-1),
which with equal penalties lw |W|^2 = lh |H|^2 gives the norms of every global minimiser. Equality
is collapse. And 2 (s - 1/(K sqrt(n))) p + (sqrt(lw) |W| - sqrt(lh) |H|)^2 <= |grad f| |(W, H)|, so
that for kappa > 1 zero is the only critical point, whatever d.
"""

from dataclasses import replace

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Definition, K, Mutant, Rational
from checkers.language import Statement, n, sqrt
from checkers.quantities.norms import squared_norm
from checkers.settings.regularised import POSITIVE, kappa, least_value, lh_, lw_, profile_at, s
from checkers.settings.unconstrained import BALANCED, H, W, rho2

from . import PAPER
from .setting.minima import ABOVE_ONE, COLLAPSE, FEW_IN_MOST, UNBIASED, UNEQUAL_NORMS
from .setting.minima import gradient2, value_at

f = value_at(W, H)
p = Definition("p", sqrt(squared_norm(W)) * sqrt(squared_norm(H)))
imbalance = (sqrt(lw_) * sqrt(squared_norm(W)) - sqrt(lh_) * sqrt(squared_norm(H))) ** 2 / 2
pull = 2 * (s - 1 / (K * sqrt(n))) * p + 2 * imbalance
"""At most <grad f, (W, H)>, as the residual is monotone and at zero has norm 1 / (K sqrt(n))."""

STATEMENT = Statement(
    title="The least value of the regularised cross-entropy",
    source=PAPER.at("Theorem 3.1"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=UNBIASED,
    hypotheses=(BALANCED, *POSITIVE),
    claims=(
        Claim("least value", lhs=least_value(kappa), rhs=f),
        Claim("least at these norms", lhs=profile_at(p) + imbalance, rhs=f),
        Claim("critical", lhs=pull, rhs=sqrt(gradient2 * rho2)),
    ),
    witnesses=(COLLAPSE,),
    mutants=(
        Mutant("one_less", "K-1 in place of K in e^c", lhs=least_value(kappa, K - 1), by=COLLAPSE),
        Mutant(
            "root",
            "kappa with n in place of sqrt(n)",
            lhs=least_value(K * n * s),
            by=replace(COLLAPSE, sizes=COLLAPSE.sizes[1:2]),
        ),
        Mutant(
            "R3",
            "non-zero minimisers for every penalty",
            claims=(Claim("not zero", least_value(kappa) + s / 10, f + p),),
            by=ABOVE_ONE,
        ),
        Mutant(
            "norms",
            "twice the term of the norms",
            claims=(Claim("least at these norms", profile_at(p) + 2 * imbalance, f),),
            by=UNEQUAL_NORMS,
        ),
        Mutant("M4", "classes of any size, n = N/K", drop=("balanced",), by=FEW_IN_MOST),
        Mutant(
            "M9",
            "the value and a thousandth",
            lhs=least_value(kappa) * Rational(1001, 1000),
            by=COLLAPSE,
        ),
    ),
)
