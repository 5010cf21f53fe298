"""The equations of a defect vanish where it does, in floats and exactly, and are independent."""

from __future__ import annotations

import numpy as np
import pytest
from flint import fmpq

from checkers.arithmetic.balls import as_float, rational_matrix
from checkers.models.frames import centring
from checkers.quantities.classes import classes_of
from checkers.quantities.collapse import class_mean_spread
from checkers.quantities.duality import (
    distance_from_dual,
    duality_defect,
    etf_defect,
    mean_row,
)
from checkers.quantities.heads import squared_error
from checkers.quantities.multipliers import slackness_defect, stationarity_defect
from checkers.quantities.norms import squared_norm
from checkers.quantities.residuals import class_sum_spread, row_spread
from checkers.quantities.spheres import off_unit_columns, off_unit_rows
from late import Late

torch = Late("torch")

CLASSES = classes_of(np.repeat(np.arange(4), 4), 4)
FRAME = np.asarray(centring(4)).astype(float)
REPEATED = np.repeat(FRAME, 4, 1)
ONES = np.ones((4, 3))
UNIT = np.array([[0.5, -0.5, 0.5, 0.5], [0, 0, -1, 0], [0, 1, 0, 0]])

AT_ZERO = {
    mean_row: (FRAME,),
    etf_defect: (2 * FRAME + 3,),
    duality_defect: (FRAME + 1, 3 * REPEATED - 2, CLASSES),
    distance_from_dual: (FRAME, REPEATED / 2, CLASSES),
    class_mean_spread: (REPEATED + 1, CLASSES),
    row_spread: (ONES,),
    class_sum_spread: (np.ones((2, 16)), CLASSES),
    squared_norm: (0 * ONES,),
    squared_error: (CLASSES.one_hot, CLASSES),
    stationarity_defect: (FRAME, FRAME, FRAME),
    slackness_defect: (FRAME, REPEATED, np.ones((4, 16)), CLASSES),
    off_unit_rows: (UNIT,),
    off_unit_columns: (UNIT.T,),
}


def drawn(arguments, seed):
    """Integers in place of the arrays, of the same shapes."""
    rng = np.random.default_rng(seed)
    return tuple(
        rng.integers(-3, 4, a.shape).astype(float) if isinstance(a, np.ndarray) else a
        for a in arguments
    )


def exactly(arguments):
    return [rational_matrix(a) if isinstance(a, np.ndarray) else a for a in arguments]


def batched(arguments):
    return [torch.tensor(a)[None] if isinstance(a, np.ndarray) else a for a in arguments]


CASES = pytest.mark.parametrize("quantity", AT_ZERO, ids=lambda q: q.name)


@CASES
def test_equations_vanish_with_the_quantity(quantity) -> None:
    given = exactly(AT_ZERO[quantity])
    assert quantity.rigorous(*given) == 0
    assert all(side == 0 for side in quantity.zeros.rigorous(*given))
    if quantity.zeros.positive is not None:
        assert all(x > 0 for x in quantity.zeros.positive(*given))


@CASES
def test_equations_do_not_vanish_elsewhere(quantity) -> None:
    """Nor does any entry of the arrays matter to the one but not to the others."""
    for seed in range(5):
        given = exactly(drawn(AT_ZERO[quantity], seed))
        assert quantity.rigorous(*given) != 0
        assert any(side != 0 for side in quantity.zeros.rigorous(*given))
    for place, array in enumerate(AT_ZERO[quantity]):
        for index in np.ndindex(*array.shape) if isinstance(array, np.ndarray) else ():
            changed = [a.copy() if isinstance(a, np.ndarray) else a for a in AT_ZERO[quantity]]
            changed[place][index] += 1
            given = exactly(changed)
            vanishing = all(side == 0 for side in quantity.zeros.rigorous(*given))
            assert vanishing is bool(quantity.rigorous(*given) == 0)


@CASES
def test_batched_equations_are_the_exact_ones(quantity) -> None:
    for seed in range(3):
        arguments = drawn(AT_ZERO[quantity], seed)
        exact = [as_float(fmpq(x)) for x in quantity.zeros.rigorous(*exactly(arguments))]
        found = quantity.zeros.batched(*batched(arguments))
        assert found.shape == (1, len(exact))
        np.testing.assert_allclose(found[0].numpy(), exact, rtol=1e-12, atol=1e-11)


@CASES
def test_relations_hold_identically(quantity) -> None:
    if quantity.zeros.relations is None:
        return
    for seed in range(3):
        given = exactly(drawn(AT_ZERO[quantity], seed))
        sides = quantity.zeros.rigorous(*given)
        rows = quantity.zeros.relations(*given)
        assert rows
        for row in rows:
            assert len(row) == len(sides)
            assert any(x != 0 for x in row)
            assert sum((x * y for x, y in zip(row, sides, strict=True)), fmpq(0)) == 0


@pytest.mark.parametrize("quantity", [duality_defect, stationarity_defect], ids=lambda q: q.name)
def test_slopes_are_independent_but_for_the_relations(quantity) -> None:
    """At a zero of the quantity, by singular values of the Jacobian."""
    arguments = list(AT_ZERO[quantity])
    tensors = [torch.tensor(a) for a in arguments if isinstance(a, np.ndarray)]
    rest = [a for a in arguments if not isinstance(a, np.ndarray)]

    def sides(*given):
        return quantity.zeros.batched(*(a[None] for a in given), *rest)[0]

    J = torch.cat(
        [j.flatten(1) for j in torch.autograd.functional.jacobian(sides, tuple(tensors))], 1
    ).numpy()
    values = np.linalg.svd(J, compute_uv=False)
    rank = int((values > 1e-9 * values[0]).sum())
    assert rank == len(J) - {"duality_defect": 1, "stationarity_defect": 6}[quantity.name]
