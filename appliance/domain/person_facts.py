"""What is known about a person when programmes are looked at (design §4): every fact may be missing, none may contradict.

Facts are reports and dates read from paper or card face, never card numbers, certificate numbers or account numbers (R12,
R13). A fact that is missing is unknown; `null` is no value.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from typing import Final, TypeVar, cast

from appliance.errors import FactsMalformed


@unique
class Nationality(Enum):
    """Whether the person is a Japanese national; it decides on use abroad (F6.1)."""

    JP = "jp"
    FOREIGN = "foreign"


@unique
class Residence(Enum):
    """Where the person lives."""

    FACILITY = "facility"
    HOME = "home"


@unique
class HeldCard(Enum):
    """Which My Number Card the person has."""

    NORMAL = "normal"
    """With PINs."""
    FACE_ONLY = "face_only"
    """顔認証マイナンバーカード: no PIN, no signing certificate (F2.3)."""
    NONE = "none"
    """No card at all, or none any more."""


@unique
class InsuranceKind(Enum):
    """Which insurance the person belongs to."""

    LATE_STAGE = "late_stage"
    """後期高齢者医療."""
    NATIONAL = "national"
    """国民健康保険."""
    EMPLOYEE = "employee"
    """被用者保険."""


@unique
class Reported(Enum):
    """What somebody reports of a register that the unit cannot see (R24)."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@unique
class HeldPaper(Enum):
    """A paper of the health insurance that the person holds."""

    OLD_CARD = "old_card"
    """The insurance card of old."""
    ELIGIBILITY_CERTIFICATE = "eligibility_certificate"
    """資格確認書."""
    ELIGIBILITY_NOTICE = "eligibility_notice"
    """資格情報のお知らせ."""


@unique
class Phone(Enum):
    """The person's own phone."""

    ANDROID = "android"
    IPHONE = "iphone"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CardFacts:
    """The person's card as far as it is known."""

    kind: HeldCard | None = None
    expires_on: date | None = None
    """Last day of the card."""
    auth_certificate_expires_on: date | None = None
    """Last day of the user-authentication certificate, from the card's face, a notice or the portal."""
    pin_known: bool | None = None
    """Whether the person knows the 4-digit PIN; nobody is ever asked for the PIN itself."""

    def __post_init__(self) -> None:
        """Refuse what cannot be true of one card.

        Raises:
            FactsMalformed: dates or a PIN of a card that is not there, a PIN of a card that has none (F2.3), or a
                certificate that outlives its card (F1.17); the key names the fact that does not fit.
        """
        if self.kind is HeldCard.NONE:
            _require(self.expires_on is None, "card.expires_on")
            _require(self.auth_certificate_expires_on is None, "card.auth_certificate_expires_on")
        if self.kind in {HeldCard.NONE, HeldCard.FACE_ONLY}:
            _require(not self.pin_known, "card.pin_known")
        if self.expires_on is not None and self.auth_certificate_expires_on is not None:
            _require(self.auth_certificate_expires_on <= self.expires_on, "card.auth_certificate_expires_on")


@dataclass(frozen=True, slots=True)
class InsuranceFacts:
    """The person's health insurance as far as it is known."""

    kind: InsuranceKind | None = None
    registered: Reported = Reported.UNKNOWN
    """Whether the card is reported as registered for insurance use (F1.4)."""
    holds: frozenset[HeldPaper] | None = None
    """None while nobody has looked; empty when the person holds no paper."""
    old_card_expires_on: date | None = None
    """As printed on the old insurance card."""

    def __post_init__(self) -> None:
        """Refuse what cannot be true together.

        Raises:
            FactsMalformed: an expiry date of an old card that the person does not hold.
        """
        if self.old_card_expires_on is not None and self.holds is not None:
            _require(HeldPaper.OLD_CARD in self.holds, "insurance.old_card_expires_on")


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """All facts about a person that programmes may ask for; None is unknown."""

    birth_date: date | None = None
    nationality: Nationality | None = None
    residence: Residence | None = None
    care_need_certified: bool | None = None
    """要介護・要支援認定."""
    card: CardFacts = CardFacts()
    insurance: InsuranceFacts = InsuranceFacts()
    phone: Phone | None = None
    moving_abroad_on: date | None = None
    receives_pension: bool | None = None
    public_benefit_account: Reported = Reported.UNKNOWN

    def __repr__(self) -> str:
        """Show nothing of the person, so that no log or traceback does."""
        return "PersonFacts(...)"


def parse_facts(facts: Mapping[str, object]) -> PersonFacts:
    """Return the facts in a mapping of the shape of design §4, as read from JSON.

    Raises:
        FactsMalformed: an unknown key, a wrong value, or facts that contradict each other; the key names which, such as
            `card.expires_on`.
    """
    return _parse(PersonFacts, _PERSON, facts, "")


def require_possible_on(facts: PersonFacts, on: date) -> None:
    """Refuse facts that cannot be true on the day they are asked about.

    Raises:
        FactsMalformed: somebody who is not born yet (`birth_date`), or who is too young for the late-stage elderly
            insurance, which takes people from 65 when they are disabled and everybody from 75 (`insurance.kind`).
    """
    if facts.birth_date is None:
        return
    _require(facts.birth_date <= on, "birth_date")
    if facts.insurance.kind is InsuranceKind.LATE_STAGE:
        # Whole years only: a birthday to come this year is no reason to doubt what somebody reports.
        _require(on.year - facts.birth_date.year >= _LATE_STAGE_FIRST_AGE, "insurance.kind")


_LATE_STAGE_FIRST_AGE: Final = 65
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS: Final = range(1868, 2200)
"""From Meiji 1, before which nobody alive was born, to far beyond any date on a card."""
_KEY_SHAPE: Final = re.compile(r"[a-z_]{1,40}")

Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=Enum)
Reader = Callable[[object, str], object]
"""Takes a JSON value and its key, returns the fact, or raises FactsMalformed with the key."""


def _require(holds: object, key: str) -> None:
    if not holds:
        raise FactsMalformed(key)


def _day(value: object, key: str) -> date:
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        raise FactsMalformed(key)
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise FactsMalformed(key) from None
    _require(day.year in _YEARS, key)
    return day


def _yes_or_no(value: object, key: str) -> bool:
    if not isinstance(value, bool):
        raise FactsMalformed(key)
    return value


def _one_of(choices: type[Choice]) -> Reader:
    def read(value: object, key: str) -> Choice:
        try:
            return choices(value)
        except ValueError:
            raise FactsMalformed(key) from None

    return read


def _papers(value: object, key: str) -> frozenset[HeldPaper]:
    if not isinstance(value, list):
        raise FactsMalformed(key)
    read_paper = _one_of(HeldPaper)
    papers = frozenset(cast("HeldPaper", read_paper(paper, key)) for paper in value)
    _require(len(papers) == len(value), key)
    return papers


def _part(shape: type[Value], readers: Mapping[str, Reader]) -> Reader:
    return lambda value, key: _parse(shape, readers, value, f"{key}.")


def _parse(shape: type[Value], readers: Mapping[str, Reader], value: object, prefix: str) -> Value:
    if not isinstance(value, Mapping):
        raise FactsMalformed(prefix.rstrip(".") or "facts")
    unknown = value.keys() - readers.keys()
    if unknown:
        raise FactsMalformed(prefix + min(map(_shown, unknown)))
    return shape(**{key: readers[key](given, prefix + key) for key, given in value.items()})


def _shown(key: object) -> str:
    """Return an unknown key as it may be shown: a misspelt name as it is, anything else, which may be personal, as `?`."""
    return key if isinstance(key, str) and _KEY_SHAPE.fullmatch(key) else "?"


_CARD: Final[Mapping[str, Reader]] = {
    "kind": _one_of(HeldCard),
    "expires_on": _day,
    "auth_certificate_expires_on": _day,
    "pin_known": _yes_or_no,
}
_INSURANCE: Final[Mapping[str, Reader]] = {
    "kind": _one_of(InsuranceKind),
    "registered": _one_of(Reported),
    "holds": _papers,
    "old_card_expires_on": _day,
}
_PERSON: Final[Mapping[str, Reader]] = {
    "birth_date": _day,
    "nationality": _one_of(Nationality),
    "residence": _one_of(Residence),
    "care_need_certified": _yes_or_no,
    "card": _part(CardFacts, _CARD),
    "insurance": _part(InsuranceFacts, _INSURANCE),
    "phone": _one_of(Phone),
    "moving_abroad_on": _day,
    "receives_pension": _yes_or_no,
    "public_benefit_account": _one_of(Reported),
}
