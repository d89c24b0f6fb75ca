"""The start-of-day check: each part of the unit is used once, for real, and says in one line how it is.

A part passes when it did its work, not when it is merely present. What the line to the office adds is given by the caller,
because this package knows no broker.

One part may be missing: the engine that reads a card's front comes with packages of its own, and without it the code is
typed. Its line then says what is missing and passes; an engine that is there and does not answer fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from appliance.card.identification import sight
from appliance.domain.ephemeral import Frame
from appliance.domain.japan import date_in_japan
from appliance.domain.programmes.rules import newest_as_of
from appliance.errors import CardReadingMissing, ClockWrong, NoCard, NoPanel, UnitError
from appliance.ports import Lamp, Presence, ReaderChoice
from appliance.service.face_watch import FRAME_DEADLINE_S
from appliance.service.outcomes import advise
from appliance.service.unit import Unit

BUILT_ON: Final = date(2026, 11, 23)
"""A clock before this day is wrong (proof.md W10)."""
CLOCK_HORIZON: Final = date(2056, 1, 1)
RULES_STALE_DAYS: Final = 183
"""Rules older than six months are marked (design D7, R25)."""

FRONT_SIZE_PX: Final = (640, 480)
"""The look that the reading engine is tried with."""

CARD_NOTICE_S: Final = 1.0
"""A card service notices a card within 0.53 s (pcsc.md)."""

Check = Callable[[], str]
"""Does its work and returns one line about it; raises a UnitError when the part is not fit."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of the self-test."""

    name: str
    ok: bool
    detail: str


def run(checks: Mapping[str, Check], language: str = "en") -> tuple[CheckResult, ...]:
    """Run every check, each whatever the others said."""
    return tuple(_result(name, check, language) for name, check in checks.items())


def unit_checks(unit: Unit, language: str = "en") -> dict[str, Check]:
    """Return the checks of everything inside the unit, by the names of design.md §4 and `card_front`."""
    return {
        "reader": lambda: _reader(unit),
        "card_path": lambda: _card_path(unit),
        "camera": lambda: _camera(unit),
        "face_engine": lambda: _face_engine(unit),
        "card_front": lambda: _card_front(unit, language),
        "panel": lambda: _panel(unit),
        "store": lambda: _store(unit),
        "clock": lambda: _clock(unit.clock.now()),
        "rules_age": lambda: _rules_age(date_in_japan(unit.clock.now())),
        "revocation_age": _revocation_age,
    }


def _result(name: str, check: Check, language: str) -> CheckResult:
    try:
        return CheckResult(name, ok=True, detail=check())
    except UnitError as error:
        return CheckResult(name, ok=False, detail=str(advise(error, language)))


def _reader(unit: Unit) -> str:
    if unit.reader.presence() is Presence.NO_READER:
        unit.reader.connect().close()  # raises with what is missing
    return unit.reader.name if unit.readers is None else _named(unit.readers)


def _named(readers: ReaderChoice) -> str:
    attached = readers.attached()
    names = "; ".join(f"{reader.name} ({reader.presence.value})" for reader in attached)
    used = readers.chosen or "the one that holds the card"
    return f"{len(attached)} attached: {names}; used: {used}" if len(attached) > 1 else names


def _card_path(unit: Unit) -> str:
    unit.reader.wait_for(Presence.CARD, CARD_NOTICE_S)
    try:
        channel = unit.reader.connect()
    except NoCard:
        return "reader answers; put a card on it to test the chip too"
    try:
        sighting = sight(channel)
    finally:
        channel.close()
    where = f" on {unit.reader.name}" if unit.reader.name else ""
    return f"{sighting.kind.value}{where}, {sighting.tries_left} tries left, none spent"


def _camera(unit: Unit) -> str:
    with unit.camera.frame(FRAME_DEADLINE_S) as frame:
        return f"{unit.camera.name}, {frame.width}x{frame.height}"


def _face_engine(unit: Unit) -> str:
    with unit.camera.frame(FRAME_DEADLINE_S) as frame:
        return f"answers; the camera's frame: {unit.face_engine.look(frame).hint.value}"


def _card_front(unit: Unit, language: str) -> str:
    try:
        with _blank_card() as frame:
            sight = unit.front_reader.look(frame)
    except CardReadingMissing as missing:
        return f"not installed, codes are typed. {advise(missing, language)}"
    finally:
        unit.front_reader.forget()
    return f"answers; a blank card: {sight.side.value}"


def _blank_card() -> Frame:
    """Return a frame with a card-shaped light area on a dark ground and nothing printed on it."""
    width, height = FRONT_SIZE_PX
    dark, light = bytes((40, 40, 40)), bytes((235, 232, 230))
    card_width = width * 3 // 4
    card_height = card_width * 54 // 86
    beside, above = (width - card_width) // 2, (height - card_height) // 2
    row = dark * beside + light * card_width + dark * (width - beside - card_width)
    empty = dark * width
    rows = empty * above + row * card_height + empty * (height - above - card_height)
    return Frame(width, height, bytearray(rows))


def _panel(unit: Unit) -> str:
    if not unit.panel.is_attached:
        raise NoPanel
    for lamp in Lamp:
        unit.panel.light(lamp, on=True)
        unit.panel.light(lamp, on=False)
    return f"{len(Lamp)} lamps switched"


def _store(unit: Unit) -> str:
    unit.store.audit("selftest", "store")
    counts = unit.store.counts()
    return f"commits; {counts.saved + counts.sent} records wait, {counts.arrived} arrived"


def _clock(now: datetime) -> str:
    if not BUILT_ON <= now.date() < CLOCK_HORIZON:
        raise ClockWrong(now.year)
    return now.isoformat(timespec="seconds")


def _rules_age(today: date) -> str:
    age_days = (today - newest_as_of()).days
    stale = ", older than six months: ask the office for newer ones" if age_days > RULES_STALE_DAYS else ""
    return f"rules as of {newest_as_of()}{stale}"


def _revocation_age() -> str:
    return "this unit's profile has no revocation data: revocation is shown as unknown (by law)"
