"""What metrics are measured on: features, labels and where given a classifier, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from checkers.instance import LABELS, Array, InvalidInput
from checkers.variables import chain, check_labels, check_matrix

FEATURES, WEIGHTS, BIAS = "features", "weights", "bias"


@dataclass(frozen=True)
class Network:
    """Features (N, d) with labels (N,), and the classifier that reads them, where there is one.

    ``weights`` (K, d) and ``bias`` (K,) are float64 as are the features; ``resolution`` is the
    relative spacing of float32 or float16 where the features were given in these, and 0 for what
    is taken to be exact: float64 and integers. ``origin`` says which arrays
    of a file these are.
    """

    features: Array
    labels: Array
    K: int
    weights: Array | None = None
    bias: Array | None = None
    resolution: float = 0.0
    origin: str = FEATURES


def network_from_arrays(given: Mapping[str, Array]) -> Network:
    """Check a user's arrays; InvalidInput where they are no features, labels and classifier.

    Without ``features`` the arrays of an instance file are measured where its theorems measure:
    ``H`` and ``W`` of unconstrained features, or of ``Z`` and ``head_0``, ``head_1``, ... the
    features that enter the last matrix, with that matrix.
    """
    arrays, origin = _features_and_classifier(given)
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
    return Network(features, labels, K, weights, bias, _resolution(given), origin)


def _features_and_classifier(given: Mapping[str, Array]) -> tuple[Mapping[str, Array], str]:
    if FEATURES in given or WEIGHTS in given:
        _given(given, FEATURES, "shape (N, d), one row a sample")
        return given, FEATURES
    head = chain(given, "head")
    if "Z" in given and head:
        Z = check_matrix(given["Z"], "Z")
        for i, link in enumerate(head):
            name = f"head_{i}"
            matrix = check_matrix(link, name)
            if matrix.shape[1] != len(Z):
                raise InvalidInput(
                    f"{name}: shape {matrix.shape} given, {len(Z)} columns expected;"
                    " are the matrices in order, Z with one column a sample?"
                )
            if i < len(head) - 1:
                Z = matrix @ Z
        told = f"the features that enter head_{len(head) - 1}"
        return {**given, FEATURES: Z.T, WEIGHTS: head[-1]}, told
    if "H" in given and "W" in given:
        H = check_matrix(given["H"], "H")
        bias = {BIAS: given["b"].reshape(-1)} if "b" in given else {}
        return {**given, FEATURES: H.T, WEIGHTS: given["W"], **bias}, "H and W"
    _given(given, FEATURES, "shape (N, d), one row a sample")
    raise AssertionError("unreachable: features are missing")


def _given(given: Mapping[str, Array], name: str, expected: str) -> Array:
    if name not in given:
        listed = ", ".join(sorted(given)) or "no array"
        raise InvalidInput(
            f"array {name} is missing ({listed} given); expected {expected}; add it to the file"
        )
    return given[name]


def _resolution(given: Mapping[str, Array]) -> float:
    """That of what was given, not of what was computed from it."""
    (kind, *_) = (given[name].dtype for name in (FEATURES, "Z", "H") if name in given)
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
