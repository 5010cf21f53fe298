"""Steps of gradient descent with weight decay on a linear head (Jacot et al. 2025, section 4).

C_lam = 1/2 |Z_L - Y|_F^2 + lam/2 |theta|^2, the sum over samples; G_l and R_l are the gradients of
C_0 and C_lam in W_l, D_l = W_{l+1}^T W_{l+1} - W_l W_l^T. Only the head enters: the features Z that
come to it may be those of any layers below.
"""

from __future__ import annotations

import numpy as np
import sympy

from checkers.instance import Array, class_counts
from checkers.quantities.balance import descended, head_gradients, penalised
from checkers.quantities.residuals import entry
from checkers.sizes import SizeSpec, sizes
from checkers.statement import Arrays, Hypothesis, Layout, Ranges, Sampler, Vanishing, Witness
from checkers.variables import Variable

from .linear_head import Z, head, head_shapes, labels

LAM = Variable("lam", ("1", "1"), "weight decay", latex=r"\lambda")
ETA = Variable("eta", ("1", "1"), "learning rate", latex=r"\eta")
VARIABLES = (Z, head, labels, LAM)

lam, eta = entry(LAM), entry(ETA)
G = head_gradients(Z, head, labels)
R = penalised(G, head, LAM)
next_head = descended(head, R, ETA)

WEIGHT_DECAY = Hypothesis("weight decay", lam, strict=True, says="the weight decay is positive")


def _fit(drawn: dict[str, int]) -> dict[str, int]:
    last = drawn["K"] + drawn["extra"]
    return {"width": last + drawn["wider"], "depth": drawn["depth"], "last_width": last}


def _eigenvalue_entries(layout: Layout) -> int:
    """What the norms of the matrices, their gradients and products cost, in entries."""
    return 600 * layout["depth"]


HEADS = Ranges(
    K=(2, 3),
    n=(1, 3),
    others={"extra": (0, 2), "wider": (0, 2), "depth": (2, 4)},
    fit=_fit,
    heavy=10,
    working=_eigenvalue_entries,
    smallest=(sizes(K=2, n=1, width=2, depth=2, last_width=2),),
)


def moderate(
    generator: np.random.Generator, layout: Layout, labels: Array, arrays: Arrays
) -> Arrays:
    """Draws with Frobenius norms log-uniform in 1..2; lam and eta between 0.3 and 2."""
    found = {}
    for name, array in arrays.items():
        count = len(array)
        if name in ("lam", "eta"):
            found[name] = np.exp(generator.uniform(np.log(0.3), np.log(2), (count, 1, 1)))
            continue
        norm = np.linalg.norm(array, axis=(1, 2), keepdims=True)
        size = 2 ** generator.uniform(0, 1, (count, 1, 1))
        found[name] = array / np.where(norm > 0, norm, 1) * size
    return found


def nearly_critical(
    generator: np.random.Generator, layout: Layout, labels: Array, batch: int
) -> Arrays:
    """Critical points on orthonormal frames, with noise of log-uniform size 1e-8..0.1.

    Matrices with singular values w_k and features of singular values z_k obey, in classes of n_k,
    n_k w^L z^2 - n_k z + lam w^(2-L) = 0, with a root for lam <= n_k / (4 w^2).
    """
    K, depth = layout["K"], layout["depth"]
    counts = np.array(class_counts(labels, K))
    w = np.exp(generator.uniform(-1.5, 0.3, (batch, K)))
    lam = generator.uniform(0.05, 1, (batch, 1)) * (counts / (4 * w**2)).min(1, keepdims=True)
    z = (1 + np.sqrt(1 - 4 * lam * w**2 / counts)) / (2 * w**depth)
    noise = 10 ** generator.uniform(-8, -1, (batch, 1, 1))
    shapes = head_shapes(layout)
    frames = [
        np.linalg.qr(generator.standard_normal((batch, m, K)))[0]
        for m in (shapes[0][1], *(rows for rows, _ in shapes[:-1]))
    ]
    frames.append(np.broadcast_to(np.eye(K), (batch, K, K)))
    arrays = {
        f"head_{i}": (frames[i + 1] * w[:, None]) @ frames[i].swapaxes(1, 2)
        for i in range(len(shapes))
    }
    arrays["Z"] = (frames[0] * z[:, None])[..., labels]
    noisy = {k: a + noise * generator.standard_normal(a.shape) for k, a in arrays.items()}
    return {**noisy, "lam": lam[..., None]}


NEARLY_CRITICAL = Sampler("nearly critical", nearly_critical)


def recursion_expanded(above: int, own: int, below: int, samples: int) -> Vanishing:
    """D_l after a step less its recursion, a polynomial in the entries of two neighbours.

    A = W_l and B = W_{l+1} are free, and so are the features V that enter A and the error E that
    comes back to B: G_l = B^T E V^T and G_{l+1} = E (A V)^T, whatever lies above or below.
    """
    A, B, G, H = _neighbours(above, own, below, samples)
    step, decay = sympy.symbols("eta lambda")
    before = B.T * B - A * A.T
    A1, B1 = (M - step * (g + decay * M) for M, g in ((A, G), (B, H)))
    after = B1.T * B1 - A1 * A1.T
    residual = after - (1 - step * decay) ** 2 * before - step**2 * (H.T * H - G * G.T)
    return Vanishing(tuple(sympy.expand(e) for e in residual))


def coupling_expanded(above: int, own: int, below: int, samples: int) -> Vanishing:
    """lam D_l less W_{l+1}^T R_{l+1} - R_l W_l^T, in the same free matrices."""
    A, B, G, H = _neighbours(above, own, below, samples)
    decay = sympy.Symbol("lambda")
    coupled = B.T * (H + decay * B) - (G + decay * A) * A.T
    return Vanishing(tuple(sympy.expand(e) for e in decay * (B.T * B - A * A.T) - coupled))


NEIGHBOURS = ("n_{l+1}", "n_l", "n_{l-1}", "N")
NEIGHBOUR_SIZES = ((1, 1, 1, 1), (1, 2, 1, 1), (2, 1, 2, 2), (2, 2, 2, 1), (2, 2, 2, 2))


def _neighbours(above: int, own: int, below: int, samples: int) -> tuple[sympy.Matrix, ...]:
    A, B, V, E = (
        sympy.Matrix(sympy.symarray(name, shape))
        for name, shape in (
            ("a", (own, below)),
            ("b", (above, own)),
            ("v", (below, samples)),
            ("e", (above, samples)),
        )
    )
    return A, B, B.T * E * V.T, E * (A * V).T


def one(x: float) -> Array:
    """A number as a matrix."""
    return np.array([[x]])


def head_sizes(K: int, n: int, depth: int = 2, width: int = 0) -> SizeSpec:
    """Every width that of the features, K unless given."""
    return sizes(K=K, n=n, width=width or K, depth=depth, last_width=width or K)


def small_integers(layout: Layout, labels: Array) -> Arrays:
    """Integers in every array, lam = 1/4 and eta = 1/2: nothing is balanced or interpolates."""
    shapes = {"Z": (layout["width"], layout["N"])}
    shapes |= {f"head_{i}": shape for i, shape in enumerate(head_shapes(layout))}
    arrays = {
        name: (np.arange(rows * columns).reshape(rows, columns) * (3 + i) % 5 - 1.0)
        for i, (name, (rows, columns)) in enumerate(shapes.items())
    }
    return {**arrays, "lam": one(0.25), "eta": one(0.5)}


INTEGERS = Witness(
    "small integers",
    small_integers,
    (head_sizes(2, 1), head_sizes(3, 2, depth=3), head_sizes(2, 2, depth=4, width=3)),
)
