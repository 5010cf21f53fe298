"""What gradient flow conserves, as a polynomial identity, and arrays with nothing special."""

from dataclasses import replace

import sympy


from checkers.language import Vanishing, sizes
from . import gap

GENERIC = replace(gap.GENERIC, sizes=(sizes(K=3, n=2, d=2),))


def conserved(K, N, d):
    """d(W^T W - H H^T) / dt, its trace and d(mean of W) / dt, for any G with columns of sum zero.

    G stands for the derivative of any loss of the logits that is unmoved by adding a number to all
    logits of a sample. Every entry is a polynomial in those of W, H and G.
    """
    W, H = sympy.Matrix(sympy.symarray("w", (K, d))), sympy.Matrix(sympy.symarray("h", (d, N)))
    free = sympy.Matrix(sympy.symarray("g", (K - 1, N)))
    G = free.col_join(-sympy.ones(1, K - 1) * free)
    W_dot, H_dot = G * H.T, W.T * G
    change = W_dot.T * W + W.T * W_dot - H_dot * H.T - H * H_dot.T
    entries = [*change, change.trace(), *(sympy.ones(1, K) * W_dot)]
    return Vanishing(tuple(sympy.expand(e) for e in entries))
