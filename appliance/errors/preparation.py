"""What has to be there before a visit, and is not."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


@dataclass(eq=False)
class SetupTrouble(UnitError):
    """Something is missing or wrong on this machine before any visit begins."""


@dataclass(eq=False)
class NotProvisioned(SetupTrouble, LookupError):
    """The unit has no key, certificate or office yet."""

    missing: str


@dataclass(eq=False)
class ClockWrong(SetupTrouble, ValueError):
    """The clock shows a day on which this program cannot be running (proof.md W10)."""

    shown_year: int


@dataclass(eq=False)
class TrainingPartMissing(SetupTrouble, FileNotFoundError):
    """A program, driver or font that the training kit needs is not installed."""

    part: str
    """What is missing, such as `pcscd` or `Japanese font`."""
    package: str
    """The Debian package that brings it."""


@dataclass(eq=False)
class NoPanel(UnitError, ConnectionError):
    """No lamps and buttons are attached, or their pins are taken; screen and keyboard go on alone."""
