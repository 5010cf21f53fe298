"""The collapse metrics by name, each with its convention and where it has no value the reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from checkers.metrics.agreement import disagreement
from checkers.metrics.geometry import (
    condition_number,
    distance_from_dual,
    distance_from_orthogonal_frame,
    distance_from_simplex_etf,
)
from checkers.metrics.network import Network
from checkers.metrics.statistics import Statistics, UndefinedError, statistics_of
from checkers.metrics.variability import (
    between_directions,
    class_distance_normalized_variance,
    pseudo_inverse_trace,
    trace_ratio,
)


@dataclass(frozen=True)
class Metric:
    """A number measured on features: its name, the convention that it follows, how to get it."""

    name: str
    convention: str
    measure: Callable[[Statistics], float]


METRICS = (
    Metric(
        "nc1_pinv_weighted",
        "tr(Σ_W Σ_B⁺) / K, Σ_B around the mean of all samples",
        lambda s: pseudo_inverse_trace(s, s.centred_weighted),
    ),
    Metric(
        "nc1_pinv_unweighted",
        "tr(Σ_W Σ_B⁺) / K, Σ_B around the mean of class means",
        lambda s: pseudo_inverse_trace(s, s.centred_unweighted),
    ),
    Metric(
        "nc1_trace_weighted",
        "tr Σ_W / tr Σ_B, Σ_B around the mean of all samples",
        lambda s: trace_ratio(s, s.centred_weighted),
    ),
    Metric(
        "nc1_trace_unweighted",
        "tr Σ_W / tr Σ_B, Σ_B around the mean of class means",
        lambda s: trace_ratio(s, s.centred_unweighted),
    ),
    Metric(
        "cdnv",
        "mean over pairs of classes of (v_c + v_c') / (2 |μ_c - μ_c'|²)",
        class_distance_normalized_variance,
    ),
    Metric(
        "nc2_etf",
        "Gram matrix of class means minus their mean, from I - 11ᵀ/K, both of norm 1",
        distance_from_simplex_etf,
    ),
    Metric(
        "nc2_orthogonal",
        "Gram matrix of class means, not centred, from I, both of norm 1",
        distance_from_orthogonal_frame,
    ),
    Metric("nc2_condition", "s_1 / s_K of class means, not centred", condition_number),
    Metric(
        "nc3_self_duality",
        "weights, not centred, from class means minus their mean, both of norm 1",
        distance_from_dual,
    ),
    Metric(
        "nc4_disagreement",
        "part of samples where argmax <w_c, x> + b_c is not the nearest μ_c; ties: lowest class",
        disagreement,
    ),
)
"""Distances and norms of matrices are Frobenius; 0 is collapse for all but ``nc2_condition``, 1."""


@dataclass(frozen=True)
class Collapse:
    """Values by name, None where there is none, and why there is none; the rank of Sigma_B."""

    values: dict[str, float | None]
    undefined: dict[str, str]
    rank: int


def measure(network: Network) -> Collapse:
    """All metrics of a network's features (N, d), labels and, where given, classifier."""
    statistics = statistics_of(network)
    values: dict[str, float | None] = {}
    undefined: dict[str, str] = {}
    for metric in METRICS:
        try:
            values[metric.name] = metric.measure(statistics)
        except UndefinedError as reason:
            values[metric.name], undefined[metric.name] = None, str(reason)
    between, _ = between_directions(statistics, statistics.centred_unweighted)
    return Collapse(values, undefined, len(between))
