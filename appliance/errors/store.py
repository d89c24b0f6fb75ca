"""What goes wrong with the unit's own memory."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


@dataclass(eq=False)
class StoreTrouble(UnitError):
    """Something between the unit and its own database."""


@dataclass(eq=False)
class DiskFull(StoreTrouble, OSError):
    """The disk has too little room to save another record safely."""

    free_bytes: int


@dataclass(eq=False)
class StoreDamaged(StoreTrouble, OSError):
    """The database is not what was written; it is kept aside, never deleted."""

    check: str
    """The check that failed: `quick_check`, `pragma`, `schema`, `sequence`, `row`, `unit`, `roster`, `key_file` or `disk`."""


@dataclass(eq=False)
class StoreBusy(StoreTrouble, TimeoutError):
    """Another process holds the database longer than is ever needed."""


@dataclass(eq=False)
class SignInRefused(StoreTrouble, PermissionError):
    """Staff name and passphrase do not open the roster."""

    wait_s: float = 0.0
    """How long the next try has to wait."""
