"""A second model of a gradient flow, in this one file: a linear network of two layers.

|W_2 W_1 Z - Y|^2 / 2 falls along its gradient flow and W_2^T W_2 - W_1 W_1^T stays what it is.
Levels are 1 + t: nothing grows without bound.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from checkers.declared.claim import Claim, identity
from checkers.declared.construction import Arrays, Layout, Ranges, Witness
from checkers.declared.flow_model import Panel
from checkers.declared.kinds import Flow
from checkers.declared.source import Source
from checkers.declared.statement import Mutant, Setting, Statement
from checkers.instance import LABELS, Array
from checkers.profile import PROFILES
from checkers.quantities.heads import imbalance, outputs, squared_error
from checkers.report import plots
from checkers.sizes import SizeSpec, sizes
from checkers.tolerance import FLOW_ABSOLUTE, FLOW_DRIFT, FLOW_RELATIVE
from checkers.variables import Kind, Variable
from checkers.verdict import Evidence, Standing, Transcription, Verdict
from late import Late

flow_check = Late("checkers.kinds.flow.check")
check_mutants = Late("checkers.mutation", "check_mutants")

SETTLED = 1e-4
"""Gradient norm at which a run has arrived."""


@dataclass(frozen=True)
class Start:
    name: str
    spec: SizeSpec
    seed: int = 0

    def build(self) -> tuple[Array, Array, Array]:
        """W_1, W_2 and Z, normal."""
        generator = np.random.default_rng(self.seed)
        layout = self.spec.layout
        shapes = (("last_width", "width"), ("K", "last_width"), ("width", "N"))
        return tuple(0.6 * generator.standard_normal((layout[a], layout[b])) for a, b in shapes)


@dataclass(frozen=True)
class LinearRun:
    """States W_1 (S, h, p) and W_2 (S, K, h) at times (S,)."""

    times: Array
    first: Array
    second: Array
    Z: Array
    labels: Array

    @property
    def levels(self) -> Array:
        return 1 + self.times

    @property
    def residuals(self) -> Array:
        return self.second @ self.first @ self.Z - np.eye(self.second.shape[1])[:, self.labels]

    @property
    def drifts(self) -> Mapping[str, Array]:
        W1, W2 = self.first, self.second
        D = W2.swapaxes(1, 2) @ W2 - W1 @ W1.swapaxes(1, 2)
        size = np.linalg.norm(W1, axis=(1, 2)) ** 2 + np.linalg.norm(W2, axis=(1, 2)) ** 2
        return {"imbalance": np.linalg.norm(D - D[0], axis=(1, 2)) / size}

    def arrays(self, first: Array, second: Array) -> Arrays:
        Z = np.repeat(self.Z[None], len(first), axis=0)
        earlier = {"earlier_0": self.first[first], "earlier_1": self.second[first]}
        later = {"head_0": self.first[second], "head_1": self.second[second]}
        return {"Z": Z, **earlier, **later, LABELS: self.labels}

    def doubts(self) -> Iterator[str]:
        slope = np.linalg.norm(self.residuals[-1] @ self.Z.T @ self.first[-1].T)
        if not slope < SETTLED:
            yield f"gradient of W_2 is still {slope:.1g}"

    def curve(self, limit: bool) -> tuple[Array, Mapping[str, Array]]:
        if not limit:
            return np.log(2 + self.times), self.drifts
        return np.log(2 + self.times), {"loss": (self.residuals**2).sum((1, 2)) / 2}


@lru_cache(maxsize=8)
def integrated(start: Start, level: float, relative: float) -> LinearRun:
    W1, W2, Z = start.build()
    labels = start.spec.labels()
    Y, split = np.eye(len(W2))[:, labels], W1.size

    def rate(_: float, y: Array) -> Array:
        A, B = y[:split].reshape(W1.shape), y[split:].reshape(W2.shape)
        pull = (Y - B @ A @ Z) @ Z.T
        return np.concatenate([(B.T @ pull).ravel(), (pull @ A.T).ravel()])

    begin = np.concatenate([W1.ravel(), W2.ravel()])
    found = solve_ivp(
        rate, (0, level - 1), begin, method="DOP853", rtol=relative, atol=FLOW_ABSOLUTE
    )
    states = found.y.T
    shapes = (-1, *W1.shape), (-1, *W2.shape)
    parts = states[:, :split].reshape(shapes[0]), states[:, split:].reshape(shapes[1])
    return LinearRun(found.t, *parts, Z, labels)


@dataclass(frozen=True)
class LinearNetwork:
    starts: tuple[Start, ...]
    measure: str = "1 + t"
    scale: str = "the squared weights"
    panels: tuple[Panel, ...] = (
        Panel("loss", "Squared error"),
        Panel("imbalance", "Change of the imbalance", largest=FLOW_DRIFT),
    )

    def follow(self, start: Start, level: float, relative: float) -> LinearRun:
        return integrated(start, level, relative)

    def limits(self, runs: Sequence[LinearRun]) -> Iterator[str]:
        left = max((run.residuals[-1] ** 2).sum() / 2 for run in runs)
        yield f"the largest loss at the end is {left:.1g}"


WIDE = Start("wide", sizes(K=2, n=2, width=4, depth=2, last_width=3))
NARROW = Start("narrow", sizes((2, 1), width=3, depth=2, last_width=1), seed=1)
MODEL = LinearNetwork((WIDE, NARROW))

Z = Variable("Z", ("width", "N"), "features")
labels = Variable("labels", ("N",), "class of each column", kind=Kind.LABELS)
earlier = Variable("earlier", ("K", "width"), "the matrices before", kind=Kind.CHAIN)
head = Variable("head", ("K", "width"), "the matrices after", kind=Kind.CHAIN)
loss, loss_before = (squared_error(outputs(Z, W), labels) for W in (head, earlier))


def two_times(layout: Layout, order: Array) -> Arrays:
    """The start of the wide network and a state soon after."""
    run = integrated(WIDE, 1.1, FLOW_RELATIVE)
    pair = run.arrays(np.array([0]), np.array([len(run.times) - 1]))
    return {name: a if name == LABELS else a[0] for name, a in pair.items()}


SOON = Witness("soon after", two_times, (WIDE.spec,))

STATEMENT = Statement(
    id="linear_network",
    title="What the gradient flow of a linear network does",
    source=Source("Nobody", 2000, "A test", "", "Lemma 1"),
    standing=Standing.THEOREM,
    transcription=Transcription.DERIVED,
    setting=Setting(
        variables=(Z, labels, earlier, head),
        ranges=Ranges(K=(2, 2), n=(2, 2), smallest=(WIDE.spec,)),
        kind=Flow(MODEL, between=True, settles=True, rho2=120),
    ),
    claims=(
        Claim("loss", loss, loss_before),
        *identity("imbalance", imbalance(head), imbalance(earlier)),
    ),
    mutants=(
        Mutant("half", "it halves", lhs=2 * loss, by=SOON),
        Mutant(
            "balance",
            "the imbalance falls like the loss",
            claims=(Claim("imbalance", imbalance(head) * loss_before, imbalance(earlier) * loss),),
            by=SOON,
        ),
    ),
)


@pytest.fixture(scope="module")
def result():
    return flow_check.check_flow(STATEMENT, PROFILES["ci"], 0)


def test_it_holds_along_the_flows_and_says_how_they_ended(result) -> None:
    finding = result.finding
    assert finding.verdict is Verdict.HOLDS, finding.reason
    assert finding.evidence is Evidence.SAMPLED
    assert finding.admitted == finding.drawn > 100
    assert finding.touching, "what is conserved is the same up to the error of integration"
    assert "2 flows to 1 + t = 120; invariants drift by" in finding.reason
    assert "of the squared weights; the largest loss at the end" in finding.reason


def test_false_neighbours_are_killed_by_the_flows_and_by_their_witness(result, tmp_path) -> None:
    assert set(result.blind) == {"half", "balance"}
    kept = check_mutants(STATEMENT, frozenset(result.blind), tmp_path)
    assert [(m.id, m.killed) for m in kept] == [("half", True), ("balance", True)]


def test_a_state_that_is_none_of_the_flow_decides_nothing() -> None:
    """Off by less than the error that a violation has to exceed, by more than the drift allowed."""

    @dataclass(frozen=True)
    class Pushed(LinearNetwork):
        def follow(self, start: Start, level: float, relative: float) -> LinearRun:
            run = integrated(start, level, relative)
            return replace(run, first=np.concatenate([run.first[:-1], (1 + 4e-8) * run.first[-1:]]))

    pushed = STATEMENT.within(kind=replace(STATEMENT.kind, model=Pushed((WIDE,))))
    finding = flow_check.check_flow(pushed, PROFILES["ci"], 0).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "invariants drift" in finding.reason


def test_a_run_that_has_not_arrived_decides_nothing() -> None:
    short = STATEMENT.within(kind=replace(STATEMENT.kind, rho2=2))
    finding = flow_check.check_flow(short, PROFILES["ci"], 0).finding
    assert finding.verdict is Verdict.INCONCLUSIVE
    assert "gradient of W_2 is still" in finding.reason


def test_states_are_those_of_a_network_that_is_solved_by_hand() -> None:
    """One balanced hidden unit on the target I: its product x follows x' = 2 x (1 - x)."""
    spec = sizes(K=2, n=1, width=2, depth=2, last_width=1)

    @dataclass(frozen=True)
    class ByHand(Start):
        def build(self) -> tuple[Array, Array, Array]:
            return np.array([[0.1, 0.0]]), np.array([[0.1], [0.0]]), np.eye(2)

    run = integrated(ByHand("by hand", spec), 6.0, FLOW_RELATIVE)
    products = (run.second @ run.first)[:, 0, 0]
    x0 = 0.01
    expected = 1 / (1 + (1 / x0 - 1) * np.exp(-2 * run.times))
    assert products == pytest.approx(expected, rel=1e-7)


def test_its_curves_are_drawn_in_its_own_panels(result, make_record) -> None:
    record = replace(make_record(), findings=(result.finding,))
    assert "flow" in dict(plots.plotted(record))
    assert [p["name"] for p in result.finding.carried["panels"]] == ["loss"]
    images = dict(plots.draw(record))
    assert images[plots.file_name(record, "flow")].startswith(b"\x89PNG")
