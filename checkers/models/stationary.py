"""Critical points by Levenberg-Marquardt on the gradient, many starts at once.

With N the number of terms that f is the mean of, the residuals are N grad f, their Jacobian N
times the analytic Hessian J, which is symmetric: the step (J^2 + nu)^-1 J F is the real part of
(J + i sqrt(nu))^-1 F, one complex solve. Starts of low rank are best solved in few coordinates:
where the gradient keeps the span of rows and columns, rounding in more coordinates would leave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import torch

from checkers.tolerance import CRITICAL_GRADIENT, ROUNDING

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from checkers.declared.landscape_model import Points

PointsT = TypeVar("PointsT", bound="Points")

STEPS = 100
_FIRST_DAMPING = 1e-3
_TAKEN = 0.0001
"""A step is taken when it does at least this part of what its linear model promises."""


def solve(starts: PointsT, steps: int = STEPS) -> PointsT:
    """Where Levenberg-Marquardt ends from each start; converged or not is for the caller to see."""
    N = starts.terms
    x = starts.vector.clone()
    damping = torch.full_like(x[:, 0], _FIRST_DAMPING)
    growth = torch.full_like(damping, 2.0)
    F = N * starts.gradient
    active = torch.arange(len(x))
    for _ in range(steps):
        active = active[F[active].norm(dim=1) > CRITICAL_GRADIENT * N]
        active = active[damping[active].isfinite() & F[active].isfinite().all(1)]
        if not len(active):
            break
        points = starts[active].at(x[active])
        nu = damping[active]
        J = N * points.hessian
        step = -_damped_solve(J, F[active], nu)
        trial = x[active] + step
        there = N * points.at(trial).gradient
        before, after = F[active].square().sum(1), there.square().sum(1)
        model = F[active] + (J @ step[..., None])[..., 0]
        gain = (before - after) / (before - model.square().sum(1)).clamp_min(
            torch.finfo(F.dtype).tiny
        )
        good = (gain > _TAKEN) & after.isfinite()
        x[active[good]], F[active[good]] = trial[good], there[good]
        factor = (1 - (2 * gain - 1) ** 3).clamp_min(0.1)
        damping[active] = torch.where(good, nu * factor, nu * growth[active])
        growth[active] = torch.where(good, torch.full_like(nu, 2.0), 2 * growth[active])
    return starts.at(x)


def _damped_solve(
    J: Float[Tensor, "B m m"], F: Float[Tensor, "B m"], nu: Float[Tensor, " B"]
) -> Float[Tensor, "B m"]:
    shift = torch.diag_embed(nu.sqrt()[:, None].expand_as(F))
    return torch.linalg.solve(torch.complex(J, shift), F.to(torch.complex128)).real


def descend(starts: PointsT, steps: int = STEPS) -> PointsT:
    """Local minima by Newton steps on |Hessian| + nu, each taken only where it lowers the value."""
    x, value = starts.vector.clone(), starts.value
    damping = torch.full_like(value, 1.0) * starts.threshold
    active = torch.arange(len(x))
    for _ in range(steps):
        points = starts[active].at(x[active])
        g = points.gradient
        going = (g.norm(dim=1) > CRITICAL_GRADIENT) & damping[active].isfinite()
        active, points, g = active[going], points[going], g[going]
        if not len(active):
            break
        values, vectors = torch.linalg.eigh(points.hessian)
        nu = damping[active]
        step = -(vectors / (values.abs() + nu[:, None])[:, None]) @ (vectors.mT @ g[..., None])
        trial = points.at(x[active] + step[..., 0])
        lower = trial.value
        good = (lower < value[active]) | (
            (lower <= value[active] + ROUNDING) & (trial.gradient.norm(dim=1) < g.norm(dim=1))
        )
        x[active[good]], value[active[good]] = trial.vector[good], lower[good]
        damping[active] = torch.where(good, nu / 4, nu * 4)
    return starts.at(x)
