"""Critical points of one size: many starts, of every rank and symmetric, for several penalties."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from checkers.models.regularised import Points, embedded, random_starts
from checkers.models.stationary import descend, solve
from checkers.tolerance import CRITICAL_GRADIENT

if TYPE_CHECKING:
    from torch import Tensor

    from checkers.instance import Array
    from checkers.statement import Layout

Group = tuple[int, Callable[[Points], Points]]
"""Rank of the starts, and whether they go to critical points or downhill to local minima."""

STARTS_A_PROBLEM = 3
MINIMA_STARTS = 4
"""Where minima are wanted, times as many starts, most of them downhill and in all coordinates."""

KAPPA = (0.05, 1.05)
_KEY_DIGITS = 7


@dataclass(frozen=True)
class Found:
    """Distinct converged critical points; ``problem`` (B,) says which penalties are the same."""

    points: Points
    problem: Tensor
    starts: int
    converged: int
    diverged: int


def critical_points(
    generator: np.random.Generator, layout: Layout, starts: int, biased: bool, minima: bool
) -> Found:
    """Critical points in R^d, found in as few coordinates as the start has.

    With ``minima`` there are more starts and most of them go downhill, to local minima.
    """
    K, d, N = layout["K"], layout["d"], layout["N"]
    labels = np.repeat(np.arange(K), N // K)
    a_problem = STARTS_A_PROBLEM * (MINIMA_STARTS if minima else 1)
    starts *= MINIMA_STARTS if minima else 1
    problems = max(1, starts // a_problem)
    kappa = generator.uniform(*KAPPA, problems)
    ratio = np.exp(generator.standard_normal(problems))
    other = np.exp(generator.standard_normal(problems)) if biased else None
    ranks = sorted({*range(1, min(d, K - 1) + 1), d})
    groups: list[Group] = [(rank, solve) for rank in ranks]
    groups += [(d, descend)] * (3 * len(ranks) * minima)
    ends: list[Points] = []
    index: list[Tensor] = []
    shares = np.array_split(np.arange(starts) % problems, len(groups))
    for (rank, find), share in _merged(groups, shares):
        begin = random_starts(
            generator, layout, labels, kappa[share], ratio[share], d=rank, biased=biased
        )
        if other is not None:
            begin = replace(begin, lb=begin.threshold * torch.from_numpy(other[share]))
        if find is solve:
            tied = torch.arange(len(begin)) % 2 == 1
            begin = joined([begin[~tied], _tied(generator, begin[tied])])
            share = np.concatenate([share[::2], share[1::2]])
        ends.append(embedded(find(begin), d))
        index.append(torch.from_numpy(share))
    whole, problem = joined(ends), torch.cat(index)
    norm = whole.gradient.norm(dim=1)
    good = (norm <= CRITICAL_GRADIENT) & whole.value.isfinite()
    kept = distinct(whole[good], problem[good])
    return Found(
        whole[good][kept],
        problem[good][kept],
        starts,
        int(good.sum()),
        int((~whole.value.isfinite()).sum()),
    )


def _merged(groups: list[Group], shares: list[Array]) -> Iterator[tuple[Group, Array]]:
    """The shares of equal groups together, in one batch; empty ones left out."""
    for group in dict.fromkeys(groups):
        whole = np.concatenate([s for g, s in zip(groups, shares, strict=True) if g == group])
        if len(whole):
            yield group, whole


def _tied(generator: np.random.Generator, starts: Points) -> Points:
    """The same starts with classes made equal at random, and the samples of each class: the
    gradient keeps the symmetry."""
    K, _, N = starts.sizes
    blocks = torch.from_numpy(generator.integers(0, K, (len(starts), K)))
    W = starts.W.gather(1, blocks[:, :, None].expand_as(starts.W))
    first = torch.from_numpy(np.arange(K) * (N // K))[blocks][:, torch.from_numpy(starts.labels)]
    H = starts.H.gather(2, first[:, None].expand_as(starts.H))
    b = None if starts.b is None else starts.b.gather(1, blocks[:, :, None])
    return replace(starts, W=W, H=H, b=b)


def joined(parts: list[Points]) -> Points:
    """Points of the same sizes in one batch."""

    def cat(name: str) -> Tensor | None:
        arrays = [getattr(p, name) for p in parts]
        return None if arrays[0] is None else torch.cat(arrays)

    names = ("W", "H", "lw", "lh", "b", "lb")
    return Points(labels=parts[0].labels, **{name: cat(name) for name in names})  # type: ignore[arg-type]


def distinct(points: Points, problem: Tensor) -> Tensor:
    """Indices of one point of each orbit: equal penalties, and invariants equal to 7 digits."""
    Z = points.logits
    Z = Z - Z.mean(1, keepdim=True)
    invariants = (points.value, Z.square().sum((1, 2)), (Z**4).sum((1, 2)), (Z**3).sum((1, 2)))
    scale = [1 + x.abs() for x in invariants]
    keys = torch.stack([problem.double(), *invariants], 1).numpy()
    keys[:, 1:] /= 10.0 ** np.floor(np.log10(torch.stack(scale, 1).numpy()))
    keys = keys.round(_KEY_DIGITS)
    return torch.from_numpy(np.sort(np.unique(keys + 0.0, axis=0, return_index=True)[1]))
