"""A family of planted statements, and the families that are there."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from checkers import catalogue
from checkers.cli import family as command
from checkers.family import observed_of
from conjectures import jacot2025

PLANTED = '''
"""Planted."""
from sympy import Integer, Max, Min, Rational, log, sqrt

from checkers.quantities.labels import class_size_spread
from checkers.quantities.norms import operator_norm, squared_norm
from checkers.quantities.numbers import number
from checkers.settings.unconstrained import BALANCED, SIZES, VARIABLES, H, W, labels
from conjectures.ji2022 import PAPER
from checkers.declared.claim import Claim, Hypothesis
from checkers.declared.definition import Definition
from checkers.declared.statement import Setting, Statement
from checkers.variables import K, Kind, N, Variable
from checkers.verdict import Standing, Transcription

w2, h2 = squared_norm(W), squared_norm(H)
lam = Variable("lam", ("1", "1"), "a number")
X = Variable("X", ("d", "d"), "a square matrix")
two = Variable("W", ("2", "d"), "two classes only")
steps = Variable("steps", ("d", "d"), "matrices in order", kind=Kind.CHAIN)


def planted(*claims, hypotheses=(), standing=Standing.THEOREM, **given):
    return Statement(
        title="Planted", source=PAPER.at("Theorem 1"), transcription=Transcription.DERIVED,
        hypotheses=hypotheses, claims=claims, standing=standing,
        setting=Setting(**{"variables": VARIABLES, "ranges": SIZES, **given}),
    )

STATEMENT = '''

STATEMENTS = {
    "plain": "planted(Claim('norms', h2, w2 * h2))",
    "vacuous": "planted(Claim('norms', h2, w2), hypotheses=(BALANCED,"
    " Hypothesis('small', Min(Integer(1), N) - Max(w2, h2), strict=True, says='all is small')))",
    "refuted": "planted(Claim('norms', w2, h2), standing=Standing.PRINTED)",
    "contradicted": "planted(Claim('norms', w2, h2))",
    "false": "planted(Claim('norms', w2, h2), standing=Standing.FALSE)",
    "undecided": "planted(Claim('norms', h2, w2), hypotheses=("
    "Hypothesis('zero', log(2 * w2) - log(w2 / 2) - log(4)),))",
    "number": "planted(Claim('norm', w2, 100 * sqrt(w2) / number(lam)),"
    " variables=(*VARIABLES, lam))",
    "square": "planted(Claim('norms', w2, h2), variables=(*VARIABLES, X))",
    "chain": "planted(Claim('norms', w2, h2), variables=(W, steps))",
    "two": "planted(Claim('norms', w2, h2), variables=(two, H, labels))",
    "heavy": "planted(Claim('norms', w2, h2), ranges=SIZES.__class__("
    "K=(2, 2), n=(1, 1), working=lambda layout: 10**6 * layout['N']))",
    "broken": "planted(",
    "named": "planted(Claim('norms', h2, w2 * h2),"
    " observed=(Definition('s', w2), Definition('t', h2)))",
    "renamed": "planted(Claim('norms', h2, w2 * h2), observed=(Definition('s', h2),))",
    "fails": "planted(Claim('unknown', w2, sqrt(w2) * __import__('sympy').gamma(N)))",
}
"""|W|^2 = 3 and |H|^2 = 3 + 9 + 9 for the arrays below."""


def arrays(**changes):
    given = {
        "W": np.eye(3),
        "H": np.array([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 3, 0, 0], [0, 0, 0, 0, 3, 0]]),
        "labels": np.array([0, 0, 1, 1, 2, 2]),
    }
    given.update(changes)
    return {name: array for name, array in given.items() if array is not None}


@pytest.fixture
def evaluate(ncheck, more_statements):
    """``evaluate(kinds, **changes)``: the planted statements of these kinds on the arrays."""

    def call(kinds, **changes):
        for kind in kinds.split():
            text = PLANTED + STATEMENTS[kind] + "\n"
            (more_statements / f"planted2020_{kind}.py").write_text(text)
        catalogue.modules.cache_clear()
        np.savez("x.npz", **arrays(**changes))
        Path("o.json").unlink(missing_ok=True)
        found = ncheck("evaluate", "planted2020", "x.npz", "--json", "o.json")
        data = json.loads(Path("o.json").read_text()) if Path("o.json").exists() else None
        return found, data

    return call


def by_id(data):
    return {result["id"].removeprefix("planted2020_"): result for result in data["results"]}


def reasons(data):
    return {skip["id"].removeprefix("planted2020_"): skip["reason"] for skip in data["skipped"]}


def test_every_statement_that_has_its_arrays_and_why_not_the_others(evaluate):
    found, data = evaluate("plain vacuous number square chain two heavy broken")
    assert found.status == 0
    assert (data["schema"], data["family"]) == (1, "planted2020")
    results = by_id(data)
    assert {id: r["verdict"] for id, r in results.items()} == {
        "plain": "holds",
        "vacuous": "vacuous",
    }
    plain = results["plain"]
    assert (plain["lhs"], plain["rhs"], plain["slack"]) == (21, 63, 42)
    assert plain["ratio"] == pytest.approx(1 / 3)
    assert plain["certified"] is True
    assert plain["hypotheses"] == []
    assert results["vacuous"]["hypotheses"] == [
        {"name": "balanced", "margin": 0.0, "holds": True},
        {"name": "small", "margin": -20.0, "holds": False},
    ]
    skipped = reasons(data)
    assert skipped["number"] == "needs lam (a number)"
    assert skipped["square"] == "needs X (d, d)"
    assert skipped["chain"] == "needs steps_0, steps_1, ..."
    assert "(2, d) expected" in skipped["two"]
    assert "does not load" in skipped["broken"]
    assert "6e+06 numbers" in skipped["heavy"]
    for word in (
        "planted2020_plain (theorem): Planted",
        "21 <= 63, ratio 0.333333",
        "small -20 fails",
    ):
        assert word in found.out
    assert "2 evaluated (1 holds, 1 vacuous), 6 skipped" in found.out
    assert all(f"skipped planted2020_{kind}: " in found.out for kind in skipped)


def test_what_would_have_to_improve(evaluate):
    found, data = evaluate("plain vacuous number", lam=np.array(0.5))
    results = by_id(data)
    assert results["plain"]["improve"] == [], "21 of 63 is close"
    assert results["vacuous"]["improve"] == [
        {"about": "small", "says": "squared_norm(H) = 21 must be below 1 (all is small)"}
    ]
    (told,) = results["number"]["improve"]
    assert told["about"] == "norm"
    for word in (
        "115 times",
        "less of squared_norm(W)",
        "more of lam",
        "lam^-1",
        "squared_norm(W)^0.5",
    ):
        assert word in told["says"], told
    assert "→ small: squared_norm(H) = 21 must be below 1" in found.out


def test_a_number_may_be_a_number(evaluate):
    for lam in (np.array(0.5), np.float32(0.5), np.full((1, 1), 0.5)):
        _, data = evaluate("number", lam=lam)
        assert data["results"][0]["rhs"] == pytest.approx(200 * 3**0.5)


def test_only_a_contradicted_standing_is_status_1(evaluate):
    larger = {"W": 9 * np.eye(3)}
    found, data = evaluate("refuted", **larger)
    assert (found.status, data["results"][0]["verdict"]) == (0, "refuted"), "printed: to be settled"
    found, data = evaluate("contradicted", **larger)
    assert found.status == 1
    assert "refuted" in found.out


@pytest.mark.parametrize(
    ("kind", "verdict", "status"),
    [
        ("plain", "holds", 0),
        ("vacuous", "vacuous", 0),
        ("refuted", "refuted", 0),
        ("false", "refuted", 0),
        ("contradicted", "refuted", 1),
        ("undecided", "inconclusive", 1),
        ("fails", "error", 1),
    ],
)
def test_a_statement_by_its_id_and_in_its_family_is_the_same(
    evaluate, ncheck, kind, verdict, status
):
    """The same exit status and the same data, on the same file."""
    found, data = evaluate(kind, W=9 * np.eye(3))
    (result,) = data["results"]
    one = ncheck("evaluate", f"planted2020_{kind}", "x.npz", "--json", "one.json")
    alone = json.loads(Path("one.json").read_text())
    assert alone == result
    assert alone["verdict"] == verdict
    assert (one.status, found.status) == (status, status)
    fields = {"id", "hypotheses", "lhs", "rhs", "slack", "ratio", "verdict", "certified", "claims"}
    assert set(alone) - {"failure"} == fields | {"improve"}


def test_a_statement_that_cannot_be_evaluated_leaves_the_others(evaluate):
    found, data = evaluate("plain fails")
    assert found.status == 1
    results = by_id(data)
    assert results["plain"]["verdict"] == "holds"
    assert (results["fails"]["verdict"], results["fails"]["certified"]) == ("error", False)
    assert results["fails"]["lhs"] is None
    assert "gamma" in results["fails"]["failure"]
    assert "gamma" in found.out


BAD = {
    "nothing that is needed": ({"H": None}, ("H",)),
    "NaN": ({"H": np.full((3, 6), np.nan)}, ("H", "NaN")),
    "NaN in an array of one statement": ({"X": np.full((3, 3), np.nan)}, ("X", "NaN")),
    "wrong shape in an array of one statement": ({"X": np.eye(2)}, ("X", "d=3")),
    "float labels": ({"labels": np.zeros(6)}, ("labels", "float64")),
    "a class without samples": ({"labels": np.array([0, 0, 0, 1, 1, 1])}, ("class 2",)),
    "transposed": ({"H": np.ones((6, 3))}, ("H",)),
}


@pytest.mark.parametrize("name", BAD)
def test_an_array_that_no_statement_accepts_is_told_in_one_line(evaluate, name):
    changes, words = BAD[name]
    found, data = evaluate("plain square two", **changes)
    assert found.is_refused("x.npz", *words)
    assert data is None


def test_a_missing_link_and_other_files(ncheck):
    np.savez("x.npz", Z=np.eye(2), head_1=np.eye(2), labels=np.array([0, 1]))
    assert ncheck("evaluate", "jacot2025", "x.npz").is_refused("head_0", "missing")
    assert ncheck("evaluate", "jacot2025", "gone.npz").is_refused("gone.npz")
    assert ncheck("evaluate", "jacot", "x.npz").is_refused("jacot")
    assert ncheck("evaluate", "jacot2025", "x.npz", "--json", ".").is_refused("folder")


def test_the_statements_of_jacot2025_agree_with_their_own_evaluation(ncheck):
    """One call for all, quantities being shared, gives what a call for each gives."""
    generator = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 4)
    head = [np.eye(3, 5), np.eye(5) + 0.01 * generator.standard_normal((5, 5))]
    Z = np.eye(5, 3)[:, labels] + 0.01 * generator.standard_normal((5, 12))
    given = {"Z": Z, "head_0": head[1], "head_1": head[0], "labels": labels}
    np.savez("x.npz", **given)
    assert ncheck("evaluate", "jacot2025", "x.npz", "--json", "o.json").status == 0
    results = json.loads(Path("o.json").read_text())["results"]
    ids = [result["id"] for result in results]
    assert set(ids) >= {"jacot2025_nc1", "jacot2025_nc1_any_sizes", "jacot2025_nc1_sharp"}
    order = [id.removeprefix("jacot2025_") for id in ids]
    assert order == [what for what in jacot2025.PAPER.order if what in order]
    for result in results:
        ncheck("evaluate", result["id"], "x.npz", "--json", "one.json")
        alone = json.loads(Path("one.json").read_text())
        assert result == alone


def test_one_name_has_one_formula(evaluate):
    found, _ = evaluate("named plain")
    assert "s = 3, t = 21" in found.out
    found, data = evaluate("renamed")
    assert found.is_refused("planted2020_named", "planted2020_renamed", "observes s =")
    assert data is None


@pytest.mark.parametrize("name", sorted({id.partition("_")[0] for id in catalogue.ids()}))
def test_what_the_statements_of_a_family_observe_has_one_name_each(name):
    observed = observed_of(name)
    assert len(set(observed.values())) == len(observed), "nor has one formula two names"


def test_what_is_printed_of_jacot2025_is_what_its_names_mean(ncheck):
    """Norms of Z_{L-2} = 5 I, Z_{L-1} = 10 I and W = 2 I, I / 16; the bounds follow the names."""
    head = {"head_0": 2 * np.eye(4), "head_1": np.eye(3, 4) / 16}
    np.savez("x.npz", Z=5 * np.eye(4, 3), **head, labels=[0, 1, 2])
    found = ncheck("evaluate", "jacot2025", "x.npz", "--json", "o.json")
    (line,) = [line for line in found.out.splitlines() if line.startswith("e1 = ")]
    told = dict(entry.split(" = ") for entry in line.split(", "))
    expected = {"r": "10", "w": "2", "z": "10", "w_L": "0.0625", "z_{L-2}": "5", "kappa": "1"}
    assert {name: told[name] for name in expected} == expected
    results = {r["id"]: r for r in json.loads(Path("o.json").read_text())["results"]}
    (advice,) = results["jacot2025_nc1_each_norm"]["improve"]
    assert "w_L^" in advice["says"]
    assert "z_{L-2}^" in advice["says"]


def test_every_family_has_its_statements():
    families = {id.partition("_")[0] for id in catalogue.ids()}
    assert {"jacot2025", "ji2022", "zhu2021"} <= families
    assert sum(len(catalogue.family(name)) for name in families) == len(catalogue.ids())
    assert catalogue.family("jacot") == catalogue.family("") == ()
    assert command.SCHEMA == 1
