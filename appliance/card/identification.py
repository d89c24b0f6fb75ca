"""Sighting and reading a card: the whole conversation of one visit, in the fewest commands (proof.md S2).

SELECT, ask the counter, one VERIFY, the card face, its certificate, one live signature. Everything goes through
`ReachedChannel`, whatever channel the caller brings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from appliance.card import reach
from appliance.card.channel import Channel
from appliance.card.code_b import CodeB
from appliance.card.file_reading import Progress, Watch, read_object_file
from appliance.card.genuineness import answer_genuineness
from appliance.card.reach import SIGNATURE_SIZE_BYTES, Application, SurfaceFile
from appliance.card.reached_channel import ReachedChannel
from appliance.card.status import StatusWord
from appliance.card.surface import CARD_FACE, SurfaceRecord, parse_card_face
from appliance.card.transmission import transmit, transmit_once
from appliance.card.tries import Confirmation, TriesLeft, Unlocked, query_tries, verify_code_b
from appliance.domain.card_answers import CardKind, InTerm, ThreeAnswers
from appliance.domain.ephemeral import Wiped, overwrite
from appliance.errors import CardNotUnderstood, CardRefused, ForeignCard
from appliance.trust.cv_certificate import CV_CERTIFICATE_SIZE_BYTES, CvCertificate, parse_cv_certificate
from appliance.trust.issuer_keys import IssuerKeys

__all__ = ["CardReading", "CardSighting", "Progress", "read", "sight"]

_CERTIFICATE: Final = "surface 0004"


@dataclass(frozen=True, slots=True)
class CardSighting:
    """What can be told of a card before any code."""

    kind: CardKind
    """`MY_NUMBER_CARD`; whether it is a face-only card tells the mark on its front, and the operator (F2.9)."""
    tries_left: TriesLeft


@dataclass(frozen=True, slots=True)
class CardReading(Wiped):
    """One card, read once; its record is personal and is wiped by the reading's owner."""

    kind: CardKind
    answers: ThreeAnswers
    record: SurfaceRecord
    tries_left: TriesLeft
    """As the chip counted before this reading; the right code set it back to its maximum."""
    apdus: int
    sent_bytes: int
    received_bytes: int

    def wipe(self) -> None:
        """Overwrite the record's pictures; safe to call again."""
        self.record.wipe()


def sight(channel: Channel) -> CardSighting:
    """Tell what lies on the reader and how many tries code B has left; spends none (R02).

    Raises:
        ForeignCard: the chip has no surface application.
        CardRefused: the chip has it and does not say a count.
        CardTrouble: the line to the card broke.
    """
    reached = _reached(channel)
    _select_surface(reached)
    return CardSighting(CardKind.MY_NUMBER_CARD, query_tries(reached, Application.SURFACE))


def read(
    channel: Channel,
    code_b: CodeB,
    confirmation: Confirmation,
    *,
    issuers: IssuerKeys,
    challenge: bytes,
    on: date,
    progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> CardReading:
    """Read a card with code B and answer the three questions about it.

    `challenge` is fresh random bytes; `on` is the day in Japan. `progress` is told after every piece, and
    `is_cancelled` asked between commands, never between the question for the counter and the VERIFY.

    Raises:
        NotConfirmed, CardBlocked, TriesNearlyUsed, CodeWrong: see `tries.verify_code_b`.
        ForeignCard: the chip has no surface application.
        CardNotUnderstood, CardRefused: the chip does not keep to its interface.
        ReadingCancelled: the person stopped the reading.
        CardTrouble: the line to the card broke.
    """
    reached = _reached(channel)
    watch = Watch(CV_CERTIFICATE_SIZE_BYTES + SIGNATURE_SIZE_BYTES, progress, is_cancelled)
    watch.check()
    _select_surface(reached)
    unlocked = verify_code_b(reached, Application.SURFACE, code_b, confirmation)
    record = _read_card_face(reached, watch)
    try:
        return _complete(reached, record, unlocked, issuers, challenge, on, watch)
    except BaseException:
        # Also when interrupted: what was read so far belongs to nobody yet.
        record.wipe()
        raise


def _complete(
    reached: ReachedChannel,
    record: SurfaceRecord,
    unlocked: Unlocked,
    issuers: IssuerKeys,
    challenge: bytes,
    on: date,
    watch: Watch,
) -> CardReading:
    certificate = _read_certificate(reached, watch)
    signature = _answer_challenge(reached, challenge, watch)
    genuineness = answer_genuineness(certificate, record, issuers, challenge, signature)
    return CardReading(
        kind=CardKind.MY_NUMBER_CARD,
        answers=ThreeAnswers(
            genuine=genuineness.genuine,
            genuine_detail=genuineness.detail,
            in_term=InTerm.YES if on <= record.expires_on else InTerm.NO,
            expires_on=record.expires_on,
        ),
        record=record,
        tries_left=unlocked.tries_left_before,
        apdus=reached.apdus,
        sent_bytes=reached.sent_bytes,
        received_bytes=reached.received_bytes,
    )


def _reached(channel: Channel) -> ReachedChannel:
    return channel if isinstance(channel, ReachedChannel) else ReachedChannel(channel)


def _select_surface(reached: ReachedChannel) -> None:
    command = reach.select(Application.SURFACE)
    response = transmit_once(reached, command)
    if response.status_word == StatusWord.INTERNAL_ERROR:
        # Some chips answer the first command after power-up so, whatever it was (card.md §1.4).
        response = transmit_once(reached, command)
    if response.status_word == StatusWord.INTERNAL_ERROR:
        raise CardRefused("SELECT", response.status_word)
    if response.status_word != StatusWord.OK:
        raise ForeignCard


def _read_card_face(reached: ReachedChannel, watch: Watch) -> SurfaceRecord:
    content = read_object_file(reached, reach.read_first(SurfaceFile.CARD_FACE), CARD_FACE, watch)
    try:
        return parse_card_face(content)
    finally:
        overwrite(content)


def _read_certificate(reached: ReachedChannel, watch: Watch) -> CvCertificate | None:
    """Return the certificate, or None when the chip has none of the known form: that is an answer, not a fault.

    Raises:
        CardRefused: the chip has the file and does not let it be read, which says nothing about its truth.
    """
    try:
        first = reach.read_first(SurfaceFile.CARD_CERTIFICATE)
        content = read_object_file(reached, first, _CERTIFICATE, watch, CV_CERTIFICATE_SIZE_BYTES)
        return parse_cv_certificate(content)
    except CardNotUnderstood:
        return None
    except CardRefused as refused:
        if refused.status_word != StatusWord.NOT_FOUND:
            raise
        return None


def _answer_challenge(reached: ReachedChannel, challenge: bytes, watch: Watch) -> bytes | None:
    """Return the chip's signature, or None when it gives none: a copy without the key cannot (proof.md T6)."""
    response = transmit(reached, reach.answer_challenge(hashlib.sha256(challenge).digest()))
    watch.advance(len(response.data))
    return response.data if response.status_word == StatusWord.OK else None
