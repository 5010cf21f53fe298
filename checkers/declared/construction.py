"""How instances come about: constructions, samplers, and the sizes at which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from checkers.instance import LABELS, Array, Instance
from checkers.provenance import Provenance
from checkers.sizes import SizeSpec
from checkers.ways import Way, WayKind

Arrays = dict[str, Array]
Layout = Mapping[str, int]


@dataclass(frozen=True)
class Witness:
    """A named construction of arrays, for sizes and labels that it is given.

    ``build(sizes, labels)`` returns an array for every stored variable but the labels, float64 or
    exact ``Fraction``, or None where the sizes do not admit it. ``sizes`` are those at which it is
    stored: sizes of the variables, with ``counts`` the samples of each class. As a witness of a
    statement it brings lhs / rhs of the first claim to at least ``tight`` there; 1 is equality.
    """

    name: str
    build: Callable[[Layout, Array], Arrays | None]
    sizes: tuple[SizeSpec, ...]
    tight: float = 1.0
    says: str = ""

    def instance(self, spec: SizeSpec) -> Instance:
        """The instance at a size; raises ValueError where the construction does not fit it."""
        labels = spec.labels()
        arrays = self.build(spec.layout, labels)
        if arrays is None:
            raise ValueError(f"witness {self.name} does not fit {spec}")
        if spec.counts:
            arrays = {**arrays, LABELS: labels}
        return Instance(spec.layout, arrays, Provenance(Way(WayKind.WITNESS, self.name)))


def construction(
    name: str, *sizes: SizeSpec, tight: float = 1.0, says: str = ""
) -> Callable[[Callable[[Layout, Array], Arrays | None]], Witness]:
    """Turns the function below it into the witness that it builds: see ``Witness``."""
    return lambda build: Witness(name, build, sizes, tight, says)


@dataclass(frozen=True)
class Ranges:
    """Which sizes are sampled: K classes, n samples a class, and further sizes by name.

    K = (0, 0) says that no variable has classes or samples. ``fit`` turns drawn numbers into the
    sizes of the variables (say, a width of at least K). Where balance is no hypothesis, classes as
    unequal as 1 against ``heavy`` are drawn too, with the further sizes that ``heavy_sizes`` gives
    for their counts. ``working`` says how many numbers an instance of a size takes beside its
    arrays (a Hessian, say), which bounds batches.
    """

    K: tuple[int, int]
    n: tuple[int, int]
    others: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    fit: Callable[[dict[str, int]], dict[str, int]] | None = None
    smallest: tuple[SizeSpec, ...] = ()
    heavy: int = 300
    heavy_sizes: Callable[[tuple[int, ...]], dict[str, int]] | None = None
    working: Callable[[Layout], int] | None = None


@dataclass(frozen=True)
class Sampler:
    """A structured way to draw instances: ``draw(generator, sizes, labels, batch)`` -> arrays."""

    name: str
    draw: Callable[[np.random.Generator, Layout, Array, int], Arrays]
