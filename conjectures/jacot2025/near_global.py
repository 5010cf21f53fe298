"""Trained networks that are near global are balanced and well conditioned (Jacot et al. 2025, 5.2).

If the nonlinear layers can give Z_{L1} = Y with |theta_nonlin|^2 = c, every global minimiser has
e1^2 <= lam (K L2 + c), |theta|^2 <= K L2 + c, no imbalance, kappa(W_L) = kappa(P)^(1/L2) for the
product P of the head, and log kappa(P) <= K log(K^(L1/2) |X| / (s_K(Y) - e1)) + (c - L1 K) / 2.
A trained network need not be global: it is compared with the known one, and its gradient R stands
in for what is missing to a critical point, e2 <= max_l (|W_{l+1}| |R_{l+1}| + |W_l| |R_l|) / lam.
The paper prints kappa(P)^(1/L1).
"""

from __future__ import annotations

from sympy import Expr, exp, log

from checkers.declared.kinds import Training
from checkers.statement import Change, Claim, Mutant, Statement
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.near_global import (
    HYPOTHESES,
    L1,
    L2,
    ONES,
    SHORT,
    VARIABLES,
    classes,
    comparison,
    e1,
    e2,
    gain,
    kappa_head,
    kappa_last,
    lam,
    numbers,
    r,
    record,
    residual,
    s_K,
    size_X,
    squares,
)

spread = L2 * (L2 - 1) / 2 * e2 * exp(2 * (L2 - 1) * log(r))
"""How far (W_L W_L^T)^L2 is from P P^T, Lemma C.2."""
reach = classes * (L1 / 2 * log(classes) + log(size_X) - log(s_K - e1))


def last(layers: Expr) -> Claim:
    """kappa(W_L)^(2 layers) is kappa(P)^2 up to the spread."""
    power = exp(2 * layers * log(kappa_last))
    return Claim("last", power * (gain**2 - spread), kappa_head**2 * gain**2 + spread)


CONVERSE = Claim(
    "last, conversely",
    kappa_head**2 * gain**2 - spread,
    exp(2 * L2 * log(kappa_last)) * (gain**2 + spread),
)


def conditioned(rest: Expr) -> Claim:
    """The bound on log kappa(P) with another last term."""
    return Claim("head", log(kappa_head), reach + rest)


def becomes(claim: Claim, *drop: str) -> Change:
    """One claim in place of all."""
    return Change(claims=(claim,), drop=drop)


ERROR = Claim("error", e1**2, lam * comparison)
CLOSE = numbers("on the edge", "e1^2 = 0.05 of 0.06", error=0.05**0.5, C_lam=0.025)
POOR = numbers("outputs far off", "e1 = 0.9 and C_lam = 1", error=0.9, C_lam=1.0)
UNBALANCED = numbers("not critical", "e2 = 1/2, gradients of 1/100", imbalance=0.5, residual=0.01)
ROOT = numbers(
    "balanced head", "kappa(W_L) = 2, kappa(P) = 4, L1 = 5", kappa_last=2.0, kappa_head=4.0,
    hidden=5.0, squares=14.0,
)  # fmt: skip

STATEMENT = Statement(
    title="Near-global networks are balanced and well conditioned",
    source=PAPER.at("Theorem 5.2, (15)"),
    standing=Standing.THEOREM,
    transcription=Transcription.RECONSTRUCTED,
    variables=VARIABLES,
    ranges=ONES,
    hypotheses=HYPOTHESES,
    claims=(
        ERROR,
        Claim("norm", squares, comparison),
        Claim("balanced", e2, residual / lam),
        conditioned((squares - (L1 + L2) * classes) / 2),
        last(L2),
        CONVERSE,
    ),
    witnesses=(CLOSE,),
    samplers=(SHORT,),
    kind=Training(record),
    mutants=(
        Mutant(
            "half", "e1^2 at most half", becomes(Claim("error", e1**2, lam * comparison / 2)), CLOSE
        ),
        Mutant("any_loss", "whatever the loss", becomes(ERROR, "near global"), POOR),
        Mutant(
            "critical", "1 in place of 1/lam", becomes(Claim("balanced", e2, residual)), UNBALANCED
        ),
        Mutant("M9", "kappa(P)^(1/L1), as printed", becomes(last(L1)), ROOT),
    ),
)
