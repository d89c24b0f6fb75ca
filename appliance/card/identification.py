"""Reading a card: the whole conversation of one visit, in the fewest commands (proof.md S2).

SELECT, ask the counter, one VERIFY, the card face, its certificate, one live signature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from appliance.card.channel import Channel
from appliance.card.code_b import CodeB
from appliance.card.conversation import Conversation, wiped_unless_finished
from appliance.card.file_reading import Progress
from appliance.card.reach import Application, SurfaceFile
from appliance.card.sighting import CardSighting, sight
from appliance.card.surface import SurfaceRecord, parse_card_face
from appliance.card.tries import Confirmation, TriesLeft, verify_code_b
from appliance.domain.card_answers import CardKind, InTerm, ThreeAnswers
from appliance.domain.ephemeral import Wiped
from appliance.trust.issuer_keys import IssuerKeys

__all__ = ["CardReading", "CardSighting", "Progress", "read", "sight"]


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

    def __repr__(self) -> str:
        return "CardReading(hidden)"


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
    talk = Conversation(channel, Application.SURFACE, progress=progress, is_cancelled=is_cancelled)
    unlocked = verify_code_b(talk.reached, Application.SURFACE, code_b, confirmation)
    record = talk.read(SurfaceFile.CARD_FACE, parse_card_face)
    with wiped_unless_finished(record):
        genuineness = talk.prove(record, issuers, challenge)
        return CardReading(
            kind=CardKind.MY_NUMBER_CARD,
            answers=ThreeAnswers(
                genuine=genuineness.genuine,
                genuine_detail=genuineness.detail,
                in_term=InTerm.YES if on <= record.unsigned.expires_on else InTerm.NO,
                expires_on=record.unsigned.expires_on,
            ),
            record=record,
            tries_left=unlocked.tries_left_before,
            apdus=talk.reached.apdus,
            sent_bytes=talk.reached.sent_bytes,
            received_bytes=talk.reached.received_bytes,
        )
