"""Quantities of linear heads against numpy, automatic differentiation and known figures."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from checkers import catalogue
from checkers.declared.statement import Statement, mutated
from checkers.evaluation import certify
from checkers.instance import LABELS, Instance
from checkers.quantities.alignment import class_means, nc3, shortest_column
from checkers.quantities.conditioning import (
    condition,
    early_condition,
    largest_partial_condition,
    smallest_singular_value,
    worst_early_condition,
)
from checkers.quantities.heads import last_features, last_matrix, power_defect, product
from checkers.quantities.leaky_relu import leaky_features
from checkers.quantities.norms import operator_norm
from checkers.quantities.tangent_kernel import tangent_kernel
from checkers.sizes import sizes
from checkers.values import rational_values, tensor_values
from checkers.ways import sampler
from conjectures.jacot2025.setting import deep_network
from conjectures.jacot2025.setting.head_collapse import TURNED
from conjectures.jacot2025.setting.linear_head import Z, head, labels
from conjectures.jacot2025.setting.near_optimal import cheapest, square_sizes


def floats(instance: Instance):
    import torch

    tensors = {k: torch.tensor(a[None]) for k, a in instance.arrays.items() if k != LABELS}
    return tensor_values(tensors, instance.arrays[LABELS], instance.sizes)


def drawn(seed: int) -> Instance:
    generator = np.random.default_rng(seed)
    arrays = {
        "Z": generator.standard_normal((5, 7)),
        "head_0": generator.standard_normal((4, 5)),
        "head_1": generator.standard_normal((4, 4)),
        "head_2": generator.standard_normal((3, 4)),
        LABELS: generator.permutation(np.array([0, 0, 0, 1, 2, 2, 2])),
    }
    return Instance({"K": 3, "N": 7, "width": 5, "depth": 3, "last_width": 4}, arrays)


@pytest.mark.parametrize("seed", range(4))
def test_condition_numbers_by_numpy(seed: int) -> None:
    instance = drawn(seed)
    A, B, C = (instance.arrays[f"head_{i}"] for i in range(3))
    whole, upper = C @ B @ A, C @ B

    def kappa(M: np.ndarray) -> float:
        return float(np.linalg.norm(M, 2) * np.linalg.norm(np.linalg.pinv(M), 2))

    first, second, last = kappa(whole), kappa(upper), kappa(C)
    expected = {
        smallest_singular_value(last_matrix(head)): 1 / np.linalg.norm(np.linalg.pinv(C), 2),
        condition(last_matrix(head)): last,
        condition(product(head)): first,
        largest_partial_condition(head): max(first, second, last),
        early_condition(head): max(
            first, 2**0.5 * min(first, second), 3**0.5 * min(first, second, last)
        ),
        worst_early_condition(head): 3**0.5 * max(first, second, last),
        power_defect(head): np.linalg.norm(np.linalg.matrix_power(C @ C.T, 3) - whole @ whole.T, 2),
    }
    values = floats(instance)
    for symbol, value in expected.items():
        assert float(values(symbol)) == pytest.approx(value, rel=1e-9), symbol


@pytest.mark.parametrize("seed", range(4))
def test_alignment_by_definition(seed: int) -> None:
    instance = drawn(seed)
    a, y = instance.arrays, instance.arrays[LABELS]
    features, W = a["head_1"] @ a["head_0"] @ a["Z"], a["head_2"]
    cosines = [
        features[:, i] @ W[k] / np.linalg.norm(features[:, i]) / np.linalg.norm(W[k])
        for i, k in enumerate(y)
    ]
    means = np.stack([features[:, y == k].mean(1) for k in range(3)], axis=1)
    Z_last = last_features(Z, head)
    expected = {
        nc3(Z_last, last_matrix(head), labels): np.mean(cosines),
        condition(class_means(Z_last, labels)): np.linalg.cond(means),
        shortest_column(Z_last): min(np.linalg.norm(z) ** 2 for z in features.T),
    }
    values = floats(instance)
    for symbol, value in expected.items():
        assert float(values(symbol)) == pytest.approx(value, rel=1e-9), symbol


@pytest.mark.parametrize("seed", range(3))
def test_tangent_kernel_is_the_gram_matrix_of_the_gradients(seed: int) -> None:
    """J J^T by automatic differentiation of the outputs in the matrices of the head."""
    import torch

    instance = drawn(seed)
    weights = tuple(torch.tensor(instance.arrays[f"head_{i}"]) for i in range(3))
    features = torch.tensor(instance.arrays["Z"])
    jacobians = torch.autograd.functional.jacobian(
        lambda A, B, C: (C @ B @ A @ features).flatten(), weights
    )
    J = torch.cat([x.flatten(1) for x in jacobians], dim=1).numpy()
    values = floats(instance)
    kernel = tangent_kernel(Z, head)
    assert np.allclose(values.argument(kernel)[0].numpy(), J @ J.T, rtol=1e-12, atol=1e-12)
    assert float(values(operator_norm(kernel))) == pytest.approx(np.linalg.norm(J, 2) ** 2)


def test_leaky_features_are_exact_on_rational_numbers() -> None:
    """Two layers by hand: (1, -3) -> (1, -3/2) -> (1 + 3/2, -1 - 3) -> (5/2, -2)."""
    arrays = {
        "X": np.array([[1.0], [-3.0]]),
        "hidden_0": np.eye(2),
        "hidden_1": np.array([[1.0, -1.0], [-1.0, 2.0]]),
        "head_0": np.eye(2),
        LABELS: np.array([0]),
    }
    layout = {"K": 2, "N": 1, "d": 2, "L1": 2, "hidden_width": 2, "width": 2, "depth": 1}
    values = rational_values(Instance({**layout, "last_width": 2}, arrays))
    behind = leaky_features(deep_network.X, deep_network.hidden)
    found = [Fraction(int(x.p), int(x.q)) for x in values.argument(behind).entries()]
    assert found == [Fraction(5, 2), Fraction(-2)]


def ratios(statement: Statement, instance: Instance) -> list[float]:
    return [e.ratio for e in certify(statement, instance)]


def refuted(id: str, mutant: str) -> tuple[float, float]:
    """Both sides of a mutant's first claim at its stored instance."""
    statement = catalogue.load(id)
    (found,) = [m for m in statement.mutants if m.id == mutant]
    first = certify(mutated(statement, found), found.by.instance(found.by.sizes[0]))
    return float(first[0].lhs.mid()), float(first[0].rhs.mid())


def test_figures_of_condition_number_and_class_means() -> None:
    """W = a I with a^2 = 2.1 and e1 = 0.1: NC2 = 1.07330 against 1.05683 with g / 2."""
    assert refuted("jacot2025_nc2", "M11") == pytest.approx((1.07330, 1.05683), abs=6e-6)
    measured, bound = refuted("jacot2025_head_conditioning", "M9")
    assert (measured, bound) == pytest.approx((2, 4**0.2))


def test_figures_of_alignment_at_condition_number_two() -> None:
    """The cosine 2 k / (1 + k^2) = 0.8 is attained, where (21) gives (3 - k^2) / (2 k) = -1/4."""
    instance = TURNED.instance(sizes(K=2, n=2, width=2, depth=2, last_width=2))
    for id, bound in (("nc3", -0.25), ("nc3_sharp", 0.8), ("nc3_each_norm", 0.8)):
        (found,) = certify(catalogue.load(f"jacot2025_{id}"), instance)
        assert float(found.lhs.mid()) == pytest.approx(bound)
        assert float(found.rhs.mid()) == pytest.approx(0.8)


def test_figures_of_the_tangent_kernel() -> None:
    """One direction a third: kappa = 3 against 2 sqrt((L2 + 8) / L2) for all of L2 matrices."""
    measured, bound = refuted("jacot2025_ntk_conditioning", "for_all")
    assert measured / 12**0.5 == pytest.approx(3)
    assert bound / 12**0.5 == pytest.approx(2 * (20 / 12) ** 0.5)


def test_figures_of_the_long_direction_that_switches() -> None:
    """a = 1/2, 32 + 32 layers: from class 1 to class 2, 33 layers add 4 and 31 add 1/4."""
    measured, bound = refuted("jacot2025_ntk_conditioning", "no_K")
    assert measured == pytest.approx(64**0.5 * 2)
    assert bound**2 == pytest.approx(33 * 4 + 31 / 4)


@pytest.mark.parametrize(
    ("long", "mutant", "ratio"),
    [
        (5.0, None, 0.9796),
        (20.0, None, 0.9965),
        (20.0, "quarter", 3.75),
        (20.0, "no_layers", 1.99),
        (20.0, "first_power", 1.41),
    ],
)
def test_figures_of_near_optimal_heads(long: float, mutant: str | None, ratio: float) -> None:
    """4096 linear layers behind one nonlinear layer."""
    statement = catalogue.load("jacot2025_conditioning_near_optimal")
    for change in statement.mutants:
        if change.id == mutant:
            statement = mutated(statement, change)
    instance = cheapest("deep", long, square_sizes(2, 1, 1, 4096)).instance(
        square_sizes(2, 1, 1, 4096)
    )
    (found,) = ratios(statement, instance)
    assert found == pytest.approx(ratio, abs=6e-3 if mutant else 6e-5)


def test_each_norm_bounds_are_below_those_with_a_common_radius() -> None:
    """On balanced heads, at every instance that both admit."""
    from checkers.evaluation import evaluate_batch
    from checkers.sampling.draws import draw

    spec = sizes(K=3, n=3, width=6, depth=3, last_width=5)
    batch = draw(catalogue.load("jacot2025_nc2"), spec, sampler("balanced heads"), 400, 7)
    for finer, coarser, sign in (
        ("nc1_each_norm", "nc1_sharp", 1),
        ("nc2_sharp", "nc2", 1),
        ("nc3_each_norm", "nc3_sharp", -1),
    ):
        found = [
            evaluate_batch(catalogue.load(f"jacot2025_{id}"), batch) for id in (finer, coarser)
        ]
        fine, coarse = (next(iter((f.rhs if sign > 0 else f.lhs).values())) for f in found)
        both = found[0].admitted & found[1].admitted
        assert both.sum() > 20
        assert bool((sign * fine[both] <= sign * coarse[both] * (1 + sign * 1e-12)).all()), finer
