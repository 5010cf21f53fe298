"""Two times of integrated flows from starts that are extreme in one respect."""

import numpy as np

from checkers.language import construction, sizes
from checkers.models.flow import along_ray, integrate
from checkers.models.frames import simplex_etf

from .gradient_flow import carried, cross_polytope, ends, gaussian, one_sample_apart, skewed


@construction("a short flow from a skewed start", sizes(K=3, n=1, d=3), tight=0.9)
def SKEWED(layout, labels):
    """From a large and far from aligned start, a short time."""
    return ends(carried(integrate(*skewed(), labels, rho2=245), rho2=245))


@construction("one sample apart", sizes(K=2, n=8, d=2))
def FALLING_MARGIN(layout, labels):
    """One sample apart from the seven others of its class: its margin falls from 6 to 5.18."""
    return ends(carried(integrate(*one_sample_apart(), labels, rho2=1171.2), rho2=1171.2))


@construction("collapse ray", sizes(K=3, n=1, d=2), tight=0.9)
def COLLAPSE_RAY(layout, labels):
    """A simplex frame and its dual at a large scale, a short time."""
    W = 12 * simplex_etf(layout["K"], layout["d"])
    target = 1.02 * 2 * (W**2).sum()
    return ends(carried(along_ray(W, W.T[:, labels], labels, rho2=target), rho2=target))


@construction("cross-polytope", sizes(K=4, n=1, d=4))
def CROSS(layout, labels):
    """Two orthogonal pairs of opposite vectors, in four dimensions: no collapse, ever."""
    W, H = cross_polytope()
    W, H = 2 * W @ np.eye(2, 4), 2 * np.eye(4, 2) @ H
    return ends(carried(along_ray(W, H, labels, rho2=1e4), rho2=1e4))


@construction("random start of rank two", sizes(K=5, n=1, d=5))
def RANK_TWO(layout, labels):
    """Five classes from a random start of rank two, in five dimensions."""
    W, H = gaussian(5, 5, 2, 0)
    flow = integrate(W @ np.eye(2, 5), np.eye(5, 2) @ H, labels, rho2=1e4)
    return ends(carried(flow, rho2=1e4), flow.separated)


@construction("three classes on a line", sizes(K=3, n=1, d=1))
def ON_A_LINE(layout, labels):
    """Three classes on a line, from a loss 0.026 above log 2: on a line it stays above."""
    W = np.array([[-6.0], [6 * (1 - 0.002)], [6.0]])
    flow = integrate(W, np.array([[-6.0, 3.0, 400.0]]), labels, log_time=11)
    return ends(carried(flow, log_time=11))
