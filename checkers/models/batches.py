"""Batches of points as dataclasses of tensors: every tensor has a leading batch dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

import torch

if TYPE_CHECKING:
    from torch import Tensor

BatchT = TypeVar("BatchT", bound=Any)


def _tensors(points: Any) -> dict[str, Tensor]:
    values = {f.name: getattr(points, f.name) for f in fields(points)}
    return {name: value for name, value in values.items() if isinstance(value, torch.Tensor)}


def selected(points: BatchT, index: Tensor) -> BatchT:
    """Those of an index or mask; what is no tensor is shared."""
    return replace(points, **{name: value[index] for name, value in _tensors(points).items()})


def joined(parts: Sequence[BatchT]) -> BatchT:
    """Points of equal sizes in one batch; what is no tensor is that of the first."""
    names = _tensors(parts[0])
    return replace(parts[0], **{n: torch.cat([getattr(p, n) for p in parts]) for n in names})
