"""Networks of nonlinear layers followed by linear ones, and the gradient of their squared error.

Z_0 = X (d, N), Z_l = sigma(W_l Z_{l-1}) in the nonlinear layers, Z_l = W_l Z_{l-1} in the head;
C_0 = 1/2 |Z_L - Y|_F^2, the sum over samples (arXiv:2410.04887). The activation is the smooth leaky
ReLU sigma(x) = gamma x + (1 - gamma) (log(1 + e^{b x}) - log 2) / b, with sigma(0) = 0 and slopes
between gamma and 1; gamma and its sharpness b are 1 x 1 matrices. Chains are tuples in order of
application.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from math import prod
from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat, fmpq

from checkers.arithmetic.balls import Matrix, NotRational, constant, least, squared_entries, total
from checkers.arithmetic.least_eigenvalue import least_eigenvalue
from checkers.quantities import Operation, Quantity
from checkers.quantities.classes import Classes
from checkers.quantities.norms import eigenvalues_of

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Tensors = Sequence[Tensor]

Chain = tuple[Any, ...]


def _bent(A: Tensor, gamma: Any, sharpness: Any) -> Tensor:
    """sigma(A), as (1 + gamma) x / 2 + (1 - gamma) log(cosh(b x / 2)) / b."""
    half = (sharpness * A / 2).abs()
    log_cosh = half + ((-2 * half).expm1() / 2).log1p()
    return (1 + gamma) * A / 2 + (1 - gamma) * log_cosh / sharpness


def _slopes(A: Tensor, gamma: Any, sharpness: Any) -> Tensor:
    return gamma + (1 - gamma) * (sharpness * A).sigmoid()


def _bent_enclosed(A: Matrix, gamma: Any, sharpness: Any) -> arb_mat:
    if not isinstance(A, arb_mat):
        raise NotRational("sigma of a rational number")

    def sigma(x: arb) -> arb:
        t = sharpness * x
        softplus = t + (-t).exp().log1p() if t > 0 else t.exp().log1p()
        return gamma * x + (1 - gamma) * (softplus - arb.const_log2()) / sharpness

    return arb_mat(A.nrows(), A.ncols(), [sigma(x) for x in A.entries()])


def _slopes_enclosed(A: arb_mat, gamma: arb, sharpness: arb) -> arb_mat:
    entries = [gamma + (1 - gamma) / (1 + (-sharpness * x).exp()) for x in A.entries()]
    return arb_mat(A.nrows(), A.ncols(), entries)


def _number(x: Any) -> Any:
    return x[0, 0] if isinstance(x, arb_mat) else x


def _features(X: Tensor, hidden: Tensors, gamma: Any, sharpness: Any) -> Tensor:
    for A in hidden:
        X = _bent(A @ X, gamma, sharpness)
    return X


def _features_enclosed(X: Any, hidden: Chain, gamma: Any, sharpness: Any) -> Any:
    for A in hidden:
        X = _bent_enclosed(A * X, _number(gamma), _number(sharpness))
    return X


hidden_features = Operation(
    "hidden_features", "Z_{L_1}", batched=_features, rigorous=_features_enclosed
)
"""Z_{L1} (width, N), behind the nonlinear layers; of X, the hidden matrices, gamma and b."""


def _first_features(X: Tensor, hidden: Tensors, gamma: Any, sharpness: Any) -> Tensor:
    return _features(X, hidden[:1], gamma, sharpness)


def _first_features_enclosed(X: Any, hidden: Chain, gamma: Any, sharpness: Any) -> Any:
    return _features_enclosed(X, hidden[:1], gamma, sharpness)


first_features = Operation(
    "first_features",
    r"\sigma(W_1 X)",
    batched=_first_features,
    rigorous=_first_features_enclosed,
)
"""Z_1 (n_1, N), behind the first layer."""


def _gradients(
    X: Tensor, hidden: Tensors, head: Tensors, classes: Classes, gamma: Any, sharpness: Any
) -> tuple[Tensor, ...]:
    features, slopes = [X], []
    for A in hidden:
        before = A @ features[-1]
        slopes.append(_slopes(before, gamma, sharpness))
        features.append(_bent(before, gamma, sharpness))
    for A in head:
        features.append(A @ features[-1])
    delta = features[-1] - X.new_tensor(classes.one_hot)
    weights = (*hidden, *head)
    found = []
    for i in reversed(range(len(weights))):
        if i < len(slopes):
            delta = delta * slopes[i]
        found.append(delta @ features[i].mT)
        delta = weights[i].mT @ delta
    return tuple(reversed(found))


def _times(A: arb_mat, B: arb_mat) -> arb_mat:
    entries = [a * b for a, b in zip(A.entries(), B.entries(), strict=True)]
    return arb_mat(A.nrows(), A.ncols(), entries)


def _gradients_enclosed(
    X: Any, hidden: Chain, head: Chain, classes: Classes, gamma: Any, sharpness: Any
) -> Chain:
    """The product of the head formed once; its own gradients from the error, not backwards."""
    gamma, sharpness = _number(gamma), _number(sharpness)
    entering = [X]
    for A in hidden:
        entering.append(_bent_enclosed(A * entering[-1], gamma, sharpness))
    product = reduce(lambda P, A: A * P, head)
    error = product * entering[-1] - constant(product, classes.one_hot_exact)
    upper, Z = [], entering[-1]
    for i, A in enumerate(head):
        later = reduce(lambda back, B: B.transpose() * back, reversed(head[i + 1 :]), error)
        upper.append(later * Z.transpose())
        Z = A * Z
    lower, back = [], product.transpose() * error
    for A, Z in zip(reversed(hidden), reversed(entering[:-1]), strict=True):
        delta = _times(back, _slopes_enclosed(A * Z, gamma, sharpness))
        lower.append(delta * Z.transpose())
        back = A.transpose() * delta
    return (*reversed(lower), *upper)


gradients = Operation("gradients", r"\nabla C_0", batched=_gradients, rigorous=_gradients_enclosed)
"""The gradients of C_0 in W_1, ..., W_L; of X, both chains, the labels, gamma and b."""


def _bent_first_gradients(Z: Tensor, head: Tensors, classes: Classes) -> tuple[Tensor, ...]:
    return _gradients(Z, head[:1], head[1:], classes, 0.5, 1.0)


def _bent_first_gradients_enclosed(Z: Any, head: Chain, classes: Classes) -> Chain:
    return _gradients_enclosed(Z, head[:1], head[1:], classes, arb(0.5), arb(1))


gradients_of_bent_first = Operation(
    "gradients_of_bent_first",
    r"\nabla C_0",
    batched=_bent_first_gradients,
    rigorous=_bent_first_gradients_enclosed,
)
"""The gradients where sigma, gamma = 1/2 and b = 1, is put behind the first matrix of a head."""


def _later(hidden: Iterable[Any], head: Iterable[Any]) -> list[Any]:
    """W_3, ..., W_L."""
    return [*hidden, *head][2:]


def _least_gain(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    gram = A @ A.mT if A.shape[-2] <= A.shape[-1] else A.mT @ A
    return eigenvalues_of(gram)[..., 0].clamp_min(0)


def _least_gain_enclosed(A: Any) -> Any:
    T = A.transpose()
    return least_eigenvalue(A * T if A.nrows() <= A.ncols() else T * A).max(arb(0))


least_gain = Quantity(
    "least_gain",
    r"\sigma_{\min}(@)^2",
    batched=_least_gain,
    rigorous=_least_gain_enclosed,
    exact=False,
)
"""The square of the least of the min(m, n) singular values of A (m, n)."""


def _later_gain(hidden: Tensors, head: Tensors) -> Tensor:
    import torch

    gains = [_least_gain(A) for A in _later(hidden, head)]
    return prod(gains, start=torch.ones_like(head[0][:, 0, 0]))


def _later_gain_enclosed(hidden: Chain, head: Chain) -> Any:
    return prod((_least_gain_enclosed(A) for A in _later(hidden, head)), start=arb(1))


later_gain = Quantity(
    "later_gain",
    r"\prod_{l\ge3} \sigma_{\min}(W_l)^2",
    batched=_later_gain,
    rigorous=_later_gain_enclosed,
    exact=False,
)
"""Product of the least gains of W_3, ..., W_L; 1 for two layers."""


def _weakest_later(hidden: Tensors, head: Tensors) -> Tensor:
    import torch

    gains = [_least_gain(A) for A in _later(hidden, head)]
    return torch.stack([*gains, torch.full_like(head[0][:, 0, 0], torch.inf)]).amin(0)


def _weakest_later_enclosed(hidden: Chain, head: Chain) -> Any:
    return least([*(_least_gain_enclosed(A) for A in _later(hidden, head)), arb("inf")])


weakest_later = Quantity(
    "weakest_later",
    r"\min_{l\ge3} \sigma_{\min}(W_l)^2",
    batched=_weakest_later,
    rigorous=_weakest_later_enclosed,
    exact=False,
)
"""The least of the least gains of W_3, ..., W_L; infinite for two layers."""


def _pyramid(X: Any, hidden: Sequence[Any], head: Sequence[Any]) -> int:
    def shape(A: Any) -> tuple[int, int]:
        return A.shape[-2:] if hasattr(A, "dtype") else (A.nrows(), A.ncols())

    first = shape(hidden[0])[0] - shape(X)[1]
    return min([first, *(shape(A)[1] - shape(A)[0] for A in _later(hidden, head))])


pyramid = Quantity(
    "pyramid",
    r"\min(n_1 - N, n_2 - n_3, \ldots, n_{L-1} - n_L)",
    batched=lambda *arrays: float(_pyramid(*arrays)),
    rigorous=lambda *arrays: fmpq(_pyramid(*arrays)),
)
"""Not negative iff the first layer is as wide as there are samples and widths fall from n_2 on."""


def _squared_length(theta: Tensors) -> Tensor:
    import torch

    return torch.stack([A.square().sum((-2, -1)) for A in theta]).sum(0)


def _squared_length_enclosed(theta: Chain) -> Any:
    return total(squared_entries(A) for A in theta)


squared_length = Quantity(
    "squared_length",
    r"\left\|@\right\|^2",
    batched=_squared_length,
    rigorous=_squared_length_enclosed,
)
"""Sum of the squares of the entries of all matrices of a chain."""


def _squared_distance(theta: Tensors, other: Tensors) -> Tensor:
    return _squared_length([A - B for A, B in zip(theta, other, strict=True)])


def _squared_distance_enclosed(theta: Chain, other: Chain) -> Any:
    return total(squared_entries(A - B) for A, B in zip(theta, other, strict=True))


squared_distance = Quantity(
    "squared_distance",
    r"\left\|@ - @@\right\|^2",
    batched=_squared_distance,
    rigorous=_squared_distance_enclosed,
)
"""Sum of the squared differences of the entries of two chains of the same shapes."""
