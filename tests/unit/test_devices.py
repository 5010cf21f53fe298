"""What is computed on a device stays there, and a GPU changes no verdict.

Without a GPU, torch's meta device takes its place: it computes shapes only, and refuses tensors of
the CPU among its own.
"""

from __future__ import annotations

import pytest

from checkers import catalogue
from checkers.models.mlp import Architecture, SmoothLeakyReLU, initialise
from checkers.sampling.draws import draw, regimes_of, size_of_round
from late import Late

torch = Late("torch")
batch_tensors = Late("checkers.values", "batch_tensors")
evaluate_batch = Late("checkers.evaluation", "evaluate_batch")
GradientDescent = Late("checkers.models.descent", "GradientDescent")
check_statements = Late("checkers.check", "check_statements")


@pytest.mark.parametrize("id", catalogue.ids())
@pytest.mark.parametrize("soft", [None, 10.0], ids=["exact", "smoothed"])
def test_every_statement_is_evaluated_on_the_device_of_its_arrays(id, soft):
    statement = catalogue.load(id)
    for index in range(2):
        spec = size_of_round(statement, index, 0)
        batch = draw(statement, spec, regimes_of(statement)[0], 3, 0)
        found = evaluate_batch(statement, batch, "meta", soft)
        values = (*found.lhs.values(), *found.rhs.values(), *found.margins.values())
        assert {str(x.device) for x in (*values, found.admitted)} == {"meta"}


def test_the_meta_device_refuses_tensors_of_the_cpu():
    there = torch.ones(3, device="meta")
    with pytest.raises(RuntimeError, match="device"):
        there + torch.ones(3)


def test_networks_train_on_the_device_of_their_weights():
    architecture = Architecture((5, 7, 6, 4, 3), nonlinear=2, activation=SmoothLeakyReLU(0.3, 2.5))
    weights = [W.to("meta") for W in initialise(architecture, 2, seed=0)]
    X, Y = (torch.ones(rows, 11, device="meta") for rows in (5, 3))
    descent = GradientDescent(
        architecture, weights, X, Y, learning_rate=0.01, weight_decay=[0.1, 0.2]
    )
    descent.run(3)
    assert {str(A.device) for A in (*descent.weights, *descent.activations())} == {"meta"}


@pytest.mark.parametrize("id", ["ji2022_margin_bound", "jacot2025_nc1", "jacot2025_nc1_printed"])
def test_a_gpu_gives_the_verdict_of_the_cpu(id, tmp_path):
    if not torch.cuda.is_available():
        pytest.skip("needs a CUDA device: search and training are compared with the CPU's")
    told = []
    for device in ("cpu", "cuda"):
        (record,) = check_statements(
            [id], profile="ci", seed=0, device=device, folder=tmp_path / device, workers=1
        )
        told.append({(f.checker, f.verdict, f.evidence) for f in record.findings})
    assert told[0] == told[1]
