"""Provenance: where an instance or a batch comes from, as data that reads as text for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from checkers.sizes import SizeSpec
from checkers.ways import Way, WayKind

Detail = tuple[tuple[str, int | str], ...]


@dataclass(frozen=True)
class Provenance:
    """The way an instance was drawn, at which sizes, and which of its batch it is.

    ``sizes`` are those drawn at: an instance that was made smaller since has others. ``detail``
    names what else tells it apart, such as the step of a training run. ``index`` is the place in
    the batch, None for a batch as a whole and for what was drawn alone.
    """

    way: Way
    sizes: SizeSpec | None = None
    index: int | None = None
    detail: Detail = ()

    def __str__(self) -> str:
        """``integers, K=3, n=1, d=2, draw 543``; ``experiment digits, step 200, network 0``."""
        parts = [self.way.origin]
        if self.sizes is not None:
            parts.append(str(self.sizes))
        parts += [f"{name} {value}" for name, value in self.detail]
        if self.index is not None:
            parts.append(f"draw {self.index}")
        return ", ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Plain data without what is empty; ``from_json`` inverts it."""
        data: dict[str, Any] = {"way": self.way.to_json()}
        if self.sizes is not None:
            data["sizes"] = self.sizes.to_json()
        if self.index is not None:
            data["index"] = self.index
        if self.detail:
            data["detail"] = dict(self.detail)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Provenance:
        """The provenance of plain data. Raises KeyError, TypeError or ValueError on others."""
        unknown = set(data) - {"way", "sizes", "index", "detail"}
        index, detail = data.get("index"), tuple(data.get("detail", {}).items())
        if unknown or not (index is None or (type(index) is int and index >= 0)):
            raise ValueError(f"provenance {dict(data)!r} given; way, sizes, index, detail expected")
        if not all(type(value) in (int, str) for _, value in detail):
            raise ValueError(f"detail {dict(detail)!r} given, integers and texts expected")
        sizes = SizeSpec.from_json(data["sizes"]) if "sizes" in data else None
        return cls(Way.from_json(data["way"]), sizes, index, detail)


UNKNOWN = Provenance(Way(WayKind.UNKNOWN))
"""Nothing is known of where it comes from."""


def from_file(name: str) -> Provenance:
    """A user's file, by its name without folders."""
    return Provenance(Way(WayKind.FILE, name))


def recorded(text: str) -> Provenance:
    """What a witness file of schema 1 says in words."""
    return Provenance(Way(WayKind.RECORDED, text))
