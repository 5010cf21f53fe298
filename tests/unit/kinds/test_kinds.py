"""Kinds of claim are found by their folders, serve what statements declare, and load nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue, kinds
from checkers.check import check_one
from checkers.declared.kinds import INEQUALITY, ONE_RUN, Drawing, Flow, Inequality, Kind
from checkers.profile import PROFILES
from checkers.record import Finding
from checkers.report import plots
from checkers.report.section import section
from checkers.sampling.draws import regimes_of
from checkers.sweep.plan import ways
from checkers.verdict import Evidence, Verdict

PLANTED = '''
"""Is every side of the first claim zero? Planted by a test."""
from dataclasses import dataclass
from typing import ClassVar

from checkers.declared.kinds import ONE_RUN, Kind
from checkers.kinds.claim_kind import ClaimKind, Picture
from checkers.record import Finding
from checkers.result import CheckResult
from checkers.verdict import Evidence, Verdict


@dataclass(frozen=True)
class Planted(Kind):
    name: ClassVar[str] = "planted"
    word: str = "seen"

    @property
    def drawing(self):
        return ONE_RUN


def _check(statement, profile, seed, device):
    carried = {"words": [statement.kind.word, seed]}
    return CheckResult(Finding("planted", Verdict.VACUOUS, Evidence.SAMPLED, 7, 3, carried=carried))


def _draw(figure, record, findings):
    figure.subplots().set_title(findings[0].carried["words"][0])


KIND = ClaimKind(
    name=Planted.name,
    serves=Planted,
    check=_check,
    remedy="a gardener",
    pictures=(Picture("bed", "Where it grows", lambda findings: True, _draw),),
    tables=lambda finding: iter([f"**Planted**: {finding.carried['words'][0]}."]),
    lists=lambda finding: iter(["**Harvest**"]),
)
'''


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Kind]]:
    """A folder beside those that are there, and nothing else."""
    (tmp_path / "planted").mkdir()
    (tmp_path / "planted" / "__init__.py").write_text(PLANTED)
    monkeypatch.setattr(kinds, "__path__", [*kinds.__path__, str(tmp_path)])
    yield next(k.serves for k in kinds.kinds() if k.name == "planted")
    del sys.modules["checkers.kinds.planted"]


def test_there_is_a_folder_for_every_kind_that_a_statement_declares() -> None:
    names = {kind.name for kind in kinds.kinds()}
    assert names == {"flow", "inequality", "landscape", "training"}
    declared = {type(catalogue.load(id).kind) for id in catalogue.ids()}
    assert {kinds.of(catalogue.load(id).kind).serves for id in catalogue.ids()} == declared
    for kind in kinds.kinds():
        assert kind.serves.name == kind.name
        assert kind.remedy


def test_a_kind_that_no_folder_serves_is_told() -> None:
    class Unknown(Kind):
        name = "unknown"

    with pytest.raises(LookupError, match="Unknown is served by no kind"):
        kinds.of(Unknown())


def test_a_kind_planted_as_one_folder_is_checked(
    planted: type[Kind], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    margin = catalogue.load("ji2022_margin_bound").within(kind=planted())
    few = replace(margin, mutants=(), witnesses=())
    monkeypatch.setattr(catalogue, "load", lambda id: few)
    record = check_one("ji2022_margin_bound", PROFILES["ci"], 5, "cpu", tmp_path)
    assert [(f.checker, f.verdict, f.drawn) for f in record.findings] == [
        ("planted", Verdict.VACUOUS, 7)
    ]
    assert record.findings[0].carried == {"words": ["seen", 5]}
    assert dict(plots.plotted(record)) == {"bed": "Where it grows"}
    ((name, image),) = plots.draw(record)
    assert name == "ji2022_margin_bound_bed.png"
    assert plots.is_plot(name)
    assert image.startswith(b"\x89PNG")
    text = section(record, few, "results")
    assert text.index("**Planted**: seen.") < text.index("**Harvest**")
    assert ways(few) == regimes_of(few) == ()


def test_a_picture_of_no_kind_is_no_plot(planted: type[Kind]) -> None:
    assert plots.is_plot("a_bed.png")
    assert not plots.is_plot("a_shed.png")


def test_what_would_settle_a_verdict_is_said_by_the_kind(planted: type[Kind]) -> None:
    def remedy(checker: str) -> str:
        return kinds.of_finding(Finding(checker, Verdict.INCONCLUSIVE, Evidence.SAMPLED)).remedy

    assert remedy("planted") == "a gardener"
    assert "finer integration" in remedy("flow")
    assert "lower learning rate" in remedy("training (digits)")
    assert remedy("mutants") == remedy("inequality")


def test_the_text_of_a_declaration_names_no_model() -> None:
    """It is part of a statement's digest."""
    model = catalogue.load("ji2022_kkt_rate").kind.model
    assert repr(Flow(model, between=True)) == "Flow(between=True, settles=False, rho2=60000)"
    assert repr(Inequality(effort=0.3)) == "Inequality()"
    landscape = catalogue.load("zhu2021_strict_saddle").kind
    assert repr(landscape) == "Landscape(classes=(2, 6), samples=(1, 3), beyond=(0, 3))"


def test_ways_of_drawing_are_those_of_the_declaration() -> None:
    assert INEQUALITY.drawing == Drawing()
    assert Inequality(effort=0.3).drawing == Drawing(effort=0.3)
    assert catalogue.load("ji2022_kkt_rate").kind.drawing == ONE_RUN
    assert catalogue.load("ji2022_flow_invariants").kind.drawing == Drawing()
    assert catalogue.load("jacot2025_first_phase").kind.drawing == ONE_RUN
    assert not catalogue.load("zhu2021_strict_saddle").kind.drawing.ascent
