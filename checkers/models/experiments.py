"""Training runs along which statements are evaluated."""

from __future__ import annotations

from dataclasses import dataclass

from checkers.models.mlp import Architecture


@dataclass(frozen=True)
class Experiment:
    """Networks trained by full-batch gradient descent with weight decay on one data set.

    The loss is |Z_L - Y|_F^2 / 2 + weight_decay |theta|^2 / 2, summed over the samples. The
    instance at a checkpoint has Z the features that enter the linear head, and the head.
    """

    name: str
    dataset: str
    per_class: int
    architecture: Architecture
    networks: int
    learning_rate: float
    weight_decays: tuple[float, ...]
    checkpoints: tuple[int, ...]
    gain: float = 1.0


DIGITS = Experiment(
    name="digits",
    dataset="digits",
    per_class=174,
    architecture=Architecture(widths=(64, 64, 64, 64, 64, 10), nonlinear=2),
    networks=4,
    learning_rate=4e-4,
    weight_decays=(1.0, 3.0),
    checkpoints=(0, 50, 100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600),
)
"""Handwritten digits of scikit-learn, 174 of each class (the size of the smallest): two ReLU layers
and three linear ones. Networks take the weight decays in turn. Longer profiles go further."""
