"""Trained networks that are near global are balanced and well conditioned (Jacot et al. 2025, 5.2).

If the nonlinear layers can give Z_{L1} = Y with |theta_nonlin|^2 = c, every global minimiser has
e1^2 <= lam (K L2 + c), |theta|^2 <= K L2 + c, no imbalance, kappa(W_L) = kappa(P)^(1/L2) for the
product P of the head, and log kappa(P) <= K log(K^(L1/2) |X| / (s_K(Y) - e1)) + (c - L1 K) / 2.
A trained network need not be global: it is compared with the known one, and its gradient R stands
in for what is missing to a critical point, e2 <= max_l (|W_{l+1}| |R_{l+1}| + |W_l| |R_l|) / lam.
The paper prints kappa(P)^(1/L1).
"""

from checkers.language import RECONSTRUCTED, THEOREM, Claim, Definition, Mutant, Statement, exp, log
from . import PAPER
from .setting.near_global import HYPOTHESES, L1, L2, TRAINED, classes, comparison, e1, e2, gain
from .setting.near_global import kappa_head, kappa_last, lam, numbers, r, residual, s_K, size_X
from .setting.near_global import squares

delta = Definition("delta", L2 * (L2 - 1) / 2 * e2 * exp(2 * (L2 - 1) * log(r)))
"""How far (W_L W_L^T)^L2 is from P P^T, Lemma C.2."""
reach = classes * (L1 / 2 * log(classes) + log(size_X) - log(s_K - e1))
excess = squares - (L1 + L2) * classes


def last(layers):
    """kappa(W_L)^(2 layers) is kappa(P)^2 up to delta."""
    power = exp(2 * layers * log(kappa_last))
    return Claim("last", power * (gain**2 - delta), kappa_head**2 * gain**2 + delta)


CONVERSE = Claim(
    "last, conversely",
    kappa_head**2 * gain**2 - delta,
    exp(2 * L2 * log(kappa_last)) * (gain**2 + delta),
)

CLOSE = numbers("on the edge", "e1^2 = 0.05 of 0.06", error=0.05**0.5, C_lam=0.025)
POOR = numbers("outputs far off", "e1 = 0.9 and C_lam = 1", error=0.9, C_lam=1.0)
UNBALANCED = numbers("not critical", "e2 = 1/2, gradients of 1/100", imbalance=0.5, residual=0.01)
ROOT = numbers(
    "balanced head", "kappa(W_L) = 2, kappa(P) = 4, L1 = 5", kappa_last=2.0, kappa_head=4.0,
    hidden=5.0, squares=14.0,
)  # fmt: skip

ERROR = Claim("error", lhs=e1**2, rhs=lam * comparison)
STATEMENT = Statement(
    title="Near-global networks are balanced and well conditioned",
    source=PAPER.at("Theorem 5.2, (15)"),
    standing=THEOREM,
    transcription=RECONSTRUCTED,
    setting=TRAINED,
    hypotheses=HYPOTHESES,
    claims=(
        ERROR,
        Claim("norm", squares, comparison),
        Claim("balanced", e2, residual / lam),
        Claim("head", log(kappa_head), reach + excess / 2),
        last(L2),
        CONVERSE,
    ),
    witnesses=(CLOSE,),
    mutants=(
        Mutant("half", "e1^2 at most half", rhs=lam * comparison / 2, by=CLOSE),
        Mutant("any_loss", "whatever the loss", claims=(ERROR,), drop=("near global",), by=POOR),
        Mutant(
            "critical",
            "1 in place of 1/lam",
            claims=(Claim("balanced", e2, residual),),
            by=UNBALANCED,
        ),
        Mutant("M9", "kappa(P)^(1/L1), as printed", claims=(last(L1),), by=ROOT),
    ),
)
