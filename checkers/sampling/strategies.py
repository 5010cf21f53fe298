"""Hypothesis strategies: instances of a statement drawn by sizes, regime and seed.

Arrays are built from the seed, so that shrinking acts on structure: fewer classes, fewer samples,
fewer dimensions, a plainer regime.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

from checkers.declared.statement import Statement
from checkers.instance import Instance
from checkers.sampling.draws import draw, perturb, regimes_of
from checkers.sizes import SizeSpec
from checkers.ways import near

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

BATCH = 4
"""Instances of one seed, of which one is taken."""


def size_specs(statement: Statement) -> SearchStrategy[SizeSpec]:
    """Sizes within the ranges of a statement, classes of equal size where it assumes that."""
    ranges = statement.ranges

    @st.composite
    def build(choose: DrawFn) -> SizeSpec:
        K = choose(st.integers(*ranges.K))
        samples = st.integers(*ranges.n)
        if statement.balanced:
            counts = (choose(samples),) * K
        else:
            counts = tuple(choose(st.lists(samples, min_size=K, max_size=K)))
        others = {name: choose(st.integers(*span)) for name, span in ranges.others.items()}
        classes = {"K": K, "N": sum(counts)}
        fitted = ranges.fit({**classes, **others}) if ranges.fit else others
        return SizeSpec(counts, tuple(fitted.items()))

    return build()


def instances(statement: Statement) -> SearchStrategy[Instance]:
    """Instances from every regime, sampler and witness neighbourhood of a statement."""

    @st.composite
    def build(choose: DrawFn) -> Instance:
        spec = choose(size_specs(statement))
        witnesses = {near(w.name): w for w in statement.witnesses}
        way = choose(st.sampled_from((*regimes_of(statement), *witnesses)))
        seed = choose(st.integers(0, 2**32 - 1))
        batch = None
        if way in witnesses:
            batch = perturb(statement, witnesses[way], spec, 3 * BATCH, seed)
        if batch is None:
            general = regimes_of(statement)[0] if way in witnesses else way
            batch = draw(statement, spec, general, BATCH, seed)
        return batch[choose(st.integers(0, len(batch) - 1))]

    return build()
