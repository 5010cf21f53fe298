"""What a critical point is, certified in balls: a direction of descent, or a bound below.

A strict saddle has a direction in which the second derivative is certainly negative. A global
minimum has a value within a tolerance of a number that no value is below.
"""

from __future__ import annotations

from typing import Any

from flint import ctx

from checkers.declared.landscape_model import LandscapeModel
from checkers.tolerance import SADDLE_CURVATURE, VALUE_AGREEMENT
from checkers.verdict import Character

BITS = 64


def characters(
    model: LandscapeModel[Any], points: Any, curvature: Any, directions: Any
) -> list[Character]:
    """What each point is certified to be; UNDECIDED where it is neither saddle nor global.

    ``curvature`` (B,) and ``directions`` (B, m) are the least eigenvalues and their vectors.
    """
    return [
        _character(model, points, i, float(curvature[i]), directions[i].numpy())
        for i in range(len(points))
    ]


def _character(
    model: LandscapeModel[Any], points: Any, i: int, curvature: float, direction: Any
) -> Character:
    with ctx.workprec(BITS):
        at = model.enclosed(points, i)
        if curvature < -SADDLE_CURVATURE and at.second_derivative(direction) < 0:
            return Character.SADDLE
        if at.value() - at.lower_bound() < VALUE_AGREEMENT:
            return Character.GLOBAL
    return Character.UNDECIDED
