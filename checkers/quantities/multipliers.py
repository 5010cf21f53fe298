"""KKT conditions of the minimum-norm separation problem with given multipliers.

min (|W|^2 + |H|^2) / 2 with all margins at least 1 (Ji et al. 2022, arXiv:2110.02796, section 3).
Multipliers are (K, N): row j, column i is that of sample i against class j; the entries against a
sample's own class do not matter.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import least, squared_entries, total
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes
from checkers.quantities.equations import COMPLEMENTARY, STATIONARY
from checkers.quantities.margins import _against_others, _enclosed_margins, _margins

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation(r"\Lambda")
def forces(multipliers: Float[Tensor, "B K N"], classes: Classes) -> Float[Tensor, "B K N"]:
    """sum lam_kij (e_k - e_j) e_ki^T, (K, N): columns of sum zero."""
    own = multipliers.new_tensor(classes.one_hot)
    others = multipliers * (1 - own)
    return own * others.sum(1, keepdim=True) - others


@forces.rigorously
def _forces_enclosed(multipliers: Any, classes: Classes) -> Any:
    K, N = multipliers.nrows(), multipliers.ncols()
    forces = [[multipliers[0, 0] * 0] * N for _ in range(K)]
    for i, k in enumerate(classes.labels.tolist()):
        others = [j for j in range(K) if j != k]
        for j in others:
            forces[j][i] = -multipliers[j, i]
        forces[k][i] = total(multipliers[j, i] for j in others)
    return type(multipliers)(forces)


@quantity(r"\|W - \Lambda H^\top\|^2 + \|H - W^\top \Lambda\|^2", zeros=STATIONARY)
def stationarity_defect(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], forces: Float[Tensor, "B K N"]
) -> Float[Tensor, " B"]:
    """Zero iff the gradient of the Lagrangian is."""
    return (W - forces @ H.mT).square().sum((-2, -1)) + (H - W.mT @ forces).square().sum((-2, -1))


@stationarity_defect.rigorously
def _stationarity_enclosed(W: Any, H: Any, forces: Any) -> Any:
    return squared_entries(W - forces * H.transpose()) + squared_entries(H - W.transpose() * forces)


@quantity(r"\min \lambda_{kij}")
def least_multiplier(multipliers: Float[Tensor, "B K N"], classes: Classes) -> Float[Tensor, " B"]:
    """Least multiplier over samples and classes other than their own."""
    return _against_others(multipliers, classes, float("inf")).amin((-2, -1))


@least_multiplier.rigorously
def _least_multiplier_enclosed(multipliers: Any, classes: Classes) -> Any:
    return least(
        multipliers[j, i]
        for i, k in enumerate(classes.labels.tolist())
        for j in range(classes.K)
        if j != k
    )


@quantity(r"\sum (\lambda_{kij} (m_{kij} - 1))^2", zeros=COMPLEMENTARY)
def slackness_defect(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    multipliers: Float[Tensor, "B K N"],
    classes: Classes,
) -> Float[Tensor, " B"]:
    """Zero iff multipliers vanish where margins exceed 1."""
    terms = multipliers * (_margins(W, H, classes) - 1)
    return _against_others(terms, classes, 0.0).square().sum((-2, -1))


@slackness_defect.rigorously
def _slackness_enclosed(W: Any, H: Any, multipliers: Any, classes: Classes) -> Any:
    terms = []
    for i, (k, column) in enumerate(
        zip(classes.labels.tolist(), _enclosed_margins(W, H, classes), strict=True)
    ):
        others = [j for j in range(classes.K) if j != k]
        terms += [multipliers[j, i] * (m - 1) for j, m in zip(others, column, strict=True)]
    return total(x * x for x in terms)
