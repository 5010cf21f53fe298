from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq

from checkers import catalogue
from checkers.declared.statement import mutated
from checkers.evaluated import decisive
from checkers.evaluation import certify
from checkers.instance import Instance, InvalidInput
from checkers.replay import agrees, replay
from checkers.sizes import sizes
from checkers.verdict import Verdict
from checkers.witness_file import StoredWitness, claimed_values, write

ID = "ji2022_margin_bound"


def keep(path, id=ID, mutant=None, kind="witness", witness=0, size=0):
    """Store a witness of a statement, or the instance that refutes a mutant of it."""
    statement = catalogue.load(id)
    if mutant is None:
        source = statement.witnesses[witness]
    else:
        (found,) = [m for m in statement.mutants if m.id == mutant]
        statement, source = mutated(statement, found), found.by
    instance = source.instance(source.sizes[size])
    claimed = claimed_values(certify(statement, instance))
    write(StoredWitness(id, mutant, kind, instance, claimed), path)
    return path


def edit(path, change):
    """Change a file and make its digest right again, as a careful forger would."""
    body = json.loads(path.read_text())
    del body["digest"]
    change(body)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    body["digest"] = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(json.dumps(body))


def test_a_float_witness_of_equality_is_confirmed(tmp_path):
    found = replay(keep(tmp_path / "w.json"))
    assert found.confirmed
    assert found.verdict is Verdict.HOLDS
    assert decisive(found.evaluations).ratio == pytest.approx(1, abs=1e-12)


def test_an_exact_witness_touches(tmp_path):
    found = replay(keep(tmp_path / "w.json", witness=1))
    assert found.confirmed
    assert decisive(found.evaluations).sign == 0


@pytest.mark.parametrize("id", catalogue.ids())
def test_every_mutant_is_refuted_from_its_file_alone(tmp_path, id):
    for mutant in catalogue.load(id).mutants:
        if sum(mutant.by.sizes[0].counts) > 100:
            continue
        path = keep(tmp_path / f"{mutant.id}.json", id, mutant.id, "counterexample")
        assert replay(path).confirmed, mutant.id


def test_what_is_no_counterexample_is_not_confirmed_as_one(tmp_path):
    assert not replay(keep(tmp_path / "w.json", kind="counterexample")).confirmed


@pytest.mark.parametrize("kind", ["witness", "worst"])
def test_a_violation_is_not_confirmed_as_a_witness(tmp_path, kind):
    assert not replay(keep(tmp_path / "w.json", mutant="M1", kind=kind)).confirmed


def _numbers(text):
    """Spans of every number in the arrays, sizes and claimed values of a file."""
    body = text[text.index('"sizes"') : text.index('"digest"')]
    start = text.index('"sizes"')
    pattern = r"(?<![\w.])-?(?:0x[0-9a-f.]+p[+-]\d+|\d[\d.]*(?:e-?\d+)?(?:/\d+)?)(?![\w.])"
    return [(start + m.start(), start + m.end()) for m in re.finditer(pattern, body)]


@pytest.mark.parametrize("case", [{}, {"witness": 1}, {"mutant": "M4", "kind": "counterexample"}])
@pytest.mark.parametrize("careful", [False, True])
def test_every_single_number_matters(tmp_path, case, careful):
    """Each number in turn is replaced by another; with ``careful`` the digest is put right."""
    path = keep(tmp_path / "w.json", **case)
    text = path.read_text()
    spans = _numbers(text)
    assert len(spans) >= 20
    for begin, end in spans:
        other = "3" if text[begin:end] != "3" else "5"
        path.write_text(text[:begin] + other + text[end:])
        if careful:
            edit(path, lambda body: None)
        with pytest.raises(InvalidInput) as caught:
            replay(path)
        assert "\n" not in str(caught.value)
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda b: b.update(statement="nobody2020_nothing"), "nobody2020_nothing"),
        (lambda b: b.update(mutant="M77"), "M77"),
        (lambda b: b["claimed"].update(more={"lhs": "1", "rhs": "2"}), "more"),
        (lambda b: b["claimed"].update(renamed=b["claimed"].pop("margin bound")), "renamed"),
        (lambda b: b["sizes"].update(d=7), "d"),
        (lambda b: b["sizes"].update(extra=7), "extra"),
        (lambda b: b["sizes"].pop("N"), "N"),
        (lambda b: b["arrays"].update(V=b["arrays"]["W"]), "V"),
        (lambda b: b["arrays"].update(features=b["arrays"].pop("H")), "features"),
        (lambda b: b["arrays"].pop("labels"), "labels"),
        (lambda b: b["arrays"]["W"].update(shape=[4, 5]), "K|d"),
        (lambda b: b["arrays"]["H"].update(shape=[15 * 4]), "H"),
        (lambda b: b["arrays"]["labels"].update(values="0 0 0 1 1 1 2 2 2 3 3 3 4 4 9"), "labels"),
        (lambda b: b["arrays"]["labels"].update(values="0 0 0 1 1 1 2 2 2 3 3 3 3 3 3"), "labels"),
        (lambda b: b["arrays"].update(labels={**b["arrays"]["W"]}), "labels"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(tmp_path, change, named):
    path = keep(tmp_path / "w.json")
    edit(path, change)
    with pytest.raises(InvalidInput, match=named):
        replay(path)


def test_a_file_of_a_statement_that_does_not_fail_stays_exact(tmp_path):
    path = keep(tmp_path / "w.json", witness=1)
    edit(path, lambda b: b["claimed"]["margin bound"].update(rhs="1000000000000000000001/10**21"))
    with pytest.raises(InvalidInput):
        replay(path)


@pytest.mark.parametrize(
    ("claimed", "value", "expected"),
    [
        ("1/3", fmpq(1, 3), True),
        ("0.3333333333333333333333333", fmpq(1, 3), False),
        ("0.5", fmpq(1, 2), True),
        ("1.0000000000000000000001", arb(1), True),
        ("1.000000000000000001", arb(1), False),
        ("1.05", arb(1, 0.1), True),
        ("1.2", arb(1, 0.1), False),
        ("0", arb(0), True),
        ("1e-300", arb(0), False),
        ("1", arb("nan"), False),
        ("1", arb("inf"), False),
    ],
)
def test_agreement_is_exact_for_rationals_and_within_the_ball_otherwise(claimed, value, expected):
    assert agrees(claimed, value) is expected


def test_the_decisive_claim_is_the_worst_and_then_the_closest():
    statement = catalogue.load("ji2022_margin_bound_product")
    found = certify(statement, _instance())
    closest = min(found, key=lambda e: float(e.slack.mid()) / float((abs(e.lhs) + e.rhs).mid()))
    assert decisive(found).claim == closest.claim
    wrong = mutated(statement, statement.mutants[0])
    spec = sizes(K=3, n=2, d=2)
    refuted = certify(wrong, statement.mutants[0].by.instance(spec))
    assert decisive(refuted).verdict is Verdict.REFUTED


def _instance():
    generator = np.random.default_rng(3)
    W, H = generator.standard_normal((3, 4)), generator.standard_normal((4, 6))
    labels = np.array([0, 1, 2, 0, 1, 2])
    return Instance({"K": 3, "N": 6, "d": 4}, {"W": W, "H": H, "labels": labels})


def test_fractions_are_kept_exact_through_a_file(tmp_path):
    path = keep(tmp_path / "w.json", witness=1, size=1)
    array = replay(path).stored.instance.arrays["W"]
    assert array[0, 0] == Fraction(2, 3)
