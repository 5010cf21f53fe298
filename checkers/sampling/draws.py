"""Batches of instances of a statement: sizes, then a regime, a sampler or a witness with noise."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import numpy as np

from checkers.declared.construction import Arrays, Ranges, Witness
from checkers.declared.statement import Statement
from checkers.instance import LABELS, Array, Batch
from checkers.provenance import Provenance
from checkers.sampling.regimes import REGIMES
from checkers.sizes import SizeSpec
from checkers.tolerance import PERTURBATIONS
from checkers.variables import Kind, length
from checkers.ways import Way, WayKind, near, regime, sampler

MAX_ENTRIES = 1_000_000
"""Array entries of a batch, which bounds its memory and time; large instances come in fewer."""


def seed_sequence(*parts: object) -> np.random.SeedSequence:
    """The seed of a cell: a hash of what identifies it, the same on every machine."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return np.random.SeedSequence(int.from_bytes(digest[:16], "big"))


def generator_of(*parts: object) -> np.random.Generator:
    """A Philox generator for a cell."""
    return np.random.Generator(np.random.Philox(seed_sequence(*parts)))


def plan_sizes(statement: Statement, count: int, seed: int) -> list[SizeSpec]:
    """The smallest sizes, then random ones up to ``count``, then the most unequal classes."""
    ranges = statement.ranges
    generator = generator_of(statement.id, "sizes", seed)
    specs = list(ranges.smallest)
    while len(specs) < count:
        specs.append(_random_size(ranges, generator, statement.balanced))
    if not statement.balanced and ranges.K != (0, 0):
        specs += list(_unequal(ranges, generator))
    return specs


def size_of_round(statement: Statement, index: int, seed: int) -> SizeSpec:
    """The size of round ``index`` of a sweep: the smallest ones first, then random ones.

    Every eighth is one of the most unequal classes, where balance is no hypothesis.
    """
    ranges = statement.ranges
    if index < len(ranges.smallest):
        return ranges.smallest[index]
    generator = generator_of(statement.id, "round", index, seed)
    if index % 8 == 7 and not statement.balanced and ranges.K != (0, 0):
        unequal = list(_unequal(ranges, generator))
        return unequal[int(generator.integers(len(unequal)))]
    return _random_size(ranges, generator, statement.balanced)


def _random_size(ranges: Ranges, generator: np.random.Generator, balanced: bool) -> SizeSpec:
    K = int(generator.integers(ranges.K[0], ranges.K[1] + 1))
    low, high = ranges.n
    if balanced or generator.random() < 0.3:
        counts = (int(generator.integers(low, high + 1)),) * K
    else:
        counts = tuple(int(c) for c in generator.integers(low, high + 1, K))
    return SizeSpec(counts, _others(ranges, generator, counts))


def _others(
    ranges: Ranges, generator: np.random.Generator, counts: tuple[int, ...]
) -> tuple[tuple[str, int], ...]:
    drawn = {k: int(generator.integers(a, b + 1)) for k, (a, b) in ranges.others.items()}
    classes = {"K": len(counts), "N": sum(counts)}
    fitted = ranges.fit({**classes, **drawn}) if ranges.fit else drawn
    return tuple(fitted.items())


def _unequal(ranges: Ranges, generator: np.random.Generator) -> Iterator[SizeSpec]:
    """One sample against ``heavy``, against a tenth of it, and one large class of three."""
    for counts in (
        (ranges.heavy, 1),
        (ranges.heavy // 10, 1),
        (1, ranges.heavy // 5, 1),
        (ranges.heavy // 5, ranges.heavy // 5, 1),
    ):
        if ranges.heavy_sizes:
            yield SizeSpec(counts, tuple(ranges.heavy_sizes(counts).items()))
        else:
            yield SizeSpec(counts, _others(ranges, generator, counts))


def shapes(statement: Statement, spec: SizeSpec) -> dict[str, tuple[int, int]]:
    """Shape of every stored array but the labels."""
    layout = spec.layout
    found: dict[str, tuple[int, int]] = {}
    for variable in statement.variables:
        if variable.kind is Kind.MATRIX:
            rows, columns = variable.shape
            found[variable.name] = (length(layout, rows), length(layout, columns))
        elif variable.kind is Kind.CHAIN:
            outputs, inputs = variable.shape
            links = layout[variable.links]
            widths = [layout[inputs], *[layout[variable.inner]] * (links - 1), layout[outputs]]
            for i, name in enumerate(variable.stored(links)):
                found[name] = (widths[i + 1], widths[i])
    return found


def batch_size(statement: Statement, spec: SizeSpec, wanted: int, most: int = MAX_ENTRIES) -> int:
    """As many instances as wanted, or as have ``most`` array entries together; at least four."""
    entries = sum(rows * columns for rows, columns in shapes(statement, spec).values())
    if statement.ranges.working:
        entries += statement.ranges.working(spec.layout)
    return max(4, min(wanted, most // entries))


def regimes_of(statement: Statement) -> tuple[Way, ...]:
    """The general regimes and the statement's own samplers.

    Two times of one flow, or what is measured along training, are not met by chance: for them
    there are only the samplers.
    """
    own = tuple(sampler(s.name) for s in statement.samplers)
    return (*map(regime, REGIMES), *own) if statement.kind.drawing.regimes else own


def draw(statement: Statement, spec: SizeSpec, way: Way, wanted: int, seed: int) -> Batch:
    """A batch of one size and regime or sampler; the same for the same arguments everywhere."""
    generator = generator_of(statement.id, spec, way, seed)
    labels = _labels(statement, spec, generator)
    count = batch_size(statement, spec, wanted)
    if way.kind is WayKind.REGIME:
        arrays: Arrays = {
            name: REGIMES[way.name](generator, count, rows, columns)
            for name, (rows, columns) in shapes(statement, spec).items()
        }
        if statement.prepare:
            arrays = statement.prepare(generator, spec.layout, labels, arrays)
    else:
        own = next(s for s in statement.samplers if s.name == way.name)
        arrays = own.draw(generator, spec.layout, labels, count)
    return Batch(spec.layout, _with_labels(statement, arrays, labels), Provenance(way, spec))


def perturb(
    statement: Statement, witness: Witness, spec: SizeSpec, wanted: int, seed: int
) -> Batch | None:
    """The witness adapted to a size, with noise of relative size 1e-1 to 1e-12 on its arrays.

    Each instance has one size of noise and any non-empty set of arrays that it is put on. None
    where the witness does not fit the size, and for two times of one flow, which noise would part.
    """
    if not statement.kind.drawing.near:
        return None
    generator = generator_of(statement.id, spec, witness.name, seed)
    labels = _labels(statement, spec, generator)
    built = witness.build(spec.layout, labels)
    if built is None:
        return None
    count = batch_size(statement, spec, wanted)
    levels = np.array(PERTURBATIONS)[np.arange(count) % len(PERTURBATIONS)]
    chosen = generator.random((len(built), count)) < 0.6
    chosen[generator.integers(0, len(built), count), np.arange(count)] = True
    arrays: Arrays = {}
    for (name, array), use in zip(built.items(), chosen, strict=True):
        exact = np.asarray(array, dtype=np.float64)
        size = np.sqrt(np.mean(exact**2)) * (levels * use)[:, None, None]
        arrays[name] = exact + size * generator.standard_normal((count, *exact.shape))
    provenance = Provenance(near(witness.name), spec)
    return Batch(spec.layout, _with_labels(statement, arrays, labels), provenance)


def _labels(statement: Statement, spec: SizeSpec, generator: np.random.Generator) -> Array:
    return spec.labels(generator)


def _with_labels(statement: Statement, arrays: Arrays, labels: Array) -> Arrays:
    if any(v.kind is Kind.LABELS for v in statement.variables):
        return {**arrays, LABELS: labels}
    return arrays
