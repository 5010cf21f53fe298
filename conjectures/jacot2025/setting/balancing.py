"""The imbalance of the linear layers of a network between two looks at its training.

Between steps k0 and k0 + k of gradient descent with step size eta and weight decay lam, e2 goes
from ``before`` to ``after``; with q = 1 - eta lam, D_l = W_{l+1}^T W_{l+1} - W_l W_l^T and
F_l = G_{l+1}^T G_{l+1} - G_l G_l^T, ``forcing`` is the sum of q^(2 j) eta^2 max_l |F_l| over the k
steps, j counting back from the last, ``largest`` the largest max_l |F_l| of a step, and ``defect``
what float64 misses of D_l <- q^2 D_l + eta^2 F_l, summed in the same way (Jacot et al. 2025,
arXiv:2410.04887, section 4.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from sympy import Expr, exp, log

from checkers.instance import Array
from checkers.models.recorded import Recorded, finite_only
from checkers.quantities.residuals import entry
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Witness
from checkers.variables import Variable

_MEANINGS = {
    "before": "e2 at the first look",
    "after": "e2 at the second",
    "steps": "steps between them",
    "eta": "step size",
    "lam": "weight decay",
    "forcing": "what the gradients add, summed with decay",
    "largest": "largest norm of what they add in a step, over eta^2",
    "defect": "what rounding adds",
    "mismatch": "largest error of one step of the recursion, over the imbalance",
}
_LATEX = {
    "before": r"e_2",
    "after": r"e_2^{(k)}",
    "steps": r"k",
    "eta": r"\eta",
    "lam": r"\lambda",
    "forcing": r"f",
    "largest": r"g",
    "defect": r"\delta",
    "mismatch": r"\epsilon",
}
VARIABLES = tuple(
    Variable(name, ("one", "one"), says, latex=_LATEX[name]) for name, says in _MEANINGS.items()
)
before, after, steps, eta, lam, forcing, largest, defect, mismatch = (entry(v) for v in VARIABLES)

DECAYING = Hypothesis("decay", 1 - eta * lam, strict=True, says="eta lam is below 1")
POSITIVE = Hypothesis("weight decay", eta * lam, strict=True, says="eta lam is positive")
ONES = Ranges(K=(0, 0), n=(0, 0), others={"one": (1, 1)}, smallest=(sizes((), one=1),))


def kept(power: int = 2) -> Expr:
    """(1 - eta lam)^(power k)."""
    return exp(power * steps * log(1 - eta * lam))


def record(count: int, seed: int) -> Iterator[Recorded]:
    """Networks whose imbalance decays at its rate, and networks at large steps, where it stalls."""
    from checkers.models.balancing import DRIVEN, STABLE

    yield _recorded("stable", STABLE, count, seed)
    yield _recorded("large steps", DRIVEN, count // 2, seed)


def _recorded(name: str, setup: object, count: int, seed: int) -> Recorded:
    from checkers.models.balancing import Setup, train

    assert isinstance(setup, Setup)
    looks = sorted({0, count // 20, count // 10, count // 5, count // 2, 3 * count // 4, count})
    windows = train(setup, looks, seed)
    shape = windows.before.shape
    each = {
        "before": windows.before,
        "after": windows.after,
        "steps": np.broadcast_to(np.array(windows.steps, dtype=float)[:, None], shape),
        "eta": np.broadcast_to(setup.etas, shape),
        "lam": np.broadcast_to(setup.lams, shape),
        "forcing": windows.forcing,
        "largest": windows.largest,
        "defect": windows.defect,
        "mismatch": windows.mismatch,
    }
    ends = np.array(windows.start) + np.array(windows.steps)
    return finite_only(
        f"{name}, {len(setup.etas)} networks",
        {k: a.ravel().tolist() for k, a in each.items()},
        networks=np.tile(np.arange(shape[1]), shape[0]).tolist(),
        steps=np.repeat(ends, shape[1]).tolist(),
    )


def short_runs(generator: np.random.Generator, layout: Layout, labels: Array, count: int) -> Arrays:
    """Six of the stable networks, for sixty steps."""
    from checkers.models.balancing import STABLE

    few = replace(STABLE, etas=STABLE.etas[:6], lams=STABLE.lams[:6])
    recorded = _recorded("short", few, 60, int(generator.integers(2**31)))
    return {k: a[:count] for k, a in recorded.arrays.items()}


SHORT = Sampler("short runs", short_runs)


def one_step(name: str, says: str, **numbers: float) -> Witness:
    """What one step of two scalar layers does, worked out by hand."""
    given = {
        "steps": 1.0,
        "forcing": 0.0,
        "largest": 0.0,
        "defect": 0.0,
        "mismatch": 0.0,
        **numbers,
    }

    def build(layout: Layout, labels: Array) -> Arrays:
        return {k: np.array([[given[k]]]) for k in _MEANINGS}

    return Witness(name, build, (sizes((), one=1),), says=says)


UNDRIVEN = one_step(
    "outputs equal to the labels",
    "W = (2, 1), no gradient: e2 = 3 becomes 3/4",
    before=3.0, after=0.75, eta=1.0, lam=0.5,
)  # fmt: skip
DRIVEN = one_step(
    "one gradient",
    "W = (1, 0), the second layer zero with gradient -1: D = -1 becomes 3/4",
    before=1.0, after=0.75, eta=1.0, lam=0.5, forcing=1.0, largest=1.0,
)  # fmt: skip
