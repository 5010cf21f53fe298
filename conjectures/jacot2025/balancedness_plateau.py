"""Training with weight decay balances linear layers down to a plateau (Jacot et al. 2025, 4.2).

Along gradient descent the imbalance e2 after k steps is (1 - eta lam)^(2k) e2 up to the gradients'
part, eta^2 |G_{l+1}^T G_{l+1} - G_l G_l^T| a step: with norms at most g it is at most
(1 - eta lam)^(2k) e2 + eta g / (lam (2 - eta lam)), an exponential decay and then a plateau.
Networks are trained in float64; by how much rounding misses the exact recursion is measured.
"""

from checkers.language import DERIVED, THEOREM, Claim, Mutant, Rational, Statement
from . import PAPER
from .setting.balancing import DECAYING, DRIVEN, LOOKS, POSITIVE, UNDRIVEN, after, before
from .setting.balancing import defect, eta, forcing, kept, lam, largest, mismatch

plateau = eta * largest / (lam * (2 - eta * lam))


def upper(rest, power=2):
    """The imbalance is at most what is left of it and a rest."""
    return Claim("plateau", after, kept(power) * before + rest + defect)


def lower(power=2):
    """The imbalance is at least what is left of it, less what the gradients add."""
    return Claim("at least", kept(power) * before, after + forcing + defect)


STATEMENT = Statement(
    title="The imbalance decays to a plateau along training",
    source=PAPER.at("Section 4.2 and Figure 1"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=LOOKS,
    hypotheses=(DECAYING, POSITIVE),
    claims=(
        Claim("at most", after, kept() * before + forcing + defect),
        lower(),
        upper(plateau),
        Claim("recursion in float64", mismatch, Rational(1, 10**12)),
    ),
    witnesses=(UNDRIVEN,),
    mutants=(
        Mutant("fourth_power", "(1 - eta lam)^(4k)", claims=(upper(plateau, 4),), by=UNDRIVEN),
        Mutant("no_plateau", "decay alone", claims=(upper(0),), by=DRIVEN),
        Mutant("quarter", "a plateau a quarter as high", claims=(upper(plateau / 4),), by=DRIVEN),
        Mutant(
            "slower",
            "decay no faster than (1 - eta lam)^k",
            claims=(lower(power=1),),
            by=UNDRIVEN,
        ),
    ),
)
