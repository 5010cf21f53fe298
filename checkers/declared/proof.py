"""Exact proofs of claims at named sizes: what has to be verified; the engine verifies it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy

if TYPE_CHECKING:
    from fractions import Fraction


@dataclass(frozen=True)
class Semidefinite:
    """An exact rational symmetric matrix that must be positive semidefinite."""

    matrix: list[list[Fraction]]


@dataclass(frozen=True)
class Vanishing:
    """sympy expressions that must simplify to zero."""

    expressions: tuple[sympy.Expr, ...]


@dataclass(frozen=True)
class Proof:
    """An exact proof of a claim at named sizes (or at all, if ``at`` is empty).

    ``obligation`` maps a size of ``at`` to what has to be verified; the engine verifies it.
    """

    claim: str
    method: str
    obligation: Callable[..., Semidefinite | Vanishing]
    at: tuple[tuple[int, ...], ...] = ()
    names: tuple[str, ...] = ()
    says: str = ""
