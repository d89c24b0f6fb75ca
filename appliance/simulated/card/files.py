"""What stands on the chip: applications and the five kinds of file in them (card.md §4 to §8).

These values never change; tries and what is unlocked live in `state` and in the card's session.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Final

from appliance.simulated.card.rsa import RsaKey

FREE: Final = None
"""Access of a file that anybody may use."""
NEVER: Final[frozenset[int]] = frozenset()
"""Access of a file that no key opens."""


@unique
class ApplicationName(Enum):
    """The applications of the card, by the words of the glossary."""

    CARD_MANAGER = "card_manager"
    """The GlobalPlatform domain that is selected at power-up."""
    SURFACE = "surface"
    """券面事項確認AP."""
    TEXT = "text"
    """券面事項入力補助AP."""
    JPKI = "jpki"
    """公的個人認証AP."""
    SHARED = "shared"
    """共通カードAP."""
    RESIDENCE = "residence"
    """住基AP."""


AIDS: Final[Mapping[ApplicationName, bytes]] = {
    ApplicationName.CARD_MANAGER: bytes.fromhex("A0000001510000"),
    ApplicationName.SURFACE: bytes.fromhex("D3921000310001010402"),
    ApplicationName.TEXT: bytes.fromhex("D3921000310001010408"),
    ApplicationName.JPKI: bytes.fromhex("D392F000260100000001"),
    ApplicationName.SHARED: bytes.fromhex("D3921000310001010100"),
    ApplicationName.RESIDENCE: bytes.fromhex("D3921000310001010401"),
}
"""DF names (card.md §4)."""


@dataclass(frozen=True, slots=True)
class TransparentFile:
    """Bytes read with READ BINARY."""

    content: bytes
    opened_by: frozenset[int] | None = FREE
    """Any one of these references opens the file; None means free."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """Records read with READ RECORD, numbered from 1."""

    records: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ReferenceFile:
    """A secret that VERIFY compares with, and its try counter."""

    secret: bytes | None
    """None: never set, so the reference is blocked from the start."""
    tries: int
    """How many wrong tries in a row block the reference."""
    new_secret_lengths: range = range(0)
    """Lengths that CHANGE accepts; empty when the holder cannot change the secret."""
    is_blocked_at_issue: bool = False


@unique
class KeyUse(Enum):
    """Which command works with a key."""

    SIGN = "sign"
    """COMPUTE DIGITAL SIGNATURE (`80 2A`)."""
    INTERNAL_AUTHENTICATE = "internal_authenticate"
    """INTERNAL AUTHENTICATE (`00 88`)."""


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A private key that never leaves the card."""

    key: RsaKey = field(repr=False)
    opened_by: frozenset[int] | None = FREE
    use: KeyUse = KeyUse.SIGN


@dataclass(frozen=True, slots=True)
class InternalFile:
    """A file that can be selected and nothing else: purpose unknown (card.md §5.1, §8.1)."""


CardFile = TransparentFile | RecordFile | ReferenceFile | KeyFile | InternalFile


@dataclass(frozen=True, slots=True)
class Application:
    """One application with its files by identifier; every identifier is also its SFI (card.md §4)."""

    name: ApplicationName
    files: Mapping[int, CardFile]
    default_key: int | None = None
    """The key that `80 2A xx 00` uses."""

    @property
    def aid(self) -> bytes:
        """The application's full DF name."""
        return AIDS[self.name]


@dataclass(frozen=True, slots=True)
class CardImage:
    """A whole personalised chip."""

    atr: bytes
    applications: tuple[Application, ...]
    data_objects: Mapping[int, bytes]
    """GET DATA objects of the card manager by tag (card.md §8.3)."""

    def application(self, name: ApplicationName) -> Application | None:
        """Return the application called `name`, None when this chip has none."""
        return next((known for known in self.applications if known.name is name), None)
