"""The plan of a sweep: an infinite sequence of cells, the same for the same statements and seed.

Rounds go over all ways of drawing at one size; within a round every statement has its first way
before any has its second, so that a short budget is shared evenly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import count

from checkers.declared.statement import Statement
from checkers.sampling.draws import regimes_of, size_of_round
from checkers.swept import CellSpec
from checkers.ways import GAUSSIAN, Way, ascent, near, sampler

ALL = (1, 1)
"""The shard that is everything."""


def ways(statement: Statement) -> tuple[Way, ...]:
    """Regimes and samplers, neighbourhoods of witnesses, and ascents from what these give.

    Of these, those that the kind of claim has; identities have nothing to ascend.
    """
    drawn, may = regimes_of(statement), statement.kind.drawing
    around = tuple(near(w.name) for w in statement.witnesses) if may.near else ()
    if statement.is_identity or not may.ascent:
        return (*drawn, *around)
    starts = (GAUSSIAN, *(sampler(s.name) for s in statement.samplers[:1]), *around)
    return (*drawn, *around, *map(ascent, starts))


def plan(
    statements: Sequence[Statement],
    codes: Mapping[str, str],
    seed: int,
    work: str,
    shard: tuple[int, int] = ALL,
    cells: int | None = None,
) -> Iterator[CellSpec]:
    """The cells of one shard, of the first ``cells`` of all shards or without end.

    ``codes`` has the version of the code of each statement.
    """
    for number, cell in enumerate(_all(statements, codes, seed, work)):
        if cells is not None and number >= cells:
            return
        if cell.in_shard(shard):
            yield cell


def _all(
    statements: Sequence[Statement], codes: Mapping[str, str], seed: int, work: str
) -> Iterator[CellSpec]:
    known = [(s, s.digest, ways(s)) for s in sorted(statements, key=lambda s: s.id)]
    most = max(len(w) for _, _, w in known)
    for index in count():
        sizes = [size_of_round(s, index, seed) for s, _, _ in known]
        for place in range(most):
            for (statement, digest, drawn), spec in zip(known, sizes, strict=True):
                if place < len(drawn):
                    way = drawn[place]
                    code = codes[statement.id]
                    yield CellSpec(statement.id, digest, code, spec, way, index, seed, work)
