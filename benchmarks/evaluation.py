"""How fast the suite evaluates and certifies: the margin bound beside a plain Hypothesis test.

Both draw Gaussian-sized W (4, 5) and H (5, 12) and evaluate the bound of Ji et al. (2022) on them.
The suite does so by its own path: batches from `draw`, sampling included, and `evaluate_batch`.
The peer is the test that one would write without it: `hypothesis.extra.numpy.arrays` and numpy,
one example at a time, without a database or a deadline and with nothing but generation. Rounds
alternate between the two, in one process and on one core; a figure is the median over rounds of a
ratio within one round. Certificates are `certify` on drawn instances, one after the other; their
slack is far from zero, so that 64 bits decide its sign.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console
from rich.table import Table

from checkers import catalogue
from checkers.check import single_threaded
from checkers.evaluation import certify, evaluate_batch
from checkers.sampling.draws import draw
from checkers.sizes import sizes
from checkers.verdict import Verdict
from checkers.ways import GAUSSIAN
from commandline import options, write

STATEMENT = "ji2022_margin_bound"
K, n, d = 4, 3, 5
SPEC = sizes(K=K, n=n, d=d)
ROUND_SECONDS = 0.5
BATCHES = (2000, 4000, 8000, 12500)  # the fastest is used
EXAMPLES = 1000
CERTIFICATES = 500
ROUNDING = 1e-12  # a test in floats needs a tolerance; the suite does not

ENTRIES = st.floats(-10, 10)
LABELS = np.repeat(np.arange(K), n)
SAMPLES = np.arange(K * n)

Rate = Callable[[], float]


def batched(batch: int) -> Rate:
    """Instances per second of the suite: drawn and evaluated, a batch at a time."""
    statement = catalogue.load(STATEMENT)
    seeds = iter(range(10**9))

    def rate() -> float:
        done, start = 0, time.perf_counter()
        while (seconds := time.perf_counter() - start) < ROUND_SECONDS:
            drawn = draw(statement, SPEC, GAUSSIAN, batch, next(seeds))
            found = evaluate_batch(statement, drawn)
            assert bool(found.admitted.all())
            assert not bool((found.relative_slack("margin bound") < 0).any())
            done += len(drawn)
        return done / seconds

    return rate


def hypothesis_test() -> Rate:
    """Examples per second of the peer."""
    examples = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate])
    @given(
        W=arrays(np.float64, (K, d), elements=ENTRIES),
        H=arrays(np.float64, (d, K * n), elements=ENTRIES),
    )
    def test_margin_bound(W: np.ndarray, H: np.ndarray) -> None:
        nonlocal examples
        examples += 1
        Z = W @ H
        margins = Z[LABELS, SAMPLES] - Z
        margins[LABELS, SAMPLES] = np.inf
        bound = (np.sum(W**2) + np.sum(H**2)) / (2 * (K - 1) * np.sqrt(n))
        assert margins.min() <= bound * (1 + ROUNDING)

    def rate() -> float:
        nonlocal examples
        examples, start = 0, time.perf_counter()
        test_margin_bound()
        return examples / (time.perf_counter() - start)

    return rate


def certificates() -> Rate:
    """Certified instances per second, each with every hypothesis and the sign of the slack."""
    statement = catalogue.load(STATEMENT)
    batch = draw(statement, SPEC, GAUSSIAN, CERTIFICATES, 0)
    instances = list(batch)

    def rate() -> float:
        start = time.perf_counter()
        found = [certify(statement, instance) for instance in instances]
        seconds = time.perf_counter() - start
        assert all(e.verdict is Verdict.HOLDS and e.sign == 1 for (e,) in found)
        return len(instances) / seconds

    return rate


def fastest_batch() -> int:
    """The batch size that the suite is fastest with, each tried twice."""
    timed = {size: batched(size) for size in BATCHES}
    return max(timed, key=lambda size: max(timed[size]() for _ in range(2)))


def measure(rounds: int) -> dict[str, float]:
    """All figures, from alternating rounds."""
    with single_threaded():
        batch = fastest_batch()
        runs = {
            "batched": batched(batch),
            "hypothesis": hypothesis_test(),
            "certificates": certificates(),
        }
        for run in runs.values():
            run()
        rates: dict[str, list[float]] = {name: [] for name in runs}
        for _ in range(rounds):
            for name, run in runs.items():
                rates[name].append(run())
    pairs = zip(rates["batched"], rates["hypothesis"], strict=True)
    return {
        "batched_over_hypothesis": statistics.median(ours / theirs for ours, theirs in pairs),
        "certificates_per_second": statistics.median(rates["certificates"]),
        "batched_per_second": statistics.median(rates["batched"]),
        "hypothesis_per_second": statistics.median(rates["hypothesis"]),
        "batch": batch,
        "rounds": rounds,
    }


def table(figures: dict[str, float]) -> Table:
    """The figures for people."""
    made = Table(title=f"{STATEMENT} at K={K}, n={n}, d={d}, one core (medians over rounds)")
    made.add_column("what")
    made.add_column("per second", justify="right")
    made.add_column("over the Hypothesis test", justify="right")
    rows = (
        (f"batched in {figures['batch']:,.0f}, sampling included", "batched"),
        ("Hypothesis test, one example at a time", "hypothesis"),
        ("certificates in balls", "certificates"),
    )
    for told, name in rows:
        ratio = f"{figures['batched_over_hypothesis']:,.0f}" if name == "batched" else ""
        made.add_row(told, f"{figures[f'{name}_per_second']:,.0f}", ratio)
    return made


def main() -> None:
    """Measure, print the table, write the figures where asked."""
    rounds, path = options(__doc__, rounds=5)
    figures = measure(rounds)
    Console(width=100).print(table(figures))
    write(figures, path)


if __name__ == "__main__":
    main()
