"""One card read once outside a visit: what `mynavisit card read` shows to a maintainer (design §4)."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from appliance.card.code_b import parse_code_b
from appliance.card.identification import CardReading, read, sight
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness, InTerm
from appliance.domain.ids import RandomBytes
from appliance.domain.japan import date_in_japan
from appliance.ports import CardReader, Clock
from appliance.service.visit import CHALLENGE_SIZE_BYTES
from appliance.trust.issuer_keys import IssuerKeys


@dataclass(frozen=True, slots=True)
class CardReport:
    """What may be shown of a card: nothing that a unit must not keep."""

    card_kind: str
    genuine: bool | None
    """None when no issuer key for this chip is configured."""
    genuine_detail: str
    in_term: bool
    expires_on: str
    """ISO 8601; not covered by the card's signature (F9.21)."""
    revocation: str
    tries_left: int
    """Before this reading; the right code sets the counter back."""
    apdus: int
    bytes: int
    trust: str
    """Whose issuer keys were asked: `production` or `training`."""


def check_card(
    reader: CardReader, digits: str, issuers: IssuerKeys, clock: Clock, random_bytes: RandomBytes
) -> CardReport:
    """Read the card on a reader once; giving the digits is the confirmation of exactly one try (design D5).

    Raises:
        CardTrouble: the digits are no code B, or the card does not give its record.
    """
    with parse_code_b(digits) as code_b, closing(reader.connect()) as channel:
        sight(channel)
        reading = read(
            channel,
            code_b,
            Confirmation(),
            issuers=issuers,
            challenge=random_bytes(CHALLENGE_SIZE_BYTES),
            on=date_in_japan(clock.now()),
        )
    with reading:
        return _report(reading, issuers)


def _report(reading: CardReading, issuers: IssuerKeys) -> CardReport:
    answers = reading.answers
    return CardReport(
        card_kind=reading.kind.value,
        genuine={Genuineness.YES: True, Genuineness.NO: False}.get(answers.genuine),
        genuine_detail=answers.genuine_detail,
        in_term=answers.in_term is InTerm.YES,
        expires_on=answers.expires_on.isoformat(),
        revocation=answers.revocation.value,
        tries_left=reading.tries_left,
        apdus=reading.apdus,
        bytes=reading.received_bytes,
        trust=issuers.kind.value,
    )
