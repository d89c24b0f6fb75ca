"""What the processes without a screen say: short English lines on stderr, without personal data."""

from __future__ import annotations

import sys
from collections.abc import Callable

from appliance.errors import UnitError
from appliance.service.outcomes import advise

Tell = Callable[[str], None]
"""Takes one line for a person."""


def say_on_stderr(line: str) -> None:
    """Write one line to stderr."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def sentence(error: UnitError) -> str:
    """Return what happened in one English sentence, without the advice that is meant for the screen."""
    return advise(error, "en").says
