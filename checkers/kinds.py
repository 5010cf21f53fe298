"""Kinds of claim, as a statement declares them: which checker decides it, with which parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Inequality:
    """lhs <= rhs on every admitted instance: drawn, ascended, certified."""


@dataclass(frozen=True)
class Landscape:
    """Every critical point is a global minimiser or a strict saddle: critical points are searched.

    For K in ``classes``, n in ``samples`` and d - (K-1) in ``beyond`` (first and last; d >= 1).
    """

    classes: tuple[int, int]
    samples: tuple[int, int]
    beyond: tuple[int, int]


INEQUALITY = Inequality()
