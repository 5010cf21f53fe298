"""A PL inequality survives weight decay, shifted (Jacot et al. 2025, Proposition 4.5, (11)).

Where |grad C_0|^2 >= alpha/2 C_0 and |theta| <= R, the paper has
|grad C_lam|^2 >= alpha/4 (C_lam - lam m) with m = (1 + sqrt(4 lam / alpha))^2 R^2.
The best constant is m = (1/2 + 4 lam / alpha) R^2: with x^2 = alpha C_0 / 2 and rho = |theta| <= R
the difference of the sides is then at least (x - 2 lam rho)^2 / 2 for x >= lam rho, while below
that, where the gradient may vanish, the right-hand side is negative. Equality at R = rho and
grad C_0 = -2 lam theta.
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Definition, Mutant, Rational, Statement
from checkers.language import sqrt
from . import PAPER
from .setting.shifted_pl import BOUNDED, PL, POSITIVE, VECTORS, C_lam, R, alpha, gradient2, lam
from .setting.shifted_pl_proofs import PROOF, PROOF_AS_PRINTED
from .setting.shifted_pl_witnesses import EQUALITY, LARGE_LOSS, NEGATIVE_ALPHA, NEGATIVE_DECAY
from .setting.shifted_pl_witnesses import NO_RADIUS, STATIONARY, STRONG_DECAY

m = Definition("m", (1 + sqrt(4 * lam / alpha)) ** 2 * R**2)
best = Definition("best", (Rational(1, 2) + 4 * lam / alpha) * R**2, r"m_{\mathrm{best}}")


def shifted(m=best, part=alpha / 4):
    """The right of (11) with another shift or another part of alpha."""
    return part * (C_lam - lam * m)


def without(id, says, hypothesis, by):
    """The claim with the best constant, one hypothesis dropped."""
    claim = Claim("best constant", shifted(), gradient2)
    return Mutant(id, says, claims=(claim,), drop=(hypothesis,), by=by)


STATEMENT = Statement(
    title="A shifted PL inequality with weight decay",
    source=PAPER.at("Proposition 4.5, (11)"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=VECTORS,
    hypotheses=(*POSITIVE, PL, BOUNDED),
    claims=(
        Claim("best constant", lhs=shifted(), rhs=gradient2),
        Claim("as printed", lhs=shifted(m), rhs=gradient2),
    ),
    witnesses=(EQUALITY, STRONG_DECAY),
    mutants=(
        Mutant(
            "quarter",
            "m = (1/4 + 4 lam / alpha) R^2",
            lhs=shifted((Rational(1, 4) + 4 * lam / alpha) * R**2),
            by=EQUALITY,
        ),
        Mutant(
            "half_alpha", "alpha/2 in place of alpha/4", lhs=shifted(part=alpha / 2), by=LARGE_LOSS
        ),
        Mutant("no_decay", "m = R^2 / 2", lhs=shifted(R**2 / 2), by=EQUALITY),
        Mutant(
            "root",
            "1 + sqrt(4 lam / alpha) not squared",
            lhs=shifted((1 + sqrt(4 * lam / alpha)) * R**2),
            by=STRONG_DECAY,
        ),
        without("bounded", "any theta", "bounded", by=NO_RADIUS),
        without("PL", "no PL inequality for C_0", "PL", by=STATIONARY),
        without("lam", "any lam", "weight decay", by=NEGATIVE_DECAY),
        without("alpha", "any alpha", "alpha", by=NEGATIVE_ALPHA),
    ),
    proofs=(PROOF, PROOF_AS_PRINTED),
)
