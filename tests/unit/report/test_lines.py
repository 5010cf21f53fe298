from __future__ import annotations

import re

import pytest

from checkers import catalogue
from checkers.report.formulas import display
from checkers.report.lines import WIDEST, broken, width
from checkers.report.text import anchor, prose


@pytest.mark.parametrize(
    ("formula", "characters"),
    [
        ("a + b", 3),
        (r"\frac{a b c}{d}", 3),
        (r"\frac{a}{\frac{b c d}{x} + y}", 5),
        (r"\sqrt{n_{\min}} \left(K - 1\right)", 8),
    ],
)
def test_width_is_counted_as_it_is_read(formula, characters):
    assert width(formula) == characters


def test_a_long_formula_is_broken_between_its_terms_only():
    term = r"\frac{\left(a + b\right)^{c - d}}{x - y} z z z z z z z z z"
    formula = rf"{' + '.join([term] * 3)} \le {' - '.join([term] * 9)}"
    lines = broken(formula).splitlines()
    assert lines[0] == r"\begin{aligned}"
    assert lines[-1] == r"\end{aligned}"
    assert [line for line in lines if r"\le " in line] == [lines[2]]
    assert len(lines) > 4
    for line in lines[1:-1]:
        assert width(line.removesuffix(r" \\")) <= WIDEST + 2
        assert line.count("{") == line.count("}")
        assert line.count(r"\left") == line.count(r"\right")


@pytest.mark.parametrize("id", catalogue.ids())
def test_a_broken_formula_says_the_same(id):
    shown = display(catalogue.load(id))
    for _, formula in shown.hypotheses + shown.claims:
        laid = re.sub(r"\\(begin|end)\{aligned\}|\\quad|&|\\\\\n", " ", broken(formula))
        assert "".join(laid.split()) == "".join(formula.split())
        assert width(formula) > WIDEST or broken(formula) == formula


def test_anchors_are_those_of_github():
    assert anchor("Ji et al. (2022): A B-C") == "ji-et-al-2022-a-b-c"
    assert anchor("lab.claims.my_claim") == "labclaimsmy_claim"


def test_prose_keeps_code_and_escapes_the_rest():
    assert prose("W_L *is*\n\n``a_b`` <= 1 ") == r"W\_L \*is\* `a_b` ≤ 1"
