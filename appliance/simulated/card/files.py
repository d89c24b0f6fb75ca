"""What stands on a chip: applications and the five kinds of file in them (card.md §4 to §8).

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
    TOP = "top"
    """What is selected at power-up on a chip without a card manager."""
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
    STAY = "stay"
    """在留AP of an integrated residence card, under which its three directories stand."""
    STAY_FACE = "stay_face"
    """DF1 of a residence card: what is printed on it, and the photo."""
    STAY_NOTES = "stay_notes"
    """DF2 of a residence card: what is written on its back."""
    STAY_SIGNATURE = "stay_signature"
    """DF3 of a residence card: the agency's signature."""
    PAYMENT = "payment"
    """The payment environment of a bank card, asked for through its contacts."""
    PAYMENT_CONTACTLESS = "payment_contactless"
    """The payment environment of a bank card, asked for without contacts."""


AIDS: Final[Mapping[ApplicationName, bytes]] = {
    ApplicationName.CARD_MANAGER: bytes.fromhex("A0000001510000"),
    ApplicationName.SURFACE: bytes.fromhex("D3921000310001010402"),
    ApplicationName.TEXT: bytes.fromhex("D3921000310001010408"),
    ApplicationName.JPKI: bytes.fromhex("D392F000260100000001"),
    ApplicationName.SHARED: bytes.fromhex("D3921000310001010100"),
    ApplicationName.RESIDENCE: bytes.fromhex("D3921000310001010401"),
    ApplicationName.STAY: bytes.fromhex("D392F0004F0100000000000000000000"),
    ApplicationName.STAY_FACE: bytes.fromhex("D392F0004F0200000000000000000000"),
    ApplicationName.STAY_NOTES: bytes.fromhex("D392F0004F0300000000000000000000"),
    ApplicationName.STAY_SIGNATURE: bytes.fromhex("D392F0004F0400000000000000000000"),
    ApplicationName.PAYMENT: b"1PAY.SYS.DDF01",
    ApplicationName.PAYMENT_CONTACTLESS: b"2PAY.SYS.DDF01",
}
"""DF names: card.md §4; for the others see `other_cards`."""


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
    delivery_key: RsaKey | None = field(default=None, repr=False)
    """Private half of the key under which SET SESSION KEY takes a session key; None where none is configured."""
    inside: ApplicationName | None = None
    """The application that must be selected first; None when this one answers from anywhere."""
    control_information: bytes = b""
    """What SELECT with file control information tells besides the DF name: the content of its A5 object."""

    @property
    def aid(self) -> bytes:
        """The application's full DF name."""
        return AIDS[self.name]


@unique
class ChipFamily(Enum):
    """Which commands a chip knows."""

    MY_NUMBER = "my_number"
    """Plastic cards of the My Number family, old resident cards among them (card.md §2)."""
    ANDROID = "android"
    """The secure element of an Android phone."""
    IPHONE = "iphone"
    """The secure element of an iPhone, which knows one more command (card.md §15)."""
    RESIDENCE_CARD = "residence_card"
    """在留カード of its own chip."""
    PAYMENT = "payment"
    """A bank card."""
    FELICA = "felica"
    """No smart card: the reader answers for it (PC/SC part 3)."""


@dataclass(frozen=True, slots=True)
class CardImage:
    """A whole personalised chip."""

    atr: bytes
    applications: tuple[Application, ...]
    data_objects: Mapping[int, bytes]
    """GET DATA objects of the card manager by tag (card.md §8.3)."""
    family: ChipFamily = ChipFamily.MY_NUMBER
    top_files: Mapping[int, CardFile] = field(default_factory=dict)
    """Files of the master file, on chips that have one instead of a card manager."""
    has_card_manager: bool = True

    def application(self, name: ApplicationName) -> Application | None:
        """Return the application called `name`, None when this chip has none."""
        return next((known for known in self.applications if known.name is name), None)
