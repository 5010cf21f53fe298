"""Training with weight decay balances linear layers down to a plateau (Jacot et al. 2025, 4.2).

Along gradient descent the imbalance e2 after k steps is (1 - eta lam)^(2k) e2 up to the gradients'
part, eta^2 |G_{l+1}^T G_{l+1} - G_l G_l^T| a step: with norms at most g it is at most
(1 - eta lam)^(2k) e2 + eta g / (lam (2 - eta lam)), an exponential decay and then a plateau.
Networks are trained in float64; by how much rounding misses the exact recursion is measured.
"""

from __future__ import annotations

from sympy import Expr, Rational

from checkers.declared.kinds import Training
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.balancing import (
    DECAYING,
    DRIVEN,
    ONES,
    POSITIVE,
    SHORT,
    UNDRIVEN,
    VARIABLES,
    after,
    before,
    defect,
    eta,
    forcing,
    kept,
    lam,
    largest,
    mismatch,
    record,
)

plateau = eta * largest / (lam * (2 - eta * lam))


def upper(rest: Expr, power: int = 2) -> Claim:
    """The imbalance is at most what is left of it and a rest."""
    return Claim("plateau", after, kept(power) * before + rest + defect)


STATEMENT = Statement(
    title="The imbalance decays to a plateau along training",
    source=PAPER.at("Section 4.2 and Figure 1"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=ONES,
    hypotheses=(DECAYING, POSITIVE),
    claims=(
        Claim("at most", after, kept() * before + forcing + defect),
        Claim("at least", kept() * before, after + forcing + defect),
        upper(plateau),
        Claim("recursion in float64", mismatch, Rational(1, 10**12)),
    ),
    witnesses=(UNDRIVEN,),
    samplers=(SHORT,),
    kind=Training(record),
    mutants=(
        Mutant(
            "fourth_power",
            "(1 - eta lam)^(4k)",
            Change(claims=(upper(plateau, 4),)),
            UNDRIVEN,
        ),
        Mutant("no_plateau", "decay alone", Change(claims=(upper(0 * eta),)), DRIVEN),
        Mutant(
            "quarter", "a plateau a quarter as high", Change(claims=(upper(plateau / 4),)), DRIVEN
        ),
        Mutant(
            "slower",
            "decay no faster than (1 - eta lam)^k",
            Change(claims=(Claim("at least", kept(1) * before, after + forcing + defect),)),
            UNDRIVEN,
        ),
    ),
)
