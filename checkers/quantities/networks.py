"""Networks of nonlinear layers followed by linear ones, and the gradient of their squared error.

Z_0 = X (d, N), Z_l = sigma(W_l Z_{l-1}) in the nonlinear layers, Z_l = W_l Z_{l-1} in the head;
C_0 = 1/2 |Z_L - Y|_F^2, the sum over samples (arXiv:2410.04887). The activation is the smooth leaky
ReLU sigma(x) = gamma x + (1 - gamma) (log(1 + e^{b x}) - log 2) / b, with sigma(0) = 0 and slopes
between gamma and 1; gamma and its sharpness b are 1 x 1 matrices. Chains are tuples in order of
application.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat

from checkers.arithmetic.balls import (
    Matrix,
    NotRational,
    constant,
    squared_entries,
)
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Tensors = Sequence[Float[Tensor, "B _ _"]]

Chain = tuple[Any, ...]


def _bent(A: Float[Tensor, "B m n"], gamma: Any, sharpness: Any) -> Float[Tensor, "B m n"]:
    """sigma(A), as (1 + gamma) x / 2 + (1 - gamma) log(cosh(b x / 2)) / b."""
    half = (sharpness * A / 2).abs()
    log_cosh = half + ((-2 * half).expm1() / 2).log1p()
    return (1 + gamma) * A / 2 + (1 - gamma) * log_cosh / sharpness


def _slopes(A: Float[Tensor, "B m n"], gamma: Any, sharpness: Any) -> Float[Tensor, "B m n"]:
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


@operation("Z_{L_1}")
def hidden_features(
    X: Float[Tensor, "B d N"], hidden: Tensors, gamma: Any, sharpness: Any
) -> Float[Tensor, "B m N"]:
    """Z_{L1} (width, N), behind the nonlinear layers; of X, the hidden matrices, gamma and b."""
    for A in hidden:
        X = _bent(A @ X, gamma, sharpness)
    return X


@hidden_features.rigorously
def _features_enclosed(X: Any, hidden: Chain, gamma: Any, sharpness: Any) -> Any:
    for A in hidden:
        X = _bent_enclosed(A * X, _number(gamma), _number(sharpness))
    return X


@operation(r"\sigma(W_1 X)")
def first_features(
    X: Float[Tensor, "B d N"], hidden: Tensors, gamma: Any, sharpness: Any
) -> Float[Tensor, "B m N"]:
    """Z_1 = sigma(W_1 X) (n_1, N), behind the first layer."""
    return hidden_features.batched(X, hidden[:1], gamma, sharpness)


@first_features.rigorously
def _first_features_enclosed(X: Any, hidden: Chain, gamma: Any, sharpness: Any) -> Any:
    return _features_enclosed(X, hidden[:1], gamma, sharpness)


@operation(r"\nabla C_0")
def gradients(
    X: Float[Tensor, "B d N"],
    hidden: Tensors,
    head: Tensors,
    classes: Classes,
    gamma: Any,
    sharpness: Any,
) -> tuple[Float[Tensor, "B _ _"], ...]:
    """The gradients of C_0 in W_1, ..., W_L; of X, both chains, the labels, gamma and b."""
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


@quantity(r"C_0(\theta)", exact=False)
def loss(
    X: Float[Tensor, "B d N"],
    hidden: Tensors,
    head: Tensors,
    classes: Classes,
    gamma: Any,
    sharpness: Any,
) -> Float[Tensor, " B"]:
    """C_0, half the squared error; of X, both chains, the labels, gamma and b."""
    Z = hidden_features.batched(X, hidden, gamma, sharpness)
    for A in head:
        Z = A @ Z
    return (Z - X.new_tensor(classes.one_hot)).square().sum((-2, -1)) / 2


@loss.rigorously
def _loss_enclosed(
    X: Any, hidden: Chain, head: Chain, classes: Classes, gamma: Any, sharpness: Any
) -> Any:
    product = reduce(lambda P, A: A * P, head)
    Z = product * _features_enclosed(X, hidden, gamma, sharpness)
    return squared_entries(Z - constant(Z, classes.one_hot_exact)) / 2


start_loss = loss.renamed(
    "start_loss",
    r"C_0(\theta_0)",
    "C_0 at theta_0, half the squared error; of X, both chains, the labels, gamma and b.",
)


def _times(A: arb_mat, B: arb_mat) -> arb_mat:
    entries = [a * b for a, b in zip(A.entries(), B.entries(), strict=True)]
    return arb_mat(A.nrows(), A.ncols(), entries)


@gradients.rigorously
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


@operation(r"\nabla C_0")
def gradients_of_bent_first(
    Z: Float[Tensor, "B m N"], head: Tensors, classes: Classes
) -> tuple[Float[Tensor, "B _ _"], ...]:
    """Gradients of C_0 where sigma, gamma = 1/2 and b = 1, is put behind a head's first matrix."""
    return gradients.batched(Z, head[:1], head[1:], classes, 0.5, 1.0)


@gradients_of_bent_first.rigorously
def _bent_first_gradients_enclosed(Z: Any, head: Chain, classes: Classes) -> Chain:
    return _gradients_enclosed(Z, head[:1], head[1:], classes, arb(0.5), arb(1))
