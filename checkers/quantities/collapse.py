"""Collapse metrics of features Z (width, N) with labels, in the conventions of arXiv:2410.04887.

NC1 is the ratio of the traces of Sigma_W = (1/N) sum (z - mu_c)(z - mu_c)^T and
Sigma_B = (1/K) sum_c (mu_c - mu_G)(mu_c - mu_G)^T, where mu_G is the mean of all samples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import constant, squared_entries
from checkers.quantities import quantity
from checkers.quantities.classes import Classes
from checkers.quantities.equations import WITHIN_CLASS

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _within_and_between(
    Z: Float[Tensor, "B m N"], classes: Classes
) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"]]:
    import torch

    means = torch.as_tensor(classes.means, dtype=Z.dtype, device=Z.device)
    labels = torch.as_tensor(classes.labels, device=Z.device)
    centres = Z @ means
    within = (Z - centres[..., labels]).square().sum((-2, -1)) / Z.shape[-1]
    between = (centres - Z.mean(-1, keepdim=True)).square().sum((-2, -1)) / classes.K
    return within, between


def _within_and_between_enclosed(Z: Any, classes: Classes) -> tuple[Any, Any]:
    centres = Z * constant(Z, classes.means_exact)
    spread = Z - centres * constant(Z, classes.one_hot_exact)
    offsets = centres - Z * constant(Z, classes.global_mean_exact)
    return squared_entries(spread) / Z.ncols(), squared_entries(offsets) / classes.K


@quantity(r"\mathrm{NC1}(@)")
def nc1(Z: Float[Tensor, "B m N"], classes: Classes) -> Float[Tensor, " B"]:
    """tr Sigma_W / tr Sigma_B, the global mean weighted by samples."""
    within, between = _within_and_between(Z, classes)
    return within / between


@nc1.rigorously
def _nc1_enclosed(Z: Any, classes: Classes) -> Any:
    within, between = _within_and_between_enclosed(Z, classes)
    return within / between


@quantity(r"\sum_{k,i} \|h_{ki} - \bar h_k\|^2", zeros=WITHIN_CLASS)
def class_mean_spread(H: Float[Tensor, "B m N"], classes: Classes) -> Float[Tensor, " B"]:
    """Sum of the squared distances of the features from their class means: zero iff NC1."""
    import torch

    means = torch.as_tensor(classes.means, dtype=H.dtype, device=H.device)
    labels = torch.as_tensor(classes.labels, device=H.device)
    return (H - (H @ means)[..., labels]).square().sum((-2, -1))


@class_mean_spread.rigorously
def _class_mean_spread_enclosed(H: Any, classes: Classes) -> Any:
    centres = H * constant(H, classes.means_exact)
    return squared_entries(H - centres * constant(H, classes.one_hot_exact))
