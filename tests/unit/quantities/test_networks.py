"""Gradients of networks and of heads against torch's own, and other quantities of layers."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from flint import ctx

from checkers.arithmetic.balls import as_float, ball_matrix, rational_matrix
from checkers.quantities import networks
from checkers.quantities.classes import classes_of
from checkers.quantities.head_descent import descended, head_gradients, penalised, recursion_defect
from checkers.quantities.layers import (
    bare_norm_product,
    least_gain,
    longest_column,
    norm_product,
    pyramid,
    weakest_later,
)

LABELS = np.array([0, 2, 1, 1, 0])
WIDTHS = {
    (1, 1): [4, 6, 3],
    (2, 1): [4, 5, 4, 3],
    (1, 3): [2, 7, 5, 4, 3],
    (2, 2): [3, 6, 5, 4, 3],
}
"""Nonlinear and linear layers, with the widths from d to K."""


def network(layers: tuple[int, int], seed: int = 0):
    """X, hidden matrices and head as numpy arrays."""
    generator = np.random.default_rng(seed)
    widths = WIDTHS[layers]
    matrices = [generator.standard_normal((b, a)) for a, b in pairwise(widths)]
    X = generator.standard_normal((widths[0], len(LABELS)))
    return X, matrices[: layers[0]], matrices[layers[0] :]


def by_autograd(X, hidden, head, gamma: float, sharpness: float):
    """C_0 written with torch's softplus; its gradients by backward differentiation."""
    import torch

    weights = [torch.tensor(A, requires_grad=True) for A in (*hidden, *head)]
    Z = torch.tensor(X)
    for i, A in enumerate(weights):
        Z = A @ Z
        if i < len(hidden):
            soft = torch.nn.functional.softplus(Z, beta=sharpness, threshold=50)
            Z = gamma * Z + (1 - gamma) * (soft - math.log(2) / sharpness)
    Y = torch.nn.functional.one_hot(torch.tensor(LABELS)).T
    (0.5 * (Z - Y).square().sum()).backward()
    return [A.grad.numpy() for A in weights]


@pytest.mark.parametrize("layers", WIDTHS)
@pytest.mark.parametrize(("gamma", "sharpness"), [(0.5, 1.0), (0.1, 30.0), (0.9, 0.25)])
def test_gradients_are_those_of_autograd(layers, gamma: float, sharpness: float) -> None:
    import torch

    classes = classes_of(LABELS, 3)
    X, hidden, head = network(layers)
    expected = by_autograd(X, hidden, head, gamma, sharpness)
    batched = networks.gradients.batched(
        torch.tensor(X)[None],
        tuple(torch.tensor(A)[None] for A in hidden),
        tuple(torch.tensor(A)[None] for A in head),
        classes,
        torch.tensor([[[gamma]]], dtype=torch.float64),
        torch.tensor([[[sharpness]]], dtype=torch.float64),
    )
    with ctx.workprec(128):
        enclosed = networks.gradients.rigorous(
            ball_matrix(X),
            tuple(map(ball_matrix, hidden)),
            tuple(map(ball_matrix, head)),
            classes,
            ball_matrix(np.array([[gamma]])),
            ball_matrix(np.array([[sharpness]])),
        )
    for G, A, B in zip(expected, batched, enclosed, strict=True):
        midpoints = np.array([as_float(x) for x in B.entries()]).reshape(G.shape)
        assert np.abs(A[0].numpy() - G).max() <= 1e-12 * np.abs(G).max()
        assert np.abs(midpoints - G).max() <= 1e-12 * np.abs(G).max()


def test_gradients_of_a_linear_head_are_those_of_a_network_without_hidden_layers() -> None:
    classes = classes_of(LABELS, 3)
    X, hidden, head = network((1, 3))
    expected = by_autograd(X, [], [*hidden, *head], 0.5, 1.0)
    exact = head_gradients.rigorous(
        rational_matrix(X), tuple(map(rational_matrix, (*hidden, *head))), classes
    )
    for G, B in zip(expected, exact, strict=True):
        midpoints = np.array([as_float(x) for x in B.entries()]).reshape(G.shape)
        assert np.abs(midpoints - G).max() <= 1e-12 * np.abs(G).max()


def test_activation_by_hand() -> None:
    """gamma = 1/2, b = 1: sigma(0) = 0, sigma(log 3) = log(3) / 2 + log(2) / 2, sigma' = 7/8."""
    import torch

    x = torch.tensor([[[0.0, math.log(3)]]], dtype=torch.float64)
    value = networks._bent(x, 0.5, 1.0)[0, 0]
    assert value[0] == 0
    assert float(value[1]) == pytest.approx((math.log(3) + math.log(2)) / 2, rel=1e-15)
    assert networks._slopes(x, 0.5, 1.0)[0, 0].tolist() == pytest.approx([0.75, 0.875], rel=1e-15)


def test_a_step_leaves_a_residual_of_rounding_only() -> None:
    """Relative to |D^{k+1}|_F, over many steps of one head (figures: at most 1.1e-15)."""
    import torch

    classes = classes_of(LABELS, 3)
    X, hidden, matrices = network((1, 3), seed=1)
    head = tuple(0.5 * torch.tensor(A)[None] for A in matrices)
    Z = torch.tensor(hidden[0] @ X)[None] / 4
    lam, eta = (torch.tensor([[[x]]], dtype=torch.float64) for x in (0.03, 0.01))
    for _ in range(500):
        G = head_gradients.batched(Z, head, classes)
        after = descended.batched(head, penalised.batched(G, head, lam), eta)
        defect = float(recursion_defect.batched(after, head, G, lam, eta))
        sizes = (B.mT @ B - A @ A.mT for A, B in pairwise(after))
        size = float(sum(D.square().sum() for D in sizes))
        assert defect**0.5 <= 1e-14 * max(size, 1) ** 0.5
        head = after


def test_quantities_of_layers_by_hand() -> None:
    import torch

    def tensor(*rows: list[float]):
        return torch.tensor([rows], dtype=torch.float64)

    W1 = tensor([3.0, 0, 0], [0, 4.0, 0])
    W2, W3 = tensor([0.5, 0], [0, 0.25]), tensor([2.0, 0])
    assert float(least_gain.batched(W1)) == pytest.approx(9)
    assert float(least_gain.batched(W1.mT)) == pytest.approx(9)
    assert float(weakest_later.batched((W1, W2), (W3,))) == pytest.approx(4)
    assert float(weakest_later.batched((W1,), (W2,))) == math.inf
    assert float(longest_column.batched(W1)) == 16
    chains = ((W1,), (W2, W3), (W1 / 2,), (4 * W2, W3))
    assert float(norm_product.batched(*chains)) == pytest.approx(4 * 2 * 2)
    assert float(bare_norm_product.batched((W2,), (W2,), (W2 / 2,), (W2 / 2,))) == pytest.approx(
        0.25
    )
    X = torch.zeros((1, 3, 2))
    assert pyramid.batched(X, (W1, W2), (W3,)) == 0
    assert pyramid.batched(torch.zeros((1, 3, 3)), (W1, W2), (W3,)) == -1
    assert pyramid.batched(X, (W1,), (W3, tensor([1.0], [1.0]))) == -1
