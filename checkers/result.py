"""What a checker hands to the engine: its finding and the instances that are worth keeping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from checkers.evaluation import Evaluation
from checkers.instance import Instance
from checkers.record import Finding
from checkers.verdict import Verdict, merge


@dataclass(frozen=True)
class Certified:
    """An instance with its certified evaluations, one a claim."""

    instance: Instance
    evaluations: tuple[Evaluation, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst over the claims."""
        return merge(e.verdict for e in self.evaluations)


@dataclass(frozen=True)
class CheckResult:
    """The finding, the worst certified instance, the counterexample, and blind kills by mutant.

    ``blind`` maps the ids of mutants that drawn instances refuted to such an instance;
    ``witnesses`` the names of witnesses of equality that were certified to what came of them at
    their first size.
    """

    finding: Finding
    worst: Certified | None = None
    counterexample: Certified | None = None
    blind: Mapping[str, Instance] = field(default_factory=dict)
    witnesses: Mapping[str, Certified] = field(default_factory=dict)
