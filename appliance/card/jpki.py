"""The JPKI application, for units with an office-signed verifier policy only (card.md §1.2, §5; design D1).

Read so far: what kind of token it is, and the user authentication certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from cryptography import x509

from appliance.card.channel import Channel
from appliance.card.file_reading import Watch, read_object_file
from appliance.card.reach import VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.status import StatusWord
from appliance.card.transmission import require_success, transmit, transmit_once
from appliance.domain.card_answers import CardKind
from appliance.domain.japan import date_in_japan
from appliance.errors import CardNotUnderstood, ForeignCard

LABEL_SIZE_BYTES: Final = 32
_LABEL: Final = "token label"
_CERTIFICATE: Final = "user authentication certificate"
_PADDING: Final = b" \0"
TOKEN_KINDS: Final = {
    b"JPKIAPICCTOKEN2": CardKind.MY_NUMBER_CARD,
    b"JPKIAPICCTOKEN": CardKind.OLD_RESIDENT_CARD,
    b"JPKIAPGPSETOKEN": CardKind.PHONE_TOKEN,
    b"JPKIAPIOSTOKEN": CardKind.PHONE_TOKEN,
}
"""Token labels without their padding (card.md §1.2)."""


@dataclass(frozen=True, slots=True)
class UserAuthCertificate:
    """The user authentication certificate; number and subject are lasting identifiers and stay in memory (F9.23)."""

    certificate: x509.Certificate
    expires_on: date
    """Last day in Japan on which it is valid (card.md §13.2)."""

    def __repr__(self) -> str:
        return "UserAuthCertificate(hidden)"


def parse_token_label(label: bytes) -> CardKind:
    """Return the kind of token that a 32-byte label names; an unknown one is foreign.

    Raises:
        CardNotUnderstood: not 32 bytes.
    """
    if len(label) != LABEL_SIZE_BYTES:
        raise CardNotUnderstood(_LABEL, len(label))
    return TOKEN_KINDS.get(label.rstrip(_PADDING), CardKind.FOREIGN)


def sight_token(channel: Channel, verifier: VerifierReach) -> CardKind:
    """Tell the kind of token by its label, never by ATR.

    Raises:
        ForeignCard: the chip has no JPKI application.
        CardTrouble: the chip refuses, is not understood, or the line broke.
    """
    reached = _selected(channel, verifier)
    response = transmit(reached, verifier.read_token_information(LABEL_SIZE_BYTES))
    return parse_token_label(require_success(response, "READ BINARY"))


def read_user_auth_certificate(channel: Channel, verifier: VerifierReach) -> UserAuthCertificate:
    """Read the certificate, which needs no PIN on a card; a phone refuses without one (card.md §15).

    Raises:
        ForeignCard: the chip has no JPKI application.
        CardTrouble: the chip refuses, is not understood, or the line broke.
    """
    reached = _selected(channel, verifier)
    watch = Watch(0, None, None)
    encoded = bytes(read_object_file(reached, verifier.read_user_auth_certificate(), _CERTIFICATE, watch))
    certificate = _load(encoded)
    if certificate is None:
        raise CardNotUnderstood(_CERTIFICATE)
    return UserAuthCertificate(certificate, date_in_japan(certificate.not_valid_after_utc))


def _selected(channel: Channel, verifier: VerifierReach) -> ReachedChannel:
    reached = ReachedChannel(channel, verifier=verifier)
    command = verifier.select()
    response = transmit_once(reached, command)
    if response.status_word == StatusWord.INTERNAL_ERROR:
        # As in `identification`: the first command after power-up may fail so (card.md §1.4).
        response = transmit_once(reached, command)
    if response.status_word != StatusWord.OK:
        raise ForeignCard
    return reached


def _load(encoded: bytes) -> x509.Certificate | None:
    """Return the certificate, or None; the library's error text might quote what it read."""
    try:
        return x509.load_der_x509_certificate(encoded)
    except ValueError:
        return None
