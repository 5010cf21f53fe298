"""Profiles of Hypothesis: dev, ci (the same examples at every run) and nightly (many more)."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, database=None)
settings.register_profile("nightly", deadline=None, max_examples=2000, print_blob=True)
settings.load_profile(
    os.environ.get("NCHECK_HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev")
)
