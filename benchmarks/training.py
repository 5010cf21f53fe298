"""How fast many networks train at once: GradientDescent beside its peers, in one process.

The peers train the same networks by the same rule: a loop over networks (autograd and torch's own
SGD), torch's vmap(grad), and JAX's jit(vmap(scan)) where JAX is installed. All must reach the same
weights before anything is timed. Rounds alternate over the peers; a figure is the median over
rounds of a ratio within one round. Each torch peer runs with one thread or all, whichever it is
faster with; JAX uses the cores as it likes. The peers apply the layers to the samples one after
the other; GradientDescent multiplies the linear ones together first, which is part of its lead.
The share of the matrix-product rate counts the products that GradientDescent makes, no others.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from sklearn.datasets import load_digits

from checkers.models.descent import GradientDescent
from checkers.models.mlp import Architecture, SmoothLeakyReLU, initialise
from commandline import options, write

ROUND_SECONDS = 0.25
CHECKED_STEPS = 20
LOOPED_NETWORKS = 4  # the loop's rate does not depend on how many it goes through
AGREEMENT = 1e-3  # of the largest weight, in float32

NAMES = ("batched", "loop", "vmap", "jax")
COLUMNS = ("setting", "networks", *NAMES, "over loop", "over vmap", "over jax", "share of gemm")

TORCH = (torch.relu, torch.nn.functional.softplus)

Advance = Callable[[int], None]
Weights = Callable[[], list[np.ndarray]]
Figures = dict[str, float | None]


@dataclass(frozen=True)
class Problem:
    """Networks to train: the same data for all, float32."""

    architecture: Architecture
    networks: int
    X: torch.Tensor
    Y: torch.Tensor
    learning_rate: float
    weight_decay: float

    def weights(self) -> list[torch.Tensor]:
        """The initial weights, W_l of shape (networks, n_l, n_{l-1})."""
        return initialise(self.architecture, self.networks, seed=0)

    def outputs(self, W: list, X: object, relu: Callable, softplus: Callable) -> object:
        """Z_L of one network, in torch or JAX with their own activations."""
        activation = self.architecture.activation
        Z = X
        for layer, matrix in enumerate(W):
            Z = matrix @ Z
            if layer < self.architecture.nonlinear:
                if isinstance(activation, SmoothLeakyReLU):
                    bent = (softplus(activation.sharpness * Z) - np.log(2)) / activation.sharpness
                    Z = activation.gamma * Z + (1 - activation.gamma) * bent
                else:
                    Z = relu(Z)
        return Z


@dataclass
class Peer:
    """One way to train: `advance(steps)` trains all `networks` further."""

    name: str
    networks: int
    advance: Advance
    weights: Weights
    threads: int | None = None  # None: not ruled by torch
    steps: int = 1
    tile: int = 1  # networks trained together

    def seconds(self, steps: int) -> float:
        """Wall time of one network-step, over `steps` steps of all networks."""
        if self.threads is not None:
            torch.set_num_threads(self.threads)
        start = time.perf_counter()
        self.advance(steps)
        return (time.perf_counter() - start) / (steps * self.networks)

    def calibrate(self) -> None:
        """Choose the faster number of threads, then steps that fill a round."""
        pilot = CHECKED_STEPS // 2
        if self.threads is not None:
            timed = {}
            for threads in {1, self.threads}:
                self.threads = threads
                self.seconds(pilot)
                timed[threads] = min(self.seconds(pilot) for _ in range(5))
            self.threads = min(timed, key=timed.__getitem__)
        step = min(self.seconds(pilot) for _ in range(3)) * self.networks
        self.steps = max(pilot, round(ROUND_SECONDS / step))
        self.seconds(self.steps)  # JAX compiles for a given number of steps


def batched(problem: Problem) -> Peer:
    """The library's trainer."""
    trainer = GradientDescent(
        problem.architecture,
        problem.weights(),
        problem.X,
        problem.Y,
        learning_rate=problem.learning_rate,
        weight_decay=problem.weight_decay,
    )

    def weights() -> list[np.ndarray]:
        return [W.numpy() for W in trainer.weights]

    threads = torch.get_num_threads()
    return Peer("batched", problem.networks, trainer.run, weights, threads, tile=trainer.tile)


def loop(problem: Problem) -> Peer:
    """One network after the other, with autograd and torch.optim.SGD."""
    networks = [
        [W[i].clone().requires_grad_() for W in problem.weights()]
        for i in range(min(LOOPED_NETWORKS, problem.networks))
    ]
    optimisers = [
        torch.optim.SGD(W, lr=problem.learning_rate, weight_decay=problem.weight_decay)
        for W in networks
    ]

    def advance(steps: int) -> None:
        for W, optimiser in zip(networks, optimisers, strict=True):
            for _ in range(steps):
                optimiser.zero_grad()
                residual = problem.outputs(W, problem.X, *TORCH) - problem.Y
                (residual.square().sum() / 2).backward()
                optimiser.step()

    def weights() -> list[np.ndarray]:
        return [torch.stack(W).detach().numpy() for W in zip(*networks, strict=True)]

    return Peer("loop", len(networks), advance, weights, torch.get_num_threads())


def vmapped(problem: Problem) -> Peer:
    """torch.func.vmap(grad) over the networks."""
    W = problem.weights()

    def objective(network: list[torch.Tensor]) -> torch.Tensor:
        residual = problem.outputs(network, problem.X, *TORCH) - problem.Y
        return residual.square().sum() / 2

    gradient = torch.func.vmap(torch.func.grad(objective))
    keep = 1 - problem.learning_rate * problem.weight_decay

    def advance(steps: int) -> None:
        for _ in range(steps):
            for matrix, G in zip(W, gradient(W), strict=True):
                matrix.mul_(keep).sub_(G, alpha=problem.learning_rate)

    def weights() -> list[np.ndarray]:
        return [matrix.numpy() for matrix in W]

    return Peer("vmap", problem.networks, advance, weights, torch.get_num_threads())


def compiled(problem: Problem) -> Peer | None:
    """JAX's jit(vmap(scan)) on the CPU, or None where JAX is not installed."""
    try:
        import jax
    except ImportError:
        return None
    jax.config.update("jax_platforms", "cpu")
    X, Y = jax.numpy.asarray(problem.X.numpy()), jax.numpy.asarray(problem.Y.numpy())
    keep = 1 - problem.learning_rate * problem.weight_decay

    def objective(network: list) -> object:
        residual = problem.outputs(network, X, jax.nn.relu, jax.nn.softplus) - Y
        return jax.numpy.sum(residual**2) / 2

    def step(network: list, _: None) -> tuple[list, None]:
        G = jax.grad(objective)(network)
        pairs = zip(network, G, strict=True)
        return [keep * W - problem.learning_rate * g for W, g in pairs], None

    programs: dict[int, Callable] = {}
    state = [[jax.numpy.asarray(W.numpy()) for W in problem.weights()]]

    def advance(steps: int) -> None:
        if steps not in programs:
            programs[steps] = jax.jit(
                jax.vmap(lambda W: jax.lax.scan(step, W, None, length=steps)[0])
            )
        state[0] = jax.block_until_ready(programs[steps](state[0]))

    return Peer("jax", problem.networks, advance, lambda: [np.asarray(W) for W in state[0]])


def product_shapes(architecture: Architecture, N: int) -> Iterator[tuple[int, int, int]]:
    """(rows, inner, columns) of every matrix product in one step of one network."""
    n, L1, L = architecture.widths, architecture.nonlinear, architecture.depth
    K = n[-1]
    for layer in range(1, L1 + 1):
        yield n[layer], n[layer - 1], N  # forward
        yield n[layer], N, n[layer - 1]  # gradient
        if layer > 1:
            yield n[layer - 1], n[layer], N  # backward
    for layer in range(L1 + 1, L):
        yield K, n[layer], n[layer - 1]  # P
        yield K, n[layer - 1], n[layer]  # S
        yield n[layer], K, n[layer - 1]  # gradient
    yield K, n[L1], N  # output
    yield K, N, n[L1]  # S, or the gradient of a single linear layer
    if L1:
        yield n[L1], K, N  # backward


def products(problem: Problem, tile: int, threads: int | None) -> Peer:
    """Nothing but those products, plain and preallocated, for one tile of networks."""
    tile = min(tile, problem.networks)
    operands = [
        (torch.randn(tile, m, k), torch.randn(tile, k, n), torch.empty(tile, m, n))
        for m, k, n in product_shapes(problem.architecture, problem.X.shape[1])
    ]

    def advance(steps: int) -> None:
        # Shape by shape, each product hot in the cache: the best that plain products do.
        for A, B, out in operands:
            for _ in range(steps):
                torch.bmm(A, B, out=out)

    return Peer("products", tile, advance, list, threads)


def check_agreement(peers: list[Peer]) -> None:
    """Train all peers a few steps and compare their weights with the loop's."""
    for peer in peers:
        peer.advance(CHECKED_STEPS)
    reference = next(peer for peer in peers if peer.name == "loop")
    for peer in peers:
        for layer, (W, expected) in enumerate(
            zip(peer.weights(), reference.weights(), strict=True), start=1
        ):
            error = np.abs(W[: len(expected)] - expected).max() / np.abs(expected).max()
            if not error < AGREEMENT:
                sys.exit(f"{peer.name} and loop disagree on W_{layer}: relative error {error:.1e}")


def measure(problem: Problem, rounds: int, table: Table, label: str) -> Figures:
    """Time the peers in alternating rounds, add a row to the table, return the figures."""
    ours = batched(problem)
    made = (ours, loop(problem), vmapped(problem), compiled(problem))
    peers = [peer for peer in made if peer is not None]
    check_agreement(peers)
    for peer in peers:
        peer.calibrate()
    gemm = products(problem, ours.tile, ours.threads)
    gemm.steps = max(1, round(ours.steps * ours.networks / gemm.networks))
    gemm.seconds(gemm.steps)
    peers.append(gemm)
    times: dict[str, list[float]] = {peer.name: [] for peer in peers}
    for _ in range(rounds):
        for peer in peers:
            times[peer.name].append(peer.seconds(peer.steps))

    def ratio(name: str) -> float | None:
        if name not in times:
            return None
        pairs = zip(times[name], times["batched"], strict=True)
        return statistics.median(theirs / our for theirs, our in pairs)

    figures = {f"over_{name}": ratio(name) for name in ("loop", "vmap", "jax")}
    figures["share_of_gemm"] = ratio("products")
    rate = {name: 1 / statistics.median(values) for name, values in times.items()}
    rates = (f"{rate[name]:,.0f}" if name in rate else "-" for name in NAMES)
    ratios = ("-" if value is None else f"{value:.2f}" for value in figures.values())
    table.add_row(label, str(problem.networks), *rates, *ratios)
    return figures


def small(networks: int) -> Problem:
    """60 Gaussian samples in 3 classes; widths 16, 32, 32, 32, 32, 3, two ReLU layers."""
    rng = np.random.default_rng(0)
    X = torch.from_numpy(rng.standard_normal((16, 60))).float()
    Y = torch.eye(3)[:, torch.arange(60) % 3].contiguous()
    architecture = Architecture((16, 32, 32, 32, 32, 3), nonlinear=2)
    return Problem(architecture, networks, X, Y, learning_rate=1e-3, weight_decay=1e-2)


def digits(networks: int) -> Problem:
    """scikit-learn's 1797 digits; widths 64, 64, 64, 64, 64, 10, two ReLU layers."""
    data = load_digits()
    X = torch.from_numpy(data.data.T / 16).float().contiguous()
    Y = torch.eye(10)[:, torch.from_numpy(data.target)].contiguous()
    architecture = Architecture((64, 64, 64, 64, 64, 10), nonlinear=2)
    return Problem(architecture, networks, X, Y, learning_rate=1e-5, weight_decay=1e-2)


def deep(networks: int) -> Problem:
    """400 digits; width 32, two ReLU and five linear layers: the experiment on depth."""
    data = load_digits()
    chosen = np.concatenate([np.flatnonzero(data.target == k)[:40] for k in range(10)])
    X = torch.from_numpy(data.data[chosen].T / 16).float().contiguous()
    Y = torch.eye(10)[:, torch.from_numpy(data.target[chosen])].contiguous()
    architecture = Architecture((64, *(32,) * 6, 10), nonlinear=2)
    return Problem(architecture, networks, X, Y, learning_rate=1e-5, weight_decay=0.3)


def balancing(networks: int) -> Problem:
    """30 Gaussian samples; widths 6, 32, 6, 6, 6, 3, smooth leaky ReLU: as for balancedness."""
    rng = np.random.default_rng(0)
    X = torch.from_numpy(rng.standard_normal((6, 30))).float()
    Y = torch.eye(3)[:, torch.arange(30) % 3].contiguous()
    architecture = Architecture((6, 32, 6, 6, 6, 3), 2, SmoothLeakyReLU(0.5))
    return Problem(architecture, networks, X, Y, learning_rate=1e-3, weight_decay=0.03)


def worst(figures: list[Figures]) -> Figures:
    """The least of each figure, None where there is none."""
    least: Figures = {}
    for name in figures[0]:
        values = [value for each in figures if (value := each[name]) is not None]
        least[name] = min(values, default=None)
    return least


def main() -> None:
    """Run all settings, print the table, write the figures where asked."""
    rounds, path = options(__doc__, rounds=9)
    table = Table(title="Network-steps per second, and ratios (medians over rounds)")
    for name in COLUMNS:
        table.add_column(name, justify="right")
    batches = [measure(small(B), rounds, table, "small") for B in (32, 128, 512)]
    images = measure(digits(8), rounds, table, "digits")
    linear = measure(deep(10), rounds, table, "depth")
    smooth = measure(balancing(24), rounds, table, "balancing")
    result = {"small": worst(batches), "digits": images, "depth": linear, "balancing": smooth}
    Console(width=120).print(table)
    write(result, path)


if __name__ == "__main__":
    main()
