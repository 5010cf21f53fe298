"""Linear heads of wide networks (Jacot et al. 2025): features Z, matrices head_0, head_1, ...

The head is W_{L1+1}, ..., W_L in order of application, at least two matrices; Z = Z_{L1} are the
features that enter it. Z_{L-2}, Z_{L-1}, Z_L are the features two and one matrices before the
outputs, and the outputs. The error e1, imbalance e2 and radius r of the paper are measured.
"""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from checkers.language import Definition, Hypothesis, Inequality, K, Kind, Max, Min, N, Ranges
from checkers.language import Setting, Variable, depth, last_width, sizes, sqrt
from checkers.models.experiments import DIGITS
from checkers.quantities.alignment import class_means, nc3, shortest_column
from checkers.quantities.collapse import nc1
from checkers.quantities.conditioning import condition
from checkers.quantities.heads import (
    earlier_features,
    imbalance,
    last_features,
    last_matrix,
    outputs,
    product,
    squared_error,
)
from checkers.quantities.labels import class_size_spread, smallest_class
from checkers.quantities.norms import largest_operator_norm, operator_norm

from .head_draws import BALANCED_CHAINS, BALANCED_HEADS, DISPLACED_OUTPUTS, interpolate

Z = Variable("Z", ("width", "N"), "features that enter the head", transposed="features")
head = Variable("head", ("K", "width"), "weight matrices of the head, in order", kind=Kind.CHAIN)
labels = Variable("labels", ("N",), "class of each column, 0..K-1", kind=Kind.LABELS)
VARIABLES = (Z, head, labels)

Z_last = last_features(Z, head)
e1 = Definition("e1", sqrt(squared_error(outputs(Z, head), labels)))
e2 = Definition("e2", imbalance(head))
norm_last = operator_norm(Z_last)
norm_earlier = operator_norm(earlier_features(Z, head))
norm_weights = largest_operator_norm(head)
norm_W = operator_norm(last_matrix(head))
r = Definition("r", Max(norm_earlier, norm_last, norm_weights))
n_min = smallest_class(labels)
s_K = Definition("s_K", sqrt(n_min))
"""s_K(Y), the K-th singular value of the one-hot labels: sqrt of the smallest class."""
kappa = Definition("kappa", condition(last_matrix(head)))
"""kappa(W_L)"""
c3 = Definition("c3", condition(product(head)))
"""kappa(W_{L:L1+1}), which the paper bounds by c3."""
w = Definition("w", norm_weights)
w_L = Definition("w_L", norm_W)
z = Definition("z", norm_last)
z_earlier = Definition("z_{L-2}", norm_earlier)
"""The norms that r bounds together, by names of their own where a bound needs each of them."""

NC1 = Definition("NC1", nc1(Z_last, labels), r"\mathrm{NC1}")
"""NC1(Z_{L-1}), the ratio of the traces of the covariances within and between classes."""
NC2 = Definition("NC2", condition(class_means(Z_last, labels)), r"\mathrm{NC2}")
"""NC2(Z_{L-1}), the condition number of the class means, which are not centred."""
NC3 = Definition("NC3", nc3(Z_last, last_matrix(head), labels), r"\mathrm{NC3}")
"""NC3(Z_{L-1}, W_L), the mean cosine of features and the rows of their classes."""

BALANCED = Hypothesis(
    "balanced", margin=-class_size_spread(labels), says="all classes have n samples"
)
INTERPOLATION = Hypothesis(
    "interpolation",
    margin=Min(s_K, sqrt((K - 1) * N / (4 * K))) - e1,
    strict=True,
    says="the outputs are within e1 of the one-hot labels",
)
INTERPOLATION_ANY_SIZES = Hypothesis(
    "interpolation", margin=Min(s_K, sqrt((K - 1) * n_min)) - e1, strict=True
)
"""As much as the error of class means allows where classes are of any size."""
INTERPOLATION_OF_RANK_K = Hypothesis(
    "interpolation",
    margin=s_K - e1,
    strict=True,
    says="the outputs are so close to the one-hot labels that they have rank K",
)
NONZERO_FEATURES = Hypothesis(
    "nonzero features",
    margin=shortest_column(Z_last),
    strict=True,
    says="no sample has Z_{L-1} = 0, where its cosine is undefined",
)


def _fit(drawn: dict[str, int]) -> dict[str, int]:
    """Widths of at least K, so that the head can reach all classes."""
    last = drawn["K"] + drawn["extra"]
    return {"width": last + drawn["wider"], "depth": drawn["depth"], "last_width": last}


def _heavy_sizes(counts: tuple[int, ...]) -> dict[str, int]:
    """A kernel as large as the samples can fill: N - K dimensions."""
    return {"width": sum(counts), "depth": 2, "last_width": sum(counts)}


SIZES = Ranges(
    K=(2, 4),
    n=(1, 6),
    others={"extra": (0, 8), "wider": (0, 3), "depth": (2, 4)},
    fit=_fit,
    heavy_sizes=_heavy_sizes,
    smallest=(sizes(K=2, n=1, width=2, depth=2, last_width=2),),
)
NARROW_SIZES = replace(SIZES, heavy_sizes=None)
"""Where the dimension of the kernel of W_L makes no difference: widths near K for all classes."""

HEAD_SIZES = Ranges(
    K=(0, 0),
    n=(0, 0),
    others={"K": (2, 4), **SIZES.others},
    fit=lambda drawn: {"K": drawn["K"], **_fit(drawn)},
    smallest=(sizes((), K=2, width=2, depth=2, last_width=2),),
)

HEADS = Setting(
    variables=VARIABLES,
    ranges=SIZES,
    samplers=(BALANCED_HEADS, DISPLACED_OUTPUTS),
    prepare=interpolate,
    observed=(e1, e2, r, NC1),
)
"""A head and the features that enter it, near interpolation."""
ALONG_DIGITS = HEADS.but(trained=(DIGITS,))
"""The same, and along the training of networks on handwritten digits."""
NARROW_HEADS = HEADS.but(
    ranges=NARROW_SIZES, kind=Inequality(effort=0.3), observed=(e1, e2, r, kappa)
)
"""The same for statements in which the dimension of the kernel of W_L makes no difference."""
NARROW_ALONG_DIGITS = NARROW_HEADS.but(trained=(DIGITS,))
"""Those along the training of networks on handwritten digits."""
NEARLY_BALANCED_HEADS = NARROW_HEADS.but(samplers=(BALANCED_HEADS,))
"""Those without draws that displace the outputs of heads out of balance."""
BARE_HEADS = Setting(
    variables=(head,),
    ranges=HEAD_SIZES,
    samplers=(BALANCED_CHAINS,),
    kind=Inequality(effort=0.2),
)
"""The head alone, without samples."""


def error_bound(e1: Expr, e2: Expr, r: Expr = r) -> Expr:
    """Psi(e1, e2, r) = r (e1 / (s_K - e1) + sqrt(n_{L-1} e2)), equation (23)."""
    return r * (e1 / (s_K - e1) + sqrt(last_width * e2))


def imbalance_excess(weights: Expr = r, features: Expr = r) -> Expr:
    """eps = L2 (L2 - 1) / 2 e2 r^(2 (L2 - 1)) (r / (s_K - e1))^(2 L2), of equation (19).

    The first r bounds the norms of the ``weights``, the second that of the ``features`` Z_{L-1}.
    """
    lemma = depth * (depth - 1) / 2 * e2 * weights ** (2 * (depth - 1))
    return lemma * (features / (s_K - e1)) ** (2 * depth)
