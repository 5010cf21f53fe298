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
from checkers.quantities import Operation, Quantity
from checkers.quantities.classes import Classes
from checkers.quantities.equations import EQUAL_CLASS_SUMS, EQUAL_ROWS
from checkers.quantities.norms import eigenvalues_of

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def _entry(A: Float[Tensor, "B 1 1"]) -> Float[Tensor, " B"]:
    return A[:, 0, 0]


def _entry_enclosed(A: Any) -> Any:
    return A[0, 0]


entry = Quantity("entry", "@", batched=_entry, rigorous=_entry_enclosed)
"""The number that a 1 x 1 matrix holds."""


def _with_bias(W: Tensor, b: Tensor) -> Tensor:
    import torch

    return torch.cat([W, b], -1)


def _with_bias_enclosed(W: Any, b: Any) -> Any:
    rows = zip(W.tolist(), b.tolist(), strict=True)
    return type(W)([[*row, *more] for row, more in rows])


with_bias = Operation("with_bias", "[W\\;b]", batched=_with_bias, rigorous=_with_bias_enclosed)
"""[W b] (K, d+1)."""


def _with_ones(H: Tensor) -> Tensor:
    import torch

    return torch.cat([H, torch.ones_like(H[:, :1])], 1)


def _with_ones_enclosed(H: Any) -> Any:
    return type(H)([*H.tolist(), [H[0, 0] * 0 + 1] * H.ncols()])


with_ones = Operation("with_ones", "[H;1]", batched=_with_ones, rigorous=_with_ones_enclosed)
"""H with a row of ones below it (d+1, N)."""


def softmax(Z: arb_mat) -> arb_mat:
    """P (K, N): p_k = 1 / sum_j exp(z_j - z_k), accurate however small."""
    columns = Z.transpose().tolist()
    found = [[1 / total((z - own).exp() for z in column) for own in column] for column in columns]
    return arb_mat(found).transpose()


def _residual(W: Tensor, H: Tensor, classes: Classes) -> Tensor:
    from checkers.models import layer_peeled

    return layer_peeled.residual(W @ H, classes.labels)


def _residual_enclosed(W: Any, H: Any, classes: Classes) -> Any:
    return arb_mat(classes.one_hot_exact) - softmax(arb_mat(W * H))


residual = Operation("residual", "Y-P", batched=_residual, rigorous=_residual_enclosed, exact=False)
"""G = Y - P (K, N), not divided by N."""


def _classifier_gradient(W: Tensor, H: Tensor, G: Tensor, lw: Tensor) -> Tensor:
    return lw * W - G @ H.mT / H.shape[-1]


def _classifier_gradient_enclosed(W: Any, H: Any, G: Any, lw: Any) -> Any:
    return W * lw[0, 0] - G * H.transpose() / H.ncols()


classifier_gradient = Operation(
    "classifier_gradient",
    r"\nabla_W f",
    batched=_classifier_gradient,
    rigorous=_classifier_gradient_enclosed,
)
"""lw W - G H^T / N."""


def _feature_gradient(W: Tensor, H: Tensor, G: Tensor, lh: Tensor) -> Tensor:
    return lh * H - W.mT @ G / H.shape[-1]


def _feature_gradient_enclosed(W: Any, H: Any, G: Any, lh: Any) -> Any:
    return H * lh[0, 0] - W.transpose() * G / H.ncols()


feature_gradient = Operation(
    "feature_gradient",
    r"\nabla_H f",
    batched=_feature_gradient,
    rigorous=_feature_gradient_enclosed,
)
"""lh H - W^T G / N."""


def _bias_gradient(b: Tensor, G: Tensor, lb: Tensor) -> Tensor:
    return lb * b - G.mean(-1, keepdim=True)


def _bias_gradient_enclosed(b: Any, G: Any, lb: Any) -> Any:
    ones = arb_mat(G.ncols(), 1, [1] * G.ncols())
    return b * lb[0, 0] - G * ones / G.ncols()


bias_gradient = Operation(
    "bias_gradient", r"\nabla_b f", batched=_bias_gradient, rigorous=_bias_gradient_enclosed
)
"""lb b - G 1 / N."""


def _pairing(W: Tensor, H: Tensor, G: Tensor) -> Tensor:
    return (G * (W @ H)).sum((-2, -1))


def _pairing_enclosed(W: Any, H: Any, G: Any) -> Any:
    Z = W * H
    return total(g * z for g, z in zip(G.entries(), Z.entries(), strict=True))


pairing = Quantity(
    "pairing", r"\langle Y-P, WH\rangle", _pairing, rigorous=_pairing_enclosed, exact=False
)
"""<G, W H>: half the rate at which the loss falls along (W, H)."""


def _tangential_gradient(W: Tensor, H: Tensor, G: Tensor) -> Tensor:
    rate = 2 * _pairing(W, H, G) / (W.square().sum((-2, -1)) + H.square().sum((-2, -1)))
    mu = rate[:, None, None]
    first = (mu * W - G @ H.mT).square().sum((-2, -1))
    return first + (mu * H - W.mT @ G).square().sum((-2, -1))


def _tangential_gradient_enclosed(W: Any, H: Any, G: Any) -> Any:
    mu = 2 * _pairing_enclosed(W, H, G) / (squared_entries(W) + squared_entries(H))
    first = squared_entries(W * mu - G * H.transpose())
    return first + squared_entries(H * mu - W.transpose() * G)


tangential_gradient = Quantity(
    "tangential_gradient",
    r"\|\nabla_{\mathrm{T}} \mathcal{L}\|^2",
    batched=_tangential_gradient,
    rigorous=_tangential_gradient_enclosed,
    exact=False,
)
"""Squared norm of the gradient of the summed loss along the sphere |W|^2 + |H|^2 = const."""


def _least_overlap(W: Tensor, H: Tensor) -> Tensor:
    return eigenvalues_of(W.mT @ W + H @ H.mT)[:, 0]


def _least_overlap_enclosed(W: Any, H: Any) -> Any:
    return least_eigenvalue(arb_mat(W.transpose() * W + H * H.transpose()))


least_overlap = Quantity(
    "least_overlap",
    r"\lambda_{\min}(W^\top W + HH^\top)",
    batched=_least_overlap,
    rigorous=_least_overlap_enclosed,
    exact=False,
)
"""Least |W z|^2 + |H^T z|^2 over unit z: zero iff some direction of R^d is not used."""


def _least_feature(H: Tensor) -> Tensor:
    return eigenvalues_of(H @ H.mT)[:, 0]


def _least_feature_enclosed(H: Any) -> Any:
    return least_eigenvalue(arb_mat(H * H.transpose()))


least_feature = Quantity(
    "least_feature",
    r"\lambda_{\min}(HH^\top)",
    batched=_least_feature,
    rigorous=_least_feature_enclosed,
    exact=False,
)
"""Least |H^T z|^2 over unit z."""


def _row_spread(W: Tensor) -> Tensor:
    return (W - W[:, :1]).square().sum((-2, -1))


def _row_spread_enclosed(W: Any) -> Any:
    rows = W.tolist()
    return total((x - y) * (x - y) for row in rows for x, y in zip(row, rows[0], strict=True))


row_spread = Quantity(
    "row_spread",
    r"\sum_k \|w_k - w_1\|^2",
    batched=_row_spread,
    rigorous=_row_spread_enclosed,
    zeros=EQUAL_ROWS,
)
"""Zero iff all rows are equal; exactly zero in balls, too."""


def _class_sum_spread(H: Tensor, classes: Classes) -> Tensor:
    sums = H @ H.new_tensor(classes.one_hot.T)
    return (sums - sums[..., :1]).square().sum((-2, -1))


def _class_sum_spread_enclosed(H: Any, classes: Classes) -> Any:
    Y = type(H)(classes.one_hot_exact.transpose())
    return _row_spread_enclosed((H * Y).transpose())


class_sum_spread = Quantity(
    "class_sum_spread",
    r"\sum_k \|\sum_i h_{ki} - \sum_i h_{1i}\|^2",
    batched=_class_sum_spread,
    rigorous=_class_sum_spread_enclosed,
    zeros=EQUAL_CLASS_SUMS,
)
"""Zero iff the features of every class have the same sum."""


def _class_sums(H: Tensor, classes: Classes) -> Tensor:
    return (H @ H.new_tensor(classes.one_hot.T)).mT


def _class_sums_enclosed(H: Any, classes: Classes) -> Any:
    return type(H)(classes.one_hot_exact) * H.transpose()


class_sums = Operation(
    "class_sums", r"Y @^\top", batched=_class_sums, rigorous=_class_sums_enclosed
)
"""Sums of the features of each class, one row a class (K, d)."""


def _feature_force(W: Tensor, G: Tensor) -> Tensor:
    return W.mT @ G


def _feature_force_enclosed(W: Any, G: Any) -> Any:
    return W.transpose() * G


feature_force = Operation(
    "feature_force", r"W^\top(Y-P)", batched=_feature_force, rigorous=_feature_force_enclosed
)
"""W^T G (d, N): the negative gradient of the summed loss in H."""


def _classifier_force(H: Tensor, G: Tensor) -> Tensor:
    return G @ H.mT


def _classifier_force_enclosed(H: Any, G: Any) -> Any:
    return G * H.transpose()


classifier_force = Operation(
    "classifier_force",
    r"(Y-P)H^\top",
    batched=_classifier_force,
    rigorous=_classifier_force_enclosed,
)
"""G H^T (K, d): the negative gradient of the summed loss in W."""


def _least_probability(W: Tensor, H: Tensor) -> Tensor:
    return (W @ H).softmax(1).amin((-2, -1))


def _least_probability_enclosed(W: Any, H: Any) -> Any:
    return least(softmax(arb_mat(W * H)).entries())


least_probability = Quantity(
    "least_probability",
    r"\min_{ki} p_{ki}",
    batched=_least_probability,
    rigorous=_least_probability_enclosed,
    exact=False,
)
"""Smallest softmax probability of W H over classes and samples."""
