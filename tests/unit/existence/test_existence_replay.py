"""A certificate of existence in a witness file: it replays, and an edited one does not."""

from __future__ import annotations

import hashlib
import json
import re
from fractions import Fraction

import pytest
import sympy
from spheres import TRIANGLE, instance, loss_of_unit_vectors

from checkers import catalogue
from checkers.evaluation import certify
from checkers.existence_file import existence_from_json, existence_to_json
from checkers.existence_search import certify_near
from checkers.instance import InvalidInput
from checkers.replay import replay
from checkers.verdict import Verdict
from checkers.witness_file import StoredWitness, WitnessKind, claimed_values, read, write

FALSE = loss_of_unit_vectors(sympy.Rational(149, 100))


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """The file of the triangle that refutes the wrong constant."""
    monkeypatch.setattr(catalogue, "load", lambda id: FALSE)
    found = certify_near(FALSE, instance(TRIANGLE, TRIANGLE.T))
    path = tmp_path / "triangle.json"
    claimed = claimed_values(found.evaluations)
    kind = WitnessKind.COUNTEREXAMPLE
    write(StoredWitness("unit_vectors", None, kind, found.instance, claimed, found.existence), path)
    return path, found.existence


def edit(path, change, digest=True):
    body = json.loads(path.read_text())
    body.pop("digest")
    change(body["existence"])
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    body["digest"] = hashlib.sha256(text.encode()).hexdigest() if digest else "0" * 64
    path.write_text(json.dumps(body))


def with_radii(factor):
    """Every radius of W multiplied."""

    def change(existence):
        existence["solved"]["W"] = re.sub(
            r":(\S+)", lambda m: f":{Fraction(m[1]) * factor}", existence["solved"]["W"]
        )

    return change


def test_the_certificate_replays(stored) -> None:
    path, existence = stored
    found = replay(path)
    assert found.verdict is Verdict.REFUTED
    assert found.confirmed
    assert found.stored.existence.radii == existence.radii
    assert found.stored.existence.kept == existence.kept


def test_without_its_existence_the_centre_is_no_counterexample(stored) -> None:
    path, existence = stored
    claimed = claimed_values(certify(FALSE, existence.centre))
    kind = WitnessKind.COUNTEREXAMPLE
    write(StoredWitness("unit_vectors", None, kind, existence.centre, claimed), path)
    assert not replay(path).confirmed


def test_an_edit_shows_in_the_digest(stored) -> None:
    path, _ = stored
    edit(path, with_radii(2), digest=False)
    with pytest.raises(InvalidInput, match="digest"):
        replay(path)


@pytest.mark.parametrize("factor", [Fraction(1, 2**40), Fraction(2**112), Fraction(0)])
def test_an_edited_radius_is_refused_though_its_digest_is_right(stored, factor) -> None:
    path, _ = stored
    edit(path, with_radii(factor))
    with pytest.raises(InvalidInput, match="not verified"):
        replay(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda e: e.update(equations="0 1 2 3 4"), "5 equations for 6"),
        (lambda e: e.update(equations="0 0 1 2 3 4"), "solved entries"),
        (lambda e: e.update(equations="0 1 2 3 4 77"), "equation 77"),
        (lambda e: e.update(equations="0 1 2 3 4 -1"), "another form"),
        (lambda e: e.update(bits=10**9), "bits"),
        (lambda e: e.update(bits=True), "bits"),
        (lambda e: e.update(solved=[]), "solved"),
        (lambda e: e["solved"].update(labels="0,0:1"), "labels"),
        (lambda e: e["solved"].update(X="0,0:1"), "X"),
        (lambda e: e["solved"].update(W="0,0:1 0,0:1"), "twice"),
        (lambda e: e["solved"].update(W="7,0:1"), "is none"),
        (lambda e: e["solved"].update(W="0,0:1/0"), "not a witness file"),
        (lambda e: e["solved"].update(W="0,0:0.5"), "another form"),
        (lambda e: e["solved"].update(W=3), "text"),
        (lambda e: e.pop("solved"), "expected"),
    ],
)
def test_a_part_that_is_malformed_or_states_something_else_is_refused(stored, change, said) -> None:
    path, _ = stored
    edit(path, change)
    with pytest.raises(InvalidInput, match=said):
        replay(path)


def test_the_part_of_a_file_is_read_as_it_was_written(stored) -> None:
    path, existence = stored
    data = json.loads(json.dumps(existence_to_json(existence)))
    assert existence_from_json(data, existence.centre) == existence
    assert read(path).existence.bits == existence.bits
