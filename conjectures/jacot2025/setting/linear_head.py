"""Linear heads of wide networks (Jacot et al. 2025): features Z, matrices head_0, head_1, ...

The head is W_{L1+1}, ..., W_L in order of application, at least two matrices; Z = Z_{L1} are the
features that enter it. Z_{L-2}, Z_{L-1}, Z_L are the features two and one matrices before the
outputs, and the outputs. The error e1, imbalance e2 and radius r of the paper are measured.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
from sympy import Expr, Max, Min, sqrt

from checkers.instance import Array, class_counts
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
from checkers.sizes import sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler
from checkers.variables import K, Kind, N, Variable, chain, depth, last_width

Z = Variable("Z", ("width", "N"), "features that enter the head", transposed="features")
head = Variable("head", ("K", "width"), "weight matrices of the head, in order", kind=Kind.CHAIN)
labels = Variable("labels", ("N",), "class of each column, 0..K-1", kind=Kind.LABELS)
VARIABLES = (Z, head, labels)

Z_last = last_features(Z, head)
e1 = sqrt(squared_error(outputs(Z, head), labels))
e2 = imbalance(head)
norm_last = operator_norm(Z_last)
norm_earlier = operator_norm(earlier_features(Z, head))
norm_weights = largest_operator_norm(head)
norm_W = operator_norm(last_matrix(head))
r = Max(norm_earlier, norm_last, norm_weights)
s_K = sqrt(smallest_class(labels))
"""s_K(Y), the K-th singular value of the one-hot labels: sqrt of the smallest class."""
kappa = condition(last_matrix(head))
"""kappa(W_L)"""
c3 = condition(product(head))
"""kappa(W_{L:L1+1}), which the paper bounds by c3."""
NC2 = condition(class_means(Z_last, labels))
"""NC2(Z_{L-1}), the condition number of the class means, which are not centred."""
NC3 = nc3(Z_last, last_matrix(head), labels)
"""NC3(Z_{L-1}, W_L), the mean cosine of features and the rows of their classes."""

OBSERVED = (("e1", e1), ("e2", e2), ("r", r), ("NC1", nc1(Z_last, labels)))

BALANCED = Hypothesis(
    "balanced", margin=-class_size_spread(labels), says="all classes have n samples"
)
INTERPOLATION = Hypothesis(
    "interpolation",
    margin=Min(s_K, sqrt((K - 1) * N / (4 * K))) - e1,
    strict=True,
    says="the outputs are within e1 of the one-hot labels",
)
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
"""For statements about the head alone, without samples."""


def interpolate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Move Z so that the outputs are the one-hot labels plus an error of log-uniform size.

    Z keeps its part in the kernel of the head. Half of the errors sit in a single sample, chosen
    from the smallest class as often as from all. Heads of rank below K are left as they are.
    """
    links = chain(arrays, "head")
    P = links[0]
    for link in links[1:]:
        P = link @ P
    counts = class_counts(labels, layout["K"])
    batch = len(P)
    size = np.sqrt(min(counts)) * 10 ** generator.uniform(-6, 0, (batch, 1, 1))
    E = size * _unit_errors(generator, labels, counts, batch)
    Y = np.eye(layout["K"])[:, labels]
    correction = np.linalg.pinv(P) @ (Y + E - P @ arrays["Z"])
    return {**arrays, "Z": arrays["Z"] + correction}


def _unit_errors(
    generator: np.random.Generator, labels: Array, counts: tuple[int, ...], batch: int
) -> Array:
    """Errors (batch, K, N) of Frobenius norm 1; half of them in one sample, turned to a class."""
    K, N = len(counts), len(labels)
    E = generator.standard_normal((batch, K, N))
    rare = np.flatnonzero(labels == int(np.argmin(counts)))
    for i in range(0, batch, 2):
        sample = generator.choice(rare if i % 4 else N)
        E[i] = 0
        other = (labels[sample] + generator.integers(1, K)) % K
        E[i, other, sample], E[i, labels[sample], sample] = 1, -1
    return E / np.linalg.norm(E, axis=(1, 2), keepdims=True)


def balanced_chains(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """Heads of nearly equal singular values on common frames.

    Log-normal singular values, noise on the weights log-uniform in 1e-5..0.5.
    """
    return _balanced_chains(generator, layout, batch)[0]


def _balanced_chains(
    generator: np.random.Generator, layout: Layout, batch: int
) -> tuple[Arrays, Array]:
    """The heads and the sizes (batch, 1, 1) of their noise."""
    K = layout["K"]
    shapes = head_shapes(layout)
    s = np.exp(generator.normal(0, 0.4, (batch, 1, K)))
    noise = 10 ** generator.uniform(-5, np.log10(0.5), (batch, 1, 1))
    frames = [
        np.linalg.qr(generator.standard_normal((batch, m, K)))[0]
        for m in (shapes[0][1], *(rows for rows, _ in shapes))
    ]
    chains = {
        f"head_{i}": (frames[i + 1] * s) @ frames[i].swapaxes(1, 2)
        + noise * generator.standard_normal((batch, *shape))
        for i, shape in enumerate(shapes)
    }
    return chains, noise


def balanced_heads(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """Heads as of ``balanced_chains``, features nearly interpolating."""
    arrays, noise = _balanced_chains(generator, layout, batch)
    arrays["Z"] = noise * generator.standard_normal((batch, layout["width"], layout["N"]))
    return interpolate(generator, layout, labels, arrays)


def head_shapes(layout: Layout) -> list[tuple[int, int]]:
    """Shapes of the matrices of a head of these sizes."""
    inner = [layout["last_width"]] * (layout["depth"] - 1)
    widths = [layout["width"], *inner, layout["K"]]
    return [(b, a) for a, b in pairwise(widths)]


def spread_in_kernel(layout: Layout, labels: Array) -> Arrays | None:
    """Exact interpolation; all variation within classes in the kernel of W_L, of size sqrt(e2).

    With m = n_{L-1} - K: W_L = (r I, 0), W_{L-1} = diag(r I, sqrt(e2) I_m) and
    Z_{L-2} = (Y / r^2; r Q), where the rows of Q are orthonormal and orthogonal to those of Y.
    Attains the sharp bound for equal classes and m <= N - K; of a larger kernel only N - K
    dimensions can be filled. Here e2 = 1 and r is the least that is allowed,
    max(1, n_max^(1/4)). Earlier matrices are diagonal too, balanced up to e2; features wider than
    the head needs are padded with zeros.
    """
    K, m = layout["K"], layout["last_width"] - layout["K"]
    if layout["width"] < layout["last_width"]:
        return None
    radius = max(1.0, max(class_counts(labels, K)) ** 0.25)
    Q = np.zeros((m, len(labels)))
    filled = _orthonormal_within(labels, K)[:m]
    Q[: len(filled)] = filled
    return _lengthened(_spread(labels, K, m, radius, 1.0, Q), layout, radius)


def _lengthened(arrays: Arrays, layout: Layout, radius: float) -> Arrays:
    """The same outputs from a head of ``depth`` matrices and features of ``width`` rows."""
    K, last, depth = layout["K"], layout["last_width"], layout["depth"]
    links = [arrays["head_0"], arrays["head_1"]]
    Z = arrays["Z"]
    for j in range(2, depth):
        kernel = min(np.sqrt(j), radius)
        scale = np.array([radius] * K + [kernel] * (last - K))
        links.insert(0, np.diag(scale))
        Z = Z / scale[:, None]
    pad = layout["width"] - last
    links[0] = np.concatenate([links[0], np.zeros((last, pad))], axis=1)
    Z = np.concatenate([Z, np.zeros((pad, Z.shape[1]))])
    return {"Z": Z, **{f"head_{i}": link for i, link in enumerate(links)}}


def spread_in_kernel_exactly(layout: Layout, labels: Array) -> Arrays | None:
    """The same with r = 2, e2 = 1/4 and dyadic entries: for four samples a class."""
    K, m = layout["K"], layout["last_width"] - layout["K"]
    if set(class_counts(labels, K)) != {4} or m > 3 * K or layout["depth"] != 2:
        return None
    if layout["width"] != layout["last_width"]:
        return None
    signs = np.array([[1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]) / 2
    Q = np.zeros((3 * K, len(labels)))
    for k in range(K):
        Q[k::K, labels == k] = signs
    return _spread(labels, K, m, 2.0, 0.25, Q[:m])


def _spread(labels: Array, K: int, m: int, r: float, e2: float, Q: Array) -> Arrays:
    Y = np.eye(K)[:, labels]
    return {
        "Z": np.concatenate([Y / r**2, r * Q]),
        "head_0": np.diag([r] * K + [e2**0.5] * m),
        "head_1": np.concatenate([r * np.eye(K), np.zeros((K, m))], axis=1),
    }


def _orthonormal_within(labels: Array, K: int) -> Array:
    """N - K orthonormal rows, each of zero sum on one class and zero elsewhere, classes in turn."""
    rows = []
    for k in range(K):
        members = np.flatnonzero(labels == k)
        for j in range(1, len(members)):
            row = np.zeros(len(labels))
            row[members[:j]], row[members[j]] = 1, -j
            rows.append((j, k, row / np.sqrt(j * (j + 1))))
    rows.sort(key=lambda entry: entry[:2])
    return np.array([row for _, _, row in rows]).reshape(-1, len(labels))


def displaced_outputs(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """Variation in the kernel as in ``spread_in_kernel``, with errors put on the outputs.

    The errors are uniform in size up to s_K(Y), half of them in a single sample.
    """
    counts = class_counts(labels, layout["K"])
    built = spread_in_kernel(layout, labels)
    if built is None:
        return balanced_heads(generator, layout, labels, batch)
    size = np.sqrt(min(counts)) * generator.uniform(0, 1, (batch, 1, 1))
    E = size * _unit_errors(generator, labels, counts, batch)
    arrays = {name: np.repeat(array[None], batch, axis=0) for name, array in built.items()}
    for link in chain(built, "head"):
        E = E / link[0, 0]
    arrays["Z"][:, : layout["K"]] += E
    return arrays


BALANCED_CHAINS = Sampler("balanced chains", balanced_chains)
BALANCED_HEADS = Sampler("balanced heads", balanced_heads)
DISPLACED_OUTPUTS = Sampler("displaced outputs", displaced_outputs)


def error_bound(e1: Expr, e2: Expr, r: Expr = r) -> Expr:
    """Psi(e1, e2, r) = r (e1 / (s_K - e1) + sqrt(n_{L-1} e2)), equation (23)."""
    return r * (e1 / (s_K - e1) + sqrt(last_width * e2))


def imbalance_excess(e2: Expr = e2, weights: Expr = r, features: Expr = r) -> Expr:
    """eps = L2 (L2 - 1) / 2 e2 r^(2 (L2 - 1)) (r / (s_K - e1))^(2 L2), of equation (19).

    The first r bounds the norms of the ``weights``, the second that of the ``features`` Z_{L-1}.
    """
    lemma = depth * (depth - 1) / 2 * e2 * weights ** (2 * (depth - 1))
    return lemma * (features / (s_K - e1)) ** (2 * depth)


def error_of_means(e2: Expr = e2, r: Expr = r) -> Expr:
    """g = r Psi / s_K(Y): how far class means may err, relative to the shortest (equation (20))."""
    return r * error_bound(e1, e2, r) / s_K
