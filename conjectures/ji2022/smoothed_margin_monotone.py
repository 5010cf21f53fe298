"""The smoothed margin grows along gradient flow (behind Ji et al. 2022, Theorem 3.2).

Let L be the summed cross-entropy and F = -log(e^L - 1), g = F / rho^2, nu = (1/2) d rho^2 / dt.
Wherever L < log 2: nu >= 2 Lam(L) with Lam(L) = F (1 - e^-L); hence d log g / dt is at least
2 tan^2(beta) d log rho / dt, where beta is the angle between theta and -grad L; and
q_min - log(2 N (K-1)) <= F <= q_min. Rates are in units of L; classes may be of any size.
"""

from checkers.language import DERIVED, THEOREM, Claim, Definition, Inequality, Integer, K, Mutant, N
from checkers.language import Statement, log
from checkers.settings.unconstrained import q_min, rho2

from . import PAPER
from .setting.gradient_flow import SEPARATED, STATES, F, lam, loss_below, nu, separate, speed2
from .setting.gradient_flow import tan2
from .setting.margins_of_flows import ANTI_ALIGNED, BARELY, ONE_DECIDES, ONE_WRONG

rate = Definition("v", speed2 / lam - 2 * nu / rho2)
"""d log g / dt over L."""

MONOTONE = Claim("smoothed margin grows", lhs=2 * tan2 * nu / rho2, rhs=rate)


def sandwich(factor):
    """q_min - log(factor N (K-1)) <= F."""
    return Claim("margin within a logarithm", q_min - log(factor * N * (K - 1)), F)


STATEMENT = Statement(
    title="The smoothed margin grows along gradient flow",
    source=PAPER.at("Theorem 3.2, proof, after Lyu and Li (2020)"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=STATES.but(prepare=separate, kind=Inequality(effort=0.1)),
    hypotheses=(SEPARATED,),
    claims=(
        Claim("norm grows", lhs=2 * lam, rhs=nu),
        MONOTONE,
        Claim("below the least margin", F, q_min),
        sandwich(2),
    ),
    witnesses=(ONE_DECIDES,),
    mutants=(
        Mutant(
            "N2",
            "the norm grows from every start",
            lhs=Integer(0),
            drop=(SEPARATED.name,),
            by=ANTI_ALIGNED,
        ),
        Mutant(
            "N4",
            "a mean loss below log 2 makes every margin positive",
            claims=(Claim("separated", Integer(0), q_min),),
            drop=(SEPARATED.name,),
            assume=(loss_below(N * log(2), "mean loss below log 2"),),
            by=ONE_WRONG,
        ),
        Mutant(
            "N6",
            "the smoothed margin grows at every time",
            claims=(Claim(MONOTONE.name, 2 * nu * F / rho2, speed2 * F / lam),),
            drop=(SEPARATED.name,),
            by=ANTI_ALIGNED,
        ),
        Mutant("growth_3", "3 Lam(L) in place of 2 Lam(L)", lhs=3 * lam, by=ONE_DECIDES),
        Mutant(
            "turn_3",
            "3 tan^2(beta) in place of 2 tan^2(beta)",
            claims=(Claim(MONOTONE.name, 3 * tan2 * nu / rho2, rate),),
            by=ONE_DECIDES,
        ),
        Mutant(
            "logarithm",
            "log(N (K-1)) in place of log(2 N (K-1))",
            claims=(sandwich(1),),
            by=BARELY,
        ),
    ),
)
