"""Back to the set where equality hypotheses hold: steps of Gauss and Newton on batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from checkers.declared.statement import Statement
from checkers.equalities import equalities, equality_residuals
from checkers.instance import Array
from checkers.tolerance import RETRACTION_DAMPING

if TYPE_CHECKING:
    from torch import Size, Tensor


def retract(
    statement: Statement,
    tensors: Mapping[str, Tensor],
    labels: Array | None,
    sizes: Mapping[str, int],
    steps: int = 3,
) -> tuple[dict[str, Tensor], Tensor]:
    """Tensors (B, ...) moved to where the equality hypotheses hold, and how far off they still are.

    Each step is the least one, over all entries, that satisfies the equations to first order. What
    is still off (B,) is the largest residual over the norm of its gradient: the distance from the
    set to first order, in the unit of the entries; infinite where a residual has no gradient. An
    instance whose step is not finite stays where it was. Nothing returned carries a gradient.
    """
    import torch

    names = sorted(tensors)
    x = torch.cat([tensors[name].detach().flatten(1) for name in names], 1)
    shapes = [tensors[name].shape for name in names]
    if not equalities(statement).equations:
        return _unflattened(x, names, shapes), x.new_zeros(len(x))

    def scaled(x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        x = x.detach().requires_grad_(True)
        with torch.enable_grad():
            sides = equality_residuals(statement, _unflattened(x, names, shapes), labels, sizes)
            J = _slopes(sides, x)
        norms = J.norm(dim=2)
        F = (sides / norms).where(norms > 0, torch.inf * sides.abs()).where(sides != 0, 0 * sides)
        return F.detach(), J / norms.where(norms > 0, 1.0)[..., None], norms > 0

    for _ in range(steps):
        F, J, sloped = scaled(x)
        step = _least_solution(J, F.where(sloped, 0.0))
        x = x - step.where(step.isfinite().all(1, keepdim=True), 0.0)
    F = scaled(x)[0].abs()
    off = F.amax(1) if F.shape[1] else x.new_zeros(len(x))
    return _unflattened(x.detach(), names, shapes), off


def _unflattened(x: Tensor, names: list[str], shapes: Sequence[Size]) -> dict[str, Tensor]:
    ends = list(accumulate(shape[1:].numel() for shape in shapes))
    parts = [x[:, a:b] for a, b in pairwise([0, *ends])]
    return {n: part.reshape(shape) for n, part, shape in zip(names, parts, shapes, strict=True)}


def _slopes(sides: Tensor, x: Tensor) -> Tensor:
    """Jacobians (B, m, n): instances are independent, so one backward pass does a side of all."""
    import torch

    if not sides.requires_grad:
        return x.new_zeros(len(x), sides.shape[1], x.shape[1])
    rows = [
        torch.autograd.grad(side.sum(), x, retain_graph=True, allow_unused=True)[0]
        for side in sides.unbind(1)
    ]
    zero = torch.zeros_like(x)
    return torch.stack([zero if row is None else row for row in rows], 1) if rows else zero[:, :0]


def _least_solution(J: Tensor, F: Tensor) -> Tensor:
    """The least x (B, n) with J x = F, where the rows of J (B, m, n) have norm 1 or 0.

    Through the Gram matrix (m, m), with ``RETRACTION_DAMPING`` on its diagonal: steps stay finite
    where equations depend on each other.
    """
    import torch

    finite = J.isfinite().flatten(1).all(1) & F.isfinite().all(1)
    J = J.where(finite[:, None, None], 0.0)
    damping = RETRACTION_DAMPING * torch.eye(J.shape[1], dtype=J.dtype, device=J.device)
    step = J.mT @ torch.linalg.solve(J @ J.mT + damping, F[..., None])
    return step.squeeze(-1).where(finite[:, None], torch.nan)
