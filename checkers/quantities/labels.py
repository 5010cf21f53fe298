"""Quantities of the labels alone."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from checkers.quantities import Quantity
from checkers.quantities.classes import Classes


def _smallest_class(classes: Classes) -> Any:
    return float(classes.smallest)


def _smallest_class_exact(classes: Classes) -> Any:
    return fmpq(classes.smallest)


smallest_class = Quantity(
    "smallest_class", r"n_{\min}", batched=_smallest_class, rigorous=_smallest_class_exact
)
"""Number of samples of the smallest class."""


def _largest_class(classes: Classes) -> Any:
    return float(max(classes.counts))


def _largest_class_exact(classes: Classes) -> Any:
    return fmpq(max(classes.counts))


largest_class = Quantity(
    "largest_class", r"n_{\max}", batched=_largest_class, rigorous=_largest_class_exact
)
"""Number of samples of the largest class."""


def _class_size_spread(classes: Classes) -> Any:
    return float(max(classes.counts) - min(classes.counts))


def _class_size_spread_exact(classes: Classes) -> Any:
    return fmpq(max(classes.counts) - min(classes.counts))


class_size_spread = Quantity(
    "class_size_spread",
    r"n_{\max} - n_{\min}",
    batched=_class_size_spread,
    rigorous=_class_size_spread_exact,
)
"""Samples of the largest class less samples of the smallest: zero iff the classes are balanced."""
