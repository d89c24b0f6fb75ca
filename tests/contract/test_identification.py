"""The card core on both benches: the same card says the same through this process and through pcscd (design D6, V2)."""

from __future__ import annotations

from contextlib import closing
from datetime import date

import pytest

from appliance.assembly import training_issuers
from appliance.card.age_reading import AgeReading, read_age
from appliance.card.code_b import birth_key_from_print, parse_code_b
from appliance.card.identification import CardReading, Progress, read, sight
from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.text_reading import TextReading, read_text
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import CardKind, Genuineness, InTerm
from appliance.errors import (
    CardBlocked,
    CardRemoved,
    CodeWrong,
    ForeignCard,
    IntegratedResidenceCard,
    NotConfirmed,
    OldResidentCard,
    PhoneToken,
    ResidenceCard,
    UnsupportedCard,
)
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import Personaliser
from appliance.simulated.reader import SimulatedReader
from tests.contract.card_rigs import CardRig

TODAY = date(2026, 11, 23)
CHALLENGE = bytes(range(32))
ALLOWED_FILES = {"", "0002", "0004", "0012"}


def identified(rig: CardRig, digits: str, confirmation: Confirmation | None = None) -> CardReading:
    with closing(rig.reader.connect()) as channel, parse_code_b(digits) as code_b:
        return read(
            channel,
            code_b,
            confirmation or Confirmation(),
            issuers=training_issuers(),
            challenge=CHALLENGE,
            on=TODAY,
        )


def wrong(digits: str) -> str:
    return digits[:-1] + str((int(digits[-1]) + 1) % 10)


@pytest.mark.parametrize(
    ("person", "genuine", "in_term"),
    [
        ("p01", Genuineness.YES, InTerm.YES),
        ("p03", Genuineness.YES, InTerm.YES),
        ("p07", Genuineness.YES, InTerm.NO),
        ("p12", Genuineness.NO, InTerm.YES),
        ("p13", Genuineness.NO, InTerm.YES),
    ],
)
def test_a_card_gives_its_answers(rig: CardRig, person: str, genuine: Genuineness, in_term: InTerm) -> None:
    rig.insert(person)
    with identified(rig, training_person(person).code_b) as reading:
        assert (reading.answers.genuine, reading.answers.in_term) == (genuine, in_term)
        assert reading.record.birth_date.year > 1900


def test_reading_touches_only_the_allow_list_and_spends_one_verify(rig: CardRig) -> None:
    rig.insert("p01")
    identified(rig, training_person("p01").code_b).wipe()
    trace = rig.trace()
    assert {entry.application for entry in trace} == {"surface"}
    assert {entry.file for entry in trace} <= ALLOWED_FILES
    assert len([entry for entry in trace if "xx" in entry.command]) == 1


def test_reading_takes_the_fewest_commands_for_its_length(rig: CardRig) -> None:
    """One SELECT, one query, one VERIFY, one signature, and a READ for each 256 bytes of two files (S2)."""
    rig.insert("p01")
    with identified(rig, training_person("p01").code_b) as reading:
        reads = [entry for entry in rig.trace() if entry.header.startswith("00B0")]
        assert reading.apdus == 4 + len(reads)
        assert len(reads) <= reading.received_bytes // 256 + 2


def test_a_wrong_code_costs_one_try_and_a_used_confirmation_none(rig: CardRig) -> None:
    rig.insert("p05")
    code = training_person("p05").code_b
    confirmation = Confirmation()
    with pytest.raises(CodeWrong) as refused:
        identified(rig, wrong(code), confirmation)
    with pytest.raises(NotConfirmed):
        identified(rig, code, confirmation)
    with closing(rig.reader.connect()) as channel:
        assert sight(channel).tries_left == refused.value.tries_left
    identified(rig, code).wipe()


def test_a_blocked_card_is_not_tried(rig: CardRig) -> None:
    rig.insert("p14")
    with pytest.raises(CardBlocked):
        identified(rig, training_person("p14").code_b)
    assert not [entry for entry in rig.trace() if "xx" in entry.command]


def test_a_card_pulled_out_mid_read_is_read_again_from_the_start(rig: CardRig) -> None:
    code = training_person("p01").code_b
    rig.insert("p01", [Fault(FaultKind.REMOVED_AT_COMMAND, 10)])
    with pytest.raises(CardRemoved):
        identified(rig, code)
    rig.insert("p01")
    with identified(rig, code) as reading:
        assert reading.answers.genuine is Genuineness.YES


def test_progress_grows_to_the_whole(rig: CardRig) -> None:
    rig.insert("p02")
    told: list[Progress] = []
    with closing(rig.reader.connect()) as channel, parse_code_b(training_person("p02").code_b) as code_b:
        read(
            channel,
            code_b,
            Confirmation(),
            issuers=training_issuers(),
            challenge=CHALLENGE,
            on=TODAY,
            progress=told.append,
        ).wipe()
    assert [each.done_bytes for each in told] == sorted(each.done_bytes for each in told)
    assert told[-1].done_bytes == told[-1].total_bytes


def age_of(rig: CardRig, person: str) -> AgeReading:
    with (
        closing(rig.reader.connect()) as channel,
        birth_key_from_print(training_person(person).birth_date) as birth_key,
    ):
        return read_age(
            channel,
            birth_key,
            Confirmation(),
            issuers=training_issuers(),
            challenge=CHALLENGE,
            on=TODAY,
        )


def text_of(rig: CardRig, person: str) -> TextReading:
    with (
        closing(rig.reader.connect()) as channel,
        parse_code_b(training_person(person).code_b) as code_b,
    ):
        return read_text(channel, code_b, Confirmation(), issuers=training_issuers(), challenge=CHALLENGE)


@pytest.mark.parametrize(
    ("person", "age_years", "genuine", "detail"),
    [
        ("p01", 83, Genuineness.YES, ""),
        ("p05", 99, Genuineness.YES, ""),
        ("p14", None, Genuineness.YES, ""),
        ("p13", None, Genuineness.NO, "challenge"),
    ],
)
def test_a_birth_date_opens_the_age_record_alone(
    rig: CardRig, person: str, age_years: int | None, genuine: Genuineness, detail: str
) -> None:
    """Also where code B is used up: the keys count apart."""
    rig.insert(person)
    reading = age_of(rig, person)
    assert reading.birth_date == training_person(person).birth_date
    assert (reading.genuineness.genuine, reading.genuineness.detail) == (genuine, detail)
    assert age_years in {None, reading.age_years}
    trace = rig.trace()
    assert {entry.application for entry in trace} == {"surface"}
    assert {entry.file for entry in trace} <= {"", "0001", "0004", "0011"}
    reads = [entry for entry in trace if entry.header.startswith("00B0")]
    assert (len(trace) - len(reads), len(reads)) == (4, 6)


@pytest.mark.parametrize("person", ["p01", "p03", "p04"])
def test_code_b_opens_the_four_attributes(rig: CardRig, person: str) -> None:
    rig.insert(person)
    expected = training_person(person)
    with text_of(rig, person) as reading:
        assert reading.attributes.name.reveal().decode() == expected.name
        assert reading.attributes.address.reveal().decode() == expected.address
        assert reading.attributes.birth_date == expected.birth_date
        assert reading.attributes.sex.value == expected.sex.code
        assert reading.genuineness.genuine is Genuineness.YES
        assert reading.tries_left == 10
    trace = rig.trace()
    assert {entry.application for entry in trace} == {"text"}
    assert {entry.file for entry in trace} <= {"", "0002", "0003", "0004", "0007", "0015"}
    assert len([entry for entry in trace if "xx" in entry.command]) == 1


def test_a_wrong_birth_date_costs_one_try_of_its_own_key(rig: CardRig) -> None:
    rig.insert("p02")
    with (
        closing(rig.reader.connect()) as channel,
        birth_key_from_print(date(1940, 1, 1)) as birth_key,
        pytest.raises(CodeWrong) as refused,
    ):
        read_age(
            channel, birth_key, Confirmation(), issuers=training_issuers(), challenge=CHALLENGE, on=TODAY
        )
    assert refused.value.tries_left == 9
    with closing(rig.reader.connect()) as channel:
        assert sight(channel).tries_left == 10
    assert age_of(rig, "p02").tries_left == 9


def test_a_sighting_is_four_commands_and_spends_nothing(rig: CardRig) -> None:
    rig.insert("p01")
    with closing(rig.reader.connect()) as channel:
        sighting = sight(channel)
    assert (sighting.kind, sighting.tries_left) == (CardKind.MY_NUMBER_CARD, 10)
    assert [entry.header[2:4] for entry in rig.trace()] == ["A4", "20", "A4", "A4"]


VERIFIER = VerifierReach(VerifierPolicy.for_training())


@pytest.mark.parametrize(
    ("kind", "to_outreach", "to_a_verifier"),
    [
        (Kind.OLD_RESIDENT_CARD, ForeignCard, OldResidentCard),
        (Kind.ANDROID, ForeignCard, PhoneToken),
        (Kind.IPHONE, ForeignCard, PhoneToken),
        (Kind.RESIDENCE_CARD, ResidenceCard, ResidenceCard),
        (Kind.INTEGRATED_RESIDENCE_CARD, IntegratedResidenceCard, IntegratedResidenceCard),
        (Kind.TRANSPORT, ForeignCard, ForeignCard),
        (Kind.BANK, ForeignCard, ForeignCard),
    ],
)
def test_every_other_card_is_named_by_its_applications(
    personaliser: Personaliser,
    kind: Kind,
    to_outreach: type[UnsupportedCard],
    to_a_verifier: type[UnsupportedCard],
) -> None:
    """In process; `test_card_read` puts the same cards behind the card service."""
    reader = SimulatedReader()
    reader.insert(CardOrder("p01", kind).card(personaliser))
    for verifier, error in ((None, to_outreach), (VERIFIER, to_a_verifier)):
        with closing(reader.connect()) as channel, pytest.raises(UnsupportedCard) as refused:
            sight(channel, verifier)
        assert type(refused.value) is error
    assert not [entry for entry in reader.trace if "xx" in entry.command]
