"""Points at which the law of the curvature is an equality, or far from one."""

import numpy as np

from checkers.language import construction, sizes
from checkers.settings.regularised import CYCLE, GLOBAL, PAIRS, ZERO, moderate, one, restricted

AT_ZERO, AT_PAIRS, AT_GLOBAL, AT_CYCLE = (
    restricted(witness, "W", "H", "b", "lw", "lh") for witness in (ZERO, PAIRS, GLOBAL, CYCLE)
)


@construction("one dimension", sizes(K=2, n=1, d=1, one=1))
def SPREAD(layout, labels):
    """K = 2, n = 1, d = 1: classifier and features in the one dimension there is."""
    return {
        "W": np.array([[1.0], [-1.0]]) / 4,
        "H": np.array([[1.0, -1.0]]) / 4,
        "b": np.zeros((2, 1)),
        "lw": one(0.25),
        "lh": one(0.25),
    }


def unused_coordinate(generator, layout, labels, count):
    """Normal arrays with the last coordinate of the features not used: equalities, a few."""
    count = min(count, 2)
    K, d, N = layout["K"], layout["d"], layout["N"]
    W, H = generator.standard_normal((count, K, d)), generator.standard_normal((count, d, N))
    W[..., -1], H[:, -1] = 0, 0
    raw = {"W": W, "H": H, "b": generator.standard_normal((count, K, 1))}
    ones = np.ones((count, 1, 1))
    return moderate(generator, layout, labels, {**raw, "lw": ones, "lh": ones})
