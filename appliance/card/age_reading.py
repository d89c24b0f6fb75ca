"""Reading the birth date alone, signed: the least that tells an age (card.md §7.2).

The key is the birth date itself, so nothing is opened that the person has not just said or shown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from appliance.card.channel import Channel
from appliance.card.code_b import BirthKey
from appliance.card.conversation import Conversation
from appliance.card.file_reading import Progress
from appliance.card.genuineness import GenuinenessAnswer
from appliance.card.reach import Application, SurfaceFile
from appliance.card.surface import parse_age_record
from appliance.card.tries import Confirmation, TriesLeft, verify_birth_key
from appliance.trust.issuer_keys import IssuerKeys


@dataclass(frozen=True, slots=True)
class AgeReading:
    """A birth date, and whether the chip that says it is genuine."""

    birth_date: date
    age_years: int
    """Whole years on the day of the reading; somebody born on 29 February grows older on 1 March."""
    genuineness: GenuinenessAnswer
    tries_left: TriesLeft
    """Of the birth-date key, as the chip counted before this reading."""

    def __repr__(self) -> str:
        return "AgeReading(hidden)"


def read_age(
    channel: Channel,
    birth_key: BirthKey,
    confirmation: Confirmation,
    *,
    issuers: IssuerKeys,
    challenge: bytes,
    on: date,
    progress: Callable[[Progress], None] | None = None,
    is_cancelled: Callable[[], bool] | None = None,
) -> AgeReading:
    """Read the age record; `challenge` is fresh random bytes, `on` the day in Japan.

    Raises:
        NotConfirmed, CardBlocked, TriesNearlyUsed, CodeWrong: see `tries.verify_birth_key`.
        ForeignCard: the chip has no surface application.
        CardNotUnderstood, CardRefused: the chip does not keep to its interface.
        ReadingCancelled: the person stopped the reading.
        CardTrouble: the line to the card broke.
    """
    talk = Conversation(channel, Application.SURFACE, progress=progress, is_cancelled=is_cancelled)
    unlocked = verify_birth_key(talk.reached, birth_key, confirmation)
    record = talk.read(SurfaceFile.AGE_RECORD, parse_age_record)
    return AgeReading(
        birth_date=record.birth_date,
        age_years=_whole_years(record.birth_date, on),
        genuineness=talk.prove(record, issuers, challenge),
        tries_left=unlocked.tries_left_before,
    )


def _whole_years(birth_date: date, on: date) -> int:
    had_birthday = (on.month, on.day) >= (birth_date.month, birth_date.day)
    return on.year - birth_date.year - (not had_birthday)
