"""The shapes in annotations, checked while the tests run.

``install`` hooks the import of the modules of ``checkers`` and ``conjectures`` that use
jaxtyping: every function with a shape in its signature is checked at every call, with dimensions
of one name equal within a call. Annotations are strings and torch is imported by the modules for
type checkers alone, so a function is resolved when it is first called; collecting loads no torch.
Of a sequence of tensors one item, drawn at random, is looked at.
"""

from __future__ import annotations

import ast
import functools
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

PACKAGES = ("checkers", "conjectures")
MARK = "__checked__"
"""The decorator's name in a module that is checked."""


def install() -> None:
    """Check modules that are imported from now on; once is enough."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name.partition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, path, target)
        if spec is None or not isinstance(spec.loader, SourceFileLoader) or not spec.origin:
            return None
        if "jaxtyping" not in Path(spec.origin).read_text(encoding="utf-8"):
            return None
        spec.loader = Loader(name, spec.origin)
        return spec


class Loader(SourceFileLoader):
    """Loads a module with its shapes checked; nothing is written to or read from __pycache__."""

    def get_code(self, fullname: str) -> CodeType:
        """Compile the source, a decorator more at each function with shapes."""
        path = self.get_filename(fullname)
        tree = ast.parse(self.get_data(path), path)
        words = _shape_words(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and any(_shaped(h, words) for h in _hints(node)):
                place = ast.Name(MARK, ast.Load())
                node.decorator_list.append(ast.copy_location(place, node))
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        """Run it, with the decorator among its names."""
        tree = ast.parse(self.get_data(self.get_filename(module.__name__)))
        vars(module)[MARK] = _decorator(module, _shape_words(tree), _typing_block(tree))
        super().exec_module(module)


def _typing_block(tree: ast.Module) -> ast.Module:
    """What a module says under ``if TYPE_CHECKING``."""
    blocks = (
        node.body
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    return ast.Module([statement for block in blocks for statement in block], [])


def _shape_words(tree: ast.Module) -> set[str]:
    """What it imports from jaxtyping, and its own names for hints made of that."""
    words: set[str] = set()
    for node in (*_typing_block(tree).body, *tree.body):
        if isinstance(node, ast.ImportFrom) and node.module == "jaxtyping":
            words |= {alias.asname or alias.name for alias in node.names}
        if isinstance(node, ast.Assign) and words & _names(node.value):
            words |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return words


def _shaped(hint: ast.AST, words: set[str]) -> bool:
    """Whether a hint has a shape to check; the arguments of a callable are checked when called."""
    names = _names(hint)
    return bool(words & names) and "Callable" not in names


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _hints(node: ast.FunctionDef) -> Iterator[ast.expr]:
    given = node.args
    arguments = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    yield from (a.annotation for a in arguments if a is not None and a.annotation is not None)
    if node.returns is not None:
        yield node.returns


def _decorator(module: ModuleType, words: set[str], block: ast.Module) -> Callable[..., Any]:
    @functools.cache
    def namespace() -> dict[str, Any]:
        names = dict(vars(module))
        exec(compile(block, module.__name__, "exec"), names)
        return names

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, its shapes checked; hints without shapes are left to mypy."""

        @functools.wraps(function)
        def checked(*given: Any, **named: Any) -> Any:
            nonlocal verified
            if verified is None:
                verified = _verified(function, words, namespace())
            return verified(*given, **named)

        verified: Callable[..., Any] | None = None
        return checked

    return decorate


def _verified(
    function: Callable[..., Any], words: set[str], names: dict[str, Any]
) -> Callable[..., Any]:
    from beartype import beartype
    from jaxtyping import jaxtyped

    function.__annotations__ = {
        argument: eval(hint, names)
        for argument, hint in function.__annotations__.items()
        if _shaped(ast.parse(hint, mode="eval"), words)
    }
    verified = jaxtyped(typechecker=None)(beartype(function))
    hints = " ".join(map(str, function.__annotations__.values()))
    return _undrawn(verified) if "tuple[" in hints or "list[" in hints else verified


def _undrawn(function: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` with the state of ``random`` as it was, from which beartype draws an item.

    Hypothesis refuses strategies that draw from it themselves.
    """

    @functools.wraps(function)
    def undrawn(*given: Any, **named: Any) -> Any:
        state = random.getstate()
        try:
            return function(*given, **named)
        finally:
            random.setstate(state)

    return undrawn
