"""Counts a unit's connections in a small file, so that the office can tell two units with one key (hazard H6)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from appliance.errors import NotProvisioned
from mqtt.messages import LARGEST_COUNT

SESSION_FILE: Final = "session"
"""Name of the file in the unit's home."""


def next_session(path: Path) -> int:
    """Return the next number and make it survive a power cut before anybody hears of it.

    A damaged or missing file starts again at 1, which the office notices and a person clears up.

    Raises:
        NotProvisioned: the folder is not there.
    """
    session = _read(path) % LARGEST_COUNT + 1
    beside = path.with_name(path.name + ".new")
    try:
        with beside.open("w", encoding="ascii") as file:
            file.write(f"{session}\n")
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        raise NotProvisioned(path.parent.name) from None
    beside.replace(path)
    return session


def _read(path: Path) -> int:
    try:
        text = path.read_text("ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return 0
    return int(text) if text.isdecimal() and len(text) <= 10 else 0
