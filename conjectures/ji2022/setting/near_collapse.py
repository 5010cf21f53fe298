"""Pairs that miss collapse in one respect: counterexamples of mutants of the margin bound."""

from dataclasses import replace

import numpy as np

from checkers.language import Fraction, Hypothesis, construction, sizes
from checkers.models.frames import centring, polygon
from checkers.quantities.duality import distance_from_dual
from checkers.quantities.margins import margin_spread
from checkers.settings.unconstrained import SPECTRAL, H, W, labels

DUAL = Hypothesis("NC3 at exact scale", margin=-distance_from_dual(W, H, labels))
EQUAL_MARGINS = Hypothesis("equal margins", margin=-margin_spread(W, H, labels))

UNEQUAL = replace(SPECTRAL, sizes=(*SPECTRAL.sizes, sizes((100, 1, 1), d=3)), says="")


@construction("one sample against the rest", sizes(K=3, n=1, d=2))
def ONE_AGAINST_THE_REST(layout, labels):
    """W = (e1, -e1, 0), h_1 = e1 and the other features zero."""
    return {"W": np.array([[1.0, 0], [-1, 0], [0, 0]]), "H": np.array([[1.0, 0, 0], [0, 0, 0]])}


@construction("shifted features", sizes(K=4, n=1, d=4))
def SHIFTED_FEATURES(layout, labels):
    """K = 4, n = 1: centred collapse with |W| = |H|, but the features share an offset."""
    W = centring(4)
    return {"W": W, "H": (W.T + Fraction(3, 4)) / 2}


@construction("square", sizes(K=4, n=1, d=2))
def SQUARE(layout, labels):
    """K = 4 in the plane: the vertices of a square, h = w; all samples have the same margin."""
    W = np.round(polygon(4))
    return {"W": W, "H": W.T}


@construction("samples off their means", sizes(K=4, n=4, d=4))
def SPREAD_SAMPLES(layout, labels):
    """K = 4, n = 4: class means collapsed, samples off them by half a unit orthogonal to W."""
    W = centring(4)
    offset = np.array([1, 1, -1, -1] * 4) * Fraction(1, 4)
    return {"W": W, "H": W.T[:, labels] / 2 + offset * np.ones((4, 1), dtype=int)}


@construction("classifier four times as long", sizes(K=4, n=1, d=4))
def UNEQUAL_NORMS(layout, labels):
    """K = 4, n = 1: collapse with W four times as long as H."""
    W = centring(4)
    return {"W": 2 * W, "H": W.T / 2}
