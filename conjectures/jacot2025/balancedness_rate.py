"""Weight decay balances linear layers at the rate 2 eta lam a step (Jacot et al. 2025, 4.2).

As long as what the gradients add is below a hundredth of what decay takes away, log e2 falls by
2 eta lam a step within two per cent. (The prose of the paper has an exponent that scales with
1 / lam.) The hypothesis is measured: at large steps or late in training it fails, and e2 stalls.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr, Rational, log

from checkers.declared.kinds import Training
from checkers.statement import Change, Claim, Hypothesis, Mutant, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.balancing import (
    DECAYING,
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
    one_step,
    record,
    steps,
)

fall = log(before / after)
STABLE = Hypothesis(
    "stable",
    kept() * before * eta * lam * steps / 100 - forcing - defect,
    says="the gradients add at most a hundredth of eta lam k of what is left of e2",
)
SMALL = Hypothesis("small steps", Rational(1, 100) - eta * lam, says="eta lam is at most 1/100")


def within(rate: Expr) -> tuple[Claim, Claim]:
    """The fall of log e2 is k times a rate, within two per cent."""
    return (
        Claim("not faster", fall, rate * steps * Rational(102, 100)),
        Claim("not slower", rate * steps * Rational(98, 100), fall),
    )


HUNDREDTH = one_step(
    "outputs equal to the labels",
    "W = (2, 1), no gradient, eta lam = 1/128: e2 = 3 times (127/128)^2",
    before=3.0, after=3 * (127 / 128) ** 2, eta=1 / 64, lam=0.5,
)  # fmt: skip

STATEMENT = Statement(
    title="The rate at which linear layers become balanced",
    source=PAPER.at("Section 4.2"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=VARIABLES,
    ranges=ONES,
    hypotheses=(DECAYING, POSITIVE, SMALL, STABLE),
    claims=within(2 * eta * lam),
    witnesses=(replace(HUNDREDTH, tight=0.98),),
    samplers=(SHORT,),
    kind=Training(record, longest=5000),
    mutants=(
        Mutant("fourth", "rate 4 eta lam", Change(claims=within(4 * eta * lam)), HUNDREDTH),
        Mutant("once", "rate eta lam", Change(claims=within(eta * lam)), HUNDREDTH),
        Mutant("printed", "rate eta / lam", Change(claims=within(eta / lam)), HUNDREDTH),
        Mutant(
            "large_steps",
            "steps of any size",
            Change(claims=within(2 * eta * lam), drop=("small steps",)),
            UNDRIVEN,
        ),
    ),
)
