"""Least eigenvalues of Hessians of the layer-peeled losses, in floats and in balls.

Coordinates are the rows of W, then the samples (columns of H), as in ``models.layer_peeled``. The
enclosed Hessians are built here from the products of ball matrices, independently of that module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat

from checkers.arithmetic.balls import total
from checkers.arithmetic.least_eigenvalue import least_eigenvalue
from checkers.quantities import quantity
from checkers.quantities.classes import Classes
from checkers.quantities.norms import eigenvalues_of
from checkers.quantities.residuals import softmax

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _hessian(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    Z: Float[Tensor, "B K N"],
    classes: Classes,
    biased: bool = False,
) -> Float[Tensor, "B m m"]:
    from checkers.models import layer_peeled

    return layer_peeled.hessian(W, H, Z, classes.labels, biased)


def hessian_enclosed(W: arb_mat, H: arb_mat, Z: arb_mat, classes: Classes) -> arb_mat:
    """Hessian of the summed loss in (W, H) at logits Z, (m, m) with m = (K + N) d."""
    K, d, N = W.nrows(), W.ncols(), H.ncols()
    P = softmax(Z)
    Y = classes.one_hot
    p, w, h = P.tolist(), W.tolist(), H.tolist()
    m = (K + N) * d
    S = [[arb(0)] * m for _ in range(m)]
    for k in range(K):
        for j in range(k, K):
            weights = [p[k][i] * ((1 if j == k else 0) - p[j][i]) for i in range(N)]
            scaled = arb_mat([[x * y for x, y in zip(row, weights, strict=True)] for row in h])
            block = (scaled * H.transpose()).tolist()
            for a in range(d):
                for c in range(d):
                    S[k * d + a][j * d + c] = S[j * d + c][k * d + a] = block[a][c]
    for i in range(N):
        place = (K + i) * d
        mean = [total(p[k][i] * w[k][a] for k in range(K)) for a in range(d)]
        off = [[w[k][a] - mean[a] for a in range(d)] for k in range(K)]
        for a in range(d):
            for c in range(a, d):
                value = total(p[k][i] * off[k][a] * off[k][c] for k in range(K))
                S[place + a][place + c] = S[place + c][place + a] = value
        for k in range(K):
            gap = int(Y[k, i]) - p[k][i]
            for a in range(d):
                for c in range(d):
                    value = p[k][i] * off[k][c] * h[a][i]
                    if a == c:
                        value = value - gap
                    S[k * d + a][place + c] = S[place + c][k * d + a] = value
    return arb_mat(S)


def _shifted(S: arb_mat, shifts: list[Any], scale: int) -> arb_mat:
    """S / scale with the shifts added to its diagonal."""
    rows = (S / scale).tolist()
    for i, shift in enumerate(shifts):
        rows[i][i] += shift
    return arb_mat(rows)


@quantity(r"\lambda_{\min}(\nabla^2 \mathcal{L})", exact=False)
def loss_curvature(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Smallest eigenvalue of the Hessian of the summed cross-entropy."""
    return eigenvalues_of(_hessian(W, H, W @ H, classes))[:, 0]


@loss_curvature.rigorously
def _loss_curvature_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return least_eigenvalue(hessian_enclosed(W, H, W * H, classes))


def _regularised(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    Z: Float[Tensor, "B K N"],
    lw: Float[Tensor, "B 1 1"],
    lh: Float[Tensor, "B 1 1"],
    c: Classes,
) -> Float[Tensor, "B m m"]:
    import torch

    from checkers.models import layer_peeled

    K, d = W.shape[1:]
    N = H.shape[2]
    penalties = layer_peeled.penalty(K, d, N, lw[:, 0, 0], lh[:, 0, 0])
    return _hessian(W, H, Z, c) / N + torch.diag_embed(penalties)


def _regularised_enclosed(W: Any, H: Any, Z: Any, lw: Any, lh: Any, classes: Classes) -> arb_mat:
    d, N = H.nrows(), H.ncols()
    shifts = [lw[0, 0]] * (W.nrows() * d) + [lh[0, 0]] * (N * d)
    return _shifted(hessian_enclosed(W, H, Z, classes), shifts, N)


@quantity(r"\lambda_{\min}(\nabla^2_{(W,H)} f)", exact=False)
def curvature(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    b: Float[Tensor, "B K 1"],
    lw: Float[Tensor, "B 1 1"],
    lh: Float[Tensor, "B 1 1"],
    classes: Classes,
) -> Float[Tensor, " B"]:
    """Smallest eigenvalue of the Hessian of the regularised loss in (W, H), the bias held fixed."""
    return eigenvalues_of(_regularised(W, H, W @ H + b, lw, lh, classes))[:, 0]


@curvature.rigorously
def _curvature_enclosed(W: Any, H: Any, b: Any, lw: Any, lh: Any, classes: Classes) -> Any:
    ones = arb_mat(1, H.ncols(), [1] * H.ncols())
    return least_eigenvalue(_regularised_enclosed(W, H, W * H + b * ones, lw, lh, classes))


def orbit_tangents(W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"]) -> Float[Tensor, "B m q"]:
    """(W A, -A H) for the q = d (d-1) / 2 elementary antisymmetric A: directions of rotations."""
    import torch

    d = W.shape[-1]
    columns = []
    for a in range(d):
        for c in range(a + 1, d):
            dW, dH = torch.zeros_like(W), torch.zeros_like(H)
            dW[..., c], dW[..., a] = W[..., a], -W[..., c]
            dH[:, a], dH[:, c] = -H[:, c], H[:, a]
            columns.append(torch.cat([dW.flatten(1), dH.mT.flatten(1)], 1))
    if not columns:
        return W.new_zeros(len(W), W[0].numel() + H[0].numel(), 0)
    return torch.stack(columns, -1)


def _orbit_tangents_enclosed(W: Any, H: Any) -> arb_mat | None:
    K, d, N = W.nrows(), W.ncols(), H.ncols()
    rows = []
    for a in range(d):
        for c in range(a + 1, d):
            row = [arb(0)] * ((K + N) * d)
            for k in range(K):
                row[k * d + c], row[k * d + a] = W[k, a], -W[k, c]
            for i in range(N):
                row[(K + i) * d + a], row[(K + i) * d + c] = -H[c, i], H[a, i]
            rows.append(row)
    return arb_mat(rows).transpose() if rows else None


@quantity(r"\lambda_{\min}(\nabla^2 f + TT^\top)", exact=False)
def transverse_curvature(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    lw: Float[Tensor, "B 1 1"],
    lh: Float[Tensor, "B 1 1"],
    classes: Classes,
) -> Float[Tensor, " B"]:
    """A lower bound of the curvature of the regularised loss (no bias) across the rotation orbit.

    T has the tangents (W A, -A H) of the orbit as columns, so on their complement both agree.
    """
    T = orbit_tangents(W, H)
    return eigenvalues_of(_regularised(W, H, W @ H, lw, lh, classes) + T @ T.mT)[:, 0]


@transverse_curvature.rigorously
def _transverse_enclosed(W: Any, H: Any, lw: Any, lh: Any, classes: Classes) -> Any:
    S = _regularised_enclosed(W, H, W * H, lw, lh, classes)
    T = _orbit_tangents_enclosed(W, H)
    return least_eigenvalue(S if T is None else S + T * T.transpose())


@quantity(r"\lambda_{\mathrm{T}}", exact=False)
def tangential_curvature(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Smallest eigenvalue of Hess L + mu I on the tangent space of the sphere through (W, H).

    mu = 2 <G, W H> / (|W|^2 + |H|^2); at a critical point of the sphere it is the Riemannian
    Hessian.
    """
    import torch

    from checkers.models import layer_peeled

    Z = W @ H
    theta = torch.cat([W.flatten(1), H.mT.flatten(1)], 1)
    G = layer_peeled.residual(Z, classes.labels)
    norm = theta.norm(dim=1, keepdim=True)
    mu = 2 * (G * Z).sum((-2, -1)) / norm[:, 0].square()
    v = theta / norm
    mirror = v.clone()
    mirror[:, 0] += torch.where(v[:, 0] < 0, -1.0, 1.0)
    mirror = mirror / mirror.norm(dim=1, keepdim=True)
    S = _hessian(W, H, Z, classes)
    half = S - 2 * mirror[:, :, None] * (mirror[:, None] @ S)
    S = (half - 2 * (half @ mirror[:, :, None]) * mirror[:, None])[:, 1:, 1:]
    return eigenvalues_of((S + S.mT) / 2)[:, 0] + mu


@tangential_curvature.rigorously
def _tangential_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    Z = W * H
    theta = [*W.entries(), *H.transpose().entries()]
    squared = total(x * x for x in theta)
    norm = squared.sqrt()
    Y = arb_mat(classes.one_hot_exact)
    G = (Y - softmax(Z)).entries()
    mu = 2 * total(g * z for g, z in zip(G, Z.entries(), strict=True)) / squared
    mirror = [x / norm for x in theta]
    mirror[0] += -1 if mirror[0] < 0 else 1
    length = total(x * x for x in mirror)
    m = len(theta)
    v = arb_mat(m, 1, mirror)
    reflection = arb_mat(m, m, 1) - v * v.transpose() * (2 / length)
    rows = (reflection * hessian_enclosed(W, H, Z, classes) * reflection).tolist()
    return least_eigenvalue(arb_mat([row[1:] for row in rows[1:]])) + mu
