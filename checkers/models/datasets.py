"""Data sets for training runs: real ones that ship with a library."""

from __future__ import annotations

import numpy as np

from checkers.instance import Array


def digits(per_class: int | None = None) -> tuple[Array, Array]:
    """scikit-learn's handwritten digits: X float64 (64, N), labels (N,).

    Pixels are divided by 16, their largest value, and the mean over all 1,797 images is
    subtracted. ``per_class`` takes that many samples of each class, the first ones; the smallest
    class has 174. None takes all images, whose classes are not of equal size.
    """
    from sklearn.datasets import load_digits

    images = load_digits()
    X, labels = images.data.T / 16, images.target.astype(np.int64)
    X = X - X.mean(axis=1, keepdims=True)
    if per_class is None:
        return X, labels
    counts = np.bincount(labels)
    if per_class < 1 or per_class > counts.min():
        raise ValueError(f"per_class={per_class} given, 1..{counts.min()} expected")
    chosen = np.concatenate([np.flatnonzero(labels == k)[:per_class] for k in range(len(counts))])
    return X[:, chosen], labels[chosen]


DATASETS = {"digits": digits}
