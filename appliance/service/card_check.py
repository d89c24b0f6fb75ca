"""One card read once outside a visit: what `mynavisit card read` shows to a maintainer (design §4).

The card is sighted first, as in a visit, so that no code reaches a card that this unit does not read. What is told is its
kind, the three answers and some counts: nothing that a unit must not keep.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import dataclass, fields
from enum import Enum, unique
from functools import partial
from typing import Final, TypedDict

from appliance.card.age_reading import read_age
from appliance.card.code_b import CodeB, parse_code_b
from appliance.card.identification import CardReading, Progress, read, sight
from appliance.card.reach import VerifierReach
from appliance.card.text_reading import read_text
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import Genuineness, InTerm
from appliance.domain.ids import RandomBytes
from appliance.domain.japan import date_in_japan
from appliance.errors import ReadingCancelled
from appliance.ports import CardChannel, CardReader, Clock, Presence
from appliance.service.visit import CHALLENGE_SIZE_BYTES
from appliance.trust.issuer_keys import IssuerKeys

_ASK_EVERY_S: Final = 0.2
"""How often somebody who waits for a card is asked whether to go on waiting."""


@unique
class Part(Enum):
    """One reading of its own, with a counter of its own; all but the face are read only when asked for."""

    FACE = "face"
    AGE = "age"
    """The signed birth date alone, opened by the birth date (card.md §7.2)."""
    TEXT = "text"
    """The four attributes as text, opened by code B in another application (card.md §6)."""


PartProgress = Callable[[Part, Progress], None]


@dataclass(frozen=True, slots=True)
class AlsoRead:
    """What may be shown of a part beside the face."""

    genuine: bool | None
    """None when no issuer key for this part is configured."""
    birth_date_agrees: bool
    """Whether its birth date is the one of the card face; the date itself is not told."""


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
    """Commands of the face's reading alone: without the sighting before it and the parts after it."""
    bytes: int
    """Bytes that the card answered to those commands, with their status words."""
    trust: str
    """Whose issuer keys were asked: `production` or `training`."""
    seconds: float
    """From powering the card to the last answer; without the time until somebody put it down."""
    also: Mapping[Part, AlsoRead]

    def as_json(self) -> dict[str, object]:
        """Return the keys of design §4; each part that was read too adds `genuine_...`, all of them `birth_dates_agree`."""
        plain: dict[str, object] = {
            field.name: getattr(self, field.name) for field in fields(self) if field.name != "also"
        }
        if self.also:
            plain |= {f"genuine_{part.value}": read.genuine for part, read in self.also.items()}
            plain["birth_dates_agree"] = all(read.birth_date_agrees for read in self.also.values())
        return plain


def check_card(
    reader: CardReader,
    digits: str,
    issuers: IssuerKeys,
    clock: Clock,
    random_bytes: RandomBytes,
    *,
    verifier: VerifierReach | None = None,
    also: Collection[Part] = (),
    wait_s: float = 0.0,
    progress: PartProgress | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> CardReport:
    """Sight and read the card on a reader, once; `wait_s` is how long to wait until one is put down.

    Giving the digits is the confirmation of exactly one try (design D5), asking for a part beside the face that of one more,
    at that part's own counter.

    Raises:
        CodeMalformed: the digits are no code B; the reader was not touched.
        UnsupportedCard: a card that this unit does not read; no code was presented.
        ReadingCancelled: somebody stopped between two commands.
        CardTrouble: the card does not give its record.
    """
    with parse_code_b(digits) as code_b:
        _wait_for_card(reader, wait_s, clock, is_cancelled)
        started_s = clock.monotonic_s()
        with closing(reader.connect()) as channel:
            sight(channel, verifier)
            reading_of = _Readings(channel, code_b, issuers, clock, random_bytes, progress, is_cancelled)
            with reading_of.face() as face:
                others = {
                    part: reading_of.other(part, face) for part in Part if part in {*also} - {Part.FACE}
                }
                return _report(face, others, issuers, clock.monotonic_s() - started_s)


def _wait_for_card(
    reader: CardReader, wait_s: float, clock: Clock, is_cancelled: Callable[[], bool] | None
) -> None:
    """Wait until a card lies there, or for `wait_s`; connecting tells what is missing then.

    Raises:
        ReadingCancelled: somebody does not want to wait any longer.
    """
    until_s = clock.monotonic_s() + wait_s
    seen = reader.presence() if wait_s else Presence.CARD
    while seen is not Presence.CARD and (left_s := until_s - clock.monotonic_s()) > 0:
        if is_cancelled is not None and is_cancelled():
            raise ReadingCancelled
        seen = reader.wait_for(Presence.CARD, min(left_s, _ASK_EVERY_S))


class _Asked(TypedDict):
    """What every reading is given."""

    issuers: IssuerKeys
    challenge: bytes
    progress: Callable[[Progress], None] | None
    is_cancelled: Callable[[], bool] | None


@dataclass(frozen=True, slots=True, repr=False)
class _Readings:
    """The readings of one card with one code; each spends a confirmation of its own."""

    channel: CardChannel
    code_b: CodeB
    issuers: IssuerKeys
    clock: Clock
    random_bytes: RandomBytes
    progress: PartProgress | None
    is_cancelled: Callable[[], bool] | None

    def face(self) -> CardReading:
        on = date_in_japan(self.clock.now())
        return read(self.channel, self.code_b, Confirmation(), on=on, **self._asked(Part.FACE))

    def other(self, part: Part, face: CardReading) -> AlsoRead:
        return self._age(face) if part is Part.AGE else self._text(face)

    def _age(self, face: CardReading) -> AlsoRead:
        on = date_in_japan(self.clock.now())
        with self.code_b.birth_key() as key:
            age = read_age(self.channel, key, Confirmation(), on=on, **self._asked(Part.AGE))
        return AlsoRead(_claim(age.genuineness.genuine), age.birth_date == face.record.birth_date)

    def _text(self, face: CardReading) -> AlsoRead:
        with read_text(self.channel, self.code_b, Confirmation(), **self._asked(Part.TEXT)) as text:
            agrees = text.attributes.birth_date == face.record.birth_date
            return AlsoRead(_claim(text.genuineness.genuine), agrees)

    def _asked(self, part: Part) -> _Asked:
        return _Asked(
            issuers=self.issuers,
            challenge=self.random_bytes(CHALLENGE_SIZE_BYTES),
            progress=partial(self.progress, part) if self.progress else None,
            is_cancelled=self.is_cancelled,
        )


def _report(
    reading: CardReading, also: Mapping[Part, AlsoRead], issuers: IssuerKeys, seconds: float
) -> CardReport:
    answers = reading.answers
    return CardReport(
        card_kind=reading.kind.value,
        genuine=_claim(answers.genuine),
        genuine_detail=answers.genuine_detail,
        in_term=answers.in_term is InTerm.YES,
        expires_on=answers.expires_on.isoformat(),
        revocation=answers.revocation.value,
        tries_left=reading.tries_left,
        apdus=reading.apdus,
        bytes=reading.received_bytes,
        trust=issuers.kind.value,
        seconds=round(seconds, 3),
        also=also,
    )


def _claim(genuine: Genuineness) -> bool | None:
    return {Genuineness.YES: True, Genuineness.NO: False}.get(genuine)
