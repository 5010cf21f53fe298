"""Searchers are calibrated on problems whose optimum is known."""

from __future__ import annotations

from math import sqrt

import pytest

from checkers import catalogue
from checkers.evaluation import evaluate_batch
from checkers.sampling.draws import draw
from checkers.sizes import sizes
from checkers.ways import GAUSSIAN, sampler
from late import Late

ascend = Late("checkers.search.ascent", "ascend")


@pytest.mark.parametrize(
    ("K", "d", "ratio"),
    [
        (4, 2, 0.75),
        (5, 3, 2 * sqrt(5) / (2 * sqrt(5) + 1)),
        (5, 2, 0.5527864),
        (4, 3, 1.0),
        (3, 1, 0.0),
    ],
)
def test_ascent_reaches_the_best_code_in_few_dimensions(K: int, d: int, ratio: float) -> None:
    """Largest margin over its bound: the square, a five-point code, the pentagon, the simplex."""
    statement = catalogue.load("ji2022_margin_bound")
    starts = draw(statement, sizes(K=K, n=1, d=d), GAUSSIAN, 48, 3)
    found = evaluate_batch(statement, ascend(statement, statement.claims[0], starts, 1200))
    best = float(found.ratio("margin bound").max())
    assert best == pytest.approx(ratio, abs=5e-6)
    assert best <= ratio + 1e-12, "a value above the known extremum would refute the reference"


def test_random_draws_alone_do_not_reach_it() -> None:
    """Why there is an ascent at all."""
    statement = catalogue.load("ji2022_margin_bound")
    batch = draw(statement, sizes(K=4, n=1, d=3), GAUSSIAN, 20_000, 3)
    assert float(evaluate_batch(statement, batch).ratio("margin bound").max()) < 0.95


def test_ascent_never_returns_less_than_its_start_or_an_inadmissible_point() -> None:
    statement = catalogue.load("jacot2025_nc1_sharp")
    spec = sizes(K=2, n=3, width=4, depth=2, last_width=4)
    starts = draw(statement, spec, sampler("balanced heads"), 16, 3)
    before = evaluate_batch(statement, starts)
    after = evaluate_batch(statement, ascend(statement, statement.claims[0], starts, 60))
    kept = before.admitted
    assert bool(after.admitted[kept].all())
    assert bool((after.ratio("NC1") >= before.ratio("NC1") - 1e-12)[kept].all())
