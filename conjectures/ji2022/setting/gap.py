"""The gap of the margin bound: arrays with nothing collapsed, and its identity as a polynomial."""

from checkers.language import Vanishing, construction, sizes, sqrt
import numpy as np
import sympy


@construction("small integers", sizes(K=3, n=4, d=2), sizes(K=2, n=1, d=3), sizes(K=3, n=2, d=2))
def GENERIC(layout, labels):
    """Small integers: nothing centred, nothing collapsed, margins of many sizes."""
    K, N, d = layout["K"], layout["N"], layout["d"]
    W = 1.0 + np.arange(K * d).reshape(K, d) ** 2 % 5
    return {"W": W, "H": np.arange(d * N).reshape(d, N) % 3 - 1.0}


def polynomial_gap(classes, samples):
    """The difference of the two sides as a polynomial in the entries, for d = 1.

    Both sides are sums over coordinates of the same form, and the smallest margin cancels.
    """
    w = sympy.symbols(f"w:{classes}")
    h = sympy.symbols(f"h:{classes * samples}")
    mean = sum(w) / classes
    scale = 1 / (2 * (classes - 1) * sqrt(sympy.Integer(samples)))
    total = scale * (sum(x**2 for x in w) + sum(x**2 for x in h))
    average = sum(
        (w[i // samples] - w[j]) * h[i] for i in range(classes * samples) for j in range(classes)
    ) / (classes * samples * (classes - 1))
    dual = sum((h[i] - (w[i // samples] - mean) / sqrt(samples)) ** 2 for i in range(len(h)))
    return Vanishing((sympy.expand(total - scale * (classes * mean**2 + dual) - average),))
