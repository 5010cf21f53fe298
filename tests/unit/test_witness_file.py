from __future__ import annotations

import copy
import hashlib
import json
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkers.instance import Instance, InvalidInput
from checkers.provenance import Provenance, recorded
from checkers.sizes import sizes
from checkers.ways import ascent, near
from checkers.witness_file import StoredWitness, WitnessKind, path_for, read, write

HERE = Provenance(ascent(near("simplex ETF")), sizes((1, 1), width=3, depth=2), 7)
CLAIMED = {"margin bound": {"lhs": "0.5", "rhs": "2/3"}}


def stored(arrays: dict[str, Any], kind: str = "worst", mutant: str | None = None) -> StoredWitness:
    given = {**arrays, "labels": np.array([0, 1])}
    return StoredWitness("x", mutant, kind, Instance({"K": 2, "N": 2}, given, HERE), CLAIMED)


def rewritten(path, change) -> None:
    """Apply a change to a file and give it the digest of its new contents."""
    body = json.loads(path.read_text())
    del body["digest"]
    change(body)
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"))
    body["digest"] = hashlib.sha256(canonical.encode()).hexdigest()
    path.write_text(json.dumps(body))


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=6),
    st.lists(st.fractions(), min_size=1, max_size=4),
)
def test_arrays_come_back_bit_by_bit(tmp_path_factory, floats, fractions):
    path = tmp_path_factory.mktemp("w") / "w.json"
    rational = np.empty((1, len(fractions)), dtype=object)
    rational[0] = fractions
    write(stored({"F": np.array([floats]), "Q": rational}), path)
    arrays = read(path).instance.arrays
    assert arrays["F"].tobytes() == np.array([floats]).tobytes()
    assert arrays["Q"].tolist() == [fractions]
    assert arrays["labels"].tolist() == [0, 1]
    assert arrays["labels"].dtype == np.int64


@pytest.mark.parametrize(
    "x", [0.0, -0.0, 0.1, -3.0, 5e-324, 1.7976931348623157e308, 2.0**53, 2.0**53 + 2, 1 / 3]
)
def test_the_entries_in_the_file_are_the_numbers(tmp_path, x):
    write(stored({"F": np.array([[x]])}), tmp_path / "w.json")
    text = json.loads((tmp_path / "w.json").read_text())["arrays"]["F"]["values"]
    value = float.fromhex(text) if "x" in text else float(text)
    assert math.copysign(1, value) == math.copysign(1, x)
    assert value == x


def test_all_that_is_not_an_array_comes_back_too(tmp_path):
    write(stored({"F": np.ones((1, 1))}, "counterexample", "M1"), tmp_path / "deep" / "w.json")
    found = read(tmp_path / "deep" / "w.json")
    assert (found.statement, found.mutant, found.kind) == ("x", "M1", WitnessKind.COUNTEREXAMPLE)
    assert found.claimed == CLAIMED
    assert dict(found.instance.sizes) == {"K": 2, "N": 2}
    assert found.instance.provenance == HERE


def test_a_file_of_schema_1_keeps_its_words(path):
    old = {"schema": 1, "provenance": "witness simplex ETF"}
    rewritten(path, lambda body: body.update(old))
    assert read(path).instance.provenance == recorded("witness simplex ETF")
    assert str(read(path).instance.provenance) == "witness simplex ETF"


def test_where_an_instance_is_from_is_no_part_of_its_digest(path):
    before = read(path).instance
    rewritten(path, lambda body: body.update(schema=1, provenance="elsewhere"))
    assert read(path).instance.digest == before.digest


def test_the_file_has_a_line_for_each_array(tmp_path):
    write(stored({"F": np.arange(600.0).reshape(20, 30)}), tmp_path / "w.json")
    lines = (tmp_path / "w.json").read_text().splitlines()
    assert sum('"F"' in line for line in lines) == 1
    assert len(lines) < 30


@pytest.mark.parametrize("x", [math.nan, math.inf, -math.inf])
def test_a_number_that_is_none_is_not_written(tmp_path, x):
    with pytest.raises(InvalidInput, match="F"):
        write(stored({"F": np.array([[x]])}), tmp_path / "w.json")
    assert list(tmp_path.iterdir()) == []


def refused(path) -> str:
    with pytest.raises(InvalidInput) as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.fixture
def path(tmp_path):
    rational = np.array([[Fraction(1, 3)]], dtype=object)
    write(stored({"F": np.array([[0.1, 2.0]]), "Q": rational}), tmp_path / "w.json")
    return tmp_path / "w.json"


def test_the_helper_that_rewrites_files_keeps_them_readable(path):
    rewritten(path, lambda body: None)
    assert read(path).instance.arrays["F"].tolist() == [[0.1, 2.0]]


BAD: dict[str, Any] = {
    "not a number": ("F", "values", "nan 2"),
    "infinite": ("F", "values", "0x1p0 inf"),
    "overflowing": ("F", "values", "0x1p2000 2"),
    "underflowing": ("F", "values", "0x1p-2000 2"),
    "too many bits": ("F", "values", "0x1.00000000000001p+0 2"),
    "an integer that no float is": ("F", "values", "9007199254740993 2"),
    "decimal": ("F", "values", "0.1 2"),
    "underscore": ("F", "values", "1_0 2"),
    "one value short": ("F", "values", "2"),
    "one value more": ("F", "values", "2 2 2"),
    "values as a list": ("F", "values", ["2", "2"]),
    "negative shape": ("F", "shape", [-1, 2]),
    "negative shapes": ("F", "shape", [-1, -2]),
    "empty shape": ("F", "shape", [0, 2]),
    "shape of truths": ("F", "shape", [True, 2]),
    "shape of floats": ("F", "shape", [1.0, 2.0]),
    "shape as text": ("F", "shape", "12"),
    "unknown type": ("F", "type", "complex"),
    "float in integers": ("labels", "values", "0 0x1p0"),
    "integer beyond 64 bits": ("labels", "values", f"0 {2**70}"),
    "labels as floats": ("labels", "type", "float64"),
    "division by zero": ("Q", "values", "1/0"),
    "decimal fraction": ("Q", "values", "0.5"),
    "words": ("Q", "values", "third"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_array_is_refused(path, case):
    array, key, value = BAD[case]
    rewritten(path, lambda body: body["arrays"][array].update({key: value}))
    refused(path)


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": {"K": -2, "N": 2}},
        {"sizes": {"K": 0, "N": 2}},
        {"sizes": {"K": "2", "N": 2}},
        {"sizes": {"K": 2.5, "N": 2}},
        {"sizes": {"K": True, "N": 2}},
        {"sizes": {}},
        {"sizes": [2, 2]},
        {"arrays": {}},
        {"arrays": []},
        {"arrays": {"F": None}},
        {"arrays": {"F": {"type": "float64"}}},
        {"claimed": {}},
        {"claimed": {"a": {"lhs": "1"}}},
        {"claimed": {"a": {"lhs": "1", "rhs": "nan"}}},
        {"claimed": {"a": {"lhs": "1", "rhs": "inf"}}},
        {"claimed": {"a": {"lhs": "1", "rhs": "1/0"}}},
        {"claimed": {"a": {"lhs": "1", "rhs": 2}}},
        {"claimed": {"a": {"lhs": "1", "rhs": "about two"}}},
        {"kind": "proof"},
        {"kind": None},
        {"mutant": 1},
        {"statement": None},
        {"provenance": 3},
        {"provenance": "gaussian, draw 3"},
        {"provenance": {}},
        {"provenance": {"way": {"kind": "rumour"}}},
        {"provenance": {"way": {"kind": "near", "name": 3}}},
        {"provenance": {"way": {"kind": "near", "name": "\ud800"}}},
        {"provenance": {"way": {"kind": "near"}, "index": -1}},
        {"provenance": {"way": {"kind": "near"}, "sizes": {"d": 2}}},
        {"schema": 1},
        {"schema": 3},
    ],
)
def test_a_bad_field_is_refused(path, change):
    rewritten(path, lambda body: body.update(copy.deepcopy(change)))
    refused(path)


@pytest.mark.parametrize("key", ["sizes", "arrays", "claimed", "kind", "statement", "provenance"])
def test_a_missing_field_is_named(path, key):
    rewritten(path, lambda body: body.pop(key))
    assert key in refused(path)


def test_a_truncated_file_is_refused_wherever_it_ends(path):
    text = path.read_text()
    for end in range(0, len(text) - 1, 7):
        path.write_text(text[:end])
        refused(path)


def test_any_changed_digit_is_noticed(path):
    text = path.read_text()
    for i, character in enumerate(text):
        if character.isdigit():
            path.write_text(text[:i] + str((int(character) + 1) % 10) + text[i + 1 :])
            refused(path)


@pytest.mark.parametrize(
    "contents", [b"", b"\xff\xfe\x00", b"null", b"[]", b"3", b'{"schema": 1}', b"[" * 100_000]
)
def test_other_contents_are_refused(tmp_path, contents):
    (tmp_path / "w.json").write_bytes(contents)
    refused(tmp_path / "w.json")


def test_a_folder_and_a_missing_file_are_refused(tmp_path):
    assert "no such file" in refused(tmp_path / "w.json")
    refused(tmp_path)


def test_paths_are_safe_and_different_for_different_names(tmp_path):
    names = [
        "M1",
        "m 1",
        "simplex ETF",
        "../../etc/passwd",
        "a/b",
        "a|b",
        "",
        ".",
        "..",
        "é",
        "x" * 300,
    ]
    paths = [path_for(tmp_path, "ji2022_margin_bound", name) for name in names]
    assert len(set(paths)) == len(names)
    for path in paths:
        assert path.parent == tmp_path / "witnesses" / "ji2022_margin_bound"
        assert path.suffix == ".json"
        assert len(path.name) < 120
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    assert path_for(tmp_path, "s", "simplex ETF").name == "simplex-ETF.json"
