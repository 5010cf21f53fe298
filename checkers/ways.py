"""Ways of drawing: where a batch of instances comes from, as data; text is made for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any


class Manner(StrEnum):
    """What a way of drawing has in common with others, as the legend of a picture tells it."""

    DRAWN = "drawn at random"
    NEAR = "near a witness"
    ASCENT = "found by ascent"


class WayKind(Enum):
    """A kind of way: its word in JSON, how a way reads, how an instance of it does, its manner.

    In the words, ``{name}`` is the way's name and ``{start}`` the way that it starts from.
    """

    REGIME = ("regime", "{name}", "{name}", Manner.DRAWN)
    SAMPLER = ("sampler", "{name}", "{name}", Manner.DRAWN)
    NEAR = ("near", "near {name}", "{name} with noise", Manner.NEAR)
    ASCENT = ("ascent", "ascent from {start}", "ascent from {start}", Manner.ASCENT)
    FLOW = ("flow", "{name}", "flow from {name}", Manner.DRAWN)
    CRITICAL = ("critical", "{name}", "{name}", Manner.DRAWN)
    TRAINING = ("training", "{name}", "{name}", Manner.DRAWN)
    EXPERIMENT = ("experiment", "experiment {name}", "experiment {name}", Manner.DRAWN)
    WITNESS = ("witness", "witness {name}", "witness {name}", Manner.NEAR)
    FILE = ("file", "file {name}", "file {name}", Manner.DRAWN)
    RECORDED = ("recorded", "{name}", "{name}", Manner.DRAWN)
    UNKNOWN = ("unknown", "unknown", "unknown", Manner.DRAWN)

    def __init__(self, word: str, says: str, origin: str, manner: Manner) -> None:
        """``word`` must be another one for each kind."""
        self.word = word
        self.says = says
        self.origin = origin
        self.manner = manner

    @classmethod
    def of(cls, word: str) -> WayKind:
        """The kind of a word in JSON. Raises ValueError for one that is none."""
        for kind in cls:
            if kind.word == word:
                return kind
        raise ValueError(f"way of kind {word!r} given, one of {[k.word for k in cls]} expected")


@dataclass(frozen=True)
class Way:
    """One way of drawing: a regime, a sampler, the neighbourhood of a witness, ...

    ``name`` is that of the regime, sampler, witness, flow or run; ``start`` the way that an ascent
    starts from, None where it may have been any.
    """

    kind: WayKind
    name: str = ""
    start: Way | None = None

    def __str__(self) -> str:
        """``gaussian``, ``near simplex ETF``, ``ascent from near simplex ETF``, ``ascent``."""
        if self.start is None and "{start}" in self.kind.says:
            return self.kind.word
        return self.kind.says.format(name=self.name, start=self.start)

    @property
    def origin(self) -> str:
        """What is said of an instance: ``simplex ETF with noise``, ``flow from cross-polytope``."""
        if self.start is None:
            return self.kind.word if "{start}" in self.kind.origin else self._origin("")
        return self._origin(self.start.origin)

    def _origin(self, start: str) -> str:
        return self.kind.origin.format(name=self.name, start=start)

    def to_json(self) -> dict[str, Any]:
        """``{"kind": "near", "name": "simplex ETF"}``; what is empty is left out."""
        data: dict[str, Any] = {"kind": self.kind.word}
        if self.name:
            data["name"] = self.name
        if self.start is not None:
            data["start"] = self.start.to_json()
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Way:
        """The way of plain data. Raises KeyError, TypeError or ValueError on anything else."""
        unknown = set(data) - {"kind", "name", "start"}
        name = data.get("name", "")
        if unknown or not isinstance(name, str):
            raise ValueError(f"way {dict(data)!r} given; kind, name (text) and start expected")
        start = cls.from_json(data["start"]) if "start" in data else None
        return cls(WayKind.of(data["kind"]), name, start)


def regime(name: str) -> Way:
    """A general regime of ``checkers.sampling.regimes``."""
    return Way(WayKind.REGIME, name)


def sampler(name: str) -> Way:
    """A statement's own sampler."""
    return Way(WayKind.SAMPLER, name)


def near(witness: str) -> Way:
    """The neighbourhood of a witness: the construction with noise."""
    return Way(WayKind.NEAR, witness)


def ascent(start: Way | None = None) -> Way:
    """An ascent from what another way gives, or from any."""
    return Way(WayKind.ASCENT, start=start)


GAUSSIAN = regime("gaussian")
"""The regime that ascents start from."""
