"""Imbalance of linear layers decays up to the size of the gradients (Jacot et al. 2025, section 4).

A step of gradient descent of size eta on C_lam leaves the largest imbalance between neighbours of
the linear head at most (1 - eta lam)^2 e2 + eta^2 max_l |G_l|^2, G_l the gradient of C_0 in W_l, in
operator norms: the exact recursion adds a difference of two semidefinite matrices. Equality where
the outputs are the labels (then only decay is left), and where one layer alone has a gradient.
Repeated, with gradients of norm at most g and 0 < eta lam < 2, the imbalance after k steps is at
most (1 - eta lam)^(2k) e2 + eta g^2 / (lam (2 - eta lam)): an exponential decay, then a plateau.
"""

from __future__ import annotations

import numpy as np
from sympy import Expr

from checkers.declared.kinds import Inequality
from checkers.instance import Array
from checkers.quantities.balance import imbalance_after, imbalance_before, largest_gradient
from checkers.statement import Arrays, Change, Claim, Layout, Mutant, Statement, Witness
from checkers.verdict import Standing, Transcription

from . import PAPER
from .setting.head_descent import (
    ETA,
    HEADS,
    VARIABLES,
    G,
    eta,
    head_sizes,
    lam,
    moderate,
    next_head,
    one,
)
from .setting.linear_head import head

before, after = imbalance_before(head), imbalance_after(next_head)
g = largest_gradient(G)


def bound(kept: Expr = (1 - eta * lam) ** 2, drive: Expr = eta**2) -> Expr:
    """The imbalance after a step with other factors."""
    return kept * before + drive * g**2


def becomes(rhs: Expr) -> Change:
    """The claim with another right-hand side."""
    return Change(claims=(Claim("imbalance", after, rhs),))


def interpolating(layout: Layout, labels: Array) -> Arrays | None:
    """The outputs are the labels, the last matrix is twice the identity and the others I."""
    K, depth = layout["K"], layout["depth"]
    if layout["width"] != K or layout["last_width"] != K:
        return None
    links = {f"head_{i}": np.eye(K) for i in range(depth - 1)}
    links[f"head_{depth - 1}"] = 2 * np.eye(K)
    return {"Z": np.eye(K)[:, labels] / 2, **links, "lam": one(0.5), "eta": one(1.0)}


def one_gradient(layout: Layout, labels: Array) -> Arrays | None:
    """Two matrices, the last of them zero: it alone has a gradient, and eta = 2."""
    K = layout["K"]
    if layout["depth"] != 2 or layout["width"] != K or layout["last_width"] != K:
        return None
    zero = np.zeros((K, K))
    Z = np.eye(K)[:, labels]
    return {"Z": Z, "head_0": zero + np.eye(K), "head_1": zero, "lam": one(0.5), "eta": one(2.0)}


DECAYING = Witness("outputs equal to the labels", interpolating, (head_sizes(2, 1),), tight=1)
DRIVEN = Witness("one gradient", one_gradient, (head_sizes(2, 1), head_sizes(3, 2)))

STATEMENT = Statement(
    title="The imbalance of linear layers decays up to the size of the gradients",
    source=PAPER.at("Section 4, balancedness of the linear layers"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    variables=(*VARIABLES, ETA),
    ranges=HEADS,
    claims=(Claim("imbalance", lhs=after, rhs=bound()),),
    witnesses=(DECAYING, DRIVEN),
    prepare=moderate,
    kind=Inequality(effort=0.2),
    mutants=(
        Mutant(
            "fourth_power",
            "(1 - eta lam)^4 in place of (1 - eta lam)^2",
            becomes(bound(kept=(1 - eta * lam) ** 4)),
            DECAYING,
        ),
        Mutant("undriven", "no term in eta^2", becomes(bound(drive=0 * eta)), DRIVEN),
        Mutant("first_order", "eta in place of eta^2", becomes(bound(drive=eta)), DRIVEN),
        Mutant("half", "half of the term in eta^2", becomes(bound(drive=eta**2 / 2)), DRIVEN),
    ),
)
