"""Reading the four attributes as text, for searching (card.md §6, R05); names are shown from the card face's pictures.

The issuer signed a digest of them beside one of the My Number file. Whoever holds that signed pair can search for the
number, so it lives inside the check and in no result (design D11).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from appliance.card.channel import Channel
from appliance.card.code_b import CodeB
from appliance.card.conversation import Conversation, wiped_unless_finished
from appliance.card.file_reading import Progress
from appliance.card.genuineness import GenuinenessAnswer
from appliance.card.reach import Application, TextFile
from appliance.card.text import (
    FourAttributes,
    TextEvidence,
    parse_certified_card_key,
    parse_four_attributes,
    parse_signed_digests,
)
from appliance.card.tries import Confirmation, TriesLeft, verify_code_b
from appliance.domain.ephemeral import Wiped
from appliance.trust.issuer_keys import IssuerKeys


@dataclass(frozen=True, slots=True)
class TextReading(Wiped):
    """The four attributes, and whether the chip that says them is genuine."""

    attributes: FourAttributes
    genuineness: GenuinenessAnswer
    tries_left: TriesLeft
    """Of code B in this application, as the chip counted before this reading."""

    def wipe(self) -> None:
        """Overwrite name and address; safe to call again."""
        self.attributes.wipe()

    def __repr__(self) -> str:
        return "TextReading(hidden)"


def read_text(
    channel: Channel,
    code_b: CodeB,
    confirmation: Confirmation,
    *,
    issuers: IssuerKeys,
    challenge: bytes,
    progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> TextReading:
    """Read the attributes with code B, and what proves them; `challenge` is fresh random bytes.

    Raises:
        NotConfirmed, CardBlocked, TriesNearlyUsed, CodeWrong: see `tries.verify_code_b`.
        ForeignCard: the chip has no text application.
        CardNotUnderstood, CardRefused: the chip does not keep to its interface.
        ReadingCancelled: the person stopped the reading.
        CardTrouble: the line to the card broke.
    """
    talk = Conversation(channel, Application.TEXT_ASSIST, progress=progress, is_cancelled=is_cancelled)
    unlocked = verify_code_b(talk.reached, Application.TEXT_ASSIST, code_b, confirmation)
    attributes = talk.read(TextFile.FOUR_ATTRIBUTES, parse_four_attributes)
    with wiped_unless_finished(attributes):
        evidence = TextEvidence(
            attributes_digest=attributes.digest,
            digests=talk.read_evidence(TextFile.SIGNED_DIGESTS, parse_signed_digests),
            certified=talk.read_evidence(TextFile.CARD_KEY, parse_certified_card_key),
        )
        return TextReading(attributes, talk.prove(evidence, issuers, challenge), unlocked.tries_left_before)
