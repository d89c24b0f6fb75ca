"""What must not be believed: never retried, always audited, always visible (examples.md E2)."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


@dataclass(eq=False)
class TrustFailure(UnitError):
    """A signature, seal or link does not hold."""


@dataclass(eq=False)
class IssuerUnknown(TrustFailure, LookupError):
    """No configured issuer key certifies this chip; genuineness cannot be told (not: not genuine)."""

    authority_key_id: str
    """Key identifier of the certifying authority, as printed in the card certificate."""


@dataclass(eq=False)
class IssuerKeyRefused(TrustFailure, ValueError):
    """A configured issuer key is malformed, or of a kind that may not be used here (R30)."""

    key_id: str
    """As printed, such as `5000023/001`; empty when it cannot be told."""
    reason: str
    """`format`, `key_id`, `modulus`, `exponent`, `source`, `kind`, `repeated`, `fingerprint`, `training` or `production`."""


@dataclass(eq=False)
class CardNotGenuine(TrustFailure, ValueError):
    """The chip's data or key do not verify."""

    check: str
    """`card_certificate`, `record_signature`, `challenge`, `key_mismatch`, `holder_certificate` or `holder_signature`."""


@dataclass(eq=False)
class SealBroken(TrustFailure, ValueError):
    """A sealed record does not open, or its bytes do not fit its context."""

    part: str
    """`format`, `context`, `signature` or `seal`."""


@dataclass(eq=False)
class FormatUnknown(TrustFailure, ValueError):
    """A stored or sent shape has a version that this program does not know."""

    shape: str
    version: int


@dataclass(eq=False)
class ReceiptForged(TrustFailure, ValueError):
    """A receipt is not signed by the office, or not for this unit's record."""

    part: str
    """`format`, `signature`, `unit`, `sequence` or `hash`."""


@dataclass(eq=False)
class RecordReplayed(TrustFailure, ValueError):
    """A sequence number came again with other bytes."""

    sequence: int


@dataclass(eq=False)
class ChainBroken(TrustFailure, ValueError):
    """The audit chain has a link that does not follow from the one before."""

    position: int


@dataclass(eq=False)
class UnitUnknown(TrustFailure, LookupError):
    """The office does not know, or no longer accepts, this unit."""


@dataclass(eq=False)
class UnitAlreadyClaimed(TrustFailure, ValueError):
    """A unit's name belongs to a unit with another key; a key never takes the place of another silently."""

    key_id: str
    """Key identifier of the unit that has the name."""
