"""A second model of a landscape, in this one file: the regularised squared error without bias.

f = |W H - Y|^2 / (2 N) + (lw |W|^2 + lh |H|^2) / 2. With c = K sqrt(n lw lh) < 1 the outputs at its
critical points are (1 - c) times a projection of rank r of the classes, and f is
1/2 - r (1 - c)^2 / (2 K): strict saddles for r < K and the global minimum for r = K.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from flint import arb, arb_mat
from sympy import Expr, Rational, sqrt

from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.construction import Arrays, Layout, Ranges, Witness
from checkers.declared.kinds import Landscape
from checkers.declared.landscape_model import Case, Starts
from checkers.declared.source import Source
from checkers.declared.statement import Mutant, Setting, Statement
from checkers.instance import LABELS, Array
from checkers.kinds.landscape.carried import critical_points
from checkers.profile import PROFILES
from checkers.quantities.heads import last_matrix, outputs, squared_error
from checkers.quantities.norms import squared_norm
from checkers.report import plots
from checkers.settings.unconstrained import BALANCED, labels
from checkers.sizes import SizeSpec, sizes
from checkers.variables import K, Kind, N, Variable, n
from checkers.verdict import Character, Evidence, Standing, Transcription, Verdict
from checkers.ways import Way, WayKind
from late import Late

torch = Late("torch")
batches = Late("checkers.models.batches")
balls = Late("checkers.arithmetic.balls")
operator_norm = Late("checkers.arithmetic.spectral", "operator_norm")
check_landscape = Late("checkers.kinds.landscape.check", "check_landscape")
check_mutants = Late("checkers.mutation", "check_mutants")

CRITICAL = Way(WayKind.CRITICAL, "critical points")


def size(K: int, n: int, d: int) -> SizeSpec:
    """The classifier is a chain of one matrix, whose sizes have names."""
    return sizes(K=K, n=n, d=d, depth=1, last_width=d)


@dataclass(frozen=True)
class Points:
    """W (B, K, d), H (B, d, N), lw and lh (B,); labels (N,) shared."""

    W: Any
    H: Any
    lw: Any
    lh: Any
    labels: Array

    def __len__(self) -> int:
        return len(self.W)

    def __getitem__(self, index: Any) -> Points:
        return batches.selected(self, index)

    @property
    def vector(self) -> Any:
        return torch.cat([self.W.flatten(1), self.H.flatten(1)], 1)

    def at(self, vector: Any) -> Points:
        split = self.W[0].numel()
        W, H = vector[:, :split], vector[:, split:]
        return replace(self, W=W.reshape(-1, *self.W.shape[1:]), H=H.reshape(-1, *self.H.shape[1:]))

    @property
    def residual(self) -> Any:
        Y = torch.eye(self.W.shape[1], dtype=torch.float64)[:, self.labels]
        return self.W @ self.H - Y

    @property
    def value(self) -> Any:
        decay = self.lw * self.W.square().sum((1, 2)) + self.lh * self.H.square().sum((1, 2))
        return self.residual.square().sum((1, 2)) / (2 * self.terms) + decay / 2

    @property
    def gradient(self) -> Any:
        R = self.residual / self.terms
        lw, lh = self.lw[:, None, None], self.lh[:, None, None]
        parts = R @ self.H.mT + lw * self.W, self.W.mT @ R + lh * self.H
        return torch.cat([part.flatten(1) for part in parts], 1)

    @property
    def hessian(self) -> Any:
        (K, d), N, B = self.W.shape[1:], self.terms, len(self)

        def eye(size: int) -> Any:
            return torch.eye(size, dtype=torch.float64)

        first = torch.einsum("bij,kl->bkilj", self.H @ self.H.mT / N, eye(K))
        second = torch.einsum("bij,kl->bikjl", self.W.mT @ self.W / N, eye(N))
        mixed = torch.einsum("bki,bjn->bkjin", self.W, self.H)
        mixed = (mixed + torch.einsum("bkn,ij->bkijn", self.residual, eye(d))) / N
        mixed = mixed.reshape(B, K * d, d * N)
        first, second = first.reshape(B, K * d, -1), second.reshape(B, d * N, -1)
        whole = torch.cat([torch.cat([first, mixed], 2), torch.cat([mixed.mT, second], 2)], 1)
        penalties = [self.lw[:, None].expand(-1, K * d), self.lh[:, None].expand(-1, d * N)]
        return whole + torch.diag_embed(torch.cat(penalties, 1))

    @property
    def terms(self) -> int:
        return self.H.shape[2]

    @property
    def threshold(self) -> Any:
        return (self.lw * self.lh).sqrt()


class Enclosed:
    """A point in balls, with the dual bound: with M = t (Y - Z) / N of operator norm at most
    sqrt(lw lh), no value is below <M, Y> - N |M|^2 / 2."""

    def __init__(self, points: Points, index: int) -> None:
        self.W, self.H = (balls.ball_matrix(a[index].numpy()) for a in (points.W, points.H))
        self.lw, self.lh = (arb(float(a[index])) for a in (points.lw, points.lh))
        self.N = points.terms
        self.Y = arb_mat(np.eye(self.W.nrows(), dtype=int)[:, points.labels].tolist())
        self.R = self.W * self.H - self.Y

    def value(self) -> arb:
        decay = self.lw * squared(self.W) + self.lh * squared(self.H)
        return squared(self.R) / (2 * self.N) + decay / 2

    def second_derivative(self, direction: Array) -> arb:
        split = self.W.nrows() * self.W.ncols()
        dW = arb_mat(self.W.nrows(), self.W.ncols(), direction[:split].tolist())
        dH = arb_mat(self.H.nrows(), self.H.ncols(), direction[split:].tolist())
        bent = 2 * inner(self.R, dW * dH) + squared(dW * self.H + self.W * dH)
        return bent / self.N + self.lw * squared(dW) + self.lh * squared(dH)

    def lower_bound(self) -> arb:
        G = self.R * arb(-1) / self.N
        t = ((self.lw * self.lh).sqrt() / operator_norm(G)).min(arb(1))
        return t * inner(G, self.Y) - self.N * t * t * squared(G) / 2


def inner(A: arb_mat, B: arb_mat) -> arb:
    return sum((a * b for a, b in zip(A.entries(), B.entries(), strict=True)), arb(0))


def squared(A: arb_mat) -> arb:
    return inner(A, A)


def padded(points: Points, more: int) -> Points:
    """In so many more dimensions, their coordinates zero."""
    pad = torch.nn.functional.pad
    return replace(points, W=pad(points.W, (0, more)), H=pad(points.H, (0, 0, 0, more)))


@dataclass(frozen=True)
class SquaredErrorLandscape:
    dimensions: str = "(K, n, d)"

    def cases(self, kind: Landscape, variables: Collection[str]) -> Iterator[Case]:
        (low, high), (few, many), (least, most) = kind.classes, kind.samples, kind.beyond
        for classes, samples in product(range(low, high + 1), range(few, many + 1)):
            for d in range(classes - 1 + least, classes + most):
                place = (classes, samples, d)
                yield Case(size(*place), place, CRITICAL, 0, d * classes * (1 + samples))

    def starts(
        self, generator: np.random.Generator, case: Case, count: int
    ) -> Iterator[Starts[Points]]:
        """In as few coordinates as their rank, one problem for each rank and c."""
        layout = case.spec.layout
        draw = generator.standard_normal
        for rank in range(1, layout["d"] + 1):
            c = generator.uniform(0.05, 0.95, count)
            ratio = np.exp(draw(count))
            s = c / np.sqrt(layout["K"] * layout["N"])
            W, H = (draw((count, *s)) for s in ((layout["K"], rank), (rank, layout["N"])))
            numbers = (torch.from_numpy(a) for a in (W, H, s * ratio, s / ratio))
            yield Starts(Points(*numbers, case.spec.labels()), np.arange(count) + rank * count)

    def whole(self, ends: Sequence[Points], case: Case) -> Points:
        d = case.spec.layout["d"]
        return batches.joined([padded(end, d - end.W.shape[2]) for end in ends])

    def invariants(self, points: Points) -> Sequence[Any]:
        return (points.value,)

    def enclosed(self, points: Points, index: int) -> Enclosed:
        return Enclosed(points, index)

    def arrays(self, points: Points, lowest: Array) -> Arrays:
        numbers = {"lw": points.lw, "lh": points.lh}
        return {
            "W_0": points.W.numpy(),
            "H": points.H.numpy(),
            **{name: a.numpy()[:, None, None] for name, a in numbers.items()},
            LABELS: points.labels,
        }

    def nonzero(self, points: Points) -> Any:
        return (points.W @ points.H).abs().amax((1, 2)) > 1e-6

    def measured(self, points: Points) -> Sequence[Mapping[str, float | None]]:
        K, N = points.W.shape[1], points.terms
        c = np.sqrt(K * N) * points.threshold.numpy()
        spectra = torch.linalg.svdvals(points.W @ points.H).numpy() / np.sqrt(N / K)
        return [
            {"c": float(c[i]), **{f"s{k}": float(s) for k, s in enumerate(spectra[i])}}
            for i in range(len(points))
        ]


W = Variable("W", ("K", "d"), "classifier", kind=Kind.CHAIN, least=1)
H = Variable("H", ("d", "N"), "features")
lw, lh = (Variable(name, ("1", "1"), "weight decay") for name in ("lw", "lh"))

lw2, lh2 = squared_norm(lw), squared_norm(lh)
decay = sqrt(lw2) * squared_norm(last_matrix(W)) + sqrt(lh2) * squared_norm(H)
value = squared_error(outputs(H, W), labels) / (2 * N) + decay / 2
c = K * sqrt(n) * (lw2 * lh2) ** Rational(1, 4)


def below(rank: Expr, shrunk: Expr = c) -> Claim:
    """No value is below that of critical points of this rank."""
    least = Rational(1, 2) - rank * (1 - shrunk) ** 2 / (2 * K)
    return Claim("least value", least, value)


def collapse(layout: Layout, order: Array, r: int | None = None) -> Arrays:
    """W = a I and H = (1 - c) / a Y on the first r classes, all of them by default."""
    K, N, d, (lw, lh) = layout["K"], layout["N"], layout["d"], (0.04, 0.01)
    n = N // K
    kept = 1 - K * np.sqrt(n * lw * lh)
    a = np.sqrt(kept * np.sqrt(n * lh / lw))
    P = np.diag(np.arange(K) < (K if r is None else r)).astype(float) @ np.eye(K, d)
    numbers = {"lw": np.array([[lw]]), "lh": np.array([[lh]])}
    return {"W_0": a * P, "H": kept / a * P.T[:, order], **numbers}


COLLAPSE = Witness("collapse", collapse, (size(2, 1, 2), size(3, 2, 4)), tight=0.999)

STATEMENT = Statement(
    id="squared_error",
    title="A benign landscape of the squared error",
    source=Source("Nobody", 2000, "A test", "", "Theorem 1"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    setting=Setting(
        variables=(W, H, labels, lw, lh),
        ranges=Ranges(
            K=(2, 3),
            n=(1, 2),
            others={"d": (2, 4), "depth": (1, 1), "last_width": (2, 4)},
            fit=lambda drawn: {"d": drawn["d"], "depth": 1, "last_width": drawn["d"]},
            smallest=(size(2, 1, 2),),
        ),
        kind=Landscape(SquaredErrorLandscape(), classes=(2, 3), samples=(1, 2), beyond=(1, 2)),
    ),
    hypotheses=(
        BALANCED,
        Hypothesis("below the threshold", 1 - c, strict=True),
    ),
    claims=(below(K),),
    witnesses=(COLLAPSE,),
    mutants=(
        Mutant("K-1", "K-1 classes in place of K", claims=(below(K - 1),), by=COLLAPSE),
        Mutant("2c", "outputs shrink twice as much", claims=(below(K, 2 * c),), by=COLLAPSE),
    ),
)

FEW = replace(PROFILES["ci"], starts=12)


@pytest.fixture(scope="module")
def result():
    return check_landscape(STATEMENT, FEW, 0)


def closed_form(c: float, r: int, K: int) -> float:
    return 1 / 2 - r * (1 - c) ** 2 / (2 * K)


def test_every_point_found_is_one_of_the_closed_form(result) -> None:
    points = critical_points(result.finding)
    assert len(points) > 100
    ranks: dict[int, set[int]] = {}
    for point in points:
        K, c = len(point.sizes.counts), point.measured["c"]
        spectrum = [point.measured[f"s{k}"] for k in range(K)]
        r = round(sum(spectrum) / (1 - c))
        assert spectrum == pytest.approx([1 - c] * r + [0] * (K - r), abs=1e-6)
        assert point.value == pytest.approx(closed_form(c, r, K), abs=1e-12)
        assert point.character is (Character.GLOBAL if r == K else Character.SADDLE)
        ranks.setdefault(K, set()).add(r)
    assert ranks == {2: {0, 1, 2}, 3: {0, 1, 2, 3}}, "and all of them are found"


def test_it_holds_with_a_certificate_for_each(result) -> None:
    finding = result.finding
    assert finding.verdict is Verdict.HOLDS, finding.reason
    assert finding.evidence is Evidence.CERTIFIED
    assert finding.admitted == len(critical_points(finding))
    assert {str(c.way) for c in finding.cells} >= {"critical points", "near collapse", "gaussian"}


def test_false_neighbours_are_killed_by_critical_points_and_by_closed_forms(
    result, tmp_path
) -> None:
    assert set(result.blind) == {"K-1", "2c"}
    kept = check_mutants(STATEMENT, frozenset(result.blind), tmp_path)
    assert [(m.id, m.killed) for m in kept] == [("K-1", True), ("2c", True)]


def test_a_false_statement_of_it_is_refuted_by_what_is_found() -> None:
    false = replace(STATEMENT, claims=(below(K - 1),), witnesses=(), mutants=())
    found = check_landscape(false, FEW, 0)
    assert found.finding.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.instance.provenance.way == CRITICAL


@pytest.mark.parametrize(("K", "n", "d"), [(2, 1, 2), (3, 2, 4)])
def test_its_derivatives_are_those_of_automatic_differentiation(K: int, n: int, d: int) -> None:
    generator = np.random.default_rng(K)
    numbers = (generator.standard_normal(s) for s in ((1, K, d), (1, d, K * n)))
    decays = (np.exp(generator.standard_normal(1)) for _ in range(2))
    arrays = (torch.from_numpy(a) for a in (*numbers, *decays))
    points = Points(*arrays, np.repeat(np.arange(K), n))
    f = partial(_value_at, points)
    assert points.gradient[0].numpy() == pytest.approx(
        torch.autograd.functional.jacobian(f, points.vector[0]).numpy(), abs=1e-12
    )
    expected = torch.autograd.functional.hessian(f, points.vector[0]).numpy()
    assert points.hessian[0].numpy() == pytest.approx(expected, abs=1e-12)
    at, direction = Enclosed(points, 0), generator.standard_normal(len(expected))
    assert float(at.value()) == pytest.approx(float(points.value), rel=1e-12)
    bent = float(at.second_derivative(direction))
    assert bent == pytest.approx(direction @ expected @ direction, rel=1e-10)


def _value_at(points: Points, x: Any) -> Any:
    return points.at(x[None]).value[0]


def test_it_is_drawn_and_counted_like_the_other(result, make_record) -> None:
    from checkers.kinds.landscape import KIND

    record = replace(make_record(), findings=(result.finding,))
    assert "landscape" in dict(plots.plotted(record))
    (table,) = KIND.lists(result.finding)
    assert "strict saddle" in table
    assert "K=3, n=2, d=4" in table
