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
from checkers.quantities import Quantity
from checkers.quantities.norms import eigenvalues_of, operator_norm

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Tensors = Sequence[Tensor]

Chain = tuple[Any, ...]


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


def _row_gain(A: Float[Tensor, "B m n"]) -> Float[Tensor, " B"]:
    return eigenvalues_of(A @ A.mT)[..., 0].clamp_min(0)


def _row_gain_enclosed(A: Any) -> Any:
    return least_eigenvalue(A * A.transpose()).max(arb(0))


row_gain = Quantity(
    "row_gain",
    r"s_K(@)^2",
    batched=_row_gain,
    rigorous=_row_gain_enclosed,
    exact=False,
)
"""The square of the K-th singular value of A (K, n): zero where n < K."""


first_gain = Quantity(
    "first_gain",
    r"\lambda_F^2",
    batched=_least_gain,
    rigorous=_least_gain_enclosed,
    exact=False,
)
"""lambda_F^2, the least gain of sigma(W_1 X)."""


def _later_gain(hidden: Tensors, head: Tensors) -> Tensor:
    import torch

    gains = [_least_gain(A) for A in _later(hidden, head)]
    return prod(gains, start=torch.ones_like(head[0][:, 0, 0]))


def _later_gain_enclosed(hidden: Chain, head: Chain) -> Any:
    return prod((_least_gain_enclosed(A) for A in _later(hidden, head)), start=arb(1))


later_gain = Quantity(
    "later_gain",
    r"\lambda_{3\to L}^2",
    batched=_later_gain,
    rigorous=_later_gain_enclosed,
    exact=False,
)
"""Product of the squares of lambda_l = sigma_min(W_l) over l = 3, ..., L; 1 for two layers."""


def _weakest_later(hidden: Tensors, head: Tensors) -> Tensor:
    import torch

    gains = [_least_gain(A) for A in _later(hidden, head)]
    return torch.stack([*gains, torch.full_like(head[0][:, 0, 0], torch.inf)]).amin(0)


def _weakest_later_enclosed(hidden: Chain, head: Chain) -> Any:
    return least([*(_least_gain_enclosed(A) for A in _later(hidden, head)), arb("inf")])


weakest_later = Quantity(
    "weakest_later",
    r"\min_{l \geq 3} \lambda_l^2",
    batched=_weakest_later,
    rigorous=_weakest_later_enclosed,
    exact=False,
)
"""The least of the squares of lambda_3, ..., lambda_L; infinite for two layers."""


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
    "squared_length", r"\|@\|^2", batched=_squared_length, rigorous=_squared_length_enclosed
)
"""Sum of the squares of the entries of all matrices of a chain."""


def _squared_distance(*chains: Tensors) -> Tensor:
    return _squared_length([A - B for A, B in _layers(chains)])


def _squared_distance_enclosed(*chains: Chain) -> Any:
    return total(squared_entries(A - B) for A, B in _layers(chains))


def _layers(chains: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Each layer at two points; half of the chains are of the first, the others of the second."""
    half = len(chains) // 2
    first, second = ([A for part in of for A in part] for of in (chains[:half], chains[half:]))
    return list(zip(first, second, strict=True))


def _distance(name: str, latex: str) -> Quantity:
    return Quantity(name, latex, batched=_squared_distance, rigorous=_squared_distance_enclosed)


distance_to_start = _distance("distance_to_start", r"\|\theta - \theta_0\|^2")
"""Squared distance of theta from theta_0; of the hidden matrices and the head at either."""

distance_to_other = _distance("distance_to_other", r"\|\theta - \theta'\|^2")
"""Squared distance of theta from theta'; of the hidden matrices and the head at either."""

gradient_change = _distance("gradient_change", r"\|\nabla C_0(\theta) - \nabla C_0(\theta')\|^2")
"""Squared distance of the gradients at theta and theta'; of two chains."""


def _norm_product(*chains: Tensors) -> Tensor:
    import torch

    norm = operator_norm.batched
    ones = torch.ones_like(chains[0][0][:, 0, 0])
    capped = [torch.stack([ones, *map(norm, layer)]).amax(0) for layer in _layers(chains)]
    return prod(capped, start=ones)


def _norm_product_enclosed(*chains: Chain) -> Any:
    capped = [largest([arb(1), *map(_operator_norm_enclosed, layer)]) for layer in _layers(chains)]
    return prod(capped, start=arb(1))


norm_product = Quantity(
    "norm_product",
    r"\left(\prod_l \max(1, \|W_l\|, \|W_l'\|)\right)",
    batched=_norm_product,
    rigorous=_norm_product_enclosed,
    exact=False,
)
"""Product over layers of the largest operator norm at two points, or 1 where that is larger."""


def _bare_norm_product(*chains: Tensors) -> Tensor:
    import torch

    norm = operator_norm.batched
    bare = [torch.stack([*map(norm, layer)]).amax(0) for layer in _layers(chains)]
    return prod(bare, start=torch.ones_like(bare[0]))


def _bare_norm_product_enclosed(*chains: Chain) -> Any:
    bare = [largest(map(_operator_norm_enclosed, layer)) for layer in _layers(chains)]
    return prod(bare, start=arb(1))


bare_norm_product = Quantity(
    "bare_norm_product",
    r"\left(\prod_l \max(\|W_l\|, \|W_l'\|)\right)",
    batched=_bare_norm_product,
    rigorous=_bare_norm_product_enclosed,
    exact=False,
)
"""The same without 1."""


def _longest_column(X: Tensor) -> Tensor:
    return X.square().sum(-2).amax(-1)


def _longest_column_enclosed(X: Any) -> Any:
    return largest(total(x * x for x in column) for column in X.transpose().tolist())


longest_column = Quantity(
    "longest_column",
    r"\max_i \|@_{:,i}\|^2",
    batched=_longest_column,
    rigorous=_longest_column_enclosed,
)
"""The largest squared norm of a column."""
