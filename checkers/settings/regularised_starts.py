"""Starts of a search for critical points of the regularised problem: every rank, ties, bias."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import torch

from checkers.declared.landscape_model import Starts
from checkers.models.batches import joined
from checkers.models.regularised import Points, random_starts

if TYPE_CHECKING:
    from checkers.instance import Array

Group = tuple[int, bool]
"""Rank of the starts, and whether they go downhill to local minima or to critical points."""

STARTS_A_PROBLEM = 3
MINIMA_STARTS = 4
"""Where minima are wanted, times as many starts, most of them downhill and in all coordinates."""

KAPPA = (0.05, 1.05)


def starts_of(
    generator: np.random.Generator,
    layout: Mapping[str, int],
    count: int,
    biased: bool,
    minima: bool,
) -> Iterator[Starts[Points]]:
    """Starts in as few coordinates as their rank, for problems of every kappa in ``KAPPA``.

    With ``minima`` there are more starts and most of them go downhill, to local minima.
    """
    K, d, N = layout["K"], layout["d"], layout["N"]
    labels = np.repeat(np.arange(K), N // K)
    a_problem = STARTS_A_PROBLEM * (MINIMA_STARTS if minima else 1)
    count *= MINIMA_STARTS if minima else 1
    problems = max(1, count // a_problem)
    kappa = generator.uniform(*KAPPA, problems)
    ratio = np.exp(generator.standard_normal(problems))
    other = np.exp(generator.standard_normal(problems)) if biased else None
    ranks = sorted({*range(1, min(d, K - 1) + 1), d})
    groups: list[Group] = [(rank, False) for rank in ranks]
    groups += [(d, True)] * (3 * len(ranks) * minima)
    shares = np.array_split(np.arange(count) % problems, len(groups))
    for (rank, downhill), share in _merged(groups, shares):
        begin = random_starts(
            generator, layout, labels, kappa[share], ratio[share], d=rank, biased=biased
        )
        if other is not None:
            begin = replace(begin, lb=begin.threshold * torch.from_numpy(other[share]))
        if not downhill:
            tied = torch.arange(len(begin)) % 2 == 1
            begin = joined([begin[~tied], _tied(generator, begin[tied])])
            share = np.concatenate([share[::2], share[1::2]])
        yield Starts(begin, share, downhill)


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
