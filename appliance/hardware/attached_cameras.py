"""The cameras that Linux knows of (Video4Linux's nodes in sysfs), without opening one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SYSFS: Final = Path("/sys/class/video4linux")
DEVICES: Final = Path("/dev")


@dataclass(frozen=True, slots=True)
class AttachedCamera:
    """One camera as it stands now; its node changes when it is plugged in again while a program still holds the old."""

    node: Path
    name: str
    """As the driver says it."""


def list_cameras(sysfs: Path = SYSFS, devices: Path = DEVICES) -> list[AttachedCamera]:
    """Return the cameras by the number of their node.

    A USB camera has two nodes; the one with index 0 gives pictures, the other only describes them.
    """
    found = []
    for entry in sysfs.glob("video*"):
        number = entry.name.removeprefix("video")
        if number.isdecimal() and _word(entry / "index") == "0":
            found.append((int(number), AttachedCamera(devices / entry.name, _word(entry / "name"))))
    return [camera for _, camera in sorted(found, key=lambda pair: pair[0])]


def _word(file: Path) -> str:
    """Return what a file of sysfs says; a camera pulled out meanwhile says nothing."""
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
