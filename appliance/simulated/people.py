"""The invented people that training, tests and demonstrations are made with (design D6, R30).

The first five are adults with genuine cards in term; each of the others shows one thing that goes differently.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, unique
from importlib import resources
from typing import Any, Final

from appliance.domain.card_answers import CardKind, Genuineness, InTerm
from appliance.domain.ids import PersonId


@unique
class Sex(Enum):
    """Sex as the chip stores it (JIS X 0303)."""

    MALE = "male"
    FEMALE = "female"

    @property
    def code(self) -> str:
        """The digit on the chip."""
        return {"male": "1", "female": "2"}[self.value]


@unique
class Trait(Enum):
    """What a training person's card is there to show."""

    LATE_STAGE = "late_stage"
    """75 or older."""
    RARE_CHARACTERS = "rare_characters"
    """The name has a character that the stored text replaces; the chip's picture shows it (R05)."""
    LONG_ADDRESS = "long_address"
    """Name or address lengths need the long TLV form."""
    FACE_ONLY = "face_only"
    """顔認証マイナンバーカード: no PIN set, no signing certificate."""
    CARD_EXPIRED = "card_expired"
    """The card's own term is over."""
    CERTIFICATE_EXPIRED = "certificate_expired"
    """The certificates' term is over."""
    UNDER_15 = "under_15"
    """No signing certificate by age."""
    FOREIGN_SHORT_TERM = "foreign_short_term"
    """The card ends with the permitted stay."""
    MOVED_ABROAD = "moved_abroad"
    """The address field carries the moved-abroad form."""
    TAMPERED_DATA = "tampered_data"
    """The birth date on the chip was altered after signing."""
    CLONED_CHIP = "cloned_chip"
    """Genuine data on a chip that has not the genuine key."""
    CODE_B_BLOCKED = "code_b_blocked"
    """Reference code B is used up."""


@dataclass(frozen=True, slots=True)
class TrainingPerson:
    """One invented person with one card."""

    id: PersonId
    name: str
    """Family and given name with U+3000 between, as stored in text; a replaced character stands as ●."""
    name_on_face: str
    """The name as drawn on card and chip."""
    name_kana: str
    birth_date: date
    sex: Sex
    address: str
    room: str
    issued_on: date
    card_expires_on: date
    certificate_expires_on: date
    security_code: str
    """The four digits under the photo."""
    portrait: str | None
    """Name of the face in `portraits`, None for a person who has none."""
    traits: frozenset[Trait]

    @property
    def code_b(self) -> str:
        """Reference code B: era birth date, expiry year and security code, 14 digits (card.md §9.2)."""
        return f"{era_birth_digits(self.birth_date)}{self.card_expires_on:%Y}{self.security_code}"

    @property
    def has_signing_certificate(self) -> bool:
        """False for the young and for face-only cards (card.md §14, §17)."""
        return not self.traits & {Trait.FACE_ONLY, Trait.UNDER_15}


EXPECTED_ON: Final = date(2026, 11, 23)
"""The day for which answers about training cards are stated, unless another is named."""
CODE_TRIES: Final = 10
"""How many wrong tries in a row block reference code B (card.md §9.1)."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a reader that trusts the training authorities must say of a person's card."""

    kind: CardKind
    """What the chip tells; a face-only card is told apart by the mark on its front alone (F2.9)."""
    genuine: Genuineness
    """Unknown when code B is blocked: the record that would show it cannot be opened."""
    failed_check: str
    """Which check fails; empty when none does."""
    in_term: InTerm
    """By the date that is printed on the card, whether it can be read or not."""
    tries_left: int
    """Of reference code B in the surface application, on a card that nobody tried yet."""
    has_signing_certificate: bool

    @property
    def is_readable(self) -> bool:
        """True when code B opens the card."""
        return self.tries_left > 0


_FAILED_CHECKS: Final = {
    Trait.TAMPERED_DATA: "record_signature",
    Trait.CLONED_CHIP: "challenge",
}
"""What an altered record and a copied chip fail at (card.md §11)."""


def expected_of(person: TrainingPerson, on: date = EXPECTED_ON) -> Expected:
    """Return what must be said of `person`'s card on a day."""
    failed = "".join(check for trait, check in _FAILED_CHECKS.items() if trait in person.traits)
    is_blocked = Trait.CODE_B_BLOCKED in person.traits
    genuine = Genuineness.NO if failed else Genuineness.YES
    return Expected(
        kind=CardKind.MY_NUMBER_CARD,
        genuine=Genuineness.UNKNOWN if is_blocked else genuine,
        failed_check=failed,
        in_term=InTerm.YES if on <= person.card_expires_on else InTerm.NO,
        tries_left=0 if is_blocked else CODE_TRIES,
        has_signing_certificate=person.has_signing_certificate,
    )


_ERA_STARTS: Final = (
    date(2019, 5, 1),
    date(1989, 1, 8),
    date(1926, 12, 25),
    date(1912, 7, 30),
    date(1868, 1, 25),
)
"""First days of 令和, 平成, 昭和, 大正 and 明治 (card.md §9.2)."""


def era_birth_digits(born_on: date) -> str:
    """Return year of the Japanese era, month and day as six digits."""
    start = next(start for start in _ERA_STARTS if start <= born_on)
    return f"{born_on.year - start.year + 1:02d}{born_on:%m%d}"


def training_people() -> Sequence[TrainingPerson]:
    """Return all training people in order."""
    text = resources.files("appliance.simulated").joinpath("people.toml").read_text("utf-8")
    return tuple(_person(row) for row in tomllib.loads(text)["person"])


def stranger_to(person: TrainingPerson) -> TrainingPerson:
    """Return somebody with another face, to sit there with this person's card."""
    return next(each for each in training_people() if each.portrait not in {None, person.portrait})


def training_person(person: str) -> TrainingPerson:
    """Return one training person.

    Raises:
        KeyError: nobody has this id.
    """
    for known in training_people():
        if known.id == person:
            return known
    raise KeyError(person)


def _person(row: dict[str, Any]) -> TrainingPerson:
    return TrainingPerson(
        id=PersonId(row["id"]),
        name=row["name"],
        name_on_face=row.get("name_on_face", row["name"]),
        name_kana=row["name_kana"],
        birth_date=row["birth_date"],
        sex=Sex(row["sex"]),
        address=row["address"],
        room=row["room"],
        issued_on=row["issued_on"],
        card_expires_on=row["card_expires_on"],
        certificate_expires_on=row["certificate_expires_on"],
        security_code=row["security_code"],
        portrait=row.get("portrait"),
        traits=frozenset(Trait(trait) for trait in row["traits"]),
    )
