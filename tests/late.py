"""Modules that a test file names but that load when a test first uses them.

Collecting the tests must not load torch.
"""

from __future__ import annotations

import importlib
from typing import Any


class Late:
    """Stands for a module, or for one name in it, until an attribute is asked for or it is called.

    >>> Late("math").sqrt(4.0)
    2.0
    >>> Late("math", "sqrt")(4.0)
    2.0
    """

    def __init__(self, module: str, name: str = "") -> None:
        """Nothing is imported yet."""
        self._place = module, name

    def _found(self) -> Any:
        module, name = self._place
        found = importlib.import_module(module)
        return getattr(found, name) if name else found

    def __getattr__(self, attribute: str) -> Any:
        """An attribute of what it stands for; the collector's own questions load nothing."""
        private_class = attribute[:1] == "_" and attribute[1:2].isupper()
        if attribute.startswith(("_", "pytest")) and not private_class:
            raise AttributeError(attribute)
        return getattr(self._found(), attribute)

    def __call__(self, *given: Any, **named: Any) -> Any:
        """A call of what it stands for."""
        return self._found()(*given, **named)
