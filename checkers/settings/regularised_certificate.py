"""A point of the regularised cross-entropy in balls: its value, curvature, and a dual bound.

With t = min(1, s / sigma_1(Gn)) and the columns P' = (1 - t) Y + t P, f is nowhere below the mean
entropy of P' less t^2 |Gn 1|^2 / (2 lb) (convexity of the loss in the logits, and
s |Z|_* <= (lw |W|^2 + lh |H|^2) / 2).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from flint import arb, arb_mat

from checkers.arithmetic.balls import ball_matrix, squared_entries, total
from checkers.arithmetic.spectral import operator_norm
from checkers.models.regularised import Points
from checkers.quantities.classes import classes_of
from checkers.quantities.residuals import softmax

if TYPE_CHECKING:
    from checkers.instance import Array


class Enclosed:
    """One point of a batch in balls: its logits, residual and penalties."""

    def __init__(self, points: Points, index: int) -> None:
        """``index`` within the batch."""
        K, _, N = points.sizes
        self.N = N
        self._point = points[torch.tensor([index])]
        self.W = ball_matrix(points.W[index].numpy())
        self.H = ball_matrix(points.H[index].numpy())
        self.lw, self.lh = (arb(float(x[index])) for x in (points.lw, points.lh))
        self.lb = None if points.lb is None else arb(float(points.lb[index]))
        self.ones = arb_mat(1, N, [1] * N)
        Z = self.W * self.H
        self.b = None if points.b is None else ball_matrix(points.b[index].numpy())
        if self.b is not None:
            Z = Z + self.b * self.ones
        self.Z = Z
        self.P = softmax(Z)
        self.Y = arb_mat(classes_of(points.labels, K).one_hot_exact)
        self.labels = points.labels

    def value(self) -> arb:
        """f."""
        p = self.P
        loss = total(-p[int(k), i].log() for i, k in enumerate(self.labels)) / self.N
        decay = self.lw * squared_entries(self.W) + self.lh * squared_entries(self.H)
        if self.b is not None and self.lb is not None:
            decay += self.lb * squared_entries(self.b)
        return loss + decay / 2

    def second_derivative(self, direction: Array) -> arb:
        """Of f along coordinates (m,), in their order in ``Points.vector``."""
        moved = self._point.at(torch.as_tensor(direction)[None])
        dW, dH = ball_matrix(moved.W[0].numpy()), ball_matrix(moved.H[0].numpy())
        db = None if moved.b is None else ball_matrix(moved.b[0].numpy())
        dZ = dW * self.H + self.W * dH
        if db is not None:
            dZ = dZ + db * self.ones
        samples = zip(self.P.transpose().tolist(), dZ.transpose().tolist(), strict=True)
        form = arb(0)
        for p, z in samples:
            mean = total(a * x for a, x in zip(p, z, strict=True))
            form += total(a * (x - mean) * (x - mean) for a, x in zip(p, z, strict=True))
        G, product = (self.Y - self.P).entries(), (dW * dH).entries()
        form -= 2 * total(g * x for g, x in zip(G, product, strict=True))
        decay = self.lw * squared_entries(dW) + self.lh * squared_entries(dH)
        if db is not None and self.lb is not None:
            decay += self.lb * squared_entries(db)
        return form / self.N + decay

    def lower_bound(self) -> arb:
        """A number that no value of f is below, over all W, H (and b, where there is one)."""
        G = self.Y - self.P
        s, sigma = (self.lw * self.lh).sqrt(), operator_norm(G) / self.N
        t = (s / sigma).min(arb(1)) if sigma > 0 else arb(1)
        mixed = self.Y * (1 - t) + self.P * t
        bound = total(_entropy_term(x) for x in mixed.entries()) / self.N
        if self.lb is not None:
            spare = G * self.ones.transpose() / self.N
            bound -= t * t * squared_entries(spare) / (2 * self.lb)
        return bound


def _entropy_term(x: Any) -> arb:
    """-x log x, for a ball in [0, 1] whose number may be zero."""
    if x > 0:
        return -x * x.log()
    top = x.abs_upper()
    return arb(0) if top.is_zero() else arb(0).union(-top * top.log())
