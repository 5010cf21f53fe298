"""Instances measured along training runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from checkers.instance import Array


@dataclass(frozen=True)
class Recorded:
    """Arrays (count, rows, columns) of as many instances, with the network and the step of each.

    ``where`` names the run; ``unused`` says how many networks were left out because they diverged.
    ``trained`` is the number of networks where an instance is not one of them.
    For the picture of a comparison, ``spreads`` has the values, one a seed, of what ``along`` names
    at an x of what ``across`` names.
    """

    where: str
    sizes: Mapping[str, int]
    arrays: Mapping[str, Array]
    networks: tuple[int, ...]
    steps: tuple[int, ...]
    unused: int = 0
    trained: int = 0
    across: str = ""
    along: str = ""
    spreads: tuple[tuple[float, tuple[float, ...]], ...] = ()
