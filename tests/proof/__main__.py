"""Entry of `python -m tests.proof`."""

from __future__ import annotations

import sys

from tests.proof.cli import main

sys.exit(main())
