"""A private key at rest: one file that only its owner can read, written whole or not at all.

A file that others can read, that belongs to somebody else, or that is a link, is not used: the key in it may be known.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Final

from appliance.errors import NotProvisioned, StepNotAllowed, StoreDamaged
from appliance.seal.keys import SoftwareUnitKey
from appliance.store.database import named_errors, sync_folder

KEY_FILE_MODE: Final = 0o600
SECRET_LIMIT_BYTES: Final = 65_536

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def write_unit_key(path: Path, key: SoftwareUnitKey) -> None:
    """Store a unit's key of class `software`; a key that is there is never replaced, since the unit would be another one.

    Raises:
        StepNotAllowed: there is a key already.
        StoreTrouble: nothing was written.
    """
    write_secret(path, key.to_private_bytes())


def read_unit_key(path: Path) -> SoftwareUnitKey:
    """Return the unit's key.

    Raises:
        NotProvisioned: there is none.
        StoreDamaged: `key_file`: others can read it, or it is not this user's own file.
        SealBroken: part `format`: the bytes are no key of class `software`.
        FormatUnknown: a newer form.
    """
    return SoftwareUnitKey.from_private_bytes(read_secret(path))


def write_secret(path: Path, secret: bytes) -> None:
    """Write a new file with mode 0600 that survives a power cut, or write nothing.

    Raises:
        StepNotAllowed: the file exists.
        StoreTrouble: no room, or the disk does not take it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.new")
    with named_errors(path):
        draft.unlink(missing_ok=True)
        try:
            _write_synced(draft, secret)
            # A hard link, unlike a rename, fails when the name is taken.
            os.link(draft, path)
        except FileExistsError as error:
            raise StepNotAllowed("provisioned", "write_secret") from error
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(path.parent)


def read_secret(path: Path) -> bytes:
    """Return the bytes of a file that only this user can read.

    Raises:
        NotProvisioned: there is no such file.
        StoreDamaged: `key_file`: a link, too large, of another owner, or open to others; `disk`: unreadable.
    """
    with named_errors(path):
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotProvisioned(path.name) from error
        except OSError as error:
            # What open(2) says about a link when links are not to be followed.
            if error.errno == errno.ELOOP:
                raise StoreDamaged("key_file") from error
            raise
        try:
            _demand_private(os.fstat(handle))
            return os.read(handle, SECRET_LIMIT_BYTES)
        finally:
            os.close(handle)


def _demand_private(status: os.stat_result) -> None:
    is_private = (
        stat.S_ISREG(status.st_mode)
        and status.st_uid == os.geteuid()
        and not status.st_mode & _OTHERS
        and status.st_size <= SECRET_LIMIT_BYTES
    )
    if not is_private:
        raise StoreDamaged("key_file")


def _write_synced(path: Path, secret: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, KEY_FILE_MODE)
    with os.fdopen(handle, "wb") as file:
        file.write(secret)
        file.flush()
        os.fsync(handle)
