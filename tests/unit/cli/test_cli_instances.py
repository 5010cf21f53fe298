from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from checkers import catalogue
from checkers.declared.statement import mutated
from checkers.evaluation import certify
from checkers.instance import InvalidInput
from checkers.instance_file import read_arrays
from checkers.witness_file import StoredWitness, claimed_values, write

ULPM = "ji2022_margin_bound"
HEAD = "jacot2025_nc1"


def ulpm(**changes):
    """K = 3 in the plane, two samples a class; all numbers worked out by hand below."""
    W = np.array([[1.0, 0], [0, 1], [0, 0]])
    H = np.array([[2.0, 2, 0, 0, 0, 0], [0, 0, 2, 2, 0, 0]])
    arrays = {"W": W, "H": H, "labels": np.array([0, 0, 1, 1, 2, 2])}
    arrays.update(changes)
    return {name: array for name, array in arrays.items() if array is not None}


def head(e=0.0, **changes):
    """Interpolation up to a number: the head is two identities, so that r = sqrt(2) |Y|."""
    labels = np.array([0, 1, 0, 1])
    Z = np.eye(2)[:, labels] * (1 + e)
    arrays = {"Z": Z, "head_0": np.eye(2), "head_1": np.eye(2), "labels": labels}
    arrays.update(changes)
    return {name: array for name, array in arrays.items() if array is not None}


def save(arrays, name="x.npz"):
    np.savez(name, **arrays)
    return name


def test_the_numbers_of_an_instance(ncheck):
    """q_min = 0 at the third class; (2 + 16) / (4 sqrt(2)) on the right."""
    found = ncheck("evaluate", ULPM, save(ulpm()), "--json", "o.json")
    assert found.status == 0
    data = json.loads(Path("o.json").read_text())
    rhs = 18 / (4 * 2**0.5)
    assert data["id"] == ULPM
    assert data["hypotheses"] == [{"name": "balanced", "margin": 0.0, "holds": True}]
    assert data["lhs"] == 0.0
    assert data["rhs"] == pytest.approx(rhs, rel=1e-15)
    assert data["slack"] == pytest.approx(rhs, rel=1e-15)
    assert data["ratio"] == 0.0
    assert (data["verdict"], data["certified"]) == ("holds", True)
    assert len(data["claims"]) == 1
    assert "holds" in found.out
    assert "balanced" in found.out


@pytest.mark.parametrize(
    "arrays",
    [
        ulpm(H=None, features=ulpm()["H"].T),
        ulpm(W=ulpm()["W"].astype(np.float32)),
        ulpm(W=ulpm()["W"].astype(np.int8)),
        ulpm(W=ulpm()["W"].astype(">f8")),
        ulpm(W=np.asfortranarray(ulpm()["W"])),
        ulpm(labels=ulpm()["labels"].astype(np.uint8)),
        ulpm(unused=np.array(["text"])),
    ],
    ids=["features", "float32", "int8", "big-endian", "fortran", "uint8 labels", "more arrays"],
)
def test_the_same_instance_in_another_form(ncheck, arrays):
    assert ncheck("evaluate", ULPM, save(arrays), "--json", "o.json").status == 0
    assert json.loads(Path("o.json").read_text())["rhs"] == pytest.approx(18 / 32**0.5)


def test_the_order_of_columns_does_not_matter(ncheck):
    order = np.array([3, 0, 5, 1, 2, 4])
    arrays = ulpm(H=ulpm()["H"][:, order], labels=ulpm()["labels"][order])
    assert ncheck("evaluate", ULPM, save(arrays), "--json", "o.json").status == 0
    assert json.loads(Path("o.json").read_text())["rhs"] == pytest.approx(18 / 32**0.5)


def test_a_hypothesis_that_fails_promises_nothing(ncheck):
    found = ncheck("evaluate", ULPM, save(ulpm(labels=np.array([0, 0, 0, 1, 1, 2]))))
    assert found.status == 0
    assert "vacuous" in found.out
    assert "promises nothing" in found.out


def test_a_violation_of_what_is_known_to_be_false_is_as_claimed(ncheck):
    """The printed theorem does not say that classes are of equal size."""
    refuting = next(m for m in catalogue.load(HEAD).mutants if m.id == "M7").by
    arrays = refuting.instance(refuting.sizes[0]).arrays
    found = ncheck("evaluate", "jacot2025_nc1_printed", save(arrays), "--json", "o.json")
    assert found.status == 0
    assert "refuted" in found.out
    data = json.loads(Path("o.json").read_text())
    assert (data["verdict"], data["certified"]) == ("refuted", True)
    assert data["slack"] < 0 < 1 < data["ratio"]


def test_a_head_of_identities(ncheck):
    """NC1 is 0 for features that are one-hot; e1 = 0, e2 = 0: both sides vanish."""
    found = ncheck("evaluate", HEAD, save(head()), "--json", "o.json")
    assert found.status == 0
    data = json.loads(Path("o.json").read_text())
    assert (data["lhs"], data["rhs"], data["ratio"]) == (0.0, 0.0, None)
    assert [h["name"] for h in data["hypotheses"]] == ["balanced", "interpolation"]


def test_features_of_which_the_quantity_is_not_defined(ncheck):
    """No feature, no NC1; but the outputs are far from the labels, so nothing is promised."""
    found = ncheck("evaluate", HEAD, save(head(Z=np.zeros((2, 4)))), "--json", "o.json")
    assert found.status == 0
    data = json.loads(Path("o.json").read_text())
    assert data["verdict"] == "vacuous"
    assert data["lhs"] is None


@pytest.mark.parametrize("scale", [1e-300, 1e300])
def test_extreme_numbers(ncheck, scale):
    found = ncheck("evaluate", ULPM, save(ulpm(W=ulpm()["W"] * scale, H=ulpm()["H"] * scale)))
    assert found.status == 0


BAD_ULPM = {
    "missing array": (ulpm(W=None), ("W", "missing")),
    "missing labels": (ulpm(labels=None), ("labels", "missing")),
    "nothing at all": ({}, ("missing",)),
    "complex": (ulpm(W=ulpm()["W"] * 1j), ("W", "complex")),
    "text": (ulpm(W=np.array([["a", "b"]] * 3)), ("W",)),
    "truths": (ulpm(W=ulpm()["W"] > 0), ("W", "bool")),
    "long double": (ulpm(W=ulpm()["W"].astype(np.longdouble)), ("W",)),
    "NaN": (ulpm(W=np.full((3, 2), np.nan)), ("W", "NaN")),
    "infinity": (ulpm(H=np.full((2, 6), np.inf)), ("H", "infinite")),
    "integers beyond 2^53": (ulpm(W=np.full((3, 2), 2**60)), ("W", "2^53")),
    "0-d": (ulpm(W=np.array(1.0)), ("W",)),
    "1-d": (ulpm(W=np.ones(3)), ("W",)),
    "3-d": (ulpm(W=np.ones((3, 2, 1))), ("W",)),
    "empty": (ulpm(W=np.ones((0, 2))), ("W",)),
    "transposed": (ulpm(H=ulpm()["H"].T), ("H", "transposed")),
    "other width": (ulpm(H=np.ones((3, 6))), ("H", "d=2")),
    "features transposed": (ulpm(H=None, features=ulpm()["H"]), ("features",)),
    "features 3-d": (ulpm(H=None, features=np.ones((6, 2, 1))), ("features",)),
    "float labels": (ulpm(labels=np.zeros(6)), ("labels", "float64")),
    "boolean labels": (ulpm(labels=np.zeros(6, bool)), ("labels", "bool")),
    "too few labels": (ulpm(labels=np.array([0, 1, 2])), ("labels", "(3,)")),
    "labels 2-d": (ulpm(labels=ulpm()["labels"][:, None]), ("labels", "(6, 1)")),
    "labels 0-d": (ulpm(labels=np.array(1)), ("labels", "()")),
    "labels from 1": (ulpm(labels=np.array([1, 1, 2, 2, 3, 3])), ("labels", "0..2")),
    "negative labels": (ulpm(labels=np.array([-1, 0, 1, 1, 2, 2])), ("labels", "-1")),
    "huge labels": (ulpm(labels=np.full(6, 2**64 - 1, np.uint64)), ("labels",)),
    "a class without samples": (ulpm(labels=np.array([0, 0, 0, 1, 1, 1])), ("class 2",)),
    "one class": (ulpm(W=np.ones((1, 2)), labels=np.zeros(6, int)), ("1 class",)),
}
BAD_HEAD = {
    "no head": (head(head_0=None, head_1=None), ("head_0",)),
    "one matrix": (head(head_1=None), ("head",)),
    "a gap": (head(head_3=np.eye(2)), ("head_2", "missing")),
    "no first": (head(head_0=None), ("head_0", "missing")),
    "wrong order": (head(head_0=np.ones((3, 2)), head_1=np.ones((2, 2))), ("head_1",)),
    "other width": (head(Z=np.ones((5, 4))), ("Z", "head")),
    "NaN": (head(head_1=np.full((2, 2), np.nan)), ("head_1", "NaN")),
    "3-d": (head(head_0=np.ones((2, 2, 2))), ("head_0",)),
    "0-d": (head(head_1=np.array(3.0)), ("head_1",)),
    "more classes than labels": (head(head_1=np.ones((3, 2))), ("class 2",)),
    "one class": (head(head_1=np.ones((1, 2)), labels=np.zeros(4, int)), ("class",)),
}


@pytest.mark.parametrize("case", [*((ULPM, c) for c in BAD_ULPM), *((HEAD, c) for c in BAD_HEAD)])
def test_bad_arrays_are_told_in_one_line(ncheck, written, case):
    id, name = case
    arrays, words = (BAD_ULPM if id == ULPM else BAD_HEAD)[name]
    found = ncheck("evaluate", id, save(arrays), "--json", "o.json")
    # An array that fits none of its possible readings is told by another one that it contradicts.
    if name == "other width" and id == HEAD:
        assert found.is_refused("width")
    else:
        assert found.is_refused("x.npz", *words)
    assert written() == ["x.npz"]


def test_pickles_are_not_opened(ncheck, written):
    np.savez("x.npz", **ulpm(W=np.array([[1, "a"]], dtype=object)))
    assert ncheck("evaluate", ULPM, "x.npz").is_refused("pickle")
    np.savez("x.npz", **ulpm(more=np.array([{}], dtype=object)))
    assert ncheck("evaluate", ULPM, "x.npz").is_refused("pickle")
    np.array([{}], dtype=object).dump("x.npz")
    assert ncheck("evaluate", ULPM, "x.npz").is_refused("x.npz")


def test_other_files_are_refused(ncheck):
    np.save("one.npy", np.eye(2))
    Path("text.npz").write_text("W = 1")
    Path("empty.npz").touch()
    Path("folder.npz").mkdir()
    with zipfile.ZipFile("other.npz", "w") as other:
        other.writestr("W", "no array")
    with zipfile.ZipFile("none.npz", "w"):
        pass
    names = ("one.npy", "text.npz", "empty.npz", "folder.npz", "other.npz", "none.npz", "gone.npz")
    for name in names:
        assert ncheck("evaluate", ULPM, name).is_refused(name)


def test_a_truncated_file_is_refused_wherever_it_ends(ncheck):
    for saver in (np.savez, np.savez_compressed):
        saver("x.npz", **ulpm())
        whole = Path("x.npz").read_bytes()
        for end in range(0, len(whole), 37):
            Path("x.npz").write_bytes(whole[:end])
            assert ncheck("evaluate", ULPM, "x.npz").is_refused("x.npz")


def test_a_damaged_file_is_refused_or_read(tmp_path, monkeypatch):
    """Whatever byte is changed, nothing but one line comes of it."""
    monkeypatch.chdir(tmp_path)
    save(ulpm())
    whole = Path("x.npz").read_bytes()
    told = []
    for at in range(len(whole)):
        for flip in (0xFF, 0x01, 0x20):
            Path("x.npz").write_bytes(whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :])
            try:
                read_arrays(Path("x.npz"))
            except InvalidInput as error:
                told.append(str(error))
    assert len(told) > 100
    assert not any("\n" in message for message in told)


def test_an_array_that_claims_to_be_huge_is_refused(ncheck):
    save(ulpm())
    with zipfile.ZipFile("x.npz") as small:
        members = {name: small.read(name) for name in small.namelist()}
    claimed = members["W.npy"].replace(b"(3, 2)", b"(9999999999, 9999)")
    length = len(claimed) - len(members["W.npy"])
    claimed = claimed.replace(b" " * length, b"", 1)
    with zipfile.ZipFile("x.npz", "w") as huge:
        for name, data in {**members, "W.npy": claimed}.items():
            huge.writestr(name, data)
    assert ncheck("evaluate", ULPM, "x.npz").is_refused("x.npz")


def test_an_unknown_statement_is_refused(ncheck):
    assert ncheck("evaluate", "nobody2020", save(ulpm())).is_refused("nobody2020")


@pytest.mark.parametrize("command", ["evaluate", "replay"])
def test_a_json_that_cannot_be_written_stops_the_work(ncheck, command):
    given = (ULPM, save(ulpm())) if command == "evaluate" else (_witness("w.json"),)
    assert ncheck(command, *given, "--json", "nowhere/o.json").is_refused("nowhere")
    assert ncheck(command, *given, "--json", ".").is_refused("folder")
    assert ncheck(command, *given, "--json", "x.npz/o.json").is_refused("x.npz")


def test_a_wrong_input_leaves_an_earlier_json_as_it_was(ncheck):
    Path("o.json").write_text("before")
    save(ulpm(W=None))
    assert ncheck("evaluate", ULPM, "x.npz", "--json", "o.json").is_refused("W")
    assert Path("o.json").read_text() == "before"


def _witness(path, mutant=None, kind="witness", id=ULPM):
    statement = catalogue.load(id)
    source = statement.witnesses[0]
    if mutant is not None:
        (found,) = [m for m in statement.mutants if m.id == mutant]
        statement, source = mutated(statement, found), found.by
    instance = source.instance(source.sizes[0])
    claimed = claimed_values(certify(statement, instance))
    write(StoredWitness(id, mutant, kind, instance, claimed), Path(path))
    return path


def test_a_counterexample_is_confirmed(ncheck):
    path = _witness("w.json", "M4", "counterexample")
    found = ncheck("replay", path, "--json", "o.json")
    assert found.status == 0
    assert "confirmed" in found.out
    data = json.loads(Path("o.json").read_text())
    assert (data["id"], data["mutant"], data["kind"]) == (ULPM, "M4", "counterexample")
    assert (data["confirmed"], data["verdict"], data["certified"]) == (True, "refuted", True)
    assert data["ratio"] == pytest.approx(1.03528, abs=1e-5)


def test_a_witness_of_equality_is_confirmed_with_its_ratio(ncheck):
    found = ncheck("replay", _witness("w.json"))
    assert found.status == 0
    assert "0.99999999" in found.out


def test_what_a_file_does_not_show_is_not_confirmed(ncheck):
    found = ncheck("replay", _witness("w.json", None, "counterexample"))
    assert found.status == 1
    assert "NOT confirmed" in found.out


def test_an_edited_witness_is_refused(ncheck):
    path = Path(_witness("w.json"))
    path.write_text(path.read_text().replace('"values": "', '"values": "1', 1))
    assert ncheck("replay", path, "--json", "o.json").is_refused("w.json", "edited")
    assert not Path("o.json").exists()


def test_files_that_are_no_witnesses_are_refused(ncheck):
    Path("text.json").write_text("no JSON")
    Path("other.json").write_text("{}")
    Path("folder.json").mkdir()
    save(ulpm())
    for name in ("text.json", "other.json", "folder.json", "x.npz", "gone.json"):
        assert ncheck("replay", name).is_refused(name)
