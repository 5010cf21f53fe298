"""The regularised loss written out plainly, differentiated by torch: the oracle of these tests."""

from __future__ import annotations

from typing import Any

import numpy as np


class Textbook:
    """f of one point (numpy arrays), its gradient and Hessian in the order W, H^T, b."""

    def __init__(
        self,
        W: Any,
        H: Any,
        labels: Any,
        penalties: tuple[float, ...] = (0.0, 0.0),
        b: Any = None,
        mean: bool = True,
    ) -> None:
        """``penalties`` are lw, lh and, where there is a bias, lb."""
        self.shapes = [np.shape(W), np.shape(H)[::-1]]
        parts = [np.ravel(W), np.ravel(np.transpose(H))]
        if b is not None:
            self.shapes.append(np.shape(b))
            parts.append(np.ravel(b))
        self.x = np.concatenate(parts).astype(float)
        self.labels, self.penalties, self.mean = labels, penalties, mean

    def _f(self, x: Any) -> Any:
        import torch

        ends = np.cumsum([int(np.prod(s)) for s in self.shapes])[:-1].tolist()
        parts = [p.reshape(s) for p, s in zip(x.tensor_split(ends), self.shapes, strict=True)]
        Z = parts[1] @ parts[0].T
        if len(parts) == 3:
            Z = Z + parts[2].reshape(1, -1)
        target = torch.as_tensor(self.labels)
        reduction = "mean" if self.mean else "sum"
        loss = torch.nn.functional.cross_entropy(Z, target, reduction=reduction)
        decay = sum(c * (p**2).sum() for c, p in zip(self.penalties, parts, strict=True))
        return loss + decay / 2

    @property
    def value(self) -> float:
        """f."""
        import torch

        return float(self._f(torch.from_numpy(self.x)))

    @property
    def gradient(self) -> Any:
        """(m,)."""
        import torch

        x = torch.from_numpy(self.x).requires_grad_()
        return torch.autograd.grad(self._f(x), x)[0].numpy()

    @property
    def hessian(self) -> Any:
        """(m, m), by automatic differentiation, twice."""
        import torch

        return torch.autograd.functional.hessian(self._f, torch.from_numpy(self.x)).numpy()

    @property
    def spectrum(self) -> Any:
        """Eigenvalues of the Hessian, ascending."""
        return np.linalg.eigvalsh(self.hessian)
