"""Margins and losses of the unconstrained layer-peeled model (Ji et al. 2022, arXiv:2110.02796).

Throughout W is (K, d), H is (d, N) with columns h of given labels, and the margin of a sample of
class k against class j is m = (w_k - w_j) . h.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import largest, least, total
from checkers.quantities import quantity
from checkers.quantities.classes import Classes

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _margins(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, "B K N"]:
    """Row j, column i: margin of sample i against class j; zero against its own class."""
    import torch

    Z = W @ H
    own = torch.as_tensor(classes.labels, device=Z.device).expand(len(Z), 1, -1)
    return Z.gather(1, own) - Z


def _against_others(
    margins: Float[Tensor, "B K N"], classes: Classes, fill: float
) -> Float[Tensor, "B K N"]:
    import torch

    own = torch.as_tensor(classes.one_hot, device=margins.device, dtype=torch.bool)
    return margins.masked_fill(own, fill)


def _enclosed_margins(W: Any, H: Any, classes: Classes) -> Iterator[list[Any]]:
    """For each sample, its margins against the other classes."""
    Z, N = (W * H).entries(), H.ncols()
    for i, k in enumerate(classes.labels.tolist()):
        own = Z[k * N + i]
        yield [own - Z[j * N + i] for j in range(classes.K) if j != k]


@quantity(r"q_{\min}")
def smallest_margin(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Least margin over all samples and all classes other than their own."""
    return _against_others(_margins(W, H, classes), classes, float("inf")).amin((-2, -1))


@smallest_margin.rigorously
def _smallest_margin_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return least(m for margins in _enclosed_margins(W, H, classes) for m in margins)


@smallest_margin.softly
def _smallest_margin_soft(
    sharpness: float, W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Soft minimum at inverse temperature ``sharpness`` over the mean absolute margin."""
    margins = _margins(W, H, classes)
    scale = margins.detach().abs().mean((-2, -1), keepdim=True)
    rate = sharpness / scale.where(scale > 0, 1.0)
    scaled = -_against_others(margins, classes, float("inf")) * rate
    return -scaled.flatten(1).logsumexp(1) / rate.flatten()


@quantity(r"\max_{k,i} q_{ki}")
def best_sample_margin(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Margin of the best sample: the largest, over samples, of the least margin of each."""
    return _against_others(_margins(W, H, classes), classes, float("inf")).amin(1).amax(1)


@best_sample_margin.rigorously
def _best_sample_margin_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return largest(least(margins) for margins in _enclosed_margins(W, H, classes))


@quantity(r"Q_{\mathrm{avg}}")
def average_margin(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Mean of the margins over all samples and all classes other than their own."""
    return _margins(W, H, classes).sum((-2, -1)) / (len(classes.labels) * (classes.K - 1))


@average_margin.rigorously
def _average_margin_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    count = len(classes.labels) * (classes.K - 1)
    return total(m for margins in _enclosed_margins(W, H, classes) for m in margins) / count


@quantity(r"(\max - \min)_{k,i}\, q_{ki}")
def margin_spread(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Difference between the margins of the best and of the worst sample."""
    per_sample = _against_others(_margins(W, H, classes), classes, float("inf")).amin(1)
    return per_sample.amax(1) - per_sample.amin(1)


@margin_spread.rigorously
def _margin_spread_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    per_sample = [least(margins) for margins in _enclosed_margins(W, H, classes)]
    return largest(per_sample) - least(per_sample)


@quantity(r"\mathcal{L}", exact=False)
def cross_entropy(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Cross-entropy of the logits W H, summed (not averaged) over the samples; no bias."""
    import torch

    losses = _against_others(-_margins(W, H, classes), classes, -float("inf")).logsumexp(1)
    return torch.nn.functional.softplus(losses, threshold=40).sum(1)


@cross_entropy.rigorously
def _cross_entropy_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return total(
        total((-m).exp() for m in margins).log1p() for margins in _enclosed_margins(W, H, classes)
    )


@quantity(r"\mathrm{mean}_{k,i}\, q_{ki}")
def mean_worst_margin(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Mean over the samples of their least margins."""
    return _against_others(_margins(W, H, classes), classes, float("inf")).amin(1).mean(1)


@mean_worst_margin.rigorously
def _mean_worst_margin_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return total(least(margins) for margins in _enclosed_margins(W, H, classes)) / H.ncols()
