"""Shapes are checked; profiles of Hypothesis: dev, ci (always the same examples) and nightly."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import settings
from hypothesis.database import DirectoryBasedExampleDatabase

import shapes

# Before any test file imports what is to be checked.
shapes.install()

EXAMPLES = Path(__file__).resolve().parents[1] / ".hypothesis" / "examples"

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
# A profile inherits from Hypothesis's own, which is derandomised and keeps nothing where CI is set.
settings.register_profile(
    "nightly",
    deadline=None,
    max_examples=2000,
    print_blob=True,
    derandomize=False,
    database=DirectoryBasedExampleDatabase(EXAMPLES),
)
settings.load_profile(
    os.environ.get("NCHECK_HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)
