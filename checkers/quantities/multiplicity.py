"""Samples with multiplicities: column i of Z (width, N) stands for c_i equal samples.

The numbers c_i are given as a row (1, N). Sums over samples become sums over columns with weights
c_i, and Z diag(c)^(1/2) has the singular values of the matrix with repeated columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flint import arb, arb_mat, fmpq, fmpz

from checkers.arithmetic.balls import constant, largest, least, total
from checkers.quantities import operation, quantity
from checkers.quantities.classes import Classes

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


@operation(r"@\,\mathrm{diag}(@@)^{1/2}", exact=False)
def repeated(Z: Float[Tensor, "B m N"], c: Float[Tensor, "B 1 N"]) -> Float[Tensor, "B m N"]:
    """Z diag(c)^(1/2) (width, N): the singular values are those of Z with its columns repeated."""
    return Z * c.sqrt()


@repeated.rigorously
def _repeated_enclosed(Z: Any, c: Any) -> arb_mat:
    roots = [arb(x).sqrt() for x in c.entries()]
    N = len(roots)
    scaled = [arb(z) * roots[i % N] for i, z in enumerate(Z.entries())]
    return arb_mat(Z.nrows(), N, scaled)


@quantity("N")
def samples(c: Float[Tensor, "B 1 N"]) -> Float[Tensor, " B"]:
    """Sum of the multiplicities: the number of samples."""
    return c.sum((-2, -1))


@samples.rigorously
def _samples_enclosed(c: Any) -> Any:
    return total(c.entries())


@quantity(r"\min_i @_i")
def fewest(c: Float[Tensor, "B 1 N"]) -> Float[Tensor, " B"]:
    """The least multiplicity."""
    return c.amin((-2, -1))


@fewest.rigorously
def _fewest_enclosed(c: Any) -> Any:
    return least(c.entries())


@quantity(r"\max_i \mathrm{dist}(@_i, \mathbb{Z})")
def off_integers(c: Float[Tensor, "B 1 N"]) -> Float[Tensor, " B"]:
    """Largest distance of a multiplicity from the nearest integer: zero iff all are integers."""
    return (c - c.round()).abs().amax((-2, -1))


@off_integers.rigorously
def _off_integers_enclosed(c: Any) -> Any:
    return largest(abs(x - _nearest(x)) for x in c.entries())


def _nearest(x: Any) -> Any:
    """The nearest integer; for a ball, a ball that contains it."""
    if isinstance(x, arb):
        return (x + arb(fmpq(1, 2))).floor()
    return fmpq(fmpz((2 * x.p + x.q) // (2 * x.q)))


@quantity(r"n_{\min}")
def smallest_class_repeated(c: Float[Tensor, "B 1 N"], classes: Classes) -> Float[Tensor, " B"]:
    """Number of samples of the smallest class: its multiplicities added up."""
    import torch

    Y = torch.as_tensor(classes.one_hot, dtype=c.dtype, device=c.device)
    return (c @ Y.mT).amin((-2, -1))


@smallest_class_repeated.rigorously
def _smallest_class_enclosed(c: Any, classes: Classes) -> Any:
    entries, labels = c.entries(), classes.labels.tolist()
    return least(
        total(x for x, y in zip(entries, labels, strict=True) if y == k) for k in range(classes.K)
    )


@quantity(r"\|Z_L - Y\|_F^2")
def squared_error_repeated(
    Z_L: Float[Tensor, "B K N"], c: Float[Tensor, "B 1 N"], classes: Classes
) -> Float[Tensor, " B"]:
    """Squared Frobenius distance of the outputs of all samples from their one-hot labels."""
    import torch

    Y = torch.as_tensor(classes.one_hot, dtype=Z_L.dtype, device=Z_L.device)
    return (c * (Z_L - Y).square()).sum((-2, -1))


@squared_error_repeated.rigorously
def _squared_error_enclosed(Z_L: Any, c: Any, classes: Classes) -> Any:
    errors, N = (Z_L - constant(Z_L, classes.one_hot_exact)).entries(), Z_L.ncols()
    weights = c.entries()
    return total(weights[i % N] * x * x for i, x in enumerate(errors))


@quantity(r"\mathrm{NC3}(@, @@)", exact=False)
def nc3_repeated(
    Z: Float[Tensor, "B m N"],
    W: Float[Tensor, "B K m"],
    c: Float[Tensor, "B 1 N"],
    classes: Classes,
) -> Float[Tensor, " B"]:
    """Mean over all samples of the cosine of a feature and the row of its class.

    Undefined where a feature or a row vanishes."""
    import torch

    rows = W[:, torch.as_tensor(classes.labels, device=W.device)].mT
    lengths = rows.norm(dim=-2) * Z.norm(dim=-2)
    cosines = (rows * Z).sum(-2) / lengths
    weights = c.squeeze(-2)
    return (weights * cosines).sum(-1) / weights.sum(-1)


@nc3_repeated.rigorously
def _nc3_enclosed(Z: Any, W: Any, c: Any, classes: Classes) -> Any:
    weights, columns = c.entries(), Z.transpose().tolist()
    rows = W.tolist()
    terms = [
        weight * _cosine(z, rows[k])
        for weight, z, k in zip(weights, columns, classes.labels.tolist(), strict=True)
    ]
    return total(terms) / total(weights)


def _cosine(a: list[Any], b: list[Any]) -> arb:
    inner, aa, bb = (_dot(x, y) for x, y in ((a, b), (a, a), (b, b)))
    return arb(inner) / (arb(aa) * arb(bb)).sqrt()


def _dot(a: list[Any], b: list[Any]) -> Any:
    return total(x * y for x, y in zip(a, b, strict=True))
