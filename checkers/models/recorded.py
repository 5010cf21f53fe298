"""Instances measured along training runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

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


def finite_only(
    where: str,
    numbers: Mapping[str, Sequence[Any]],
    networks: Sequence[int],
    steps: Sequence[int],
    **more: Any,
) -> Recorded:
    """Instances of 1 x 1 arrays from lists of numbers; those of diverged networks are left out."""
    columns = {name: np.array(values, dtype=float) for name, values in numbers.items()}
    good = np.isfinite(np.stack(list(columns.values()))).all(0)
    kept, lost = np.flatnonzero(good).tolist(), np.flatnonzero(~good).tolist()
    return Recorded(
        where,
        {"one": 1},
        {name: column[good][:, None, None] for name, column in columns.items()},
        networks=tuple(int(networks[i]) for i in kept),
        steps=tuple(int(steps[i]) for i in kept),
        unused=len({int(networks[i]) for i in lost}),
        **more,
    )
