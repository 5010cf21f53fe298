"""Cross-entropy of the unconstrained layer-peeled model: value, gradient and Hessian, batched.

Logits Z = W H + b 1^T with W (B, K, d), H (B, d, N) and, where there is a bias, b (B, K, 1).
Coordinates of gradients and Hessians are the rows of W one after the other, then the samples (the
columns of H) one after the other, then b. Everything is summed over the samples, not averaged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from checkers.instance import Array


def logits(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], b: Float[Tensor, "B K 1"] | None = None
) -> Float[Tensor, "B K N"]:
    """W H, and b added to every column."""
    return W @ H if b is None else W @ H + b


def one_hot(Z: Float[Tensor, "B K N"], labels: Array) -> Float[Tensor, "K N"]:
    """Y, of the type and on the device of Z."""
    index = torch.as_tensor(labels, device=Z.device)
    return torch.eye(Z.shape[-2], dtype=Z.dtype, device=Z.device)[:, index]


def cross_entropy(Z: Float[Tensor, "B K N"], labels: Array) -> Float[Tensor, " B"]:
    """Summed over the samples; a sample of the wrong classes' logits far below costs e^-margin."""
    own = torch.as_tensor(labels, device=Z.device).expand(len(Z), 1, -1)
    gaps = Z - Z.gather(1, own)
    others = gaps.masked_fill(one_hot(Z, labels).bool(), -torch.inf).logsumexp(1)
    return torch.nn.functional.softplus(others, threshold=40).sum(1)


def residual(Z: Float[Tensor, "B K N"], labels: Array) -> Float[Tensor, "B K N"]:
    """G = Y - P: the negative gradient of the loss in the logits; its columns sum to zero."""
    return one_hot(Z, labels) - Z.softmax(1)


def gradient(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    G: Float[Tensor, "B K N"],
    biased: bool = False,
) -> Float[Tensor, "B m"]:
    """Gradient of the summed loss: -G H^T, -W^T G and, with a bias, -G 1."""
    parts = [-(G @ H.mT).flatten(1), -(G.mT @ W).flatten(1)]
    if biased:
        parts.append(-G.sum(-1))
    return torch.cat(parts, 1)


def hessian(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    Z: Float[Tensor, "B K N"],
    labels: Array,
    biased: bool = False,
) -> Float[Tensor, "B m m"]:
    """Hessian of the summed loss in (W, H), or in (W, H, b)."""
    P = Z.softmax(1)
    G = one_hot(Z, labels) - P
    B, K, d = W.shape
    N = H.shape[-1]
    m = (K + N) * d + (K if biased else 0)
    whole = W.new_zeros(B, m, m)
    rows, samples, offset = slice(0, K * d), slice(K * d, (K + N) * d), slice((K + N) * d, m)
    outer = torch.einsum("xki,xai->xkai", P, H)
    weighted = torch.einsum("xkai,xci->xkac", outer, H)
    stacked = outer.flatten(1, 2)
    classifier = torch.diag_embed(weighted.permute(0, 2, 3, 1)).permute(0, 3, 1, 4, 2)
    whole[:, rows, rows] = classifier.reshape(B, K * d, K * d) - stacked @ stacked.mT
    means = P.mT @ W
    spread = torch.einsum("xki,xka,xkc->xiac", P, W, W)
    spread = spread - means[..., :, None] * means[..., None, :]
    features = torch.diag_embed(spread.permute(0, 2, 3, 1)).permute(0, 3, 1, 4, 2)
    whole[:, samples, samples] = features.reshape(B, N * d, N * d)
    off = W[:, :, None, :] - means[:, None]
    mixed = torch.einsum("xki,xkic,xai->xkaic", P, off, H)
    eye = torch.eye(d, dtype=W.dtype, device=W.device)
    mixed = (mixed - torch.einsum("xki,ac->xkaic", G, eye)).reshape(B, K * d, N * d)
    whole[:, rows, samples] = mixed
    whole[:, samples, rows] = mixed.mT
    if biased:
        mixed = torch.diag_embed(outer.sum(-1).mT).permute(0, 2, 1, 3).reshape(B, K * d, K)
        mixed = mixed - stacked @ P.mT
        whole[:, rows, offset] = mixed
        whole[:, offset, rows] = mixed.mT
        mixed = torch.einsum("xki,xkic->xick", P, off).reshape(B, N * d, K)
        whole[:, samples, offset] = mixed
        whole[:, offset, samples] = mixed.mT
        whole[:, offset, offset] = torch.diag_embed(P.sum(-1)) - P @ P.mT
    return whole


def penalty(
    K: int,
    d: int,
    N: int,
    lw: Float[Tensor, " B"],
    lh: Float[Tensor, " B"],
    lb: Float[Tensor, " B"] | None = None,
) -> Float[Tensor, "B m"]:
    """The weight of each coordinate in the penalty (lw |W|^2 + lh |H|^2 + lb |b|^2) / 2."""
    parts = [lw[:, None].expand(-1, K * d), lh[:, None].expand(-1, d * N)]
    if lb is not None:
        parts.append(lb[:, None].expand(-1, K))
    return torch.cat(parts, 1)
