"""Variables and sizes of statements: names, shapes, and what an array must be to stand for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
import sympy

from checkers.instance import LABELS, Array, Instance, InvalidInput, class_counts
from checkers.provenance import UNKNOWN, Provenance


class Kind(Enum):
    """What stands for a variable in an instance."""

    MATRIX = "matrix"
    LABELS = "labels"
    CHAIN = "chain"


@dataclass(frozen=True)
class Variable:
    """A variable of a statement; its shape names sizes, the same name being the same number.

    A size that is a numeral is that number.

    A chain ``head`` of shape (K, width) is stored as ``head_0``, ``head_1``, ...: matrices applied
    in that order, the first taking ``width`` coordinates, the last giving K. ``links`` and
    ``inner`` name the sizes of a chain: how many matrices, at least ``least``, and the width that
    enters the last of them. Chains of the same names have the same number of matrices.
    ``transposed`` names an array of one row a sample that is accepted in place of a matrix.
    """

    name: str
    shape: tuple[str, ...]
    meaning: str
    kind: Kind = Kind.MATRIX
    latex: str = ""
    transposed: str = ""
    links: str = "depth"
    inner: str = "last_width"
    least: int = 2

    @property
    def is_number(self) -> bool:
        """Whether it is a number, kept as a 1 x 1 matrix."""
        return self.shape in (("1", "1"), ("one", "one"))

    def stored(self, depth: int = 2) -> tuple[str, ...]:
        """Names of the arrays that hold it; a chain of ``depth`` matrices has that many."""
        if self.kind is Kind.CHAIN:
            return tuple(f"{self.name}_{i}" for i in range(depth))
        return (self.name,)


class Size(sympy.Symbol):
    """A size in formulas: a positive number known exactly from the shapes and labels."""

    __slots__ = ("tex",)

    def __new__(cls, name: str, latex: str = "") -> Size:
        """Create the symbol; ``latex`` defaults to the name."""
        size = sympy.Symbol.__xnew__(cls, name, positive=True)
        size.tex = latex or name
        return size

    def _latex(self, printer: object) -> str:
        return str(self.tex)


K = Size("K")
N = Size("N")
d = Size("d")
n = Size("n")
"""Samples per class; N/K where the classes are not of equal size."""
depth = Size("depth", "L_2")
"""Number of linear layers of a head."""
last_width = Size("last_width", "n_{L-1}")
"""Rows of the last but one matrix of a head: the width of the features Z_{L-1}."""


def length(sizes: Mapping[str, int], name: str) -> int:
    """The number that a size of a shape stands for."""
    return int(name) if name.isdigit() else sizes[name]


def chain(arrays: Mapping[str, Array], name: str) -> list[Array]:
    """The matrices ``name_0``, ``name_1``, ... in order of application."""
    found: list[Array] = []
    while f"{name}_{len(found)}" in arrays:
        found.append(arrays[f"{name}_{len(found)}"])
    return found


def instance_from_arrays(
    variables: tuple[Variable, ...],
    given: Mapping[str, Array],
    provenance: Provenance = UNKNOWN,
) -> Instance:
    """Check a user's arrays against the variables and read the sizes off their shapes.

    Raises InvalidInput where an array is missing, not numeric, not finite or of a shape that does
    not fit, and where labels are not 0..K-1 with every class present.
    """
    sizes: dict[str, int] = {}
    arrays: dict[str, Array] = {}
    for variable in variables:
        if variable.kind is Kind.CHAIN:
            _read_chain(variable, given, sizes, arrays)
        elif variable.kind is Kind.MATRIX:
            array, name = _given(variable, given)
            if array.ndim == 0 and variable.is_number:
                array = array.reshape(1, 1)
            array = _numeric(array, name)
            _unify(variable.shape, array.shape, name, sizes)
            arrays[variable.name] = array
    for variable in variables:
        if variable.kind is Kind.LABELS:
            if LABELS not in given:
                raise InvalidInput(_missing(LABELS, given, "integers 0..K-1, shape (N,)"))
            arrays[LABELS] = check_labels(given[LABELS], sizes["N"], sizes["K"])
    return Instance(sizes, arrays, provenance)


def check_labels(labels: Array, N: int, K: int) -> Array:
    """Labels as int64 (N,), or InvalidInput: each of 0..K-1 must occur, nothing else may."""
    if labels.dtype.kind not in "iu":
        raise InvalidInput(
            f"labels: dtype {labels.dtype} given, integers expected; use labels.astype(int)"
        )
    if labels.shape != (N,):
        raise InvalidInput(f"labels: shape {labels.shape} given, ({N},) expected, one a sample")
    if K < 2:
        raise InvalidInput(f"labels: {K} class given, at least 2 expected; add classes")
    if labels.size and (labels.min() < 0 or labels.max() >= K):
        raise InvalidInput(
            f"labels: values {labels.min()}..{labels.max()} given, 0..{K - 1} expected;"
            " renumber the classes"
        )
    labels = labels.astype(np.int64)
    for k, count in enumerate(class_counts(labels, K)):
        if count == 0:
            raise InvalidInput(
                f"labels: class {k} has no samples, at least one of each of {K} classes expected;"
                " drop its row of the classifier and renumber"
            )
    return labels


def check_matrix(array: Array, name: str) -> Array:
    """A non-empty matrix as float64, or InvalidInput: real, finite, of at most 64 bits an entry."""
    return _numeric(array, name)


def _given(variable: Variable, given: Mapping[str, Array]) -> tuple[Array, str]:
    if variable.name in given and variable.transposed in given:
        raise InvalidInput(
            f"{variable.name} and {variable.transposed}: both given, one expected; leave one out"
        )
    if variable.name in given:
        return given[variable.name], variable.name
    if variable.transposed and variable.transposed in given:
        array = given[variable.transposed]
        if array.ndim != 2:
            raise InvalidInput(
                f"{variable.transposed}: shape {array.shape} given,"
                f" ({', '.join(reversed(variable.shape))}) expected, one row a sample"
            )
        return array.T, variable.transposed
    expected = f"shape ({', '.join(variable.shape)})"
    if variable.transposed:
        expected += f", or {variable.transposed} with one row a sample"
    raise InvalidInput(_missing(variable.name, given, expected))


def _missing(name: str, given: Mapping[str, Array], expected: str) -> str:
    listed = ", ".join(sorted(given)) or "no array"
    return f"array {name} is missing ({listed} given); expected {expected}; add it to the file"


def _numeric(array: Array, name: str) -> Array:
    if array.dtype.kind not in "fiu" or array.dtype.itemsize > 8:
        raise InvalidInput(
            f"{name}: dtype {array.dtype} given, real numbers of at most 64 bits expected;"
            " convert with astype(float)"
        )
    if array.ndim != 2 or 0 in array.shape:
        raise InvalidInput(f"{name}: shape {array.shape} given, a non-empty matrix expected")
    if array.dtype.kind in "iu" and max(-int(array.min()), int(array.max())) > 2**53:
        raise InvalidInput(f"{name}: integers above 2^53 given, which float64 cannot hold exactly")
    array = np.ascontiguousarray(array, dtype=np.float64)
    if not np.isfinite(array).all():
        raise InvalidInput(
            f"{name}: {int((~np.isfinite(array)).sum())} entries are NaN or infinite,"
            " finite numbers expected; check the run that wrote them"
        )
    return array


def _unify(
    names: tuple[str, ...], shape: tuple[int, ...], array: str, sizes: dict[str, int]
) -> None:
    for name, given in zip(names, shape, strict=True):
        if name.isdigit():
            if given != int(name):
                raise InvalidInput(f"{array}: shape {shape} given, ({', '.join(names)}) expected")
        elif sizes.setdefault(name, given) != given:
            raise InvalidInput(
                f"{array}: shape {shape} given for ({', '.join(names)}), but another array says"
                f" {name}={sizes[name]}; check for a transposed or foreign array"
            )


def _read_chain(
    variable: Variable, given: Mapping[str, Array], sizes: dict[str, int], arrays: dict[str, Array]
) -> None:
    links = chain(given, variable.name)
    if len(links) < variable.least:
        raise InvalidInput(
            f"{variable.name}_0, {variable.name}_1, ...: {len(links)} matrices given, at least"
            f" {variable.least} expected; add the weight matrices of these layers in order"
        )
    outputs, width = variable.shape
    for i, link in enumerate(links):
        name = f"{variable.name}_{i}"
        arrays[name] = _numeric(link, name)
        if i == 0:
            _unify((width,), arrays[name].shape[1:], name, sizes)
        elif arrays[name].shape[1] != arrays[f"{variable.name}_{i - 1}"].shape[0]:
            raise InvalidInput(
                f"{name}: shape {link.shape} given, {arrays[f'{variable.name}_{i - 1}'].shape[0]}"
                f" columns expected after {variable.name}_{i - 1}; are the matrices in order?"
            )
    _unify((outputs,), links[-1].shape[:1], f"{variable.name}_{len(links) - 1}", sizes)
    for name, given_size in ((variable.links, len(links)), (variable.inner, links[-1].shape[1])):
        if sizes.setdefault(name, int(given_size)) != given_size:
            raise InvalidInput(
                f"{variable.name}: {name}={given_size} given, but another array says"
                f" {name}={sizes[name]}; check for a missing or foreign matrix"
            )
