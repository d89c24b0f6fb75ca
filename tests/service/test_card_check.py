"""What `mynavisit card read` tells of each card, in process: the answers, what they cost, and every way to stop.

The same table runs on every back-end in `tests/contract/test_card_read.py`.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest

from appliance.assembly import training_issuers
from appliance.card.file_reading import Progress
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.sighting import kind_of
from appliance.errors import (
    CardBlocked,
    CardRemoved,
    CardTrouble,
    CodeMalformed,
    CodeWrong,
    ForeignCard,
    IntegratedResidenceCard,
    NoCard,
    NoReader,
    OldResidentCard,
    PhoneToken,
    ReadingCancelled,
    ResidenceCard,
    TriesNearlyUsed,
    UnsupportedCard,
)
from appliance.ports import Presence
from appliance.service.card_check import CardReport, Part, check_card
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.trace import TraceEntry
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import TrainingPerson, Trait, expected_of, training_people, training_person
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader
from appliance.trust.issuer_keys import IssuerKeys
from tests.service.bench import SteppedClock

PEOPLE = tuple(training_people())
READABLE = tuple(person for person in PEOPLE if expected_of(person).is_readable)
CODE = training_person("p01").code_b
CLAIMS = {"yes": True, "no": False, "unknown": None}
WRONG_CODE = CODE[:-1] + str((int(CODE[-1]) + 1) % 10)


@pytest.fixture(scope="module")
def personaliser() -> Personaliser:
    return Personaliser()


@dataclass
class Desk:
    """A reader, a hand that puts cards on it, and a clock."""

    personaliser: Personaliser
    reader: SimulatedReader = field(default_factory=SimulatedReader)
    clock: SteppedClock = field(default_factory=SteppedClock)

    def put(self, person: str = "p01", kind: Kind = Kind.MY_NUMBER_CARD, *faults: Fault) -> None:
        self.reader.insert(CardOrder(person, kind).card(self.personaliser), faults)

    def check(self, digits: str = CODE, **changes: object) -> CardReport:
        asked: dict[str, object] = {"issuers": training_issuers(), "random_bytes": secrets.token_bytes}
        return check_card(self.reader, digits, clock=self.clock, **(asked | changes))  # type: ignore[arg-type]

    @property
    def trace(self) -> tuple[TraceEntry, ...]:
        return self.reader.trace

    @property
    def presented(self) -> list[TraceEntry]:
        """The secrets that the card was given."""
        return [entry for entry in self.trace if "xx" in entry.command]

    @property
    def is_let_go(self) -> bool:
        self.reader.connect().close()
        return True


@pytest.fixture
def desk(personaliser: Personaliser) -> Iterator[Desk]:
    made = Desk(personaliser)
    yield made
    made.reader.close()


# --- every card gives its answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", READABLE, ids=lambda person: str(person.id))
def test_each_person_s_card_gives_the_answers_it_is_made_to_give(desk: Desk, person: TrainingPerson) -> None:
    desk.put(person.id)
    report, expected = desk.check(person.code_b), expected_of(person)
    assert (report.card_kind, report.genuine) == (expected.kind.value, CLAIMS[expected.genuine.value])
    assert report.genuine_detail == expected.failed_check
    assert report.in_term is (expected.in_term.value == "yes")
    assert report.expires_on == person.card_expires_on.isoformat()
    assert (report.tries_left, report.revocation) == (expected.tries_left, "unknown")
    assert report.trust == "training"


def test_an_authority_that_is_not_configured_leaves_genuineness_unknown(desk: Desk) -> None:
    desk.put()
    report = desk.check(issuers=IssuerKeys.for_service(()))
    assert (report.genuine, report.trust) == (None, "production")
    assert report.genuine_detail


@pytest.mark.parametrize(
    ("kind", "error", "for_verifier"),
    [
        (Kind.TRANSPORT, ForeignCard, ForeignCard),
        (Kind.BANK, ForeignCard, ForeignCard),
        (Kind.RESIDENCE_CARD, ResidenceCard, ResidenceCard),
        (Kind.INTEGRATED_RESIDENCE_CARD, IntegratedResidenceCard, IntegratedResidenceCard),
        (Kind.OLD_RESIDENT_CARD, ForeignCard, OldResidentCard),
        (Kind.ANDROID, ForeignCard, PhoneToken),
        (Kind.IPHONE, ForeignCard, PhoneToken),
    ],
)
def test_another_card_is_named_and_is_given_no_code(
    desk: Desk, kind: Kind, error: type[UnsupportedCard], for_verifier: type[UnsupportedCard]
) -> None:
    desk.put(kind=kind)
    with pytest.raises(error):
        desk.check(also=set(Part))
    with pytest.raises(for_verifier) as named:
        desk.check(verifier=VerifierReach(VerifierPolicy.for_training()))
    assert kind_of(named.value).value
    assert desk.presented == []


# --- what it costs ---------------------------------------------------------------------------------------------------


def test_only_the_reading_is_counted_and_it_is_the_least_that_the_card_allows(desk: Desk) -> None:
    """SELECT, query, VERIFY, a READ for each 256 bytes of two files, one signature (proof.md S2)."""
    desk.put()
    report = desk.check()
    reads = [entry for entry in desk.trace if entry.header.startswith("00B0")]
    assert report.apdus == 4 + len(reads)
    assert report.bytes == sum(entry.answer_size_bytes for entry in desk.trace[-report.apdus :])
    # The sighting before it: three SELECTs and the query.
    assert len(desk.trace) == report.apdus + 4


@pytest.mark.parametrize(
    ("also", "keys", "applications"),
    [
        ((), ["0092"], {"surface"}),
        ((Part.FACE,), ["0092"], {"surface"}),
        ((Part.AGE,), ["0092", "0091"], {"surface"}),
        ((Part.TEXT,), ["0092", "0095"], {"surface", "text"}),
        ((Part.TEXT, Part.AGE, Part.TEXT), ["0092", "0091", "0095"], {"surface", "text"}),
    ],
)
def test_each_part_is_given_one_secret_at_its_own_key(
    desk: Desk, also: tuple[Part, ...], keys: list[str], applications: set[str]
) -> None:
    desk.put()
    report = desk.check(also=also)
    assert [entry.header[4:] for entry in desk.presented] == keys
    assert {entry.application for entry in desk.trace} == applications
    assert not {entry.file for entry in desk.trace} & {"0005", "0013", "0014"}
    assert set(report.also) == {*also} - {Part.FACE}


def test_seconds_run_from_the_card_s_power_up(desk: Desk) -> None:
    desk.put()

    def slow(size: int) -> bytes:
        desk.clock.step(0.25)
        return secrets.token_bytes(size)

    assert desk.check(random_bytes=slow, wait_s=9.0).seconds == 0.25


# --- the other parts ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", READABLE, ids=lambda person: str(person.id))
def test_the_other_parts_tell_genuineness_and_agreement_alone(desk: Desk, person: TrainingPerson) -> None:
    """The altered card was altered on its face alone; the copied one lacks every key."""
    desk.put(person.id)
    plain = desk.check(person.code_b, also=(Part.AGE, Part.TEXT)).as_json()
    is_copied, is_altered = Trait.CLONED_CHIP in person.traits, Trait.TAMPERED_DATA in person.traits
    assert plain["genuine_age"] is not is_copied
    assert plain["genuine_text"] is not is_copied
    assert plain["birth_dates_agree"] is not is_altered
    told = json.dumps(plain, ensure_ascii=False)
    born = person.birth_date
    personal = (*person.name.split("\u3000"), person.address[:4], person.code_b, f"{born}", f"{born:%Y%m%d}")
    assert not any(part in told for part in personal)


def test_a_report_without_other_parts_has_no_keys_for_them(desk: Desk) -> None:
    desk.put()
    plain = desk.check().as_json()
    assert {
        "card_kind",
        "genuine",
        "in_term",
        "expires_on",
        "tries_left",
        "apdus",
        "bytes",
        "seconds",
    } <= set(plain)
    assert not {"also", "genuine_age", "genuine_text", "birth_dates_agree"} & set(plain)


# --- when it does not go on ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("digits", ["", "1", CODE[:-1], CODE + "0", "99991320354173", "code"])
def test_digits_that_are_no_code_do_not_touch_the_reader(desk: Desk, digits: str) -> None:
    desk.put()
    with pytest.raises(CodeMalformed):
        desk.check(digits, wait_s=9.0)
    assert desk.trace == ()


def test_a_wrong_code_costs_one_try_and_no_other_part_is_tried(desk: Desk) -> None:
    desk.put()
    with pytest.raises(CodeWrong) as wrong:
        desk.check(WRONG_CODE, also=(Part.AGE, Part.TEXT))
    assert wrong.value.tries_left == 9
    assert len(desk.presented) == 1
    assert desk.is_let_go


def test_the_margin_is_kept_however_often_somebody_asks(desk: Desk) -> None:
    desk.put()
    refused: list[type[CardTrouble]] = []
    for _ in range(9):
        with pytest.raises(CardTrouble) as trouble:
            desk.check(WRONG_CODE)
        refused.append(type(trouble.value))
    assert refused == [CodeWrong] * 7 + [TriesNearlyUsed] * 2
    assert len(desk.presented) == 7


def test_a_blocked_card_is_not_tried(desk: Desk) -> None:
    desk.put("p14")
    with pytest.raises(CardBlocked):
        desk.check(training_person("p14").code_b)
    assert desk.presented == []


@pytest.mark.parametrize("command", [1, 4, 8])
def test_a_card_that_leaves_is_told(desk: Desk, command: int) -> None:
    desk.put("p01", Kind.MY_NUMBER_CARD, Fault(FaultKind.REMOVED_AT_COMMAND, command))
    with pytest.raises(CardRemoved):
        desk.check()


# --- waiting and stopping --------------------------------------------------------------------------------------------


@dataclass
class LateReader(SimulatedReader):
    """A reader on which a card is put after some looks; time goes on while it is waited for."""

    clock: SteppedClock
    after_waits: int
    put: object
    waits: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        self.waits.append(timeout_s)
        self.clock.step(timeout_s)
        if len(self.waits) == self.after_waits and callable(self.put):
            self.put(self)
        return super().wait_for(wanted, 0.0)


def late(desk: Desk, after_waits: int) -> LateReader:
    reader = LateReader(
        desk.clock, after_waits, lambda bench: bench.insert(CardOrder("p01").card(desk.personaliser))
    )
    desk.reader = reader
    return reader


def test_a_card_that_comes_in_time_is_read(desk: Desk) -> None:
    reader = late(desk, after_waits=3)
    assert desk.check(wait_s=5.0).genuine
    assert len(reader.waits) == 3


@pytest.mark.parametrize("wait_s", [0.0, 0.3, 1.0])
def test_waiting_ends_in_time_with_what_is_missing(desk: Desk, wait_s: float) -> None:
    reader = late(desk, after_waits=1000)
    with pytest.raises(NoCard):
        desk.check(wait_s=wait_s)
    assert sum(reader.waits) == pytest.approx(wait_s)


def test_a_reader_that_does_not_come_is_told(desk: Desk) -> None:
    desk.reader.unplug()
    with pytest.raises(NoReader):
        desk.check()


def test_somebody_who_waits_can_stop(desk: Desk) -> None:
    reader = late(desk, after_waits=1000)
    with pytest.raises(ReadingCancelled):
        desk.check(wait_s=60.0, is_cancelled=lambda: len(reader.waits) == 2)
    assert len(reader.waits) == 2


def test_a_wish_to_stop_ends_the_reading_between_two_commands_and_lets_the_card_go(desk: Desk) -> None:
    desk.put()
    seen: list[Progress] = []
    with pytest.raises(ReadingCancelled):
        desk.check(progress=lambda _part, step: seen.append(step), is_cancelled=lambda: len(seen) == 3)
    assert len(seen) == 3
    assert desk.trace[-1].header.startswith("00B0")
    assert desk.is_let_go


def test_a_wish_from_before_the_reading_lets_no_code_out(desk: Desk) -> None:
    desk.put()
    with pytest.raises(ReadingCancelled):
        desk.check(is_cancelled=lambda: True)
    assert desk.presented == []


def test_an_interruption_in_the_middle_of_a_command_lets_the_card_go(desk: Desk) -> None:
    desk.put()

    def interrupt(_part: Part, _step: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        desk.check(progress=interrupt)
    assert desk.is_let_go


def test_progress_names_the_part_and_grows_to_its_whole(desk: Desk) -> None:
    desk.put()
    steps: list[tuple[Part, Progress]] = []
    desk.check(also=(Part.TEXT, Part.AGE), progress=lambda part, step: steps.append((part, step)))
    assert list(dict.fromkeys(part for part, _ in steps)) == [Part.FACE, Part.AGE, Part.TEXT]
    for part in Part:
        mine = [step for each, step in steps if each is part]
        assert [step.done_bytes for step in mine] == sorted(step.done_bytes for step in mine)
        assert mine[-1].done_bytes == mine[-1].total_bytes


def test_a_day_later_a_card_may_be_out_of_term(desk: Desk) -> None:
    person = training_person("p10")
    desk.put(person.id)
    last_day = datetime.combine(person.card_expires_on, datetime.min.time(), UTC)
    for at, in_term in ((last_day, True), (last_day.replace(hour=15), False)):
        desk.clock = replace(desk.clock, at=at)
        assert desk.check(person.code_b).in_term is in_term
