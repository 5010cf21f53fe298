"""A quantity is one object: name, LaTeX, words and implementations."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

import checkers.quantities
from checkers import catalogue
from checkers.quantities import Measured, Operation, Quantity, operation, quantity
from checkers.settings.unconstrained import W


def gathered() -> Iterator[tuple[str, Quantity | Operation]]:
    """Every quantity and operation of the package, with the place where it stands."""
    for module in pkgutil.iter_modules(checkers.quantities.__path__):
        names = vars(importlib.import_module(f"checkers.quantities.{module.name}"))
        for name, value in names.items():
            if isinstance(value, Quantity | Operation):
                yield f"{module.name}.{name}", value


def test_every_quantity_has_a_convention_and_both_implementations() -> None:
    by_place = dict(gathered())
    assert len(set(by_place.values())) > 100
    bare = Quantity("bare", "x", batched=len).rigorous
    for place, each in by_place.items():
        assert each.convention, place
        assert each.convention[-1] == ".", place
        assert each.latex, place
        assert each.rigorous is not bare, place


def test_names_of_symbols_are_those_of_python_but_for_two() -> None:
    """They are part of digests: one that is renamed changes every statement that measures it."""
    other = {place: q.name for place, q in gathered() if place.rpartition(".")[2] != q.name}
    own = {place: name for place, name in other.items() if "imbalance_" not in place}
    assert set(own.values()) == {"entry"}
    assert {name for place, name in other.items() if place not in own} == {
        "imbalance_k",
        "imbalance_k_1",
    }


def test_no_two_quantities_share_a_name() -> None:
    each = {id(q): q.name for _, q in gathered()}
    assert len(set(each.values())) == len(each)


def test_a_quantity_is_its_batched_implementation_with_the_docstring_as_convention() -> None:
    @quantity(r"\max @", exact=False)
    def largest_of(A):
        """The largest entry,

        of all.
        """
        return A

    @largest_of.rigorously
    def enclosed(A):
        return [A]

    @largest_of.softly
    def smooth(sharpness, A):
        return sharpness

    assert (largest_of.name, largest_of.latex) == ("largest_of", r"\max @")
    assert largest_of.convention == "The largest entry,\n\nof all."
    assert (largest_of.batched(2), largest_of.rigorous(2), largest_of.soft(3, 2)) == (2, [2], 3)
    assert enclosed(2) == [2]
    assert str(largest_of(W)) == "largest_of(W)"
    assert not largest_of(W).exact


def test_an_operation_is_made_the_same_way_under_another_name_if_told() -> None:
    @operation("@'", rigorous=tuple, name="turned")
    def turn(A):
        """A'."""
        return A

    assert isinstance(turn, Operation)
    assert turn(W).name == "turned(W)"
    assert (turn.convention, turn.rigorous) == ("A'.", tuple)


def test_another_role_has_the_same_implementations() -> None:
    first = Quantity("norm", "|@|", batched=len, rigorous=abs, soft=max, exact=False)
    second = first.renamed("start_norm", "|@_0|", "|A_0|.")
    assert (second.name, second.latex, second.convention) == ("start_norm", "|@_0|", "|A_0|.")
    assert (second.batched, second.rigorous, second.soft, second.exact) == (len, abs, max, False)
    assert first.name == "norm"
    assert first(W) != second(W)


def test_a_quantity_without_a_rigorous_implementation_cannot_be_used() -> None:
    incomplete = Quantity("incomplete", "x", batched=len)
    with pytest.raises(TypeError, match=r"incomplete: no rigorous implementation; .*rigorously"):
        incomplete(W)
    with pytest.raises(TypeError, match=r"no rigorous implementation"):
        Operation("incomplete", "x", batched=len)(W)


def test_a_second_rigorous_implementation_is_refused() -> None:
    complete = Quantity("complete", "x", batched=len, rigorous=abs)
    with pytest.raises(TypeError, match="complete: has a rigorous implementation"):
        complete.rigorously(len)


def test_a_statement_shows_the_convention_of_what_it_measures_once(capsys) -> None:
    from checkers.cli import main

    assert main(["show", "jacot2025_nc1"]) == 0
    lines = capsys.readouterr().out.partition("\nQuantities\n")[2].splitlines()
    names = [line.strip().partition("(")[0] for line in lines]
    assert len(names) == len(set(names))
    assert (
        "  nc1(last_features(...), labels): "
        "tr Sigma_W / tr Sigma_B, the global mean weighted by samples." in lines
    )
    assert names.index("class_size_spread") < names.index("nc1") < names.index("last_features")
    statement = catalogue.load("jacot2025_nc1")
    measured = {m.quantity.name for c in statement.claims for m in c.rhs.atoms(Measured)}
    assert measured
    assert measured <= set(names)
