"""Do the tests notice a wrong shape? Planted arguments and a planted function."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

import shapes
from checkers.quantities.margins import smallest_margin
from checkers.quantities.norms import operator_norm, squared_norm
from late import Late

torch = Late("torch")

PLANTED = """
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    Matrices = tuple[Float[Tensor, "B _ _"], ...]


def row_sums(A: Float[Tensor, "B m n"]) -> Float[Tensor, "B m"]:
    return A.sum(1)


def first(A: Matrices) -> int:
    return 1


class Pair:
    def __init__(self, left: Tensor) -> None:
        self.left = left

    @property
    def columns(self) -> Float[Tensor, "B n"]:
        return self.left

    def times(self, right: Float[Tensor, "B n n"]) -> int:
        return 1


def plain(A: Tensor) -> Tensor:
    return A
"""


@pytest.fixture
def planted(tmp_path: Path) -> ModuleType:
    """A module with wrong shapes in it, loaded as those of ``checkers`` are while tests run."""
    path = tmp_path / "planted.py"
    path.write_text(PLANTED)
    loader = shapes.Loader("planted", str(path))
    module = importlib.util.module_from_spec(ModuleSpec("planted", loader, origin=str(path)))
    loader.exec_module(module)
    return module


@pytest.fixture
def refused() -> Callable[[], object]:
    """A block that has to end in a violation of a shape."""
    from beartype.roar import BeartypeCallHintViolation

    return lambda: pytest.raises(BeartypeCallHintViolation, match=r"jaxtyping|array")


def test_an_argument_of_too_few_dimensions_is_caught(refused) -> None:
    assert squared_norm.batched(torch.ones(2, 3, 4)).tolist() == [12.0, 12.0]
    with refused():
        squared_norm.batched(torch.ones(3, 4))


def test_arguments_that_do_not_go_together_are_caught(refused) -> None:
    class Labels:
        pass

    with refused():
        smallest_margin.batched(torch.ones(2, 3, 4), torch.ones(2, 5, 6), Labels())
    with refused():
        smallest_margin.batched(torch.ones(2, 3, 4), torch.ones(1, 4, 6), Labels())


def test_integers_are_no_floats(refused) -> None:
    with refused():
        operator_norm.batched(torch.ones(2, 3, 4).long())


def test_a_result_of_another_shape_is_caught(planted, refused) -> None:
    assert planted.row_sums(torch.ones(2, 3, 3)).shape == (2, 3)
    with refused():
        planted.row_sums(torch.ones(2, 3, 4))


def test_a_named_hint_is_checked(planted, refused) -> None:
    assert planted.first((torch.ones(2, 3, 4), torch.ones(2, 5, 3))) == 1
    with refused():
        planted.first((torch.ones(2, 3),))


def test_methods_and_properties_are_checked(planted, refused) -> None:
    pair = planted.Pair(torch.ones(2, 3, 3))
    assert pair.times(torch.ones(2, 3, 3)) == 1
    with refused():
        pair.times(torch.ones(2, 3, 4))
    with refused():
        _ = pair.columns


def test_what_has_no_shape_is_left_as_it_is(planted) -> None:
    assert not hasattr(planted.plain, "__wrapped__")
    assert planted.plain(None) is None


def test_every_module_with_shapes_is_checked() -> None:
    """But the ones loaded before the first conftest.py, of which there must be none."""
    root = Path(importlib.util.find_spec("checkers").origin).parents[1]
    names = [
        ".".join(path.relative_to(root).with_suffix("").parts)
        for path in (root / "checkers").rglob("*.py")
        if "jaxtyping" in path.read_text(encoding="utf-8") and path.name != "__init__.py"
    ]
    assert len(names) > 20
    for name in names:
        importlib.import_module(name)
        assert hasattr(sys.modules[name], shapes.MARK), name


def test_every_tensor_of_a_quantity_has_a_shape() -> None:
    import checkers.quantities

    (folder,) = checkers.quantities.__path__
    bare = []
    for path in Path(folder).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                given = node.args
                hints = [a.annotation for a in (*given.args, given.vararg) if a and a.annotation]
                if any(ast.unparse(h) == "Tensor" for h in (*hints, node.returns or node)):
                    bare.append(f"{path.name}: {node.name}")
    assert not bare
