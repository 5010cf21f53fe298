"""How much work a check does: three profiles, from a minute to a night."""

from __future__ import annotations

from dataclasses import dataclass

from checkers.instance import InvalidInput


@dataclass(frozen=True)
class Profile:
    """Instances a batch, sizes a statement, starts and steps of the ascent, instances certified.

    ``identity_draws`` replaces ``draws`` for identities, where every instance is a touch and has
    to be certified; ``perturbed`` is a multiple of the twelve sizes of noise. Training runs stop
    at ``training_steps``.
    """

    name: str
    draws: int
    perturbed: int
    identity_draws: int
    sizes: int
    ascent_sizes: int
    starts: int
    steps: int
    certified: int
    simplify_tries: int
    training_steps: int


PROFILES = {
    p.name: p
    for p in (
        Profile("quick", 2000, 120, 12, 10, 3, 32, 500, 12, 400, 6400),
        Profile("ci", 500, 36, 6, 6, 2, 24, 250, 6, 100, 400),
        Profile("nightly", 20000, 1200, 120, 40, 12, 256, 1500, 64, 4000, 25600),
    )
}


def profile_named(name: str) -> Profile:
    """The profile of a name; InvalidInput names the known ones."""
    if name not in PROFILES:
        raise InvalidInput(f"profile {name!r}: not known; expected one of {', '.join(PROFILES)}")
    return PROFILES[name]
