"""Sizes, ways of drawing and provenance: the words for people, and plain data and back."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from checkers.instance import LABELS, Batch
from checkers.provenance import UNKNOWN, Provenance, from_file, recorded
from checkers.sizes import SizeSpec, sizes
from checkers.ways import GAUSSIAN, Way, WayKind, ascent, near, regime, sampler

SIZES = {
    "K=3, n=2, d=4": (sizes(K=3, n=2, d=4), {"counts": [2, 2, 2], "d": 4}, 6),
    "n=(4, 1, 1), d=2": (sizes((4, 1, 1), d=2), {"counts": [4, 1, 1], "d": 2}, 6),
    "K=2, width=5, depth=2": (
        sizes((), K=2, width=5, depth=2),
        {"counts": [], "K": 2, "width": 5, "depth": 2},
        2,
    ),
    "p=3": (sizes((), p=3), {"counts": [], "p": 3}, 1),
    "numbers": (sizes(()), {"counts": []}, 1),
}

WAYS = {
    "low rank": (regime("low rank"), {"kind": "regime", "name": "low rank"}),
    "minima": (sampler("minima"), {"kind": "sampler", "name": "minima"}),
    "near square": (near("square"), {"kind": "near", "name": "square"}),
    "ascent": (ascent(), {"kind": "ascent"}),
    "ascent from near square": (
        ascent(near("square")),
        {"kind": "ascent", "start": {"kind": "near", "name": "square"}},
    ),
    "cross-polytope": (
        Way(WayKind.FLOW, "cross-polytope"),
        {"kind": "flow", "name": "cross-polytope"},
    ),
    "{braces}": (sampler("{braces}"), {"kind": "sampler", "name": "{braces}"}),
}

SMALL = sizes(K=2, n=1, d=2)
RUN = (("step", 6400), ("network", 3))
ORIGINS = {
    "gaussian, K=2, n=1, d=2": Provenance(GAUSSIAN, SMALL),
    "gaussian, K=2, n=1, d=2, draw 0": Provenance(GAUSSIAN, SMALL, 0),
    "square with noise, K=2, n=1, d=2, draw 3": Provenance(near("square"), SMALL, 3),
    "ascent from square with noise, K=2, n=1, d=2": Provenance(ascent(near("square")), SMALL),
    "flow from skewed, K=2, n=1, d=2, draw 66": Provenance(Way(WayKind.FLOW, "skewed"), SMALL, 66),
    "experiment digits, step 6400, network 3": Provenance(
        Way(WayKind.EXPERIMENT, "digits"), detail=RUN
    ),
    "2 layers, 6 networks, draw 1": Provenance(
        Way(WayKind.TRAINING, "2 layers, 6 networks"), index=1
    ),
    "witness square": Provenance(Way(WayKind.WITNESS, "square")),
    "file mine.npz": from_file("mine.npz"),
    "said so": recorded("said so"),
    "unknown": UNKNOWN,
}


@pytest.mark.parametrize("words", SIZES)
def test_sizes_in_words_and_as_data(words):
    spec, data, samples = SIZES[words]
    assert str(spec) == words
    assert spec.to_json() == data
    assert list(spec.to_json()) == list(data), "the order is that of the words"
    assert SizeSpec.from_json(json.loads(json.dumps(data))) == spec
    assert spec.samples == samples


@pytest.mark.parametrize(
    "data",
    [{}, {"d": 2}, {"counts": 2}, {"counts": [2.0]}, {"counts": [], "d": "2"}, {"counts": [True]}],
)
def test_what_are_no_sizes_is_refused(data):
    with pytest.raises((KeyError, TypeError, ValueError)):
        SizeSpec.from_json(data)


@pytest.mark.parametrize("words", WAYS)
def test_ways_in_words_and_as_data(words):
    way, data = WAYS[words]
    assert str(way) == words
    assert way.to_json() == data
    assert Way.from_json(json.loads(json.dumps(way.to_json()))) == way


def test_every_kind_has_a_word_of_its_own_and_survives_the_way_to_a_worker():
    assert len({kind.word for kind in WayKind}) == len(WayKind.__members__)
    for kind in WayKind:
        assert WayKind.of(kind.word) is kind
        assert pickle.loads(pickle.dumps(kind)) is kind


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"kind": "rumour"},
        {"kind": "near", "name": 3},
        {"kind": "near", "from": "gaussian"},
        {"kind": "ascent", "start": "gaussian"},
    ],
)
def test_what_is_no_way_is_refused(data):
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        Way.from_json(data)


@pytest.mark.parametrize("words", ORIGINS)
def test_provenance_in_words_and_as_data(words):
    origin = ORIGINS[words]
    assert str(origin) == words
    assert Provenance.from_json(json.loads(json.dumps(origin.to_json()))) == origin


@pytest.mark.parametrize(
    "change", [{"index": -1}, {"index": True}, {"detail": {"step": 0.5}}, {"where": "here"}]
)
def test_what_is_no_provenance_is_refused(change):
    with pytest.raises((AttributeError, KeyError, TypeError, ValueError)):
        Provenance.from_json({**UNKNOWN.to_json(), **change})


def test_an_instance_of_a_batch_says_which():
    import numpy as np

    arrays = {"W": np.arange(6.0).reshape(3, 2, 1), LABELS: np.array([0, 1])}
    batch = Batch(SMALL.layout, arrays, Provenance(GAUSSIAN, SMALL))
    assert [i.provenance.index for i in batch] == [0, 1, 2]
    assert replace(batch[2].provenance, index=None) == batch.provenance
