"""A step of gradient descent with weight decay on linear regression, where (10) holds everywhere.

C_0(theta) = 1/2 |A theta - y|^2 with at least as many parameters as samples: |grad C_0|^2 is at
least sigma_min(A)^2 |A theta - y|^2, the PL inequality with alpha = 4 sigma_min(A)^2, and
grad C_lam is Lipschitz with beta_1 = |A|^2 + lam (arXiv:2410.04887, Proposition 4.5).
"""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.quantities.layers import least_gain
from checkers.quantities.norms import operator_norm, squared_norm
from checkers.quantities.regression import next_residual, regression_residual, regression_step
from checkers.quantities.residuals import entry
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Witness
from checkers.variables import Size, Variable

from .shifted_pl import LAM, RADIUS, THETA, theta2

A = Variable("A", ("samples", "p"), "inputs, one row a sample")
Y = Variable("y", ("samples", "1"), "targets")
ETA = Variable("eta", ("1", "1"), "learning rate", latex=r"\eta")
VARIABLES = (A, Y, THETA, LAM, ETA, RADIUS)

samples, p = Size("samples", "N"), Size("p")
lam, eta, R = entry(LAM), entry(ETA), entry(RADIUS)
alpha = 4 * least_gain(A)
beta = operator_norm(A) ** 2 + lam
_next = regression_step(A, Y, THETA, LAM, ETA)
before = (squared_norm(regression_residual(A, Y, THETA)) + lam * theta2) / 2
after = (squared_norm(next_residual(A, Y, _next)) + lam * squared_norm(_next)) / 2
"""C_lam before and after the step."""

WIDE = Hypothesis("wide", p - samples, says="at least as many parameters as samples")
FULL_RANK = Hypothesis("full rank", alpha, strict=True, says="A has full rank")
RATES = (
    Hypothesis("weight decay", lam, strict=True, says="the weight decay is positive"),
    Hypothesis("learning rate", eta, strict=True, says="the learning rate is positive"),
)
SLOW = Hypothesis("slow", 1 - 2 * eta * beta, says="eta is at most 1 / (2 beta_1)")


def regression(samples: int, p: int) -> SizeSpec:
    """A problem of that many samples and parameters."""
    return sizes((), samples=samples, p=p)


REGRESSIONS = Ranges(
    K=(0, 0),
    n=(0, 0),
    others={"samples": (1, 3), "more": (0, 2)},
    fit=lambda drawn: {"samples": drawn["samples"], "p": drawn["samples"] + drawn["more"]},
    smallest=(regression(1, 1), regression(2, 2)),
    working=lambda layout: 400,
)


def moderate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Norms log-uniform in 0.3..3, the decay in 1e-3..1, eta up to its bound and R from |theta|."""
    found = {}
    for name in ("A", "y", "theta"):
        norm = np.linalg.norm(arrays[name], 2, axis=(1, 2), keepdims=True)
        size = 10 ** generator.uniform(-0.5, 0.5, norm.shape)
        found[name] = arrays[name] / np.where(norm > 0, norm, 1) * size
    found["lam"] = 10 ** generator.uniform(-3, 0, (len(found["A"]), 1, 1))
    return _completed(generator, found)


def aligned(generator: np.random.Generator, layout: Layout, labels: Array, batch: int) -> Arrays:
    """All singular values of A equal, and grad C_0 = -2 lam theta up to a factor near 1."""
    shape = (batch, layout["samples"], layout["p"])
    U, _, V = np.linalg.svd(generator.standard_normal(shape), full_matrices=False)
    A = U @ V * 10 ** generator.uniform(-0.5, 0.5, (batch, 1, 1))
    lam = 10 ** generator.uniform(-2, 0.5, (batch, 1, 1))
    r = generator.standard_normal((batch, layout["samples"], 1))
    theta = -A.mT @ r / (2 * lam) * generator.uniform(0.8, 1.2, (batch, 1, 1))
    return _completed(generator, {"A": A, "y": A @ theta - r, "theta": theta, "lam": lam})


def _completed(generator: np.random.Generator, found: Arrays) -> Arrays:
    shape = (len(found["A"]), 1, 1)
    beta = np.linalg.norm(found["A"], 2, axis=(1, 2), keepdims=True) ** 2 + found["lam"]
    # a little inside, so that rounding does not cross the bounds
    rate, radius = (1 - 10 ** generator.uniform(-8, -0.05, shape) for _ in range(2))
    R = np.linalg.norm(found["theta"], axis=(1, 2), keepdims=True) / radius
    return {**found, "eta": rate / (2 * beta), "R": R}


ALIGNED = Sampler("gradient against theta", aligned)


def scalar(name: str, **numbers: float) -> Witness:
    """One sample and one parameter: A = theta = R = lam = 1, y = 3 and eta = 1/4 unless given.

    So given, grad C_0 = -2 lam theta, beta_1 = 2 and eta is the largest allowed.
    """
    given = {"A": 1.0, "theta": 1.0, "R": 1.0, "lam": 1.0, "y": 3.0, "eta": 0.25, **numbers}

    def build(layout: Layout, labels: Array) -> Arrays | None:
        if (layout["samples"], layout["p"]) != (1, 1):
            return None
        return {name: np.array([[value]]) for name, value in given.items()}

    return Witness(name, build, (regression(1, 1),))
