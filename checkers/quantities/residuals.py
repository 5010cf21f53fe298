"""The residual G = Y - P of the softmax and the gradients of the layer-peeled losses.

W is (K, d), H is (d, N), P has the softmax of the columns of W H. A bias b (K, 1) is taken in by
``with_bias`` and ``with_ones``: W H + b 1^T = [W b] [H; 1^T]. Gradients of the regularised loss
f = (1/N) CE + (lw |W|^2 + lh |H|^2 + lb |b|^2) / 2 divide by N; a penalty is a 1 x 1 matrix.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb_mat

from checkers.arithmetic.balls import least, squared_entries, total
from checkers.arithmetic.least_eigenvalue import least_eigenvalue
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes
from checkers.quantities.equations import EQUAL_CLASS_SUMS, EQUAL_ROWS
from checkers.quantities.norms import eigenvalues_of

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation("[W\\;b]")
def with_bias(W: Float[Tensor, "B K d"], b: Float[Tensor, "B K 1"]) -> Float[Tensor, "B K d+1"]:
    """[W b] (K, d+1)."""
    import torch

    return torch.cat([W, b], -1)


@with_bias.rigorously
def _with_bias_enclosed(W: Any, b: Any) -> Any:
    rows = zip(W.tolist(), b.tolist(), strict=True)
    return type(W)([[*row, *more] for row, more in rows])


@operation("[H;1]")
def with_ones(H: Float[Tensor, "B d N"]) -> Float[Tensor, "B d+1 N"]:
    """H with a row of ones below it (d+1, N)."""
    import torch

    return torch.cat([H, torch.ones_like(H[:, :1])], 1)


@with_ones.rigorously
def _with_ones_enclosed(H: Any) -> Any:
    return type(H)([*H.tolist(), [H[0, 0] * 0 + 1] * H.ncols()])


def softmax(Z: arb_mat) -> arb_mat:
    """P (K, N): p_k = 1 / sum_j exp(z_j - z_k), accurate however small."""
    columns = Z.transpose().tolist()
    found = [[1 / total((z - own).exp() for z in column) for own in column] for column in columns]
    return arb_mat(found).transpose()


@operation("Y-P", exact=False)
def residual(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], classes: Classes
) -> Float[Tensor, "B K N"]:
    """G = Y - P (K, N), not divided by N."""
    from checkers.models import layer_peeled

    return layer_peeled.residual(W @ H, classes.labels)


@residual.rigorously
def _residual_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return arb_mat(classes.one_hot_exact) - softmax(arb_mat(W * H))


@operation(r"\nabla_W f")
def classifier_gradient(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    G: Float[Tensor, "B K N"],
    lw: Float[Tensor, "B 1 1"],
) -> Float[Tensor, "B K d"]:
    """lw W - G H^T / N."""
    return lw * W - G @ H.mT / H.shape[-1]


@classifier_gradient.rigorously
def _classifier_gradient_enclosed(W: Any, H: Any, G: Any, lw: Any) -> Any:
    return W * lw[0, 0] - G * H.transpose() / H.ncols()


@operation(r"\nabla_H f")
def feature_gradient(
    W: Float[Tensor, "B K d"],
    H: Float[Tensor, "B d N"],
    G: Float[Tensor, "B K N"],
    lh: Float[Tensor, "B 1 1"],
) -> Float[Tensor, "B d N"]:
    """lh H - W^T G / N."""
    return lh * H - W.mT @ G / H.shape[-1]


@feature_gradient.rigorously
def _feature_gradient_enclosed(W: Any, H: Any, G: Any, lh: Any) -> Any:
    return H * lh[0, 0] - W.transpose() * G / H.ncols()


@operation(r"\nabla_b f")
def bias_gradient(
    b: Float[Tensor, "B K 1"], G: Float[Tensor, "B K N"], lb: Float[Tensor, "B 1 1"]
) -> Float[Tensor, "B K 1"]:
    """lb b - G 1 / N."""
    return lb * b - G.mean(-1, keepdim=True)


@bias_gradient.rigorously
def _bias_gradient_enclosed(b: Any, G: Any, lb: Any) -> Any:
    ones = arb_mat(G.ncols(), 1, [1] * G.ncols())
    return b * lb[0, 0] - G * ones / G.ncols()


@quantity(r"\langle Y-P, WH\rangle", exact=False)
def pairing(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], G: Float[Tensor, "B K N"]
) -> Float[Tensor, " B"]:
    """<G, W H>: half the rate at which the loss falls along (W, H)."""
    return (G * (W @ H)).sum((-2, -1))


@pairing.rigorously
def _pairing_enclosed(W: Any, H: Any, G: Any) -> Any:
    Z = W * H
    return total(g * z for g, z in zip(G.entries(), Z.entries(), strict=True))


@quantity(r"\|\nabla_{\mathrm{T}} \mathcal{L}\|^2", exact=False)
def tangential_gradient(
    W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"], G: Float[Tensor, "B K N"]
) -> Float[Tensor, " B"]:
    """Squared norm of the gradient of the summed loss along the sphere |W|^2 + |H|^2 = const."""
    rate = 2 * pairing.batched(W, H, G) / (W.square().sum((-2, -1)) + H.square().sum((-2, -1)))
    mu = rate[:, None, None]
    first = (mu * W - G @ H.mT).square().sum((-2, -1))
    return first + (mu * H - W.mT @ G).square().sum((-2, -1))


@tangential_gradient.rigorously
def _tangential_gradient_enclosed(W: Any, H: Any, G: Any) -> Any:
    mu = 2 * _pairing_enclosed(W, H, G) / (squared_entries(W) + squared_entries(H))
    first = squared_entries(W * mu - G * H.transpose())
    return first + squared_entries(H * mu - W.transpose() * G)


@quantity(r"\lambda_{\min}(W^\top W + HH^\top)", exact=False)
def least_overlap(W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"]) -> Float[Tensor, " B"]:
    """Least |W z|^2 + |H^T z|^2 over unit z: zero iff some direction of R^d is not used."""
    return eigenvalues_of(W.mT @ W + H @ H.mT)[:, 0]


@least_overlap.rigorously
def _least_overlap_enclosed(W: Any, H: Any) -> Any:
    return least_eigenvalue(arb_mat(W.transpose() * W + H * H.transpose()))


@quantity(r"\lambda_{\min}(HH^\top)", exact=False)
def least_feature(H: Float[Tensor, "B d N"]) -> Float[Tensor, " B"]:
    """Least |H^T z|^2 over unit z."""
    return eigenvalues_of(H @ H.mT)[:, 0]


@least_feature.rigorously
def _least_feature_enclosed(H: Any) -> Any:
    return least_eigenvalue(arb_mat(H * H.transpose()))


@quantity(r"\sum_k \|w_k - w_1\|^2", zeros=EQUAL_ROWS)
def row_spread(W: Float[Tensor, "B K d"]) -> Float[Tensor, " B"]:
    """Zero iff all rows are equal; exactly zero in balls, too."""
    return (W - W[:, :1]).square().sum((-2, -1))


@row_spread.rigorously
def _row_spread_enclosed(W: Any) -> Any:
    rows = W.tolist()
    return total((x - y) * (x - y) for row in rows for x, y in zip(row, rows[0], strict=True))


@quantity(r"\sum_k \|\sum_i h_{ki} - \sum_i h_{1i}\|^2", zeros=EQUAL_CLASS_SUMS)
def class_sum_spread(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, " B"]:
    """Zero iff the features of every class have the same sum."""
    sums = H @ H.new_tensor(classes.one_hot.T)
    return (sums - sums[..., :1]).square().sum((-2, -1))


@class_sum_spread.rigorously
def _class_sum_spread_enclosed(H: Any, classes: Classes) -> Any:
    Y = type(H)(classes.one_hot_exact.transpose())
    return _row_spread_enclosed((H * Y).transpose())


@operation(r"Y @^\top")
def class_sums(H: Float[Tensor, "B d N"], classes: Classes) -> Float[Tensor, "B K d"]:
    """Sums of the features of each class, one row a class (K, d)."""
    return (H @ H.new_tensor(classes.one_hot.T)).mT


@class_sums.rigorously
def _class_sums_enclosed(H: Any, classes: Classes) -> Any:
    return type(H)(classes.one_hot_exact) * H.transpose()


@operation(r"W^\top(Y-P)")
def feature_force(W: Float[Tensor, "B K d"], G: Float[Tensor, "B K N"]) -> Float[Tensor, "B d N"]:
    """W^T G (d, N): the negative gradient of the summed loss in H."""
    return W.mT @ G


@feature_force.rigorously
def _feature_force_enclosed(W: Any, G: Any) -> Any:
    return W.transpose() * G


@operation(r"(Y-P)H^\top")
def classifier_force(
    H: Float[Tensor, "B d N"], G: Float[Tensor, "B K N"]
) -> Float[Tensor, "B K d"]:
    """G H^T (K, d): the negative gradient of the summed loss in W."""
    return G @ H.mT


@classifier_force.rigorously
def _classifier_force_enclosed(H: Any, G: Any) -> Any:
    return G * H.transpose()


@quantity(r"\min_{ki} p_{ki}", exact=False)
def least_probability(W: Float[Tensor, "B K d"], H: Float[Tensor, "B d N"]) -> Float[Tensor, " B"]:
    """Smallest softmax probability of W H over classes and samples."""
    return (W @ H).softmax(1).amin((-2, -1))


@least_probability.rigorously
def _least_probability_enclosed(W: Any, H: Any) -> Any:
    return least(softmax(arb_mat(W * H)).entries())
