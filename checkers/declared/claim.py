"""Hypotheses and claims: what is assumed of an instance, and what is then said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NoReturn

import sympy

from checkers.declared.definition import expanded


@dataclass(frozen=True)
class Hypothesis:
    """A condition: ``margin >= 0``, or ``margin > 0`` if strict. Margins are numbers, not truths.

    A condition that two things are equal is the margin ``-|difference|``. ``named`` is the margin
    as it was given, in the names of definitions.
    """

    name: str
    margin: sympy.Expr
    strict: bool = False
    says: str = ""
    named: sympy.Expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """The margin is kept as it was given, and expanded."""
        object.__setattr__(self, "named", sympy.sympify(self.margin))
        object.__setattr__(self, "margin", expanded(self.margin))


class Side(Enum):
    """Which side of a claim is measured; the other is the bound. Of an identity it is either."""

    LEFT = "lhs"
    RIGHT = "rhs"


@dataclass(frozen=True)
class Claim:
    """``lhs <= rhs``, of which the side ``measured`` is bounded by the other one.

    ``trivial`` is the end of what is possible at all, where there is one: a value that a measured
    lhs never exceeds, or below which a measured rhs never is (a cosine is at least -1). An instance
    on which the bound is no better than that is told nothing by the claim. A side may be a Python
    int or Fraction; a float is refused, because 0.1 is not a tenth. Claims have no truth value:
    evaluate one on an instance. ``named`` has both sides as they were given, in the names of
    definitions; ``lhs`` and ``rhs`` are expanded.
    """

    name: str
    lhs: sympy.Expr
    rhs: sympy.Expr
    trivial: sympy.Expr | None = None
    measured: Side = Side.LEFT
    named: tuple[sympy.Expr, sympy.Expr] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Numbers become sympy's."""
        for side in ("lhs", "rhs"):
            given = getattr(self, side)
            if isinstance(given, float):
                raise TypeError(
                    f"claim {self.name!r}: {side} is the float {given}; write a Rational"
                )
        named = (sympy.sympify(self.lhs), sympy.sympify(self.rhs))
        object.__setattr__(self, "named", named)
        object.__setattr__(self, "lhs", expanded(self.lhs))
        object.__setattr__(self, "rhs", expanded(self.rhs))
        if self.trivial is not None:
            object.__setattr__(self, "trivial", expanded(self.trivial))

    def __bool__(self) -> NoReturn:
        """Raise: a claim is not true or false until it is evaluated."""
        raise TypeError(f"claim {self.name!r} has no truth value; evaluate it on an instance")


def identity(name: str, lhs: sympy.Expr, rhs: sympy.Expr) -> tuple[Claim, Claim]:
    """``lhs == rhs`` as the two claims that make it up."""
    return Claim(f"{name} (at most)", lhs, rhs), Claim(f"{name} (at least)", rhs, lhs)
