"""Widths, norms and singular values of the layers of a network, and of differences of networks.

W_1, ..., W_L are the matrices of the hidden layers and of the head, two chains in order of
application (arXiv:2410.04887, section 4). A gain is the square of a least singular value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from flint import arb, fmpq

from checkers.arithmetic.balls import largest, least, squared_entries, total
from checkers.arithmetic.least_eigenvalue import least_eigenvalue
from checkers.arithmetic.spectral import operator_norm as _operator_norm_enclosed
from checkers.quantities import quantity
from checkers.quantities.norms import eigenvalues_of, operator_norm

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Tensors = Sequence[Float[Tensor, "B _ _"]]

Chain = tuple[Any, ...]


def _later(hidden: Iterable[Any], head: Iterable[Any]) -> list[Any]:
    """W_3, ..., W_L."""
    return [*hidden, *head][2:]


@quantity(r"\sigma_{\min}(@)^2", exact=False)
def least_gain(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """The square of the least of the min(m, n) singular values of A (m, n)."""
    gram = A @ A.mT if A.shape[-2] <= A.shape[-1] else A.mT @ A
    return eigenvalues_of(gram)[..., 0].clamp_min(0)


@least_gain.rigorously
def _least_gain_enclosed(A: Any) -> Any:
    T = A.transpose()
    return least_eigenvalue(A * T if A.nrows() <= A.ncols() else T * A).max(arb(0))


@quantity(r"s_K(@)^2", exact=False)
def row_gain(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    """The square of the K-th singular value of A (K, n): zero where n < K."""
    return eigenvalues_of(A @ A.mT)[..., 0].clamp_min(0)


@row_gain.rigorously
def _row_gain_enclosed(A: Any) -> Any:
    return least_eigenvalue(A * A.transpose()).max(arb(0))


first_gain = least_gain.renamed(
    "first_gain",
    r"\lambda_F^2",
    "lambda_F^2, the square of the least of the min(m, n) singular values of sigma(W_1 X).",
)


@quantity(r"\lambda_{3\to L}^2", exact=False)
def later_gain(hidden: Tensors, head: Tensors) -> Float[Tensor, " B"]:
    """Product of the squares of lambda_l = sigma_min(W_l) over l = 3, ..., L; 1 for two layers."""
    import torch

    gains = [least_gain.batched(A) for A in _later(hidden, head)]
    return prod(gains, start=torch.ones_like(head[0][:, 0, 0]))


@later_gain.rigorously
def _later_gain_enclosed(hidden: Chain, head: Chain) -> Any:
    return prod((_least_gain_enclosed(A) for A in _later(hidden, head)), start=arb(1))


@quantity(r"\min_{l \geq 3} \lambda_l^2", exact=False)
def weakest_later(hidden: Tensors, head: Tensors) -> Float[Tensor, " B"]:
    """The least of the squares of lambda_3, ..., lambda_L; infinite for two layers."""
    import torch

    gains = [least_gain.batched(A) for A in _later(hidden, head)]
    return torch.stack([*gains, torch.full_like(head[0][:, 0, 0], torch.inf)]).amin(0)


@weakest_later.rigorously
def _weakest_later_enclosed(hidden: Chain, head: Chain) -> Any:
    return least([*(_least_gain_enclosed(A) for A in _later(hidden, head)), arb("inf")])


def _pyramid(X: Any, hidden: Sequence[Any], head: Sequence[Any]) -> int:
    def shape(A: Any) -> tuple[int, int]:
        return A.shape[-2:] if hasattr(A, "dtype") else (A.nrows(), A.ncols())

    first = shape(hidden[0])[0] - shape(X)[1]
    return min([first, *(shape(A)[1] - shape(A)[0] for A in _later(hidden, head))])


@quantity(r"\min(n_1 - N, n_2 - n_3, \ldots, n_{L-1} - n_L)")
def pyramid(X: Float[Tensor, "B d N"], hidden: Tensors, head: Tensors) -> float:
    """Least of n_1 - N, n_2 - n_3, ..., n_{L-1} - n_L, where n_l is the width of layer l.

    Not negative iff the first layer is as wide as there are samples and widths fall from n_2 on.
    """
    return float(_pyramid(X, hidden, head))


@pyramid.rigorously
def _pyramid_enclosed(X: Any, hidden: Chain, head: Chain) -> fmpq:
    return fmpq(_pyramid(X, hidden, head))


@quantity(r"\|@\|^2")
def squared_length(theta: Tensors) -> Float[Tensor, " B"]:
    """Sum of the squares of the entries of all matrices of a chain."""
    import torch

    return torch.stack([A.square().sum((-2, -1)) for A in theta]).sum(0)


@squared_length.rigorously
def _squared_length_enclosed(theta: Chain) -> Any:
    return total(squared_entries(A) for A in theta)


@quantity(r"\|\theta - \theta_0\|^2")
def distance_to_start(*chains: Tensors) -> Float[Tensor, " B"]:
    """Squared distance of theta from theta_0; of the hidden matrices and the head at either."""
    return squared_length.batched([A - B for A, B in _layers(chains)])


@distance_to_start.rigorously
def _squared_distance_enclosed(*chains: Chain) -> Any:
    return total(squared_entries(A - B) for A, B in _layers(chains))


def _layers(chains: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Each layer at two points; half of the chains are of the first, the others of the second."""
    half = len(chains) // 2
    first, second = ([A for part in of for A in part] for of in (chains[:half], chains[half:]))
    return list(zip(first, second, strict=True))


distance_to_other = distance_to_start.renamed(
    "distance_to_other",
    r"\|\theta - \theta'\|^2",
    "Squared distance of theta from theta'; of the hidden matrices and the head at either.",
)

gradient_change = distance_to_start.renamed(
    "gradient_change",
    r"\|\nabla C_0(\theta) - \nabla C_0(\theta')\|^2",
    "Squared distance of the gradients at theta and theta'; of two chains.",
)


@quantity(r"\left(\prod_l \max(1, \|W_l\|, \|W_l'\|)\right)", exact=False)
def norm_product(*chains: Tensors) -> Float[Tensor, " B"]:
    """Product over layers of the largest operator norm at two points, or 1 where that is larger."""
    import torch

    norm = operator_norm.batched
    ones = torch.ones_like(chains[0][0][:, 0, 0])
    capped = [torch.stack([ones, *map(norm, layer)]).amax(0) for layer in _layers(chains)]
    return prod(capped, start=ones)


@norm_product.rigorously
def _norm_product_enclosed(*chains: Chain) -> Any:
    capped = [largest([arb(1), *map(_operator_norm_enclosed, layer)]) for layer in _layers(chains)]
    return prod(capped, start=arb(1))


@quantity(r"\left(\prod_l \max(\|W_l\|, \|W_l'\|)\right)", exact=False)
def bare_norm_product(*chains: Tensors) -> Float[Tensor, " B"]:
    """Product over layers of the largest operator norm at two points."""
    import torch

    norm = operator_norm.batched
    bare = [torch.stack([*map(norm, layer)]).amax(0) for layer in _layers(chains)]
    return prod(bare, start=torch.ones_like(bare[0]))


@bare_norm_product.rigorously
def _bare_norm_product_enclosed(*chains: Chain) -> Any:
    bare = [largest(map(_operator_norm_enclosed, layer)) for layer in _layers(chains)]
    return prod(bare, start=arb(1))


@quantity(r"\max_i \|@_{:,i}\|^2")
def longest_column(X: Float[Tensor, "B d N"]) -> Float[Tensor, " B"]:
    """The largest squared norm of a column."""
    return X.square().sum(-2).amax(-1)


@longest_column.rigorously
def _longest_column_enclosed(X: Any) -> Any:
    return largest(total(x * x for x in column) for column in X.transpose().tolist())
