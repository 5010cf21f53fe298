"""Critical points of one case of a landscape: many starts, each solved or followed downhill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from checkers.declared.landscape_model import Case, LandscapeModel
from checkers.models.stationary import descend, solve
from checkers.tolerance import CRITICAL_GRADIENT

if TYPE_CHECKING:
    from torch import Tensor

_KEY_DIGITS = 7


@dataclass(frozen=True)
class Found:
    """Distinct converged critical points; ``problem`` (B,) says which are of the same problem."""

    points: Any
    problem: Tensor
    starts: int
    converged: int
    diverged: int


def search(
    model: LandscapeModel[Any], case: Case, generator: np.random.Generator, starts: int
) -> Found:
    """The critical points that about so many starts lead to, one of each orbit."""
    ends: list[Any] = []
    index: list[Tensor] = []
    for begin in model.starts(generator, case, starts):
        ends.append((descend if begin.downhill else solve)(begin.points))
        index.append(torch.from_numpy(begin.problem))
    whole, problem = model.whole(ends, case), torch.cat(index)
    norm = whole.gradient.norm(dim=1)
    good = (norm <= CRITICAL_GRADIENT) & whole.value.isfinite()
    kept = distinct(model.invariants(whole[good]), problem[good])
    return Found(
        whole[good][kept],
        problem[good][kept],
        len(whole),
        int(good.sum()),
        int((~whole.value.isfinite()).sum()),
    )


def distinct(invariants: Sequence[Tensor], problem: Tensor) -> Tensor:
    """Indices of one point of each orbit: equal problems, and invariants equal to 7 digits."""
    scale = [1 + x.abs() for x in invariants]
    keys = torch.stack([problem.double(), *invariants], 1).numpy()
    keys[:, 1:] /= 10.0 ** np.floor(np.log10(torch.stack(scale, 1).numpy()))
    keys = keys.round(_KEY_DIGITS)
    return torch.from_numpy(np.sort(np.unique(keys + 0.0, axis=0, return_index=True)[1]))
