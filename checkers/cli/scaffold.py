"""The file that ``ncheck new`` writes: a statement that loads, holds, and is there to be edited."""

from __future__ import annotations

import importlib
import keyword
import re
from collections.abc import Mapping
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


PAPER = '''"""Say what the paper is about in a few words (Author et al. YEAR, arXiv:0000.00000)."""

from checkers.language import Paper, Source

PAPER = Paper(
    Source("Author", 2000, "Title of the paper", arxiv="0000.00000"),
    model="The model in words: what the variables are and what is minimised.",
    # The statements in the order of the paper; those that are not named come last.
    order=("{stem}",),
)
'''

SETTING = "setting"
"""In the folder of a paper, what its statements share: no statement."""


def write_scaffold(id: str) -> tuple[Path, ...]:
    """Write ``conjectures/<paper>/<what>.py`` and, in a new folder, what is said of the paper.

    Returns the files that were written; InvalidInput where they must not be.
    """
    folder, stem = _place(id)
    known = catalogue.modules()
    if id in known:
        raise InvalidInput(f"id {id}: {known[id]} is there already; give another id or edit it")
    path, begin = folder / f"{stem}.py", folder / "__init__.py"
    if stem == SETTING or (folder / stem).exists():
        raise InvalidInput(
            f"id {id}: {folder / stem} is a folder, or kept for one, of what statements share; give"
            " another id"
        )
    if folder.with_suffix(".py").exists():
        raise InvalidInput(f"id {id}: {folder}.py is there already; give another id")
    texts = {path: TEMPLATE.format(id=id)}
    if not begin.exists():
        texts = {begin: PAPER.format(stem=stem), **texts}
    elif folder.name not in catalogue.paper_folders():
        raise InvalidInput(f"id {id}: {begin} has no PAPER; write one there, or give another id")
    _write(id, texts)
    importlib.invalidate_caches()
    catalogue.modules.cache_clear()
    return tuple(texts)


def _place(id: str) -> tuple[Path, str]:
    """The folder of the paper and the name of the module that an id stands for.

    A folder that is there goes first; otherwise the paper ends at the first underscore.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", id) or keyword.iskeyword(id):
        raise InvalidInput(
            f"id {id!r}: given, a lower-case identifier expected; name it like smith2024_margin"
        )
    papers = catalogue.paper_folders()
    paper = max((name for name in papers if id.startswith(f"{name}_")), key=len, default="")
    paper = paper or id.partition("_")[0]
    stem = id.removeprefix(f"{paper}_")
    if stem == id or not re.fullmatch(r"[a-z][a-z0-9_]*", stem):
        raise InvalidInput(
            f"id {id!r}: given, a paper and what is claimed expected, joined by an underscore, each"
            " beginning with a letter; name it like smith2024_margin"
        )
    for name in (paper, stem):
        if keyword.iskeyword(name):
            raise InvalidInput(f"id {id!r}: {name} is a word of Python; give another id")
    return papers.get(paper, catalogue.places()[0] / paper), stem


def _write(id: str, texts: Mapping[Path, str]) -> None:
    """Write files, none of which is there yet, all or none of them."""
    written: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for path in written:
            path.unlink(missing_ok=True)
        if isinstance(error, FileExistsError):
            told = f"id {id}: {error.filename} is there already; give another id"
            raise InvalidInput(told) from None
        raise InvalidInput(f"{error.filename}: cannot be written ({error.strerror})") from None
