"""Curves of flows: kept in records, drawn in panels that the model names."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from checkers.kinds.flow.carried import Curve, curves, panels, written
from checkers.record import Finding, from_json, to_json
from checkers.report import plots
from checkers.verdict import Evidence, Verdict
from conjectures.ji2022.setting.flow_model import LAYER_PEELED

PANELS = LAYER_PEELED.panels


def test_curves_survive_json(make_record) -> None:
    curve = Curve("Gaussian", (1.0, 2.0), {"margin": (0.1, 0.2), "residual": (0.5, 0.25)})
    finding = Finding("flow", Verdict.HOLDS, Evidence.SAMPLED, carried=written([curve], PANELS))
    told = json.loads(json.dumps(to_json(replace(make_record(), findings=(finding,)))))
    (again,) = from_json(told).findings
    assert again == finding
    assert curves(again) == (curve,)
    assert [p.name for p in panels(again)] == ["margin", "residual"]


@pytest.mark.parametrize("names", [("margin", "residual"), ("mean", "matrix")])
def test_the_picture_of_curves_is_drawn(names: tuple[str, str], make_record) -> None:
    series = dict(zip(names, ((0.1, 0.2), (0.5, 0.0)), strict=True))
    carried = written([Curve("Gaussian", (1.0, 2.0), series)], PANELS)
    finding = Finding("flow", Verdict.HOLDS, Evidence.SAMPLED, carried=carried)
    record = replace(make_record(), findings=(finding,))
    assert "flow" in dict(plots.plotted(record))
    (image,) = [data for name, data in plots.draw(record) if name.endswith("_flow.png")]
    assert image.startswith(b"\x89PNG")
