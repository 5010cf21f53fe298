"""The landscape of the regularised cross-entropy, with and without bias, as its checker takes it.

Optimality has a certificate for d >= K-1 only; in fewer dimensions local minima are looked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from checkers.declared.construction import Arrays
from checkers.declared.kinds import Landscape
from checkers.declared.landscape_model import Case, Starts
from checkers.instance import LABELS, Array
from checkers.settings.regularised import b
from checkers.sizes import sizes
from checkers.tolerance import VALUE_AGREEMENT
from checkers.ways import Way, WayKind

if TYPE_CHECKING:
    from torch import Tensor

    from checkers.models.regularised import Points
    from checkers.settings.regularised_certificate import Enclosed

_CRITICAL = Way(WayKind.CRITICAL, "critical points")
_WITH_BIAS = Way(WayKind.CRITICAL, "critical points with bias")

NO_BIAS = 1e6
"""Weight decay of the bias in the model without one: the bias is kept at zero."""


@dataclass(frozen=True)
class CrossEntropyLandscape:
    """Critical points of f = CE / N + (lw |W|^2 + lh |H|^2 + lb |b|^2) / 2.

    ``lowest`` names variables that hold the lowest point found of the same penalties, each with
    the one that it is to be compared with.
    """

    lowest: tuple[tuple[str, str], ...] = ()
    dimensions: str = "(K, n, d)"

    def cases(self, kind: Landscape, variables: Collection[str]) -> Iterator[Case]:
        """Every size, without bias and, where the statement has one, with it."""
        for K in range(kind.classes[0], kind.classes[1] + 1):
            for n in range(kind.samples[0], kind.samples[1] + 1):
                for d in range(max(1, K - 1 + kind.beyond[0]), K + kind.beyond[1]):
                    for biased in (False, True) if b.name in variables else (False,):
                        yield Case(
                            sizes(K=K, n=n, d=d, one=1),
                            (K, n, d),
                            _WITH_BIAS if biased else _CRITICAL,
                            biased,
                            coordinates=d * (K + K * n),
                            minima=d < K - 1,
                        )

    def starts(
        self, generator: np.random.Generator, case: Case, count: int
    ) -> Iterable[Starts[Points]]:
        """Of every rank, in as few coordinates; half of them tied."""
        from checkers.settings.regularised_starts import starts_of

        return starts_of(generator, case.spec.layout, count, bool(case.key), case.minima)

    def whole(self, ends: Sequence[Points], case: Case) -> Points:
        """In R^d, the further coordinates zero."""
        from checkers.models.batches import joined
        from checkers.models.regularised import embedded

        return joined([embedded(end, case.spec.layout["d"]) for end in ends])

    def invariants(self, points: Points) -> Sequence[Tensor]:
        """The value and sums of powers of the centred logits: neither rotations nor the order of
        the classes change them."""
        Z = points.logits
        Z = Z - Z.mean(1, keepdim=True)
        return points.value, Z.square().sum((1, 2)), (Z**4).sum((1, 2)), (Z**3).sum((1, 2))

    def enclosed(self, points: Points, index: int) -> Enclosed:
        """With the dual bound below every value."""
        from checkers.settings.regularised_certificate import Enclosed

        return Enclosed(points, index)

    def arrays(self, points: Points, lowest: Array) -> Arrays:
        """Points as instances; in the model without bias that is zero, at a dear penalty."""
        count, K = len(points), points.sizes[0]
        one = np.ones((count, 1, 1))
        arrays: Arrays = {
            "W": points.W.numpy(),
            "H": points.H.numpy(),
            "b": np.zeros((count, K, 1)) if points.b is None else points.b.numpy(),
            "lw": one * points.lw.numpy()[:, None, None],
            "lh": one * points.lh.numpy()[:, None, None],
            "lb": one * (NO_BIAS if points.lb is None else points.lb.numpy()[:, None, None]),
            LABELS: points.labels,
        }
        return {**arrays, **{name: arrays[of][lowest] for name, of in self.lowest}}

    def nonzero(self, points: Points) -> Tensor:
        """Those whose logits are."""
        return points.logits.abs().amax((1, 2)) > VALUE_AGREEMENT

    def measured(self, points: Points) -> list[Mapping[str, float | None]]:
        """How far a point is from a certificate, and from collapse.

        ``excess`` is sigma_1 of the residual gradient over the threshold at which it stops being a
        certificate of optimality; ``nc1`` and ``nc2`` are the variability within classes and the
        distance of the classifier from a simplex, both relative, None at zero.
        """
        import torch

        from checkers.quantities.classes import classes_of
        from checkers.quantities.collapse import nc1
        from checkers.quantities.duality import centred_norm, etf_defect

        classes = classes_of(points.labels, points.sizes[0])
        excess = torch.linalg.matrix_norm(points.residual, 2) / points.threshold
        within = nc1.batched(points.H, classes)
        frame = etf_defect.batched(points.W) / centred_norm.batched(points.W).square()
        return [
            {
                "excess": float(excess[i]),
                "nc1": float(within[i]) if nonzero else None,
                "nc2": float(frame[i]) if nonzero else None,
            }
            for i, nonzero in enumerate(self.nonzero(points))
        ]


CROSS_ENTROPY = CrossEntropyLandscape()
