"""The certificate of a local minimum: what it admits, and saddles by a hair that it must not."""

from __future__ import annotations

import numpy as np
import pytest
from kinds.landscape.textbook import Textbook
from scipy.optimize import brentq

from checkers import catalogue
from checkers.instance import LABELS, Instance
from checkers.models import critical
from checkers.settings.regularised import one
from checkers.verdict import Verdict
from conjectures.zhu2021.setting.minima import cross_and_polygon
from late import Late

certify = Late("checkers.evaluation", "certify")
verdict_on = Late("checkers.evaluation", "verdict_on")


def pair(first, second, penalty: float, K: int) -> Instance:
    """Two points of one problem as an instance of the conjecture."""
    labels = np.arange(K)
    arrays = {
        "W": first[0], "H": first[1], "V": second[0], "U": second[1],
        "lw": one(penalty), "lh": one(penalty), LABELS: labels,
    }  # fmt: skip
    layout = {"K": K, "N": K, "n": 1, "d": first[0].shape[1], "one": 1}
    return Instance(layout, arrays)


def cross_against_pentagon(kappa: float):
    penalty = kappa / 5
    labels = np.arange(5)
    cross = critical.factors(
        critical.simplices_logits((2, 2, 1), kappa), labels, 2, penalty, penalty
    )
    pentagon = critical.factors(critical.polygon_logits(5, 1, kappa), labels, 2, penalty, penalty)
    assert cross is not None
    assert pentagon is not None
    return cross, pentagon, penalty


def transverse(kappa: float) -> float:
    """Second eigenvalue of the cross's Hessian: the first is the rotation's zero."""
    cross, _, penalty = cross_against_pentagon(kappa)
    spectrum = Textbook(*cross, np.arange(5), (penalty, penalty)).spectrum
    return float(sorted(spectrum, key=abs)[1] if spectrum[0] > -1e-12 else spectrum[0])


def test_the_cross_refutes_at_one_half() -> None:
    statement = catalogue.load("zhu2021_strict_saddle_any_width")
    cross, pentagon, penalty = cross_against_pentagon(0.5)
    assert verdict_on(statement, pair(cross, pentagon, penalty, 5)) is Verdict.REFUTED
    assert verdict_on(statement, pair(pentagon, cross, penalty, 5)) is Verdict.HOLDS
    built = cross_and_polygon({"K": 5, "N": 5, "d": 2}, np.arange(5))
    assert built is not None
    assert built["W"] @ built["H"] == pytest.approx(cross[0] @ cross[1], abs=1e-12)


def test_a_saddle_by_a_hair_is_refused() -> None:
    """Where the cross stops being a minimum: just beyond it nothing is certified."""
    grid = np.linspace(0.05, 0.95, 19)
    curvatures = [transverse(k) for k in grid]
    change = [i for i in range(18) if curvatures[i] * curvatures[i + 1] < 0]
    assert change, curvatures
    i = change[0]
    edge = brentq(transverse, grid[i], grid[i + 1], xtol=1e-13)
    side = 1 if curvatures[i + 1] < 0 else -1
    statement = catalogue.load("zhu2021_strict_saddle_any_width")
    cross, pentagon, penalty = cross_against_pentagon(edge + side * 1e-4)
    assert -1e-2 < transverse(edge + side * 1e-4) < 0
    verdict = verdict_on(statement, pair(cross, pentagon, penalty, 5))
    assert verdict is not Verdict.REFUTED


def test_a_point_that_is_not_converged_is_refused() -> None:
    statement = catalogue.load("zhu2021_strict_saddle_any_width")
    cross, pentagon, penalty = cross_against_pentagon(0.5)
    off = (cross[0] * 1.05, cross[1])
    assert verdict_on(statement, pair(off, pentagon, penalty, 5)) is not Verdict.REFUTED


@pytest.mark.parametrize("scale", [1.0, 1e-3])
def test_the_square_in_the_plane_is_no_counterexample(scale: float) -> None:
    """K = 4, d = 2: pairs on one axis are a saddle towards the square."""
    statement = catalogue.load("zhu2021_strict_saddle_any_width")
    penalty = 0.5 * scale / 4
    labels = np.arange(4)
    flat = critical.factors(critical.block_logits(4, 2, 0.5 * scale), labels, 2, penalty, penalty)
    square = critical.factors(
        critical.polygon_logits(4, 1, 0.5 * scale), labels, 2, penalty, penalty
    )
    assert verdict_on(statement, pair(flat, square, penalty, 4)) is not Verdict.REFUTED
