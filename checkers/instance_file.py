"""Instance files: a user's own arrays in an ``.npz``, read without pickle and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from checkers.declared.statement import Statement
from checkers.instance import Array, Instance, InvalidInput
from checkers.metrics.network import Network, network_from_arrays
from checkers.provenance import from_file
from checkers.variables import Kind, instance_from_arrays

_ADVICE = "write one with numpy.savez(file, name=array, ...)"


def read(path: Path, statement: Statement) -> Instance:
    """The instance of a statement that a file holds; InvalidInput where it holds none."""
    return instance_of(statement, read_arrays(path), path)


def instance_of(statement: Statement, given: Mapping[str, Array], path: Path) -> Instance:
    """The same, from the arrays of the file."""
    try:
        _refuse_gaps(statement, given)
        return instance_from_arrays(statement.variables, given, from_file(path.name))
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


def read_network(path: Path) -> Network:
    """The features, labels and classifier that a file holds; InvalidInput where it holds none."""
    given = read_arrays(path)
    try:
        _refuse_gap("head", given)
        return network_from_arrays(given)
    except InvalidInput as error:
        raise InvalidInput(f"{path}: {error}") from None


def read_arrays(path: Path) -> dict[str, Array]:
    """All arrays of an ``.npz``. Raises InvalidInput for anything else."""
    try:
        with path.open("rb") as file:
            return _arrays(np.load(file, allow_pickle=False), path)
    except FileNotFoundError:
        raise InvalidInput(f"{path}: no such file; give an .npz file; {_ADVICE}") from None
    except IsADirectoryError:
        raise InvalidInput(f"{path}: a folder given, an .npz file expected; {_ADVICE}") from None
    except MemoryError:
        raise InvalidInput(f"{path}: arrays larger than the memory of this machine given") from None
    except InvalidInput:
        raise
    except Exception as error:  # a damaged archive makes its readers raise almost anything
        raise InvalidInput(
            f"{path}: not a whole .npz file without pickled objects ({_first_line(error)});"
            f" {_ADVICE}"
        ) from None


def _arrays(loaded: Any, path: Path) -> dict[str, Array]:
    if not isinstance(loaded, np.lib.npyio.NpzFile):
        raise InvalidInput(f"{path}: a single array given, an .npz file expected; {_ADVICE}")
    with loaded:
        if len(set(loaded.files)) < len(loaded.files):
            raise InvalidInput(f"{path}: two arrays of one name given; {_ADVICE}")
        arrays = {name: loaded[name] for name in loaded.files}
    for name, array in arrays.items():
        if not isinstance(array, np.ndarray):
            raise InvalidInput(f"{path}: {name} is no array; {_ADVICE}")
    return arrays


def _refuse_gaps(statement: Statement, given: Mapping[str, Array]) -> None:
    for variable in statement.variables:
        if variable.kind is Kind.CHAIN:
            _refuse_gap(variable.name, given)


def _refuse_gap(name: str, given: Mapping[str, Array]) -> None:
    """A chain that misses a link would otherwise be read as a shorter chain."""
    links = {n for n in given if re.fullmatch(rf"{name}_\d+", n)}
    missing = [link for i in range(len(links)) if (link := f"{name}_{i}") not in links]
    if missing:
        raise InvalidInput(
            f"{missing[0]} is missing ({', '.join(sorted(links))} given); number the"
            f" matrices {name}_0, {name}_1, ... without a gap"
        )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
