"""Samples with multiplicities against repeated columns, and the counterexample to (21) by numpy."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

import numpy as np
import pytest

from checkers import catalogue
from checkers.evaluation import certify
from checkers.instance import LABELS, Instance
from checkers.values import ball_values, rational_values
from checkers.variables import N
from checkers.verdict import Verdict
from conjectures.jacot2025.setting import linear_head, repeated

COUNTS = np.array([3, 1, 2, 1, 4, 2])
Y = np.array([0, 1, 1, 2, 0, 2])
PRINTED = "jacot2025_nc3_printed"


def drawn(seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    return {
        "Z": generator.standard_normal((4, 6)),
        "head_0": generator.standard_normal((3, 4)),
        "head_1": generator.standard_normal((3, 3)),
        LABELS: Y,
    }


def both(seed: int) -> tuple[Instance, Instance]:
    """With multiplicities, and with columns that occur as often."""
    layout = {"K": 3, "width": 4, "depth": 2, "last_width": 3}
    arrays = drawn(seed)
    expanded = {
        **arrays,
        "Z": np.repeat(arrays["Z"], COUNTS, axis=1),
        LABELS: np.repeat(Y, COUNTS),
    }
    return (
        Instance({**layout, "N": 6}, {**arrays, "multiplicity": COUNTS[None].astype(float)}),
        Instance({**layout, "N": 13}, expanded),
    )


@pytest.mark.parametrize("seed", range(3))
def test_multiplicities_count_as_repeated_columns(seed: int) -> None:
    few, many = (ball_values(instance) for instance in both(seed))
    for short, long in (
        (repeated.N, N),
        (repeated.e1, linear_head.e1),
        (repeated.r, linear_head.r),
        (repeated.s_K, linear_head.s_K),
        (repeated.NC3, linear_head.NC3),
    ):
        assert few(short).overlaps(many(long)), long
        assert float(few(short).mid()) == pytest.approx(float(many(long).mid()), rel=1e-14)


@pytest.mark.parametrize(("changed", "holds"), [(1.0, True), (1.5, False), (0.0, False)])
def test_multiplicities_are_positive_integers(changed: float, holds: bool) -> None:
    instance, _ = both(0)
    instance.arrays["multiplicity"][0, 1] = changed
    (found,) = certify(catalogue.load(PRINTED), instance)
    assert found.satisfied["whole multiplicities"] is holds
    assert (rational_values(instance)(repeated.WHOLE.margin) >= 0) is holds


def stored() -> Instance:
    (witness,) = catalogue.load(PRINTED).counterexamples
    return witness.instance(witness.sizes[0])


def test_counterexample_to_the_bound_as_printed() -> None:
    """-0.06662 against the bound -0.0585, and all hypotheses hold; by numpy as well."""
    (found,) = certify(catalogue.load(PRINTED), stored())
    assert found.verdict is Verdict.REFUTED
    assert all(found.satisfied.values())

    a = {name: array.astype(float) for name, array in stored().arrays.items()}
    y, c, W = a[LABELS].astype(int), a["multiplicity"][0], a["head_1"]
    samples, smallest = c.sum(), min(c[y == 0].sum(), c[y == 1].sum())
    Z = a["head_0"] @ a["Z"]
    e1 = np.sqrt(c @ ((W @ Z - np.eye(2)[:, y]) ** 2).sum(0))
    r = max(np.linalg.norm(M, 2) for M in (a["Z"] * np.sqrt(c), Z * np.sqrt(c), W, a["head_0"]))
    k = np.linalg.cond(W)
    rows = W[y].T
    cosines = (rows * Z).sum(0) / np.linalg.norm(rows, axis=0) / np.linalg.norm(Z, axis=0)
    nc3 = c @ cosines / samples
    cross = r**2 * e1 / (np.sqrt(smallest) - e1) + np.sqrt(samples) * (k - 1 / k)
    gained = (np.sqrt(samples) - e1) ** 2 + samples / k**2
    bound = (gained - cross**2) / (2 * samples * k * (1 + e1))
    assert (nc3, bound) == pytest.approx((-0.06662475, -0.0585365), abs=1e-7)
    assert float(found.lhs.mid()) == pytest.approx(bound, rel=1e-9)
    assert float(found.rhs.mid()) == pytest.approx(nc3, rel=1e-9)


def test_counterexample_in_rational_numbers() -> None:
    """e2 = 0, the cosines are 60/901 and -1, and e1^2 is below n = 2 10^6 and N / 8."""
    a = stored().arrays
    exact = {name: np.vectorize(Fraction, otypes=[object])(array) for name, array in a.items()}
    W, c, y = exact["head_1"], exact["multiplicity"][0], a[LABELS]
    assert (exact["head_0"] == W.T).all()
    Z = exact["head_0"] @ exact["Z"]
    outputs = W @ Z
    e1_squared, nc3 = Fraction(0), Fraction(0)
    for i, k in enumerate(y):
        inner, squared = W[k] @ Z[:, i], (W[k] @ W[k]) * (Z[:, i] @ Z[:, i])
        length = Fraction(isqrt(squared.numerator), isqrt(squared.denominator))
        assert length**2 == squared
        nc3 += c[i] * inner / length
        errors = outputs[:, i] - np.eye(2, dtype=int)[:, k]
        e1_squared += c[i] * (errors @ errors)
    assert sum(c) == 4_000_000
    assert c[y == 0].sum() == 2_000_000
    assert e1_squared < 500_000
    assert nc3 / 4_000_000 == (Fraction(60, 901) * 1_750_200 - 249_800) / 2_000_000
