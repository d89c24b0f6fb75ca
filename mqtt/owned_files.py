"""Writing the files of an office or a unit: secrets once and for their owner alone, public ones anew at any time."""

from __future__ import annotations

import os
from pathlib import Path

from appliance.errors import NotProvisioned


def make_folder(path: Path) -> None:
    """Make a folder that only its owner may enter; one that is there is narrowed to that."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.chmod(0o700)


def write_secret(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600 that survives a power cut.

    Raises:
        FileExistsError: it is there already; a key is never overwritten.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace_secret(path: Path, content: bytes) -> None:
    """Put a file of mode 0600 in the place of an earlier one, whole or not at all."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    write_secret(beside, content)
    beside.replace(path)


def replace_public(path: Path, content: bytes) -> None:
    """Put a file that others may read in the place of an earlier one, whole or not at all."""
    replace_secret(path, content)
    path.chmod(0o644)


def read_owned(path: Path) -> bytes:
    """Return what is in a file that setting up has made.

    Raises:
        NotProvisioned: it is not there.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotProvisioned(path.name) from None
