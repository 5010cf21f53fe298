"""The language of statements: ``from checkers.language import *`` is all that one needs of it.

What is said of a statement (``THEOREM``, ``RECONSTRUCTED``, ...), what it is made of (``Setting``,
``Hypothesis``, ``Claim``, ``Definition``, ``Mutant``, ``Proof``, ...), the sizes of its arrays
(``K``, ``N``, ``n``, ``d``, ...) and the functions that formulas may have. Quantities of arrays are
imported from ``checkers.quantities``, where each says its convention.
"""

from fractions import Fraction

from sympy import Abs, Integer, Max, Min, Rational, exp, log, sqrt

from checkers.declared.claim import Claim, Hypothesis, Side, identity
from checkers.declared.construction import Arrays, Layout, Ranges, Sampler, Witness, construction
from checkers.declared.definition import Definition
from checkers.declared.kinds import Flow, Inequality, Landscape, Training
from checkers.declared.proof import Proof, Semidefinite, Vanishing
from checkers.declared.source import Paper, Source
from checkers.declared.statement import Mutant, Setting, Statement
from checkers.sizes import SizeSpec, sizes
from checkers.variables import K, Kind, N, Size, Variable, d, depth, last_width, n
from checkers.verdict import Standing, Transcription

LEFT = Side.LEFT
RIGHT = Side.RIGHT

THEOREM = Standing.THEOREM
PRINTED = Standing.PRINTED
CONJECTURE = Standing.CONJECTURE
FALSE = Standing.FALSE

VERBATIM = Transcription.VERBATIM
RECONSTRUCTED = Transcription.RECONSTRUCTED
DERIVED = Transcription.DERIVED

__all__ = [
    "CONJECTURE",
    "DERIVED",
    "FALSE",
    "LEFT",
    "PRINTED",
    "RECONSTRUCTED",
    "RIGHT",
    "THEOREM",
    "VERBATIM",
    "Abs",
    "Arrays",
    "Claim",
    "Definition",
    "Flow",
    "Fraction",
    "Hypothesis",
    "Inequality",
    "Integer",
    "K",
    "Kind",
    "Landscape",
    "Layout",
    "Max",
    "Min",
    "Mutant",
    "N",
    "Paper",
    "Proof",
    "Ranges",
    "Rational",
    "Sampler",
    "Semidefinite",
    "Setting",
    "Side",
    "Size",
    "SizeSpec",
    "Source",
    "Statement",
    "Training",
    "Vanishing",
    "Variable",
    "Witness",
    "construction",
    "d",
    "depth",
    "exp",
    "identity",
    "last_width",
    "log",
    "n",
    "sizes",
    "sqrt",
]
