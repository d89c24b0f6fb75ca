"""What kind of machine this is, in words that fit a public report: no names, no paths."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Final

from tests.proof.campaign import Label

_MODEL: Final = Path("/proc/device-tree/model")
_TARGET: Final = "Raspberry Pi"


def board_model() -> str:
    """Return the board's model as its firmware says it; empty on machines without a device tree."""
    return _MODEL.read_text(encoding="utf-8").rstrip("\0") if _MODEL.exists() else ""


def machine_class() -> str:
    """Return board or processor kind, cores, memory, system and Python version."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = board_model() or platform.machine()
    return (
        f"{kind}, {os.cpu_count()} cores, {memory_gib:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def label_on(label: Label, model: str) -> Label:
    """Return what a campaign's label means on a board of this model."""
    if label is Label.MEASURED_ON_TARGET and _TARGET not in model:
        return Label.MEASURED_ELSEWHERE
    return label
