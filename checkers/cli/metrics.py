"""``metrics``: the collapse metrics of any network's features, every convention named."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from checkers import instance_file
from checkers.cli.instances import JsonOption
from checkers.cli.output import AS_CLAIMED, JsonFile, console, number, remark
from checkers.metrics.collapse import METRICS, measure


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("metrics")(metrics)


def metrics(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.npz",
            help="features (N, d) and labels (N,); weights (K, d) and bias (K,) if there are any."
            " Without weights: an instance file of ncheck evaluate.",
        ),
    ],
    json: JsonOption = None,
) -> int:
    """Measure neural collapse: NC1 to NC4 of the features of any network."""
    target = JsonFile.at(json)
    network = instance_file.read_network(file)
    if network.ignored:
        remark(f"{file}: {network.ignored}")
    found = measure(network)
    N, d = network.features.shape
    print(
        f"{file}: {network.origin} (N={N}, d={d}, K={network.K}), rank of Σ_B {found.rank};"
        " Σ_W averages the samples, Σ_B the classes"
    )
    table = Table("metric", "value", "convention", box=None)
    for metric in METRICS:
        table.add_row(metric.name, number(found.values[metric.name]), metric.convention)
    console().print(table)
    for name, reason in found.undefined.items():
        remark(f"{name} is not defined: {reason}")
    target.write(found.values)
    return AS_CLAIMED
