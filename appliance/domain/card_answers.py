"""The three answers about a card, kept apart because they rest on different ground (R06, F9.14, F9.21).

Genuine rests on the issuer's signature and the chip's own key; in term rests on a date outside that signature; revocation
is unknown to everybody who is not a notified verifier.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from typing import Final


@unique
class CardKind(Enum):
    """What lies on the reader; decided by application and printed mark, never by ATR (card.md §1)."""

    MY_NUMBER_CARD = "my_number_card"
    FACE_ONLY_CARD = "face_only_card"
    """A card without PINs; told by the mark 「顔認証」 on its front and the operator (F2.9)."""
    OLD_RESIDENT_CARD = "old_resident_card"
    """住民基本台帳カード."""
    PHONE_TOKEN = "phone_token"  # noqa: S105 (a kind of card, not a secret)
    RESIDENCE_CARD = "residence_card"
    """在留カード or 特別永住者証明書 without a My Number Card in it."""
    INTEGRATED_RESIDENCE_CARD = "integrated_residence_card"
    """特定在留カード: not supported, use your eyes (R07)."""
    FOREIGN = "foreign"
    """Any other chip."""


@unique
class PrintedMark(Enum):
    """What staff see printed on the front of a card that was read, where no chip tells it (F2.9, R07)."""

    NONE = "none"
    """Neither of the others."""
    FACE_ONLY = "face_only"
    """「顔認証」 in the annotation field: a card without PINs."""
    INTEGRATED_RESIDENCE_CARD = "integrated_residence_card"
    """「特定在留カード」: residence card and My Number Card in one."""

    @property
    def card_kind(self) -> CardKind:
        """The kind of a card that bears this mark and could be read."""
        return _MARKED[self]


_MARKED: Final = {
    PrintedMark.NONE: CardKind.MY_NUMBER_CARD,
    PrintedMark.FACE_ONLY: CardKind.FACE_ONLY_CARD,
    PrintedMark.INTEGRATED_RESIDENCE_CARD: CardKind.INTEGRATED_RESIDENCE_CARD,
}


@unique
class Genuineness(Enum):
    """Whether the chip is the one its issuer made."""

    YES = "yes"
    """Issuer certificate, record signature and live challenge all held."""
    NO = "no"
    """One of them failed."""
    UNKNOWN = "unknown"
    """No issuer key for this chip is configured."""


@unique
class InTerm(Enum):
    """Whether the printed and stored expiry date has passed; not covered by any signature (F9.21)."""

    YES = "yes"
    NO = "no"


@unique
class Revocation(Enum):
    """Whether the card's certificate was revoked."""

    UNKNOWN = "unknown"
    """The only lawful answer in the `outreach` profile (F9.14)."""
    GOOD = "good"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ThreeAnswers:
    """Genuine, in term, revocation: shown side by side, never summed up in one word."""

    genuine: Genuineness
    genuine_detail: str
    """Which check failed or what is missing; empty when genuine is yes."""
    in_term: InTerm
    expires_on: date
    revocation: Revocation = Revocation.UNKNOWN
