"""What metrics are measured on: features, labels and where given a classifier, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from checkers.instance import LABELS, Array, InvalidInput
from checkers.variables import chain, check_labels, check_matrix

FEATURES, WEIGHTS, BIAS = "features", "weights", "bias"
HEAD = "head_0, ..."
ROW_A_SAMPLE = "shape (N, d), one row a sample"


@dataclass(frozen=True)
class Network:
    """Features (N, d) with labels (N,), and the classifier that reads them, where there is one.

    ``weights`` (K, d) and ``bias`` (K,) are float64 as are the features; ``resolution`` is the
    relative spacing of float32 or float16 where the features were given in these, and 0 for what
    is taken to be exact: float64 and integers. ``origin`` says which arrays of a file these are,
    ``ignored`` which other classifiers of the file are not measured.
    """

    features: Array
    labels: Array
    K: int
    weights: Array | None = None
    bias: Array | None = None
    resolution: float = 0.0
    origin: str = FEATURES
    ignored: str = ""


def network_from_arrays(given: Mapping[str, Array]) -> Network:
    """Check a user's arrays; InvalidInput where they are no features, labels and classifier.

    Without ``weights`` the arrays of an instance file are measured where its theorems measure: of
    ``head_0``, ``head_1``, ... and ``features`` or ``Z`` the features that enter the last matrix,
    with that matrix; else ``W`` with ``features`` or ``H``. With ``weights`` the features are
    measured as they are given, and a head or ``W`` beside them is ignored.
    """
    chosen = _features_and_classifier(given)
    arrays = chosen.arrays
    features = check_matrix(arrays[FEATURES], FEATURES)
    N, d = features.shape
    weights = bias = None
    if WEIGHTS in arrays:
        weights = check_matrix(arrays[WEIGHTS], WEIGHTS)
        if weights.shape[1] != d:
            raise InvalidInput(
                f"{WEIGHTS}: shape {weights.shape} given, (K, {d}) expected for features"
                f" {features.shape}; one row a class, one column a feature"
            )
    if BIAS in arrays:
        bias = _bias(arrays[BIAS], weights)
    labels = _given(arrays, LABELS, "integers 0..K-1, shape (N,)")
    K = _classes(labels, N) if weights is None else len(weights)
    labels = check_labels(labels, N, K)
    resolution = _resolution(given[chosen.source])
    ignored = _ignored(given, chosen.classifier)
    return Network(features, labels, K, weights, bias, resolution, chosen.origin, ignored)


class _Chosen(NamedTuple):
    """``arrays`` with ``features`` and ``weights``, and which of a file's arrays these are."""

    arrays: Mapping[str, Array]
    source: str
    classifier: str
    origin: str


def _features_and_classifier(given: Mapping[str, Array]) -> _Chosen:
    """``weights`` come before a head, and a head before ``W``."""
    if WEIGHTS in given:
        _given(given, FEATURES, ROW_A_SAMPLE)
        return _Chosen(given, FEATURES, WEIGHTS, FEATURES)
    head = chain(given, "head")
    if head and (FEATURES in given or "Z" in given):
        X, source = _one_of("Z", given)
        for i, link in enumerate(head):
            matrix = check_matrix(link, f"head_{i}")
            if matrix.shape[1] != X.shape[1]:
                raise InvalidInput(
                    f"head_{i}: shape {matrix.shape} given, {X.shape[1]} columns expected; are the"
                    f" matrices in order, {_LAID_OUT[source]}?"
                )
            if i < len(head) - 1:
                X = X @ matrix.T
        told = f"the features that enter head_{len(head) - 1}"
        return _Chosen({**given, FEATURES: X, WEIGHTS: head[-1]}, source, HEAD, told)
    if "W" in given and (FEATURES in given or "H" in given):
        X, source = _one_of("H", given)
        bias = {BIAS: given["b"].reshape(-1)} if "b" in given and BIAS not in given else {}
        arrays = {**given, FEATURES: X, WEIGHTS: given["W"], **bias}
        return _Chosen(arrays, source, "W", f"{source} and W")
    _given(given, FEATURES, ROW_A_SAMPLE)
    return _Chosen(given, FEATURES, "", FEATURES)


_LAID_OUT = {"Z": "Z with one column a sample", FEATURES: "features with one row a sample"}


def _one_of(name: str, given: Mapping[str, Array]) -> tuple[Array, str]:
    """Features (N, d), given as such or as columns of another array, and the name of the array."""
    if FEATURES in given and name in given:
        raise InvalidInput(f"{name} and {FEATURES}: both given, one expected; leave one out")
    if FEATURES in given:
        return check_matrix(given[FEATURES], FEATURES), FEATURES
    return check_matrix(given[name], name).T, name


def _ignored(given: Mapping[str, Array], chosen: str) -> str:
    """Which classifiers beside the chosen one are not measured; empty if there are none."""
    there = {HEAD: "head_0" in given, "W": "W" in given}
    others = [name for name in there if there[name] and name != chosen]
    if not others or not chosen:
        return ""
    return f"{' and '.join(others)} ignored, {chosen} measured; leave out what is not meant"


def _given(given: Mapping[str, Array], name: str, expected: str) -> Array:
    if name not in given:
        listed = ", ".join(sorted(given)) or "no array"
        raise InvalidInput(
            f"array {name} is missing ({listed} given); expected {expected}; add it to the file"
        )
    return given[name]


def _resolution(given: Array) -> float:
    """That of the array that was given, not of what was computed from it."""
    kind = given.dtype
    return float(np.finfo(kind).eps) if kind.kind == "f" and kind.itemsize < 8 else 0.0


def _bias(bias: Array, weights: Array | None) -> Array:
    if weights is None:
        raise InvalidInput(
            f"{BIAS}: given without {WEIGHTS}, both expected or neither; add {WEIGHTS} (K, d)"
        )
    if bias.shape != (len(weights),):
        raise InvalidInput(
            f"{BIAS}: shape {bias.shape} given, ({len(weights)},) expected, one entry a class"
        )
    return check_matrix(bias[None, :], BIAS)[0]


def _classes(labels: Array, N: int) -> int:
    """As many classes as the largest label says; what is no label is left to be told."""
    if labels.dtype.kind not in "iu" or labels.shape != (N,):
        return 0
    least, largest = int(labels.min()), int(labels.max())
    if least < 0:
        raise InvalidInput(f"{LABELS}: {least} given, 0..K-1 expected; renumber the classes")
    if largest >= N:
        raise InvalidInput(
            f"{LABELS}: {largest} among the labels of {N} samples, each of 0..{largest} with a"
            " sample of its own expected; renumber the classes 0..K-1"
        )
    return largest + 1
