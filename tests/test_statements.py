"""The battery: what every statement of the catalogue has to pass, found by file name."""

from __future__ import annotations

import importlib
from dataclasses import replace
from pathlib import Path

import pytest

from checkers import catalogue
from checkers.declared.statement import mutated
from checkers.kinds.landscape.carried import critical_points
from checkers.record import Record, from_json, to_json
from checkers.tolerance import BATCHED_AGREEMENT
from checkers.verdict import Standing, Verdict

IDS = [pytest.param(id, marks=pytest.mark.xdist_group(id)) for id in catalogue.ids()]
"""One group a statement: the worker that checks it runs all its tests."""


@pytest.fixture(scope="session")
def records(tmp_path_factory: pytest.TempPathFactory):
    """The record of a statement in profile ci, checked once however many tests ask."""
    from checkers.check import check_one, single_threaded
    from checkers.profile import PROFILES

    made: dict[str, tuple[Record, Path]] = {}

    def record(id: str) -> tuple[Record, Path]:
        if id not in made:
            folder = tmp_path_factory.mktemp(id)
            with single_threaded():
                made[id] = check_one(id, PROFILES["ci"], 0, "cpu", folder), folder
        return made[id]

    return record


@pytest.mark.parametrize("id", IDS)
class TestStatement:
    """One test each, so that a failure names the statement and what it lacks."""

    def test_is_well_formed(self, id: str) -> None:
        """It says where it is from and what it claims, and can be written in mathematics."""
        import sympy

        statement = catalogue.load(id)
        module = importlib.import_module(catalogue.modules()[id])
        assert len(module.__doc__ or "") > 80, f"{id}: the file says in words what is claimed"
        assert statement.title
        assert statement.source.locator, f"{id}: the source names no theorem or equation"
        assert statement.claims
        names = [c.name for c in statement.claims] + [h.name for h in statement.hypotheses]
        assert len(set(names)) == len(names), f"{id}: names of claims and hypotheses differ"
        for claim in statement.claims:
            assert sympy.latex(claim.lhs)
            assert sympy.latex(claim.rhs)
            with pytest.raises(TypeError, match="no truth value"):
                bool(claim)

    def test_has_mutants_that_differ_from_it(self, id: str) -> None:
        """A statement that nothing could refute tests nothing; a mutant changes what is claimed."""
        statement = catalogue.load(id)
        if statement.standing is Standing.THEOREM:
            assert statement.mutants, f"{id}: a theorem needs false neighbours"
        texts = {statement.claims_text}
        for mutant in statement.mutants:
            texts.add(mutated(statement, mutant).claims_text)
        assert len(texts) == len(statement.mutants) + 1, f"{id}: two mutants claim the same"

    def test_witnesses_reach_the_ratio_they_promise(self, id: str) -> None:
        """Certified, at every stored size; equality may be missed by the rounding of the arrays."""
        from checkers.evaluation import certify

        statement = catalogue.load(id)
        for witness in statement.witnesses:
            for spec in witness.sizes:
                first = certify(statement, witness.instance(spec))[0]
                where = f"{id}: {witness.name}, {spec}"
                assert first.verdict is Verdict.HOLDS, where
                reached = first.touches or first.ratio >= witness.tight - BATCHED_AGREEMENT
                assert reached, f"{where}: ratio {first.ratio}, promised {witness.tight}"

    def test_admits_its_smallest_sizes(self, id: str) -> None:
        """At each of them some drawn instance meets the hypotheses."""
        from checkers.evaluation import evaluate_batch
        from checkers.sampling.draws import draw, regimes_of

        statement = catalogue.load(id)
        assert statement.ranges.smallest, f"{id}: no smallest size is named"
        for spec in statement.ranges.smallest:
            admitted = sum(
                int(evaluate_batch(statement, draw(statement, spec, r, 64, 0)).admitted.sum())
                for r in regimes_of(statement)
            )
            assert admitted, f"{id}: nothing drawn at {spec} meets the hypotheses"

    @pytest.mark.hypothesis
    def test_no_drawn_instance_refutes_a_theorem(self, id: str) -> None:
        """Sizes, regime and seed drawn by Hypothesis, which makes a failure small."""
        from hypothesis import given, settings

        from checkers.evaluation import verdict_on
        from checkers.sampling.strategies import instances

        statement = catalogue.load(id)
        if statement.standing is not Standing.THEOREM:
            return  # a printed, open or false statement may be refuted

        most = settings.default.max_examples

        @settings(max_examples=max(min(40, most), most // 10))
        @given(instances(statement))
        def never_refuted(instance) -> None:
            assert verdict_on(statement, instance) is not Verdict.REFUTED, str(instance.provenance)

        # The key of saved failures; without this every statement has the same, and erases others'.
        never_refuted.hypothesis.inner_test._hypothesis_internal_add_digest = id.encode()
        never_refuted()

    def test_verdict_agrees_with_its_standing(self, id: str, records) -> None:
        """Holds where it should, is refuted where it should be, and is never vacuous."""
        statement = catalogue.load(id)
        record, _ = records(id)
        told = [(f.checker, f.verdict.word, f.reason) for f in record.findings]
        assert record.verdict not in (Verdict.VACUOUS, Verdict.ERROR), f"{id}: {told}"
        assert statement.standing.agrees_with(record.verdict), f"{id}: {told}"

    def test_every_mutant_is_killed_by_its_stored_instance(self, id: str, records) -> None:
        """Power: a certified violation, hypotheses of the mutant included."""
        record, folder = records(id)
        survivors = [m.id for m in record.mutants if not m.killed]
        assert not survivors, f"{id}: mutants {survivors} survive"
        assert len(record.mutants) == len(catalogue.load(id).mutants)
        assert all((folder / str(m.witness)).exists() for m in record.mutants)

    def test_stored_instances_replay_from_their_files(self, id: str, records) -> None:
        """Each is confirmed from its exact numbers alone."""
        from checkers.replay import replay

        _, folder = records(id)
        files = sorted((folder / "witnesses").rglob("*.json"))
        for path in files:
            assert replay(path).confirmed, f"{id}: {path.name} is not confirmed"

    def test_proofs_hold(self, id: str, records) -> None:
        """Exact proofs, at every size that the statement names."""
        record, _ = records(id)
        statement = catalogue.load(id)
        assert len(record.proofs) == sum(len(p.at or ((),)) for p in statement.proofs)
        assert all(p.verdict is Verdict.HOLDS for p in record.proofs), f"{id}: a proof fails"

    def test_record_survives_json(self, id: str, records) -> None:
        """What the store keeps is what was found."""
        import json

        record, _ = records(id)
        assert from_json(json.loads(json.dumps(to_json(record)))) == replace(record)


@pytest.mark.xdist_group("zhu2021_strict_saddle")
def test_the_landscape_has_been_seen_at_two_thousand_points(records) -> None:
    """Distinct, converged and not zero; every one certified a saddle or a global minimiser."""
    import re

    finding = records("zhu2021_strict_saddle")[0].findings[0]
    told = re.search(r"\(([\d,]+) not zero\)", finding.reason)
    assert told
    assert int(told[1].replace(",", "")) >= 2000
    assert {p.character.value for p in critical_points(finding)} == {
        "global minimum",
        "strict saddle",
    }
    assert {len(p.sizes.counts) for p in critical_points(finding)} == set(range(2, 7))
