"""``python -m checkers`` is ``ncheck``."""

from __future__ import annotations

import sys

from checkers.cli import main

sys.exit(main())
