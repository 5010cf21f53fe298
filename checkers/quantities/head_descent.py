"""Gradient descent on a linear head, and how it moves W_{l+1}^T W_{l+1} - W_l W_l^T.

Gradients of C_0 = 1/2 |Z_L - Y|_F^2, the sum over samples, in the matrices of the head; features Z
(width, N) enter it. Chains are tuples in order of application, lam and eta are 1 x 1 matrices
(arXiv:2410.04887, section 4).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import constant, largest, squared_entries, total
from checkers.arithmetic.spectral import operator_norm as _operator_norm_enclosed
from checkers.quantities import Operation, Quantity, operation
from checkers.quantities.classes import Classes
from checkers.quantities.heads import imbalance
from checkers.quantities.norms import largest_operator_norm, operator_norm

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Tensors = Sequence[Float[Tensor, "B _ _"]]

Chain = tuple[Any, ...]


@operation(r"\nabla C_0")
def head_gradients(
    Z: Float[Tensor, "B m N"], head: Sequence[Float[Tensor, "B _ _"]], classes: Classes
) -> tuple[Float[Tensor, "B _ _"], ...]:
    """The gradients of C_0 in the matrices of the head, a chain of their shapes."""
    # Backwards from the outputs.
    features = [Z]
    for A in head:
        features.append(A @ features[-1])
    delta = features[-1] - Z.new_tensor(classes.one_hot)
    found = []
    for A, entering in zip(reversed(head), reversed(features[:-1]), strict=True):
        found.append(delta @ entering.mT)
        delta = A.mT @ delta
    return tuple(reversed(found))


@head_gradients.rigorously
def _gradients_enclosed(Z: Any, head: Chain, classes: Classes) -> Chain:
    """W_{L:l+1}^T (Z_L - Y) Z^T W_{l-1:L1+1}^T, the product on either side formed anew."""
    found = []
    for i in range(len(head)):
        before, after = Z, None
        for A in head[:i]:
            before = A * before
        outputs = head[i] * before
        for A in head[i + 1 :]:
            outputs, after = A * outputs, A if after is None else A * after
        error = outputs - constant(Z, classes.one_hot_exact)
        G = error * before.transpose()
        found.append(G if after is None else after.transpose() * G)
    return tuple(found)


def _penalised(layers: bool) -> Callable[[Chain, Chain, Any], Chain]:
    """Weight decay lam in every matrix or, by ``layers``, lam, 2 lam, 3 lam, ... in order."""

    def add(G: Chain, head: Chain, lam: Any) -> Chain:
        rate = lam if hasattr(lam, "dtype") else lam[0, 0]
        numbered = enumerate(zip(G, head, strict=True), start=1)
        return tuple(g + W * rate * (i if layers else 1) for i, (g, W) in numbered)

    return add


penalised = Operation(
    "penalised",
    r"\nabla C_\lambda",
    batched=_penalised(layers=False),
    rigorous=_penalised(layers=False),
    convention="R_l = G_l + lam W_l, gradients of C_0 + lam/2 |theta|^2; of G, the head and lam.",
)

penalised_unevenly = Operation(
    "penalised_unevenly",
    r"\nabla C_{\lambda, 2\lambda, \ldots}",
    batched=_penalised(layers=True),
    rigorous=_penalised(layers=True),
    convention="G_l + l lam W_l, l = 1, 2, ...: a weight decay of its own in every layer.",
)


def _descended(head: Chain, R: Chain, eta: Any) -> Chain:
    rate = eta if hasattr(eta, "dtype") else eta[0, 0]
    return tuple(W - g * rate for W, g in zip(head, R, strict=True))


descended = Operation(
    "descended",
    "W^{k+1}",
    batched=_descended,
    rigorous=_descended,
    convention="W_l - eta R_l: a step of gradient descent; of the head, its gradients and eta.",
)


def _last(head: Chain) -> Any:
    return head[-1]


last = Operation(
    "last",
    "W_L",
    batched=_last,
    rigorous=_last,
    convention="The last matrix of a chain.",
)


@operation("W_{L:L_1+1}")
def head_product(head: Tensors) -> Float[Tensor, "B K m"]:
    """The product of all matrices of a chain."""
    return reduce(lambda P, A: A @ P, head)


@head_product.rigorously
def _product_enclosed(head: Chain) -> Any:
    return reduce(lambda P, A: A * P, head)


def _balance(A: Any, B: Any) -> Any:
    """W_{l+1}^T W_{l+1} - W_l W_l^T of neighbours A = W_l and B = W_{l+1}."""
    if hasattr(A, "dtype"):
        return B.mT @ B - A @ A.mT
    return B.transpose() * B - A * A.transpose()


def _defect(power: int, driven: bool) -> Callable[..., Tensor]:
    def measure(
        after: Tensors,
        head: Tensors,
        G: Tensors,
        lam: Float[Tensor, "B 1 1"],
        eta: Float[Tensor, "B 1 1"],
    ) -> Float[Tensor, " B"]:
        import torch

        kept, drive = (1 - eta * lam) ** power, eta**2 * driven
        defects = [
            (_balance(A1, B1) - kept * _balance(A0, B0) - drive * _balance(g, h))
            for (A1, B1), (A0, B0), (g, h) in zip(
                pairwise(after), pairwise(head), pairwise(G), strict=True
            )
        ]
        return torch.stack([D.square().sum((-2, -1)) for D in defects]).sum(0)

    return measure


def _defect_enclosed(power: int, driven: bool) -> Callable[..., Any]:
    def measure(after: Chain, head: Chain, G: Chain, lam: Any, eta: Any) -> Any:
        kept, drive = (1 - eta[0, 0] * lam[0, 0]) ** power, eta[0, 0] ** 2
        found = []
        for i in range(len(head) - 1):
            D = _balance(after[i], after[i + 1]) - _balance(head[i], head[i + 1]) * kept
            if driven:
                D = D - _balance(G[i], G[i + 1]) * drive
            found.append(squared_entries(D))
        return total(found)

    return measure


recursion_defect = Quantity(
    "recursion_defect",
    r"\sum_l \|D_l^{k+1} - (1 - \eta\lambda)^2 D_l^k"
    r" - \eta^2 (G_{l+1}^\top G_{l+1} - G_l G_l^\top)\|_F^2",
    batched=_defect(power=2, driven=True),
    rigorous=_defect_enclosed(power=2, driven=True),
    convention="Sum of the squared residuals of the recursion of"
    " D_l = W_{l+1}^T W_{l+1} - W_l W_l^T; of the next head, the head, its G, lam and eta.",
)

fourth_power_defect = Quantity(
    "fourth_power_defect",
    r"\sum_l \|D_l^{k+1} - (1 - \eta\lambda)^4 D_l^k"
    r" - \eta^2 (G_{l+1}^\top G_{l+1} - G_l G_l^\top)\|_F^2",
    batched=_defect(power=4, driven=True),
    rigorous=_defect_enclosed(power=4, driven=True),
    convention="As recursion_defect, with (1 - eta lam)^4 in place of the square.",
)

undriven_defect = Quantity(
    "undriven_defect",
    r"\sum_l \|D_l^{k+1} - (1 - \eta\lambda)^2 D_l^k\|_F^2",
    batched=_defect(power=2, driven=False),
    rigorous=_defect_enclosed(power=2, driven=False),
    convention="As recursion_defect, without the term in eta^2.",
)


# The symbols of both carry the number of the step, as the paper's D_l^k does.
imbalance_before = imbalance.renamed(
    "imbalance_k",
    r"\max_l \|D_l^{k}\|_{\mathrm{op}}",
    "max_l |D_l| of a head, operator norms of D_l = W_{l+1}^T W_{l+1} - W_l W_l^T.",
)

imbalance_after = imbalance.renamed(
    "imbalance_k_1",
    r"\max_l \|D_l^{k+1}\|_{\mathrm{op}}",
    "max_l |D_l| of the head behind a step, operator norms.",
)

largest_gradient = largest_operator_norm.renamed(
    "largest_gradient",
    r"\max_l \|G_l\|_{\mathrm{op}}",
    "Largest operator norm of the gradients of C_0 in the matrices of the head.",
)


def _coupling(above: bool, below: bool) -> Callable[[Tensors, Tensors], Tensor]:
    def measure(head: Tensors, R: Tensors) -> Float[Tensor, " B"]:
        import torch

        norm = operator_norm.batched
        products = [norm(W) * norm(g) for W, g in zip(head, R, strict=True)]
        return torch.stack([q * above + p * below for p, q in pairwise(products)]).amax(0)

    return measure


def _coupling_enclosed(above: bool, below: bool) -> Callable[[Chain, Chain], Any]:
    def measure(head: Chain, R: Chain) -> Any:
        norm = _operator_norm_enclosed
        products = [norm(W) * norm(g) for W, g in zip(head, R, strict=True)]
        return largest(q * int(above) + p * int(below) for p, q in pairwise(products))

    return measure


coupling = Quantity(
    "coupling",
    r"\max_l \left(\|W_{l+1}\| \|R_{l+1}\| + \|W_l\| \|R_l\|\right)",
    batched=_coupling(above=True, below=True),
    rigorous=_coupling_enclosed(above=True, below=True),
    exact=False,
    convention="max over neighbours of |W_{l+1}| |R_{l+1}| + |W_l| |R_l|, operator norms;"
    " of the head and R.",
)

coupling_above = Quantity(
    "coupling_above",
    r"\max_l \|W_{l+1}\| \|R_{l+1}\|",
    batched=_coupling(above=True, below=False),
    rigorous=_coupling_enclosed(above=True, below=False),
    exact=False,
    convention="max over neighbours of |W_{l+1}| |R_{l+1}|, operator norms; of the head and R.",
)

coupling_below = Quantity(
    "coupling_below",
    r"\max_l \|W_l\| \|R_l\|",
    batched=_coupling(above=False, below=True),
    rigorous=_coupling_enclosed(above=False, below=True),
    exact=False,
    convention="max over neighbours of |W_l| |R_l|, operator norms; of the head and R.",
)
