"""Papers, and where in them a statement is."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Source:
    """Where a statement is printed."""

    authors: str
    year: int
    title: str
    arxiv: str
    locator: str = ""

    def at(self, locator: str) -> Source:
        """The same paper, at a theorem or equation."""
        return replace(self, locator=locator)

    def __str__(self) -> str:
        """``Authors (year), locator, arXiv:number``."""
        return ", ".join(
            p for p in (f"{self.authors} ({self.year})", self.locator, f"arXiv:{self.arxiv}") if p
        )


@dataclass(frozen=True)
class Paper:
    """A paper whose statements are a folder of the catalogue.

    ``model`` says in words what the paper studies. ``order`` names the files of its statements as
    the paper has them; those that it does not name come after, by name.
    """

    source: Source
    model: str = ""
    order: tuple[str, ...] = ()

    def at(self, locator: str) -> Source:
        """The source of a theorem or equation of the paper."""
        return self.source.at(locator)
