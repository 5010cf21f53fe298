"""Kinds of claim, as a statement declares them: which checker decides it, with which parameters.

What the declaration of a kind means is in ``checkers.kinds``, a folder a kind. The text of a
declaration is part of its statement's digest; models are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from checkers.declared.flow_model import FlowModel
    from checkers.declared.landscape_model import LandscapeModel
    from checkers.models.recorded import Recorded


@dataclass(frozen=True)
class Drawing:
    """How instances of a statement may come about.

    ``regimes`` says that they are also drawn by the general regimes, not by the statement's own
    samplers alone; ``near`` that they are drawn around witnesses, with noise; ``ascent`` that a
    sweep ascends from them, with the part ``effort`` of the steps; ``simplified`` that the
    numbers of a counterexample may be rounded.
    """

    regimes: bool = True
    near: bool = True
    ascent: bool = True
    simplified: bool = True
    effort: float = 1.0


ONE_RUN = Drawing(regimes=False, near=False, ascent=False, simplified=False)
"""Measured along one run, which chance does not meet, and which noise or rounding would part."""


@dataclass(frozen=True)
class Kind:
    """What sort of claim a statement makes; ``name`` is also that of the folder that checks it."""

    name: ClassVar[str]

    @property
    def drawing(self) -> Drawing:
        """How instances may come about: in every way."""
        return Drawing()


@dataclass(frozen=True)
class Inequality(Kind):
    """lhs <= rhs on every admitted instance: drawn, ascended, certified.

    ``effort`` is the part of a profile's steps that an ascent takes: less than 1 where a step is
    dear and witnesses are known to reach the extremum.
    """

    name: ClassVar[str] = "inequality"
    effort: float = field(default=1.0, repr=False)

    @property
    def drawing(self) -> Drawing:
        """In every way; an ascent takes part of the steps."""
        return Drawing(effort=self.effort)


@dataclass(frozen=True)
class Flow(Kind):
    """Along the gradient flow of a model, integrated from its starts to the level ``rho2``.

    Levels are what the model measures how far a state is by; of a flow that grows without bound
    that is the squared norm, after which the field is named. The claims hold at every state, on or
    off a flow, or ``between`` any two times of one flow; with ``settles`` the flow must moreover
    come near its limit, as the model tells it.
    """

    name: ClassVar[str] = "flow"
    model: FlowModel[Any, Any] = field(repr=False)
    between: bool = False
    settles: bool = False
    rho2: int = 60_000

    @property
    def drawing(self) -> Drawing:
        """Two times are those of one run."""
        return ONE_RUN if self.between else Drawing()


@dataclass(frozen=True)
class Landscape(Kind):
    """Every critical point is a global minimiser or a strict saddle: critical points are searched.

    For K in ``classes``, n in ``samples`` and d - (K-1) in ``beyond`` (first and last; d >= 1), of
    the problem that the model hands over.
    """

    name: ClassVar[str] = "landscape"
    model: LandscapeModel[Any] = field(repr=False)
    classes: tuple[int, int]
    samples: tuple[int, int]
    beyond: tuple[int, int]

    @property
    def drawing(self) -> Drawing:
        """Not by ascent: what refutes a landscape is critical, and is searched."""
        return Drawing(ascent=False)


@dataclass(frozen=True)
class Training(Kind):
    """What was measured along real training: instances are recorded, not drawn.

    ``record(steps, seed)`` trains networks for that many steps and returns the instances with the
    network and step of each (``models.recorded.Recorded``). Random arrays are no instances of such
    a statement: its own samplers train, too, for fewer steps. ``longest`` bounds the steps.
    """

    name: ClassVar[str] = "training"
    record: Callable[[int, int], Iterable[Recorded]] = field(repr=False)
    longest: int = 10_000

    @property
    def drawing(self) -> Drawing:
        """What is measured is that of one run."""
        return ONE_RUN


INEQUALITY = Inequality()
