"""The outcomes of a check, their order, and the one way to combine them."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum, IntEnum, StrEnum


class Verdict(IntEnum):
    """What was found, ordered so that the worse of two findings is the larger one."""

    HOLDS = 0
    VACUOUS = 1
    INCONCLUSIVE = 2
    ERROR = 3
    REFUTED = 4

    @property
    def word(self) -> str:
        """Lower-case word, as in JSON and in the report."""
        return self.name.lower()


class Evidence(IntEnum):
    """How strong a finding is."""

    SAMPLED = 0
    SEARCHED = 1
    CERTIFIED = 2
    PROVED = 3

    @property
    def word(self) -> str:
        """Lower-case word, as in JSON and in the report."""
        return self.name.lower()


class Standing(Enum):
    """What is said of a statement before it is checked."""

    THEOREM = "theorem"
    PRINTED = "printed"
    CONJECTURE = "conjecture"
    FALSE = "false"

    def agrees_with(self, verdict: Verdict) -> bool:
        """Whether a verdict is what this standing leads one to expect.

        A printed or open statement is there to be settled: both certified outcomes agree with it.
        """
        if self is Standing.THEOREM:
            return verdict is Verdict.HOLDS
        if self is Standing.FALSE:
            return verdict is Verdict.REFUTED
        return verdict in (Verdict.HOLDS, Verdict.REFUTED)


class Transcription(Enum):
    """How sure the wording of a statement is."""

    VERBATIM = "verbatim"
    RECONSTRUCTED = "reconstructed"
    DERIVED = "derived"


class Character(StrEnum):
    """What a critical point is found to be."""

    GLOBAL = "global minimum"
    LEAST = "least found"
    SADDLE = "strict saddle"
    MINIMUM = "local minimum that is not global"
    UNDECIDED = "undecided"


def merge(verdicts: Iterable[Verdict]) -> Verdict:
    """Combine verdicts: the worst one; of nothing, VACUOUS.

    >>> merge([Verdict.HOLDS, Verdict.REFUTED, Verdict.VACUOUS]).word
    'refuted'
    >>> merge([]).word
    'vacuous'
    """
    return max(verdicts, default=Verdict.VACUOUS)
