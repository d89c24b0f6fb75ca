"""What kind of token holds the JPKI application, and which certificates are on it (card.md §1.2, §5.1, §5.2).

A token is told by its label, never by ATR. None of this needs a PIN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from struct import Struct
from types import MappingProxyType
from typing import Final

from appliance.card.channel import Channel
from appliance.card.conversation import reached
from appliance.card.reach import VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.selection import require_application
from appliance.card.transmission import require_success, transmit
from appliance.domain.card_answers import CardKind
from appliance.errors import (
    CardNotUnderstood,
    ForeignCard,
    OldResidentCard,
    PhoneToken,
    UnsupportedCard,
)

LABEL_SIZE_BYTES: Final = 32
TOKEN_INFORMATION_SIZE_BYTES: Final = 160
AVAILABILITY_SIZE_BYTES: Final = 3
_LABEL: Final = "token label"
_TOKEN_INFORMATION: Final = "JPKI 0006"  # noqa: S105 (a file, not a secret)
_AVAILABILITY: Final = "JPKI 0008"
_READ: Final = "READ BINARY"
_PADDING: Final = b" \0"
_PRINTABLE: Final = frozenset(range(0x20, 0x7F))
_PRESENT: Final = 0x8F
"""What EF 0008 holds in place of each certificate that is there (card.md §5.1)."""

TOKEN_KINDS: Final[Mapping[bytes, CardKind]] = MappingProxyType(
    {
        b"JPKIAPICCTOKEN2": CardKind.MY_NUMBER_CARD,
        b"JPKIAPICCTOKEN": CardKind.OLD_RESIDENT_CARD,
        b"JPKIAPGPSETOKEN": CardKind.PHONE_TOKEN,
        b"JPKIAPIOSTOKEN": CardKind.PHONE_TOKEN,
    }
)
"""Token labels without their padding (card.md §1.2)."""

_LAYOUT: Final = Struct(">32s 32s 16s 16s 11I 2s 2s 16s")
"""PKCS#11 CK_TOKEN_INFO as the card writes it: label, manufacturer, model, serial number; flags, two pairs of session
figures, greatest and least PIN length, four memory figures; hardware and firmware version; time (card.md §5.2)."""
_TEXTS: Final = {"label": 0, "manufacturer": 1, "model": 2, "serial number": 3}
_UNSUPPORTED: Final[Mapping[CardKind, type[UnsupportedCard]]] = MappingProxyType(
    {CardKind.OLD_RESIDENT_CARD: OldResidentCard, CardKind.PHONE_TOKEN: PhoneToken}
)


@dataclass(frozen=True, slots=True)
class TokenInformation:
    """EF 0006; its serial number is looked at and not kept."""

    kind: CardKind
    label: str
    model: str
    """The chip's make, the same for many cards."""


@dataclass(frozen=True, slots=True)
class Availability:
    """EF 0008: which certificates are on the card. Both are the holder's choice (card.md §14)."""

    has_signing: bool
    has_user_authentication: bool


def parse_token_label(label: bytes) -> CardKind:
    """Return the kind of token that a 32-byte label names; an unknown one is foreign.

    Raises:
        CardNotUnderstood: not 32 bytes.
    """
    if len(label) != LABEL_SIZE_BYTES:
        raise CardNotUnderstood(_LABEL, len(label))
    return TOKEN_KINDS.get(label.rstrip(_PADDING), CardKind.FOREIGN)


def parse_token_information(content: bytes) -> TokenInformation:
    """Return what the 160 bytes of EF 0006 say.

    Raises:
        CardNotUnderstood: another size, or texts that are not printable ASCII.
    """
    if len(content) != TOKEN_INFORMATION_SIZE_BYTES:
        raise CardNotUnderstood(_TOKEN_INFORMATION, len(content))
    fields = _LAYOUT.unpack(content)
    texts = {name: fields[at].rstrip(_PADDING) for name, at in _TEXTS.items()}
    for name, text in texts.items():
        if not _PRINTABLE.issuperset(text):
            raise CardNotUnderstood(f"{_TOKEN_INFORMATION}: {name}")
    return TokenInformation(
        kind=parse_token_label(content[:LABEL_SIZE_BYTES]),
        label=texts["label"].decode("ascii"),
        model=texts["model"].decode("ascii"),
    )


def parse_availability(content: bytes) -> Availability:
    """Return what the three bytes of EF 0008 say; the third has no known meaning.

    Raises:
        CardNotUnderstood: another size.
    """
    if len(content) != AVAILABILITY_SIZE_BYTES:
        raise CardNotUnderstood(_AVAILABILITY, len(content))
    return Availability(has_signing=content[0] == _PRESENT, has_user_authentication=content[1] == _PRESENT)


def sight_token(channel: Channel, verifier: VerifierReach) -> CardKind:
    """Tell the kind of token by its label.

    Raises:
        ForeignCard: the chip has no JPKI application.
        CardTrouble: the chip refuses, is not understood, or the line broke.
    """
    return fetch_kind(open_application(channel, verifier), verifier)


def read_token_information(channel: Channel, verifier: VerifierReach) -> TokenInformation:
    """Read the whole token information.

    Raises:
        ForeignCard, CardTrouble: as `sight_token`.
    """
    opened = open_application(channel, verifier)
    response = transmit(opened, verifier.read_token_information(TOKEN_INFORMATION_SIZE_BYTES))
    return parse_token_information(require_success(response, _READ))


def read_availability(channel: Channel, verifier: VerifierReach) -> Availability:
    """Read which certificates are on the card.

    Raises:
        ForeignCard, CardTrouble: as `sight_token`.
    """
    return fetch_availability(open_application(channel, verifier), verifier)


def open_application(channel: Channel, verifier: VerifierReach) -> ReachedChannel:
    """Select the application, which forgets every PIN presented before, and return the guarded channel to it.

    Raises:
        ForeignCard: the chip has no JPKI application.
        CardRefused, CardNotUnderstood: see `selection.is_there`.
        CardTrouble: the line to the card broke.
    """
    guarded = reached(channel, verifier)
    require_application(guarded, verifier.select())
    return guarded


def fetch_kind(opened: ReachedChannel, verifier: VerifierReach) -> CardKind:
    """Read the label of the selected application and tell the kind of token.

    Raises:
        CardTrouble: the chip refuses, is not understood, or the line broke.
    """
    response = transmit(opened, verifier.read_token_information(LABEL_SIZE_BYTES))
    return parse_token_label(require_success(response, _READ))


def fetch_availability(opened: ReachedChannel, verifier: VerifierReach) -> Availability:
    """Read from the selected application which certificates are on the card.

    Raises:
        CardTrouble: the chip refuses, is not understood, or the line broke.
    """
    response = transmit(opened, verifier.read_availability(AVAILABILITY_SIZE_BYTES))
    return parse_availability(require_success(response, _READ))


def require_card(kind: CardKind) -> None:
    """Pass only a My Number Card: no PIN goes to a token of another kind, however it would answer.

    Raises:
        OldResidentCard, PhoneToken, ForeignCard: what it is instead.
    """
    if kind is not CardKind.MY_NUMBER_CARD:
        raise _UNSUPPORTED.get(kind, ForeignCard)
