"""Gradient flow of the cross-entropy L at a point: all derivatives in units of L.

W is (K, d), H is (d, N); L is summed over the samples. The slope S = (Y - P) / L has the one-hot
labels less the softmax columns, so that dW/dt = L S H^T and dH/dt = L W^T S. Everything that
vanishes with the loss is computed in the log domain; see arXiv:2110.02796, section 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb_mat

from checkers.arithmetic.balls import NotRational, least, squared_entries, total
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes
from checkers.quantities.margins import (
    _against_others,
    _enclosed_margins,
    _margins,
    cross_entropy,
)
from checkers.quantities.norms import inner_enclosed

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_TINY = -30.0
"""log(1 + e^x) is e^x to the last digit below this x."""


def _log_losses(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> tuple[Float[Tensor, "B K N"], Float[Tensor, "B N"], Float[Tensor, "B N"]]:
    """Minus the margins (-inf for the own class), log sum exp of them, logs of the losses."""
    import torch

    exponents = _against_others(-_margins(W, H, classes), classes, -float("inf"))
    wrong = exponents.logsumexp(1)
    losses = torch.nn.functional.softplus(wrong, threshold=40)
    logs = torch.where(wrong < _TINY, wrong, losses.clamp_min(torch.finfo(W.dtype).tiny).log())
    return exponents, wrong, logs


@quantity(r"\log\mathcal{L}", exact=False)
def log_loss(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """log of the summed cross-entropy."""
    return _log_losses(W, H, classes)[2].logsumexp(1)


@log_loss.rigorously
def _log_loss_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return cross_entropy.rigorous(W, H, classes).log()


@quantity(r"F(@)", exact=False)
def smoothed_margin(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """F = -log(e^L - 1): the smoothed margin times rho^2, positive iff L < log 2."""
    # -log(e^L - 1) = -log L - log((e^L - 1) / L).
    import torch

    log = log_loss.batched(W, H, classes)
    loss = log.clamp_max(700).exp()
    large = log > 0
    safe = torch.where(large | (loss == 0), torch.ones_like(loss), loss)
    growth = torch.where(loss == 0, torch.ones_like(loss), torch.expm1(safe) / safe)
    return torch.where(large, -loss - torch.log1p(-(-loss).exp()), -log - growth.log())


@smoothed_margin.rigorously
def _smoothed_margin_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return -cross_entropy.rigorous(W, H, classes).expm1().log()


@quantity(r"\Lambda(\mathcal{L}) / \mathcal{L}", exact=False)
def least_growth(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Lam(L) / L with Lam(L) = -log(e^L - 1) (1 - e^-L)."""
    # F (1 - e^-L) / L.
    import torch

    log = log_loss.batched(W, H, classes)
    loss = log.clamp_max(700).exp()
    one = torch.ones_like(loss)
    share = -torch.expm1(-loss) / torch.where(loss == 0, one, loss)
    return smoothed_margin.batched(W, H, classes) * torch.where(loss == 0, one, share)


@least_growth.rigorously
def _least_growth_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    loss = cross_entropy.rigorous(W, H, classes)
    return loss.expm1().log() * (-loss).expm1() / loss


@operation(r"S")
def slope(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, "B K N"]:
    """S = (Y - P) / L, (K, N): minus the derivative of log L with respect to the logits."""
    import torch

    exponents, wrong, logs = _log_losses(W, H, classes)
    log = logs.logsumexp(1)[:, None, None]
    S = -(exponents - torch.nn.functional.softplus(wrong, threshold=40)[:, None] - log).exp()
    own = S.new_tensor(classes.one_hot)
    return S - own * S.sum(1, keepdim=True)


@slope.rigorously
def _slope_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    if not isinstance(W, arb_mat):
        raise NotRational("softmax")
    N = len(classes.labels)
    weights = [[(-m).exp() for m in margins] for margins in _enclosed_margins(W, H, classes)]
    sums = [total(column) for column in weights]
    loss = total(s.log1p() for s in sums)
    S = arb_mat(classes.K, N)
    for i, k in enumerate(classes.labels.tolist()):
        scale = loss * (1 + sums[i])
        others = [j for j in range(classes.K) if j != k]
        for j, weight in zip(others, weights[i], strict=True):
            S[j, i] = -weight / scale
        S[k, i] = sums[i] / scale
    return S


@operation(r"{\dot W}")
def classifier_rate(H: Float[Tensor, "B d N"], S: Float[Tensor, "B K N"]) -> Float[Tensor, "B K d"]:
    """dW/dt over L, from H and S: S H^T."""
    return S @ H.mT


@classifier_rate.rigorously
def _classifier_rate_enclosed(H: Any, S: Any) -> Any:
    return S * H.transpose()


@operation(r"{\dot H}")
def features_rate(W: Float[Tensor, "B K d"], S: Float[Tensor, "B K N"]) -> Float[Tensor, "B d N"]:
    """dH/dt over L, from W and S: W^T S."""
    return W.mT @ S


@features_rate.rigorously
def _features_rate_enclosed(W: Any, S: Any) -> Any:
    return W.transpose() * S


@quantity(r"\frac{\langle\theta, -\nabla\mathcal{L}\rangle}{\mathcal{L}}")
def radial_rate(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], S: Float[Tensor, "B K N"]
) -> Float[Tensor, " B"]:
    """<theta, -grad L> / L = (d rho^2 / dt) / (2 L)."""
    return 2 * (S * (W @ H)).sum((-2, -1))


@radial_rate.rigorously
def _radial_enclosed(W: Any, H: Any, S: Any) -> Any:
    return 2 * inner_enclosed(S, W * H)


@quantity(r"\frac{\|\nabla\mathcal{L}\|^2}{\mathcal{L}^2}")
def squared_speed(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], S: Float[Tensor, "B K N"]
) -> Float[Tensor, " B"]:
    """|grad L|^2 / L^2."""
    return (S @ H.mT).square().sum((-2, -1)) + (W.mT @ S).square().sum((-2, -1))


@squared_speed.rigorously
def _squared_speed_enclosed(W: Any, H: Any, S: Any) -> Any:
    return squared_entries(S * H.transpose()) + squared_entries(W.transpose() * S)


@quantity(r"\left\|\frac{(\nabla\mathcal{L})_\perp}{\mathcal{L}}\right\|^2", exact=False)
def across(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], S: Float[Tensor, "B K N"]
) -> Float[Tensor, " B"]:
    """Squared length of the part of -grad L / L that is orthogonal to the point."""
    A, B = S @ H.mT, W.mT @ S
    rho2 = W.square().sum((-2, -1)) + H.square().sum((-2, -1))
    radial = (A * W).sum((-2, -1)) + (B * H).sum((-2, -1))
    part = (radial / rho2)[:, None, None]
    return (A - part * W).square().sum((-2, -1)) + (B - part * H).square().sum((-2, -1))


@across.rigorously
def _across_enclosed(W: Any, H: Any, S: Any) -> Any:
    A, B = S * H.transpose(), W.transpose() * S
    rho2 = squared_entries(W) + squared_entries(H)
    radial = inner_enclosed(A, W) + inner_enclosed(B, H)
    part = radial / rho2
    return squared_entries(A - W * part) + squared_entries(B - H * part)


@operation(r"\frac{\rho}{\|\nabla\mathcal{L}\|} P")
def own_multipliers(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], S: Float[Tensor, "B K N"]
) -> Float[Tensor, "B K N"]:
    """lam_kij = (rho / |grad L|) p_kij, (K, N): the multipliers that the flow itself suggests.

    Row j, column i is that of sample i against class j; entries against the own class mean nothing.
    """
    rho2 = W.square().sum((-2, -1)) + H.square().sum((-2, -1))
    return -S * (rho2 / squared_speed.batched(W, H, S)).sqrt()[:, None, None]


@own_multipliers.rigorously
def _own_multipliers_enclosed(W: Any, H: Any, S: Any) -> Any:
    rho2 = squared_entries(W) + squared_entries(H)
    return -S * (rho2 / _squared_speed_enclosed(W, H, S)).sqrt()


@quantity(
    r"\sum \frac{p_{kij}}{\mathcal{L}} \left(\frac{m_{kij}}{q_{\min}} - 1\right)", exact=False
)
def slack_mass(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    S: Float[Tensor, "B K N"],
    classes: Classes,
) -> Float[Tensor, " B"]:
    """Sum over samples and wrong classes of p (m / q_min - 1) / L."""
    margins = _margins(W, H, classes)
    least = _against_others(margins, classes, float("inf")).amin((-2, -1))[:, None, None]
    return (_against_others(-S, classes, 0.0) * (margins / least - 1)).sum((-2, -1))


@slack_mass.rigorously
def _slack_mass_enclosed(W: Any, H: Any, S: Any, classes: Classes) -> Any:
    margins = list(_enclosed_margins(W, H, classes))
    q = least(m for column in margins for m in column)
    terms = []
    for i, k in enumerate(classes.labels.tolist()):
        others = [j for j in range(classes.K) if j != k]
        terms += [-S[j, i] * (m / q - 1) for j, m in zip(others, margins[i], strict=True)]
    return total(terms)
