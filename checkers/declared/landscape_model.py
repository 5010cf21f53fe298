"""What a landscape hands to its checker: the problem with its derivatives, starts, a certificate.

Points are a batch of points of problems of equal sizes, float64 tensors with a leading batch
dimension B; the coordinates of a point are one vector of m entries.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from torch import Tensor

    from checkers.declared.construction import Arrays
    from checkers.declared.kinds import Landscape
    from checkers.instance import Array
    from checkers.sizes import SizeSpec
    from checkers.ways import Way


class Points(Protocol):
    """Points of problems, with what a search needs of them."""

    def __len__(self) -> int:
        """Number of points."""

    def __getitem__(self, index: Tensor) -> Self:
        """Those of an index or mask."""

    @property
    def vector(self) -> Tensor:
        """All coordinates (B, m)."""

    def at(self, vector: Tensor) -> Self:
        """The same problems at other coordinates."""

    @property
    def value(self) -> Tensor:
        """f (B,), of order 1."""

    @property
    def gradient(self) -> Tensor:
        """Of f (B, m)."""

    @property
    def hessian(self) -> Tensor:
        """Of f (B, m, m)."""

    @property
    def terms(self) -> int:
        """How many terms f is the mean of: that many times its gradient is of order 1."""

    @property
    def threshold(self) -> Tensor:
        """The size of a curvature that counts (B,)."""


@dataclass(frozen=True)
class Case:
    """One search: a size, and which of the model's problems.

    ``place`` are the numbers that ``dimensions`` of the model names; ``way`` is how the
    points are drawn, ``key`` what tells the random numbers of the search from those
    of another one at this size. ``coordinates`` says how dear a point is. With ``minima``
    optimality has no certificate, and local minima are looked for.
    """

    spec: SizeSpec
    place: tuple[int, ...]
    way: Way
    key: object
    coordinates: int
    minima: bool = False


PointsT = TypeVar("PointsT")


@dataclass(frozen=True)
class Starts(Generic[PointsT]):
    """Starts that go to critical points or, ``downhill``, to local minima.

    ``problem`` (B,) numbers them: those of one number are points of the same problem.
    """

    points: PointsT
    problem: Array
    downhill: bool = False


class Enclosed(Protocol):
    """One point in ball arithmetic at the precision that is set; numbers are flint's ``arb``."""

    def value(self) -> Any:
        """f."""

    def second_derivative(self, direction: Array) -> Any:
        """Of f along coordinates (m,)."""

    def lower_bound(self) -> Any:
        """A number that no value of f is below, at any coordinates."""


class LandscapeModel(Protocol[PointsT]):
    """A family of problems, handed in by ``Landscape(model=...)``."""

    @property
    def dimensions(self) -> str:
        """Names of the numbers of a place, as they are written: ``(K, n, d)``."""

    def cases(self, kind: Landscape, variables: Collection[str]) -> Iterator[Case]:
        """The searches for a statement of these variables."""

    def starts(
        self, generator: np.random.Generator, case: Case, count: int
    ) -> Iterable[Starts[PointsT]]:
        """About ``count`` starts, of every rank and with ties, for several problems."""

    def whole(self, ends: Sequence[PointsT], case: Case) -> PointsT:
        """What searches ended at in one batch, in as many coordinates as the case has."""

    def invariants(self, points: PointsT) -> Sequence[Tensor]:
        """Numbers (B,) that tell orbits of equal value apart."""

    def enclosed(self, points: PointsT, index: int) -> Enclosed:
        """A point of a batch in balls."""

    def arrays(self, points: PointsT, lowest: Array) -> Arrays:
        """Arrays (B, ...) by the name of a variable; ``lowest`` (B,) of the same problem."""

    def nonzero(self, points: PointsT) -> Tensor:
        """Which points (B,) are not the trivial one."""

    def measured(self, points: PointsT) -> Sequence[Mapping[str, float | None]]:
        """What is recorded of each point beside its value, gradient and curvature."""
