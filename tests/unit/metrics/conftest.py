"""Small networks of integers, and the metrics of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from checkers.metrics.collapse import Collapse, measure
from checkers.metrics.network import network_from_arrays

Arrays = dict[str, Any]


def _collapse(features: Any, labels: Any, **classifier: Any) -> Collapse:
    given = {"features": np.asarray(features), "labels": np.asarray(labels), **classifier}
    return measure(network_from_arrays(given))


def _integers(seed: int, counts: tuple[int, ...], d: int, size: int = 5) -> Arrays:
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.repeat(np.arange(len(counts)), counts))
    return {
        "features": generator.integers(-size, size + 1, (len(labels), d)).astype(float),
        "labels": labels,
        "weights": generator.integers(-size, size + 1, (len(counts), d)).astype(float),
        "bias": generator.integers(-size, size + 1, len(counts)).astype(float),
    }


@pytest.fixture(scope="session")
def collapse() -> Callable[..., Collapse]:
    """``collapse(features, labels, weights=..., bias=...)``: the metrics."""
    return _collapse


@pytest.fixture(scope="session")
def integers() -> Callable[..., Arrays]:
    """``integers(seed, counts, d, size=5)``: arrays of small integers as floats."""
    return _integers
