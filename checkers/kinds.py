"""Kinds of claim, as a statement declares them: which checker decides it, with which parameters."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Inequality:
    """lhs <= rhs on every admitted instance: drawn, ascended, certified."""


INEQUALITY = Inequality()
