from __future__ import annotations

from dataclasses import replace
from itertools import islice

import pytest

from checkers import catalogue
from checkers.sizes import sizes
from checkers.swept import CellSpec
from checkers.ways import GAUSSIAN, WayKind, near, regime, sampler
from late import Late

plan = Late("checkers.sweep.plan", "plan")
ways = Late("checkers.sweep.plan", "ways")

ID = "ji2022_margin_bound"


def first(count, *ids, seed=0):
    statements = [catalogue.load(id) for id in ids or (ID, "jacot2025_nc1")]
    return list(islice(plan(statements, "c0de", seed, "tiny"), count))


def test_the_same_seed_plans_the_same_cells_whatever_the_order_of_the_statements():
    cells = first(100)
    assert cells == first(100, "jacot2025_nc1", ID)
    assert len({cell.key for cell in cells}) == len(cells)
    assert len({cell.number for cell in cells}) == len(cells)


def test_another_seed_draws_other_instances_at_every_size():
    assert not {c.key for c in first(100)} & {c.key for c in first(100, seed=1)}
    late = [{str(c.sizes) for c in first(400, seed=s)[200:]} for s in (0, 1)]
    assert late[0] != late[1]


def test_a_short_budget_is_shared_by_all_statements():
    ids = catalogue.ids()
    assert {cell.statement for cell in first(len(ids), *ids)} == set(ids)


def test_rounds_go_over_all_ways_and_begin_with_the_smallest_sizes():
    statement = catalogue.load(ID)
    known = ways(statement)
    cells = first(20 * len(known), ID)
    for i, cell in enumerate(cells):
        assert (cell.index, cell.way) == (i // len(known), known[i % len(known)])
    smallest = [cells[i * len(known)].sizes for i in range(len(statement.ranges.smallest))]
    assert smallest == list(statement.ranges.smallest)
    assert len({str(c.sizes) for c in cells}) > 10


def test_unequal_classes_come_where_balance_is_no_hypothesis():
    counts = {c.sizes.counts for c in first(2000, "jacot2025_nc1_printed")}
    assert any(max(c) >= 20 * min(c) for c in counts)


def test_what_is_measured_along_one_run_is_only_sampled():
    assert ways(catalogue.load("jacot2025_first_phase")) == (sampler("short runs"),)
    assert ways(catalogue.load("ji2022_kkt_rate")) == (sampler("two times of a flow"),)


def test_the_other_ways_are_regimes_neighbourhoods_and_ascents():
    known = [str(way) for way in ways(catalogue.load(ID))]
    assert {"gaussian", "low rank", "ties and zeros"} < set(known)
    assert {"near simplex ETF", "ascent from gaussian", "ascent from near simplex ETF"} < set(known)
    identity = ways(catalogue.load("ji2022_margin_gap_identity"))
    assert GAUSSIAN in identity
    assert not [way for way in identity if way.kind is WayKind.ASCENT]


def test_shards_divide_the_cells():
    statements = [catalogue.load(ID)]
    whole = list(plan(statements, "c0de", 0, "tiny", cells=90))
    parts = [list(plan(statements, "c0de", 0, "tiny", (i, 3), 90)) for i in (1, 2, 3)]
    assert sorted((c for p in parts for c in p), key=lambda c: c.key) == sorted(
        whole, key=lambda c: c.key
    )
    assert all(len(p) > 10 for p in parts)


@pytest.mark.parametrize(
    "change",
    [
        {"statement": "b"},
        {"sizes": sizes(K=2, n=2, d=3)},
        {"way": regime("ties")},
        {"way": near("gaussian")},
        {"index": 1},
        {"seed": 1},
        {"work": "full"},
    ],
)
def test_the_key_tells_cells_apart(change):
    cell = CellSpec("a", "digest", "c0de", sizes(K=2, n=2, d=2), GAUSSIAN, 0, 0, "tiny")
    assert replace(cell, **change).key != cell.key
    assert replace(cell, code="other", digest="other").key == cell.key
