"""Imbalance of linear layers decays up to the size of the gradients (Jacot et al. 2025, section 4).

A step of gradient descent of size eta on C_lam leaves the largest imbalance between neighbours of
the linear head at most (1 - eta lam)^2 e2 + eta^2 max_l |G_l|^2, G_l the gradient of C_0 in W_l, in
operator norms: the exact recursion adds a difference of two semidefinite matrices. Equality where
the outputs are the labels (then only decay is left), and where one layer alone has a gradient.
Repeated, with gradients of norm at most g and 0 < eta lam < 2, the imbalance after k steps is at
most (1 - eta lam)^(2k) e2 + eta g^2 / (lam (2 - eta lam)): an exponential decay, then a plateau.
"""

import numpy as np

from checkers.language import DERIVED, THEOREM, Claim, Definition, Inequality, Mutant, Statement
from checkers.language import construction
from checkers.quantities.head_descent import imbalance_after, imbalance_before, largest_gradient

from . import PAPER
from .setting.head_descent import STEPS, G, eta, head_sizes, lam, next_head, one
from .setting.linear_head import head

e2 = Definition("e2", imbalance_before(head))
e2_next = Definition("e2_next", imbalance_after(next_head), "e_2^+")
g = Definition("g", largest_gradient(G))


def bound(kept=(1 - eta * lam) ** 2, drive=eta**2):
    """The imbalance after a step with other factors."""
    return kept * e2 + drive * g**2


@construction("outputs equal to the labels", head_sizes(2, 1))
def decaying(layout, labels):
    """The outputs are the labels, the last matrix is twice the identity and the others I."""
    K, depth = layout["K"], layout["depth"]
    if layout["width"] != K or layout["last_width"] != K:
        return None
    links = {f"head_{i}": np.eye(K) for i in range(depth - 1)}
    links[f"head_{depth - 1}"] = 2 * np.eye(K)
    return {"Z": np.eye(K)[:, labels] / 2, **links, "lam": one(0.5), "eta": one(1.0)}


@construction("one gradient", head_sizes(2, 1), head_sizes(3, 2))
def driven(layout, labels):
    """Two matrices, the last of them zero: it alone has a gradient, and eta = 2."""
    K = layout["K"]
    if layout["depth"] != 2 or layout["width"] != K or layout["last_width"] != K:
        return None
    Z, zero = np.eye(K)[:, labels], np.zeros((K, K))
    return {"Z": Z, "head_0": np.eye(K), "head_1": zero, "lam": one(0.5), "eta": one(2.0)}


STATEMENT = Statement(
    title="The imbalance of linear layers decays up to the size of the gradients",
    source=PAPER.at("Section 4, balancedness of the linear layers"),
    standing=THEOREM,
    transcription=DERIVED,
    setting=STEPS.but(kind=Inequality(effort=0.2)),
    claims=(Claim("imbalance", lhs=e2_next, rhs=bound()),),
    witnesses=(decaying, driven),
    mutants=(
        Mutant(
            "fourth_power",
            "(1 - eta lam)^4 in place of (1 - eta lam)^2",
            rhs=bound(kept=(1 - eta * lam) ** 4),
            by=decaying,
        ),
        Mutant("undriven", "no term in eta^2", rhs=bound(drive=0), by=driven),
        Mutant("first_order", "eta in place of eta^2", rhs=bound(drive=eta), by=driven),
        Mutant("half", "half of the term in eta^2", rhs=bound(drive=eta**2 / 2), by=driven),
    ),
)
