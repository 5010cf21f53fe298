"""Features behind layers with the leaky ReLU of slope 1/2: sigma(x) = max(x, x / 2).

It is exact on rational numbers and the identity on those that are not negative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb

from checkers.quantities import operation

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation("Z_{L_1}")
def leaky_features(
    X: Float[Tensor, "B d N"], hidden: tuple[Float[Tensor, "B _ _"], ...]
) -> Float[Tensor, "B m N"]:
    """Z_{L1} (width, N) of the data X and the nonlinear layers: Z_l = sigma(W_l Z_{l-1})."""
    import torch

    for A in hidden:
        before = A @ X
        X = torch.maximum(before, before / 2)
    return X


@leaky_features.rigorously
def _leaky_features_enclosed(X: Any, hidden: tuple[Any, ...]) -> Any:
    for A in hidden:
        before = A * X
        entries = [x.max(x / 2) if isinstance(x, arb) else max(x, x / 2) for x in before.entries()]
        X = type(before)(before.nrows(), before.ncols(), entries)
    return X
