"""Make a counterexample small: fewer samples and coordinates, rounded entries, more zeros.

Every accepted step still violates the same statement with certified hypotheses, by at least half
as much as the first counterexample did.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from checkers.declared.statement import Statement
from checkers.evaluation import evaluate_batch, violates
from checkers.instance import LABELS, Array, Batch, Instance
from checkers.variables import Kind, Variable

ROUNDINGS = (0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Binary places that entries are rounded to, the fewest first."""


ENTRIES = 2_000_000
"""Array entries of all candidates that are tried: large counterexamples get fewer tries."""


class _Budget:
    """How many candidates may still be tried; counted, so that results do not depend on speed."""

    def __init__(self, tries: int, entries: int) -> None:
        self.left = max(20, min(tries, ENTRIES // max(entries, 1)))


def simplify(statement: Statement, instance: Instance, tries: int = 400) -> Instance:
    """A smaller or plainer counterexample, or the given one, after at most ``tries`` candidates.

    One of exact fractions is a construction and as plain as it gets: it is returned, as is any one
    when there are no tries.
    """
    if not tries or any(a.dtype == object for a in instance.arrays.values()):
        return instance
    budget = _Budget(tries, sum(a.size for a in instance.arrays.values()))
    least = _violation(statement, instance) / 2
    changed = True
    while changed and budget.left > 0:
        changed = False
        for candidates in (_shrunk, _rounded, _zeroed):
            accepted = _first(statement, candidates(statement, instance), least, budget)
            while accepted is not None:
                instance, changed = accepted, True
                accepted = (
                    None
                    if candidates is _rounded
                    else _first(statement, candidates(statement, instance), least, budget)
                )
    return instance


def _first(
    statement: Statement, candidates: Iterator[Instance], least: float, budget: _Budget
) -> Instance | None:
    for candidate in candidates:
        if budget.left <= 0:
            return None
        budget.left -= 1
        seems = _violation(statement, candidate)
        if seems > 0 and seems >= least and violates(statement, candidate):
            return candidate
    return None


def _violation(statement: Statement, instance: Instance) -> float:
    """The largest relative violation over the claims in float64; 0 where not admitted."""
    arrays = {k: a if k == LABELS else a[None] for k, a in instance.arrays.items()}
    found = evaluate_batch(statement, Batch(instance.sizes, arrays))
    if not bool(found.admitted):
        return 0.0
    return max(-float(found.relative_slack(c.name)) for c in statement.claims)


def _axes(statement: Statement, sizes: Mapping[str, int]) -> dict[str, list[tuple[str, int]]]:
    """Size name -> the arrays and axes that have it; widths inside a chain by their number."""
    axes: dict[str, list[tuple[str, int]]] = {}
    for variable in statement.variables:
        for name, axis, size in _axes_of(variable, sizes):
            axes.setdefault(size, []).append((name, axis))
    return axes


def _axes_of(variable: Variable, sizes: Mapping[str, int]) -> Iterator[tuple[str, int, str]]:
    if variable.kind is Kind.CHAIN:
        outputs, inputs = variable.shape
        links = sizes[variable.links]
        widths = [inputs, *(f"{variable.inner} {i}" for i in range(1, links)), outputs]
        for i in range(links):
            yield f"{variable.name}_{i}", 1, widths[i]
            yield f"{variable.name}_{i}", 0, widths[i + 1]
    else:
        for axis, size in enumerate(variable.shape):
            if not size.isdigit():
                yield variable.name, axis, size


def _shrunk(statement: Statement, instance: Instance) -> Iterator[Instance]:
    """Without some samples (halves first), or without one coordinate; classes are kept."""
    axes = _axes(statement, instance.sizes)
    for size, places in axes.items():
        if size == "K":
            continue
        length = instance.arrays[places[0][0]].shape[places[0][1]]
        drops = _samples(instance) if size == "N" else _coordinates(length)
        for drop in drops:
            if 0 < len(drop) < length:
                yield _without(statement, instance, size, places, drop)


def _coordinates(length: int) -> Iterator[list[int]]:
    """Sets of coordinates to drop: the later half, quarters, eighths, then one at a time."""
    for part in (2, 4, 8):
        size = length // part
        if size > 1:
            yield from (list(range(i, i + size)) for i in range(length - size, -1, -size))
    yield from ([i] for i in range(length - 1, -1, -1))


def _samples(instance: Instance) -> Iterator[list[int]]:
    """Sets of samples to drop, keeping one of every class: many at once, then one a class."""
    labels = instance.arrays[LABELS]
    members = [np.flatnonzero(labels == k).tolist() for k in range(instance.sizes["K"])]
    for part in (2, 4, 8):
        for group in members:
            if len(group) >= part > 1 and len(group) // part >= 1:
                yield group[: len(group) // part]
    if min(map(len, members)) > 1:
        yield [group[0] for group in members]
    for group in members:
        if len(group) > 1:
            yield from ([i] for i in group)


def _without(
    statement: Statement,
    instance: Instance,
    size: str,
    places: list[tuple[str, int]],
    drop: list[int],
) -> Instance:
    arrays = dict(instance.arrays)
    for name, axis in places:
        arrays[name] = np.delete(arrays[name], drop, axis=axis)
    sizes = dict(instance.sizes)
    if size in sizes:
        sizes[size] -= len(drop)
    for variable in statement.variables:
        if variable.kind is Kind.CHAIN:
            last = variable.stored(sizes[variable.links])[-1]
            sizes[variable.inner] = arrays[last].shape[1]
    return Instance(sizes, arrays, instance.provenance)


def _rounded(statement: Statement, instance: Instance) -> Iterator[Instance]:
    """All arrays, or one, rounded to few binary places relative to their largest entry."""
    names = [k for k in instance.arrays if k != LABELS]
    for places in ROUNDINGS:
        for chosen in (names, *([name] for name in names)):
            arrays = {
                k: _round(a, places) if k in chosen else a for k, a in instance.arrays.items()
            }
            if any((arrays[k] != instance.arrays[k]).any() for k in chosen):
                yield Instance(instance.sizes, arrays, instance.provenance)


def _round(array: Array, places: int) -> Array:
    largest = float(np.abs(array).max())
    if not largest:
        return array
    unit = 2.0 ** (np.floor(np.log2(largest)) - places)
    return np.round(array / unit) * unit


def _zeroed(statement: Statement, instance: Instance) -> Iterator[Instance]:
    """One entry set to zero, the smallest first; at most 200 are tried."""
    entries = [
        (abs(float(a[index])), name, index)
        for name, a in instance.arrays.items()
        if name != LABELS and a.size <= 400
        for index in np.ndindex(a.shape)
        if a[index]
    ]
    for _, name, index in sorted(entries)[:200]:
        array = instance.arrays[name].copy()
        array[index] = 0.0
        yield Instance(instance.sizes, {**instance.arrays, name: array}, instance.provenance)
