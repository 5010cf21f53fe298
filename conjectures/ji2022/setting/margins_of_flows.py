"""States of gradient flow whose margins or residuals are extreme in one respect."""

import numpy as np

from checkers.language import construction, sizes
from checkers.models.frames import simplex_etf


@construction("one sample decides", sizes(K=2, n=1, d=1), sizes(K=2, n=3, d=2))
def ONE_DECIDES(layout, labels):
    """Two classes on a line: one sample has margin 3, the others margins beyond 60."""
    if layout["K"] != 2:
        return None
    W, H = np.zeros((2, layout["d"])), np.zeros((layout["d"], len(labels)))
    W[:, 0] = 1.0, -1.0
    H[0] = np.where(labels == 0, 30.0, -30.0)
    H[0, 0] = np.sign(H[0, 0]) * 1.5
    return {"W": W, "H": H}


@construction("short simplex ETF", sizes(K=3, n=2, d=2), sizes(K=4, n=1, d=3))
def BARELY(layout, labels):
    """A simplex frame and its dual, long enough for a loss a little below log 2."""
    if layout["d"] < layout["K"] - 1:
        return None
    W = 1.5 * simplex_etf(layout["K"], layout["d"])
    return {"W": W, "H": W.T[:, labels]}


@construction("anti-aligned simplex ETF", sizes(K=3, n=1, d=2))
def ANTI_ALIGNED(layout, labels):
    """W = -V/2 and H = V^T/2 for a simplex frame V: the flow runs into zero."""
    V = simplex_etf(layout["K"], layout["d"])
    return {"W": -V / 2, "H": V.T[:, labels] / 2}


@construction("one sample of six is wrong", sizes(K=2, n=3, d=2))
def ONE_WRONG(layout, labels):
    """Two classes of three: mean loss 0.17 < log 2, yet a sample is on the wrong side."""
    W = np.array([[3.0, 0], [-3, 0]])
    return {"W": W, "H": np.array([[2, 2, -0.1, -2, -2, -2], [0, 0, 0, 0, 0, 0]])}


@construction("nearly dual frame", sizes(K=3, n=1, d=2), sizes(K=4, n=2, d=3), tight=0.99)
def NEARLY_DUAL(layout, labels):
    """A simplex frame and its dual features, one row and one feature a little off."""
    if layout["d"] < layout["K"] - 1:
        return None
    V = 3 * simplex_etf(layout["K"], layout["d"])
    H = V.T[:, labels] / np.sqrt(layout["N"] / layout["K"])
    H[0, 0] += 0.01
    return {"W": V, "H": H}


@construction("margins q and q + 1", sizes(K=2, n=4, d=1))
def UNEQUAL_SAMPLES(layout, labels):
    """Two classes on a line: one margin is 8, the others 9; |W| = |H| nearly for n = 4."""
    if layout["K"] != 2:
        return None
    W, H = np.zeros((2, layout["d"])), np.zeros((layout["d"], len(labels)))
    W[:, 0] = 3.0, -3.0
    H[0] = np.where(labels == 0, 1.5, -1.5)
    H[0, 0] *= 8 / 9
    return {"W": W, "H": H}
