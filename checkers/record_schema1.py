"""Records of schema 1, whose sizes, ways of drawing and provenances were text: read back, once.

A text is taken apart only where what comes of it reads the same again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from checkers import provenance, ways
from checkers.carried_schema1 import carried_of
from checkers.provenance import Provenance
from checkers.sizes import SizeSpec
from checkers.ways import Way, WayKind

REGIMES = ("gaussian", "scales", "low rank", "ties and zeros", "integers")
"""The general regimes that there were; any other name was that of a sampler."""

_NAMED = re.compile(r"(\w+)=(\d+)")
_COUNTS = re.compile(r"n=\((\d+(?:, \d+)+)\)")
_SIZES = r"(?:numbers|(?:K=\d+|n=\(\d+(?:, \d+)+\)|\w+=\d+)(?:, \w+=\d+)*)"
_DRAW = re.compile(rf"(?P<way>.+?)(?:, (?P<sizes>{_SIZES}))?, draw (?P<index>\d+)", re.DOTALL)
_EXPERIMENT = re.compile(r"experiment (.+), step (\d+), network (\d+)", re.DOTALL)
_PROOF_SIZE = re.compile(r"([^=,]+)=(\d+)")


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """The same record as plain data of schema 2. Raises KeyError, TypeError or ValueError."""
    return {
        **data,
        "schema": 2,
        "findings": [_finding(raw) for raw in data["findings"]],
        "proofs": [{**raw, "at": proof_sizes(raw["at"])} for raw in data["proofs"]],
    }


def _finding(raw: Mapping[str, Any]) -> dict[str, Any]:
    checker, cells, worst = raw["checker"], raw["cells"], raw["worst"]
    runs = frozenset(curve["name"] for curve in raw.get("curves", ()))
    found: dict[str, Way] = {}
    changed = []
    for old in cells:
        rest = {name: value for name, value in old.items() if name not in ("sizes", "regime")}
        way = found[old["regime"]] = _way_of(checker, old["regime"], old["sizes"], runs)
        spec = size_spec(old["sizes"])
        changed.append({"sizes": spec.to_json(), "way": way.to_json(), **rest})
    critical = [{**c, "sizes": size_spec(c["sizes"]).to_json()} for c in raw.get("critical", ())]
    if worst:
        where = provenance_of(worst["where"], found.values())
        worst = {**worst, "where": where.to_json()}
    return carried_of({**raw, "cells": changed, "critical": critical, "worst": worst})


def _way_of(checker: str, text: str, sizes: str, runs: frozenset[str]) -> Way:
    """A way that a checker named: flows by their starts, critical points, runs of training."""
    if checker == "training":
        return Way(WayKind.TRAINING, text)
    if f"{text}, {sizes}" in runs:
        return Way(WayKind.FLOW, text)
    if checker == "landscape" and text in ("critical points", "critical points with bias"):
        return Way(WayKind.CRITICAL, text)
    return way(text)


def way(text: str) -> Way:
    """``near simplex ETF``, ``ascent from gaussian``, ``ascent``, or a regime or sampler."""
    if text == "ascent":
        return ways.ascent()
    if text.startswith("ascent from "):
        return ways.ascent(way(text.removeprefix("ascent from ")))
    if text.startswith("near "):
        return ways.near(text.removeprefix("near "))
    return ways.regime(text) if text in REGIMES else ways.sampler(text)


def size_spec(text: str) -> SizeSpec:
    """Sizes such as ``K=3, n=2, d=2``, ``n=(9, 1, 1), d=2``, ``K=2, width=5`` or ``numbers``."""
    unequal = _COUNTS.match(text)
    rest = text[unequal.end() :] if unequal else text
    others = [(name, int(number)) for name, number in _NAMED.findall(rest)]
    counts: tuple[int, ...] = ()
    if unequal:
        counts = tuple(map(int, unequal[1].split(", ")))
    elif [name for name, _ in others[:2]] == ["K", "n"]:
        (_, K), (_, n), *others = others
        counts = (n,) * K
    spec = SizeSpec(counts, tuple(others))
    if str(spec) != text:
        raise ValueError(f"sizes {text!r} given, such as K=3, n=2, d=2 expected")
    return spec


def provenance_of(text: str, known: Iterable[Way] = ()) -> Provenance:
    """What an instance said of itself; of ``known`` ways the one that it names.

    The text is kept as it is where it says something else.
    """
    whole = Provenance(Way(WayKind.WITNESS, text.removeprefix("witness ")))
    experiment = _EXPERIMENT.fullmatch(text)
    draw = _DRAW.fullmatch(text)
    if experiment:
        name, step, network = experiment.groups()
        detail = (("step", int(step)), ("network", int(network)))
        whole = Provenance(Way(WayKind.EXPERIMENT, name), None, None, detail)
    elif draw and not text.startswith("witness "):
        spec = size_spec(draw["sizes"]) if draw["sizes"] else None
        whole = Provenance(_origin(draw["way"], known), spec, int(draw["index"]))
    return whole if str(whole) == text else provenance.recorded(text)


def _origin(text: str, known: Iterable[Way]) -> Way:
    """The way whose instances say this of their origin."""
    noise = " with noise"
    for one in known:
        if one.origin == text and one.kind is not WayKind.ASCENT:
            return one
    if text.startswith("ascent from "):
        return ways.ascent(_origin(text.removeprefix("ascent from "), known))
    if text.endswith(noise):
        return ways.near(text.removesuffix(noise))
    if text.startswith("flow from "):
        return Way(WayKind.FLOW, text.removeprefix("flow from "))
    return way(text)


def proof_sizes(text: str) -> dict[str, int]:
    """``K=2, n=1`` by name; nothing for a proof at all sizes."""
    named = {name.strip(): int(number) for name, number in _PROOF_SIZE.findall(text)}
    if ", ".join(f"{name}={number}" for name, number in named.items()) != text:
        raise ValueError(f"sizes {text!r} given, such as K=2, n=1 expected")
    return named
