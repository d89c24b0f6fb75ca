"""A unit with its reader and two cards that witness what happens to their counters; for the guardian's proof."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache

from appliance.assembly import training_issuers
from appliance.card.age_reading import read_age
from appliance.card.code_b import birth_key_from_print, parse_code_b
from appliance.card.identification import read
from appliance.card.jpki.token import open_application
from appliance.card.pins import parse_sign_password, parse_user_pin
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.text_reading import read_text
from appliance.card.tries import (
    PIN_TRIES_MARGIN,
    TRIES_MARGIN,
    Confirmation,
    verify_sign_password,
    verify_user_pin,
)
from appliance.ports import CardChannel
from appliance.simulated.card.faults import Fault
from appliance.simulated.card.files import ApplicationName, CardImage
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.contents.workshop import TRAINING_PIN, TRAINING_SIGN_PASSWORD
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader

TODAY = date(2026, 11, 23)
CHALLENGE = bytes(range(32))
ISSUERS = training_issuers()
VERIFIER = VerifierReach(VerifierPolicy.for_training())
PEOPLE = ("p01", "p05")

Reference = tuple[ApplicationName, int]


@dataclass(frozen=True)
class Kind:
    """One kind of secret: where the product presents it, what its owner keeps, and a wrong one."""

    reference: Reference
    most: int
    """Tries of a key that nobody tried yet (card.md §9.1)."""
    margin: int
    wrong: str


KINDS = {
    "birth date": Kind((ApplicationName.SURFACE, 0x11), 10, TRIES_MARGIN, "020304"),
    "code B on the face": Kind((ApplicationName.SURFACE, 0x12), 10, TRIES_MARGIN, "02030420300000"),
    "code B on the text": Kind((ApplicationName.TEXT, 0x15), 10, TRIES_MARGIN, "02030420300000"),
    "PIN": Kind((ApplicationName.JPKI, 0x18), 3, PIN_TRIES_MARGIN, "0000"),
    "password": Kind((ApplicationName.JPKI, 0x1B), 5, PIN_TRIES_MARGIN, "WRONG2026"),
}


@cache
def image(person: str) -> CardImage:
    return Personaliser().image(training_person(person))


def right_secret(kind: str, person: str) -> str:
    code_b = training_person(person).code_b
    own = {
        "birth date": code_b[:6],
        "PIN": TRAINING_PIN.decode(),
        "password": TRAINING_SIGN_PASSWORD.decode(),
    }
    return own.get(kind, code_b)


@dataclass(frozen=True)
class Presented:
    """One VERIFY with data, as the chip got it."""

    reference: Reference
    secret: str
    left_before: int
    left_after: int


class WitnessedCard(SimulatedCard):
    """A card that writes down, inside itself, what happens to its counters."""

    def __init__(self, person: str) -> None:
        super().__init__(image(person), bytes)
        self.presented: list[Presented] = []
        self.moved_otherwise: list[bytes] = []
        self.touched: set[tuple[ApplicationName, int | None]] = set()

    def process(self, command: bytes) -> bytes:
        application, before = self.application_name, dict(self.state.tries_left)
        answer = super().process(command)
        self.touched.add((self.application_name, self.file_id))
        if command[1] == 0x20 and len(command) > 5:
            reference = (application, command[3] & 0x1F)
            left = (before.get(reference, -1), self.state.tries_left.get(reference, -1))
            self.presented.append(Presented(reference, command[5:].decode("latin-1"), *left))
            before[reference] = self.state.tries_left[reference]
        if before != self.state.tries_left:
            self.moved_otherwise.append(command)
        return answer


class Desk:
    """A unit with its reader and two cards; everything on the unit's side can be lost and made anew."""

    def __init__(self) -> None:
        self.cards = {person: WitnessedCard(person) for person in PEOPLE}
        self.confirmed = 0
        self.asked_for: set[tuple[Reference, str]] = set()
        self.start()

    def start(self) -> None:
        """Start the program: no reader, line or confirmation of an earlier run is left."""
        self.reader = SimulatedReader()
        self.line: CardChannel | None = None
        self.confirmation = Confirmation()
        # Nobody has confirmed yet, so the permit that this object needs to exist is taken away.
        self.confirmation.spend()
        self.person = PEOPLE[0]

    def insert(self, person: str, *faults: Fault) -> None:
        self.person = person
        self.reader.insert(self.cards[person], faults)
        self.line = None

    def power_off(self) -> None:
        if self.line is not None:
            self.line.close()
        self.line = None

    def confirm(self) -> None:
        self.confirmation = Confirmation()
        self.confirmed += 1

    def connected(self) -> CardChannel:
        if self.line is None:
            self.line = self.reader.connect()
        return self.line

    def present(self, kind: str, secret: str, *, to_the_end: bool = False) -> None:
        """Do with a secret what the product does, and stop after the VERIFY unless told to go on."""
        self.asked_for.add((KINDS[kind].reference, secret))
        asked: list[bool] = []

        def is_cancelled() -> bool:
            asked.append(True)
            return len(asked) > 1 and not to_the_end

        PRESENTERS[kind](self.connected(), secret, self.confirmation, is_cancelled)

    @property
    def presented(self) -> list[Presented]:
        return [each for card in self.cards.values() for each in card.presented]


Presenter = Callable[[CardChannel, str, Confirmation, Callable[[], bool]], None]


def present_birth_date(
    line: CardChannel, secret: str, confirmation: Confirmation, is_cancelled: Callable[[], bool]
) -> None:
    born = date(1926 + int(secret[:2]) - 1, int(secret[2:4]), int(secret[4:]))
    with birth_key_from_print(born) as birth_key:
        read_age(
            line,
            birth_key,
            confirmation,
            issuers=ISSUERS,
            challenge=CHALLENGE,
            on=TODAY,
            is_cancelled=is_cancelled,
        )


def present_to_the_face(
    line: CardChannel, secret: str, confirmation: Confirmation, is_cancelled: Callable[[], bool]
) -> None:
    with parse_code_b(secret) as code_b:
        read(
            line,
            code_b,
            confirmation,
            issuers=ISSUERS,
            challenge=CHALLENGE,
            on=TODAY,
            is_cancelled=is_cancelled,
        ).wipe()


def present_to_the_text(
    line: CardChannel, secret: str, confirmation: Confirmation, is_cancelled: Callable[[], bool]
) -> None:
    with parse_code_b(secret) as code_b:
        read_text(
            line, code_b, confirmation, issuers=ISSUERS, challenge=CHALLENGE, is_cancelled=is_cancelled
        ).wipe()


def present_pin(
    line: CardChannel, secret: str, confirmation: Confirmation, _is_cancelled: Callable[[], bool]
) -> None:
    channel = open_application(line, VERIFIER)
    with parse_user_pin(secret) as pin:
        verify_user_pin(channel, VERIFIER, pin, confirmation)


def present_password(
    line: CardChannel, secret: str, confirmation: Confirmation, _is_cancelled: Callable[[], bool]
) -> None:
    channel = open_application(line, VERIFIER)
    with parse_sign_password(secret) as password:
        verify_sign_password(channel, VERIFIER, password, confirmation)


PRESENTERS: dict[str, Presenter] = {
    "birth date": present_birth_date,
    "code B on the face": present_to_the_face,
    "code B on the text": present_to_the_text,
    "PIN": present_pin,
    "password": present_password,
}
