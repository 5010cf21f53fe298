"""How linear heads are drawn: near balance, near interpolation, with variation in the kernel."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from checkers.instance import Array, class_counts
from checkers.language import Arrays, Layout, Sampler
from checkers.variables import chain

from .kernel_spread import spread_in_kernel


def head_shapes(layout: Layout) -> list[tuple[int, int]]:
    """Shapes of the matrices of a head of these sizes."""
    inner = [layout["last_width"]] * (layout["depth"] - 1)
    widths = [layout["width"], *inner, layout["K"]]
    return [(b, a) for a, b in pairwise(widths)]


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
