"""The file that ``ncheck new`` writes: a statement that loads, holds, and is there to be edited."""

from __future__ import annotations

import importlib.util
import keyword
import re
from pathlib import Path

from checkers import catalogue
from checkers.instance import InvalidInput

TEMPLATE = '''"""State the claim in words, and name its source (Author et al. YEAR, Theorem N).

The smallest margin over a balanced data set is at most (|W|^2 + |H|^2) / (2 (K-1) sqrt(n)), with
equality at neural collapse. (This is an example; replace it.)
"""

from checkers.language import CONJECTURE, DERIVED, Claim, K, Mutant, Source, Statement, n, sqrt
from checkers.settings.unconstrained import BALANCED, COLLAPSED, FREE_FEATURES, q_min, rho2

STATEMENT = Statement(
    title="{id}",
    source=Source("Author", 2000, "Title of the paper", arxiv="0000.00000", locator="Theorem 1"),
    standing=CONJECTURE,
    transcription=DERIVED,
    setting=FREE_FEATURES,  # variables, sizes and ways of drawing
    hypotheses=(BALANCED,),
    claims=(Claim("margin bound", lhs=q_min, rhs=rho2 / (2 * (K - 1) * sqrt(n))),),
    # What attains equality: the search starts there too.
    witnesses=(COLLAPSED,),
    # False neighbours that a check has to refute, each with an instance that refutes it.
    mutants=(Mutant("M1", "2K in place of 2(K-1)", rhs=rho2 / (2 * K * sqrt(n)), by=COLLAPSED),),
)
'''


def write_scaffold(id: str) -> Path:
    """Write ``conjectures/<id>.py`` and return its path; InvalidInput where it must not be."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", id) or keyword.iskeyword(id):
        raise InvalidInput(
            f"id {id!r}: given, a lower-case identifier expected; name it like smith2024_margin"
        )
    known = catalogue.modules()
    if id in known:
        raise InvalidInput(f"id {id}: {known[id]} is there already; give another id or edit it")
    path = _folder() / f"{id}.py"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.format(id=id))
    except FileExistsError:
        raise InvalidInput(f"id {id}: {path} is there already; give another id") from None
    except OSError as error:
        raise InvalidInput(f"{path}: cannot be written ({error.strerror})") from None
    catalogue.modules.cache_clear()
    return path


def _folder() -> Path:
    spec = importlib.util.find_spec(catalogue.PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise InvalidInput(f"package {catalogue.PACKAGE}: not found; install the project first")
    return Path(next(iter(spec.submodule_search_locations)))
