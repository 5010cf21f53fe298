"""Kinds of claim, as a statement declares them: which checker decides it, with which parameters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Inequality:
    """lhs <= rhs on every admitted instance: drawn, ascended, certified.

    ``effort`` is the part of a profile's steps that an ascent takes: less than 1 where a step is
    dear and witnesses are known to reach the extremum.
    """

    effort: float = field(default=1.0, repr=False)


@dataclass(frozen=True)
class Flow:
    """Along gradient flow, integrated from several starts to a squared norm ``rho2``.

    The claims hold at every state, on or off a flow, or ``between`` any two times of one flow;
    with ``settles`` the flow must moreover approach a KKT point in direction, at a rate, and end
    where 4 gamma t L log t is near 1.
    """

    between: bool = False
    settles: bool = False
    rho2: int = 60_000


@dataclass(frozen=True)
class Landscape:
    """Every critical point is a global minimiser or a strict saddle: critical points are searched.

    For K in ``classes``, n in ``samples`` and d - (K-1) in ``beyond`` (first and last; d >= 1).
    """

    classes: tuple[int, int]
    samples: tuple[int, int]
    beyond: tuple[int, int]


@dataclass(frozen=True)
class Training:
    """What was measured along real training: instances are recorded, not drawn.

    ``record(steps, seed)`` trains networks for that many steps and returns the instances with the
    network and step of each (``models.recorded.Recorded``). Random arrays are no instances of such
    a statement: its own samplers train, too, for fewer steps. ``longest`` bounds the steps.
    """

    record: Callable[[int, int], Any] = field(repr=False)
    longest: int = 10_000


INEQUALITY = Inequality()
