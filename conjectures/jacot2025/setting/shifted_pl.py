"""A loss C_0 that obeys the PL inequality |grad C_0|^2 >= alpha/2 C_0 at theta, with weight decay.

Nothing but numbers and two vectors enters: theta and g = grad C_0 in R^p, alpha, lam, the value
C_0 = C_0(theta) and a bound R on |theta|. C_lam = C_0 + lam/2 |theta|^2 (arXiv:2410.04887,
section 4).
"""

from __future__ import annotations

import numpy as np

from checkers.instance import Array
from checkers.quantities.norms import inner, squared_norm
from checkers.quantities.residuals import entry
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Witness
from checkers.variables import Variable

THETA = Variable("theta", ("p", "1"), "parameters", latex=r"\theta")
GRADIENT = Variable("gradient", ("p", "1"), "gradient of C_0", latex=r"\nabla C_0")
ALPHA = Variable("alpha", ("1", "1"), "constant of the PL inequality", latex=r"\alpha")
LAM = Variable("lam", ("1", "1"), "weight decay", latex=r"\lambda")
RADIUS = Variable("R", ("1", "1"), "bound on the norm of the parameters")
LOSS = Variable("C0", ("1", "1"), "value of C_0", latex="C_0")
VARIABLES = (THETA, GRADIENT, ALPHA, LAM, RADIUS, LOSS)

alpha, lam, R, C0 = (entry(v) for v in (ALPHA, LAM, RADIUS, LOSS))
theta2 = squared_norm(THETA)
gradient2 = squared_norm(GRADIENT) + 2 * lam * inner(THETA, GRADIENT) + lam**2 * theta2
"""|grad C_lam|^2 = |g + lam theta|^2."""
C_lam = C0 + lam * theta2 / 2

POSITIVE = (
    Hypothesis("alpha", alpha, strict=True, says="alpha is positive"),
    Hypothesis("weight decay", lam, strict=True, says="the weight decay is positive"),
)
PL = Hypothesis("PL", squared_norm(GRADIENT) - alpha * C0 / 2, says="(10) holds at theta")
BOUNDED = Hypothesis("bounded", R**2 - theta2, says="|theta| is at most R")

VECTORS = Ranges(K=(0, 0), n=(0, 0), others={"p": (1, 4)}, smallest=(sizes((), p=1),))


def meeting(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Vectors as drawn, of norm 0.1 to 10; C_0 at most what (10) allows, R at least |theta|."""
    count = len(arrays["theta"])
    vectors = {}
    for name in ("theta", "gradient"):
        norm = np.linalg.norm(arrays[name], axis=(1, 2), keepdims=True)
        size = 10 ** generator.uniform(-1, 1, (count, 1, 1))
        vectors[name] = arrays[name] / np.where(norm > 0, norm, 1) * size
    return _completed(generator, vectors)


def against(generator: np.random.Generator, layout: Layout, labels: Array, batch: int) -> Arrays:
    """The gradient of C_0 points along -theta, with up to four times the length of lam theta."""
    theta = generator.standard_normal((batch, layout["p"], 1))
    found = _completed(generator, {"theta": theta, "gradient": -theta})
    found["gradient"] *= found["lam"] * generator.uniform(0, 4, (batch, 1, 1))
    return _completed(generator, found)


def _completed(generator: np.random.Generator, found: Arrays) -> Arrays:
    """alpha and lam log-uniform, unless given; half of C_0 and of R at the edge of their range."""
    count = len(found["theta"])
    shape = (count, 1, 1)
    edge = np.arange(count)[:, None, None] % 4
    # a little inside, so that rounding does not cross the edge
    inside = 1 - generator.uniform(0, 1, shape) ** 6
    alpha = found.get("alpha", 10 ** generator.uniform(-2, 2, shape))
    lam = found.get("lam", 10 ** generator.uniform(-2, 1, shape))
    squares = (found["gradient"] ** 2).sum((1, 2), keepdims=True)
    loss = 2 * squares / alpha * np.where(edge % 2, inside, generator.uniform(0, 1, shape))
    radius = np.linalg.norm(found["theta"], axis=(1, 2), keepdims=True)
    radius = radius / np.where(edge > 1, inside, generator.uniform(0.3, 1, shape))
    return {**found, "alpha": alpha, "lam": lam, "R": radius, "C0": loss}


AGAINST = Sampler("gradient against theta", against)


def scalars(**numbers: float) -> Arrays:
    """theta = 1 and g = -gradient in one dimension unless given; other numbers by name."""
    given = {"theta": 1.0, "R": 1.0, **numbers}
    return {name: np.array([[value]]) for name, value in given.items()}


def witness(name: str, says: str = "", **numbers: float) -> Witness:
    """One set of numbers, p = 1."""
    at = (sizes((), p=1),)

    def build(layout: Layout, labels: Array) -> Arrays | None:
        return scalars(**numbers) if layout["p"] == 1 else None

    return Witness(name, build, at, says=says)
