"""Numbers on the line where the shifted PL inequality is tight, or variants of it fail.

theta = 1 and |theta| <= R = 1 unless given; ``gradient`` is that of C_0.
"""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.language import Arrays, Layout, Witness, sizes


def witness(name: str, says: str = "", **numbers: float) -> Witness:
    """One set of numbers, p = 1."""
    given = {"theta": 1.0, "R": 1.0, **numbers}

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if layout["p"] != 1:
            return None
        return {name: np.array([[value]]) for name, value in given.items()}

    return Witness(name, build, (sizes((), p=1),), says=says)


EQUALITY = witness(
    "gradient of C_0 equal to -2 lam theta",
    alpha=2.0, lam=0.25, gradient=-0.5, C0=0.25,
    says="x = 2 lam |theta| and |theta| = R",
)  # fmt: skip
STRONG_DECAY = witness("the same with lam = 4 alpha", alpha=1.0, lam=4.0, gradient=-8.0, C0=128.0)
LARGE_LOSS = witness("large loss", alpha=1.0, lam=1.0, gradient=-10.0, C0=200.0)
NO_RADIUS = witness("R = 0 below |theta|", alpha=2.0, lam=0.25, gradient=-0.5, C0=0.25, R=0.0)
STATIONARY = witness("critical with a large loss", alpha=1.0, lam=1.0, gradient=-1.0, C0=100.0)
NEGATIVE_DECAY = witness("negative lam", alpha=8.0, lam=-0.125, gradient=0.0, C0=0.0, R=10.0)
NEGATIVE_ALPHA = witness("negative alpha", alpha=-1.0, lam=0.0625, gradient=0.0, C0=0.0, R=100.0)
