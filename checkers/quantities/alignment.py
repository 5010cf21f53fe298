"""Alignment of features Z (width, N) with the rows of a classifier W (K, width)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from checkers.arithmetic.balls import constant, least, total
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation(r"\bar{@}")
def class_means(Z: Float[Tensor, "B m N"], classes: Classes) -> Float[Tensor, "B m K"]:
    """The means of the classes as columns (width, K), not centred."""
    import torch

    return Z @ torch.as_tensor(classes.means, dtype=Z.dtype, device=Z.device)


@class_means.rigorously
def _class_means_enclosed(Z: Any, classes: Classes) -> Any:
    return Z * constant(Z, classes.means_exact)


@quantity(r"\mathrm{NC3}(@, @@)", exact=False)
def nc3(
    Z: Float[Tensor, "B m N"], W: Float[Tensor, "B K m"], classes: Classes
) -> Float[Tensor, " B"]:
    """Mean over the samples of the cosine of a feature and the row of its class (arXiv:2410.04887).

    Undefined where a feature or a row vanishes."""
    import torch

    rows = W[:, torch.as_tensor(classes.labels, device=W.device)]
    columns = Z.mT
    lengths = rows.norm(dim=-1) * columns.norm(dim=-1)
    return ((rows * columns).sum(-1) / lengths).mean(-1)


@nc3.rigorously
def _nc3_enclosed(Z: Any, W: Any, classes: Classes) -> Any:
    inner, N = (W * Z).entries(), Z.ncols()
    long, tall = _squared_rows(W), _squared_rows(Z.transpose())
    cosines = (
        inner[k * N + i] / (long[k] * tall[i]).sqrt() for i, k in enumerate(classes.labels.tolist())
    )
    return total(cosines) / N


def _squared_rows(A: Any) -> list[Any]:
    entries, n = A.entries(), A.ncols()
    return [total(x * x for x in entries[i * n : (i + 1) * n]) for i in range(A.nrows())]


@quantity(r"\min_i \|(@)_i\|^2")
def shortest_column(Z: Float[Tensor, "B m N"]) -> Float[Tensor, " B"]:
    """Least squared norm of a column: positive iff no column vanishes."""
    return Z.square().sum(-2).amin(-1)


@shortest_column.rigorously
def _shortest_column_enclosed(Z: Any) -> Any:
    return least(_squared_rows(Z.transpose()))
