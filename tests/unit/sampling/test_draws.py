"""Draws: what the regimes promise about structure, sizes and seeds."""

from __future__ import annotations

import numpy as np
import pytest

from checkers import catalogue
from checkers.instance import LABELS, class_counts
from checkers.sampling.draws import batch_size, draw, perturb, plan_sizes, shapes
from checkers.sampling.regimes import REGIMES
from checkers.sizes import sizes
from checkers.tolerance import PERTURBATIONS
from checkers.ways import GAUSSIAN, regime, sampler

MARGIN = catalogue.load("ji2022_margin_bound")
SHARP = catalogue.load("jacot2025_nc1_sharp")
ANY = catalogue.load("jacot2025_nc1_any_sizes")


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(seed))


@pytest.mark.parametrize("name", sorted(REGIMES))
@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 3)])
def test_regimes_give_finite_matrices_of_their_shape(name: str, shape: tuple[int, int]) -> None:
    drawn = REGIMES[name](generator(), 64, *shape)
    assert drawn.shape == (64, *shape)
    assert np.isfinite(drawn).all()
    assert len(np.unique(drawn, axis=0)) > 1


def test_regimes_have_the_structure_they_are_named_after() -> None:
    ranks = np.linalg.matrix_rank(REGIMES["low rank"](generator(), 200, 5, 6))
    assert set(ranks.tolist()) == {1, 2, 3, 4}
    spread = np.log10(np.abs(REGIMES["scales"](generator(), 400, 3, 3)).max((1, 2)))
    assert spread.min() < -6
    assert spread.max() > 6
    whole = REGIMES["integers"](generator(), 300, 3, 3)
    assert set(np.unique(whole).tolist()) == {-3, -2, -1, 0, 1, 2, 3}
    tied = REGIMES["ties and zeros"](generator(), 200, 4, 4)
    assert (tied == 0).all((1, 2)).any(), "a whole matrix of zeros is among them"
    repeated = [len(np.unique(A, axis=0)) < 4 for A in tied]
    assert np.mean(repeated) > 0.5


def test_the_same_cell_draws_the_same_batch_and_another_seed_another() -> None:
    spec = sizes(K=3, n=2, d=2)
    first, again, other = (draw(MARGIN, spec, GAUSSIAN, 10, seed) for seed in (1, 1, 2))
    for name in first.arrays:
        assert (first.arrays[name] == again.arrays[name]).all()
    assert (first.arrays["W"] != other.arrays["W"]).all()


def test_sizes_begin_with_the_smallest_and_end_with_the_most_unequal() -> None:
    specs = plan_sizes(ANY, 6, 0)
    assert specs[0] == ANY.ranges.smallest[0]
    assert any(max(s.counts) >= 300 and min(s.counts) == 1 for s in specs)
    assert len({s.counts for s in specs}) > 4
    assert all(len(set(s.counts)) == 1 for s in plan_sizes(MARGIN, 12, 0)), "balance is assumed"


def test_samples_come_in_any_order() -> None:
    labels = draw(MARGIN, sizes(K=4, n=4, d=2), GAUSSIAN, 4, 0).arrays[LABELS]
    assert class_counts(labels, 4) == (4, 4, 4, 4)
    assert (labels != np.sort(labels)).any()


def test_prepared_draws_meet_the_hypotheses_mostly_by_construction() -> None:
    from checkers.evaluation import evaluate_batch

    spec = sizes(K=3, n=3, width=6, depth=3, last_width=5)
    own = (sampler("balanced heads"), sampler("displaced outputs"))
    for way in (GAUSSIAN, regime("integers"), *own):
        admitted = evaluate_batch(SHARP, draw(SHARP, spec, way, 200, 0)).admitted
        assert float(admitted.double().mean()) > 0.4, way


def test_noise_on_a_witness_has_every_size_and_spares_no_array() -> None:
    spec = sizes(K=4, n=4, d=4)
    near = perturb(MARGIN, MARGIN.witnesses[0], spec, 240, 0)
    assert near is not None
    exact = MARGIN.witnesses[0].build(spec.layout, near.arrays[LABELS])
    assert exact is not None
    for name in ("W", "H"):
        moved = np.abs(near.arrays[name] - exact[name]).max((1, 2)) / np.abs(exact[name]).max()
        assert (moved == 0).any()
        for size in PERTURBATIONS[:10]:
            assert ((moved > size / 5) & (moved < 20 * size)).any(), (name, size)


def test_a_witness_that_does_not_fit_gives_nothing() -> None:
    assert perturb(MARGIN, MARGIN.witnesses[0], sizes(K=5, n=2, d=2), 12, 0) is None


def test_large_instances_come_in_small_batches() -> None:
    small, large = sizes(K=2, n=1, d=1), sizes((300, 1), width=301, depth=2, last_width=301)
    assert batch_size(MARGIN, small, 2000) == 2000
    assert 4 <= batch_size(ANY, large, 2000) < 20
    assert shapes(ANY, large)["head_1"] == (2, 301)
