"""Quantities of the labels alone."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from checkers.quantities import quantity
from checkers.quantities.classes import Classes


@quantity(r"n_{\min}")
def smallest_class(classes: Classes) -> Any:
    """Number of samples of the smallest class."""
    return float(classes.smallest)


@smallest_class.rigorously
def _smallest_class_exact(classes: Classes) -> Any:
    return fmpq(classes.smallest)


@quantity(r"n_{\max}")
def largest_class(classes: Classes) -> Any:
    """Number of samples of the largest class."""
    return float(max(classes.counts))


@largest_class.rigorously
def _largest_class_exact(classes: Classes) -> Any:
    return fmpq(max(classes.counts))


@quantity(r"n_{\max} - n_{\min}")
def class_size_spread(classes: Classes) -> Any:
    """Samples of the largest class less those of the smallest: zero iff classes are balanced."""
    return float(max(classes.counts) - min(classes.counts))


@class_size_spread.rigorously
def _class_size_spread_exact(classes: Classes) -> Any:
    return fmpq(max(classes.counts) - min(classes.counts))
