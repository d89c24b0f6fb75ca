"""One person's turn on real parts: what is shown, what is kept, what is gone, and what no trouble can break."""

from __future__ import annotations

import pytest

from appliance.card.code_b import CodeB, parse_code_b
from appliance.card.identification import Progress
from appliance.card.tries import Confirmation
from appliance.domain.card_answers import CardKind, Genuineness, InTerm, PrintedMark, Revocation
from appliance.domain.consent import ConsentGiver
from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, FaceNotCompared, VisitState
from appliance.domain.face_advice import FaceBand
from appliance.domain.outbox import OutboxState
from appliance.domain.person_facts import HeldCard
from appliance.domain.programmes.programme import ProgrammeId
from appliance.domain.programmes.wish import ProgrammeWish, Wish
from appliance.domain.visit_record import parse
from appliance.errors import (
    CardBlocked,
    CardRemoved,
    CardTrouble,
    CodeWrong,
    DiskFull,
    FaceEngineSilent,
    ForeignCard,
    IntegratedResidenceCard,
    NoCard,
    NoFace,
    NoReader,
    NotConfirmed,
    ReadingCancelled,
    ResidenceCard,
    SignInRefused,
    StepNotAllowed,
    TriesNearlyUsed,
)
from appliance.seal.record import parse_envelope
from appliance.service.visit import Visit
from appliance.service.visit_day import VisitDay, sign_in, staff_names
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.personalisation import transport_card
from tests.service.bench import PASSPHRASE, ROOM_BYTES, STAFF, Bench


def opened(bench: Bench, person: str, day: VisitDay | None = None) -> Visit:
    day = day or bench.day()
    entry = next(each for each in day.roster.entries if each.person == person)
    visit = day.open_visit(entry)
    visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True)
    return visit


def code(bench: Bench, person: str) -> CodeB:
    return parse_code_b(bench.people[person].code_b)


def wrong_code(bench: Bench, person: str) -> CodeB:
    digits = bench.people[person].code_b
    return parse_code_b(digits[:-1] + str((int(digits[-1]) + 1) % 10))


def test_a_sign_in_opens_the_roster_and_is_audited(bench: Bench) -> None:
    assert [each.staff for each in staff_names(bench.unit)] == [STAFF]
    day = bench.day()
    assert day.roster.facility == "あさひ苑"
    assert len(day.roster.entries) == len(bench.people)
    assert bench.events()[-1] == "signed_in"


def test_a_wrong_passphrase_opens_nothing(bench: Bench) -> None:
    with pytest.raises(SignInRefused):
        sign_in(bench.unit, STAFF, PASSPHRASE + "x")


def test_the_straight_way_from_card_to_saved_record(bench: Bench) -> None:
    day = bench.day()
    bench.put_card("p01")
    with opened(bench, "p01", day) as visit:
        assert visit.sight_card().tries_left == 10
        shown = visit.read_card(code(bench, "p01"), Confirmation())
        assert (shown.kind, shown.agrees_with_roster) == (CardKind.MY_NUMBER_CARD, True)
        assert (shown.answers.genuine, shown.answers.in_term) == (Genuineness.YES, InTerm.YES)
        assert shown.answers.revocation is Revocation.UNKNOWN
        assert visit.compare_face().band is FaceBand.MATCH
        visit.decide(DecisionOutcome.MATCHED_CONFIRMED)
        visit.wish(ProgrammeWish(ProgrammeId.P1, Wish.WANTS))
        saved = visit.save()
        day.note_saved(visit.entry, saved)
    row = day.row_of(visit.entry)
    assert row is not None
    assert (row.state, row.receipt_number) == (OutboxState.SAVED, saved.receipt_number)
    assert day.counts().saved == 1


def test_what_is_sealed_says_what_happened_and_holds_no_name_code_or_picture(bench: Bench) -> None:
    person = bench.put_card("p01")
    with opened(bench, "p01") as visit:
        visit.read_card(code(bench, "p01"), Confirmation())
        visit.compare_face()
        visit.decide(DecisionOutcome.MATCHED_CONFIRMED)
        saved = visit.save()
    (row,) = bench.store.states([saved.sequence])
    payload = parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key)
    record = parse(payload)
    assert (record.person, record.staff, record.unit) == ("p01", STAFF, bench.unit.id)
    text = payload.decode()
    for secret in (person.name, person.name_kana, person.address, person.code_b, person.security_code):
        assert secret not in text


def test_everything_personal_is_overwritten_when_the_turn_ends(bench: Bench) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        shown = visit.read_card(code(bench, "p01"), Confirmation())
        assert any(shown.photo.grey)
        visit.compare_face()
    assert not any(shown.photo.grey)
    assert not any(shown.name.grey)
    assert all(not any(frame.rgb) for frame in bench.engine.frames)


def test_saving_leaves_nothing_personal_in_the_turn(bench: Bench) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        shown = visit.read_card(code(bench, "p01"), Confirmation())
        visit.pass_face(FaceNotCompared.STAFF_SKIPPED)
        visit.decide(DecisionOutcome.UNDECIDED)
        visit.save()
        assert not any(shown.photo.grey)
        assert not any(shown.address.grey)


def test_what_is_shown_of_a_card_does_not_show_in_a_traceback(bench: Bench) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        assert "1943" not in repr(visit.read_card(code(bench, "p01"), Confirmation()))


def test_the_code_is_wiped_whatever_became_of_the_reading(bench: Bench) -> None:
    bench.put_card("p01")
    typed = wrong_code(bench, "p01")
    with opened(bench, "p01") as visit, pytest.raises(CodeWrong):
        visit.read_card(typed, Confirmation())
    assert typed.reveal() == b""


def test_a_wrong_code_costs_one_try_and_the_screen_can_say_how_many_are_left(bench: Bench) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        with pytest.raises(CodeWrong) as refused:
            visit.read_card(wrong_code(bench, "p01"), Confirmation())
        assert refused.value.tries_left == 9
        assert visit.enrollment.state is VisitState.CARD
        assert bench.events()[-1] == "code_b_refused"
        visit.read_card(code(bench, "p01"), Confirmation())
        assert visit.sight_card().tries_left == 10


def test_one_confirmation_is_good_for_one_try_only(bench: Bench) -> None:
    bench.put_card("p01")
    confirmation = Confirmation()
    with opened(bench, "p01") as visit:
        with pytest.raises(CodeWrong):
            visit.read_card(wrong_code(bench, "p01"), confirmation)
        with pytest.raises(NotConfirmed):
            visit.read_card(code(bench, "p01"), confirmation)
        assert visit.sight_card().tries_left == 9


def test_the_unit_stops_trying_before_the_end(bench: Bench) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        for _ in range(7):
            with pytest.raises(CodeWrong):
                visit.read_card(wrong_code(bench, "p01"), Confirmation())
        with pytest.raises(TriesNearlyUsed) as stopped:
            visit.read_card(code(bench, "p01"), Confirmation())
        assert stopped.value.tries_left == 3
        assert visit.sight_card().tries_left == 3


def test_a_blocked_card_is_told_apart_and_the_visit_goes_on(bench: Bench) -> None:
    bench.put_card("p14")
    with opened(bench, "p14") as visit:
        with pytest.raises(CardBlocked):
            visit.read_card(code(bench, "p14"), Confirmation())
        visit.pass_card(CardNotRead.BLOCKED)
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.NO_CHIP_PHOTO)
        assert visit.save().sequence == 1


@pytest.mark.parametrize("at_exchange", [1, 2, 3, 4, 20, 44])
def test_a_card_pulled_out_mid_read_can_be_read_again_from_the_start(bench: Bench, at_exchange: int) -> None:
    person = bench.people["p01"]
    fault = Fault(FaultKind.REMOVED_AT_COMMAND, at_exchange)
    bench.reader.insert(bench.personaliser.card(person), [fault])
    with opened(bench, "p01") as visit:
        with pytest.raises(CardRemoved):
            visit.read_card(code(bench, "p01"), Confirmation())
        assert visit.enrollment.state is VisitState.CARD
        bench.put_card("p01")
        assert visit.read_card(code(bench, "p01"), Confirmation()).answers.genuine is Genuineness.YES


def test_no_reader_no_card_and_a_foreign_card_are_three_different_troubles(bench: Bench) -> None:
    with opened(bench, "p01") as visit:
        with pytest.raises(NoCard):
            visit.sight_card()
        bench.reader.insert(transport_card())
        with pytest.raises(ForeignCard):
            visit.sight_card()
        bench.reader.unplug()
        with pytest.raises(NoReader):
            visit.sight_card()


KINDS = [
    (Kind.OLD_RESIDENT_CARD, ForeignCard),
    (Kind.ANDROID, ForeignCard),
    (Kind.IPHONE, ForeignCard),
    (Kind.RESIDENCE_CARD, ResidenceCard),
    (Kind.INTEGRATED_RESIDENCE_CARD, IntegratedResidenceCard),
    (Kind.TRANSPORT, ForeignCard),
    (Kind.BANK, ForeignCard),
]
"""Without JPKI, which the outreach profile cannot reach, nothing tells an old resident card or a phone."""


@pytest.mark.parametrize(("kind", "error"), KINDS)
def test_a_card_that_is_not_supported_is_named_and_nothing_is_spent_on_it(
    bench: Bench, kind: Kind, error: type[CardTrouble]
) -> None:
    bench.reader.insert(CardOrder("p01", kind).card(bench.personaliser))
    with opened(bench, "p01") as visit:
        with pytest.raises(error):
            visit.sight_card()
        assert not [each for each in bench.reader.trace if "xx" in each.command]
        assert visit.enrollment.state is VisitState.CARD


@pytest.mark.parametrize(("kind", "error"), KINDS)
def test_a_card_put_there_after_the_sighting_is_shown_no_code(
    bench: Bench, kind: Kind, error: type[CardTrouble]
) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        visit.sight_card()
        bench.reader.insert(CardOrder("p01", kind).card(bench.personaliser))
        with pytest.raises(error):
            visit.read_card(code(bench, "p01"), Confirmation())
        assert not [each for each in bench.reader.trace if "xx" in each.command]


@pytest.mark.parametrize("pieces", [0, 1, 10])
def test_a_reading_is_stopped_between_two_commands_and_keeps_nothing(bench: Bench, pieces: int) -> None:
    bench.put_card("p01")
    told: list[Progress] = []
    with opened(bench, "p01") as visit:
        with pytest.raises(ReadingCancelled):
            visit.read_card(
                code(bench, "p01"), Confirmation(), told.append, is_cancelled=lambda: len(told) >= pieces
            )
        assert len(told) == pieces
        assert visit.enrollment.state is VisitState.CARD
        assert visit.read_card(code(bench, "p01"), Confirmation()).tries_left == 10


@pytest.mark.parametrize(
    ("mark", "kind"), [(PrintedMark.NONE, HeldCard.NORMAL), (PrintedMark.INTEGRATED_RESIDENCE_CARD, None)]
)
def test_what_an_integrated_card_opens_stays_unknown_to_the_rules(
    bench: Bench, mark: PrintedMark, kind: HeldCard | None
) -> None:
    bench.put_card("p10")
    with opened(bench, "p10") as visit:
        visit.read_card(code(bench, "p10"), Confirmation())
        visit.pass_face(FaceNotCompared.STAFF_SKIPPED)
        visit.decide(DecisionOutcome.UNDECIDED)
        visit.see_mark(mark)
        assert visit.known_facts().card.kind is kind


@pytest.mark.parametrize(("person", "check"), [("p12", "record_signature"), ("p13", "challenge")])
def test_an_altered_or_copied_chip_is_not_genuine_and_never_a_confirmed_match(
    bench: Bench, person: str, check: str
) -> None:
    bench.put_card(person)
    with opened(bench, person) as visit:
        shown = visit.read_card(code(bench, person), Confirmation())
        assert (shown.answers.genuine, shown.answers.genuine_detail) == (Genuineness.NO, check)
        visit.compare_face()
        with pytest.raises(StepNotAllowed):
            visit.decide(DecisionOutcome.MATCHED_CONFIRMED)
        visit.decide(DecisionOutcome.UNDECIDED)


def test_another_persons_card_is_noticed_by_the_birth_date(bench: Bench) -> None:
    bench.put_card("p02")
    with opened(bench, "p01") as visit:
        assert visit.read_card(code(bench, "p02"), Confirmation()).agrees_with_roster is False


def test_an_expired_card_is_genuine_and_out_of_term(bench: Bench) -> None:
    bench.put_card("p07")
    with opened(bench, "p07") as visit:
        answers = visit.read_card(code(bench, "p07"), Confirmation()).answers
    assert (answers.genuine, answers.in_term) == (Genuineness.YES, InTerm.NO)


def test_a_chip_photo_without_a_face_leads_to_the_visual_check(bench: Bench) -> None:
    bench.put_card("p03")
    bench.engine.has_photo_face = False
    with opened(bench, "p03") as visit:
        visit.read_card(code(bench, "p03"), Confirmation())
        with pytest.raises(NoFace):
            visit.compare_face()
        visit.pass_face(FaceNotCompared.NO_PHOTO)
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.NO_CHIP_PHOTO)


def test_a_silent_face_engine_holds_nobody_up(bench: Bench) -> None:
    bench.put_card("p01")
    bench.engine.is_silent = True
    with opened(bench, "p01") as visit:
        visit.read_card(code(bench, "p01"), Confirmation())
        with pytest.raises(FaceEngineSilent):
            visit.compare_face()
        visit.pass_face(FaceNotCompared.CAMERA_UNAVAILABLE)
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.CAMERA_UNAVAILABLE)


def test_a_face_cannot_be_compared_without_a_chip_photo(bench: Bench) -> None:
    with opened(bench, "p01") as visit:
        visit.pass_card(CardNotRead.NO_CARD)
        with pytest.raises(StepNotAllowed):
            visit.compare_face()


def test_a_full_disk_leaves_the_turn_open_and_saves_once_there_is_room(bench: Bench) -> None:
    bench.free_bytes = 1024
    with opened(bench, "p01") as visit:
        visit.pass_card(CardNotRead.NO_CARD)
        visit.decide(DecisionOutcome.UNDECIDED)
        with pytest.raises(DiskFull) as refused:
            visit.save()
        assert refused.value.free_bytes == 1024
        assert visit.enrollment.state is VisitState.PROGRAMMES
        bench.free_bytes = ROOM_BYTES
        assert visit.save().sequence == 1
    assert bench.store.counts().saved == 1


def test_a_saved_turn_saves_nothing_twice(bench: Bench) -> None:
    with opened(bench, "p01") as visit:
        visit.pass_card(CardNotRead.NO_CARD)
        visit.decide(DecisionOutcome.UNDECIDED)
        visit.save()
        with pytest.raises(StepNotAllowed):
            visit.save()
    assert bench.store.counts().saved == 1


def test_the_rules_see_what_the_card_and_the_roster_say(bench: Bench) -> None:
    bench.put_card("p01")
    with opened(bench, "p01") as visit:
        assert visit.known_facts().card.expires_on is None
        visit.read_card(code(bench, "p01"), Confirmation())
        facts = visit.known_facts()
        assert facts.birth_date == bench.people["p01"].birth_date
        assert facts.card.expires_on == bench.people["p01"].card_expires_on
        assert facts.card.kind is None
        assert next(advice.id for advice in visit.advice(facts)) is ProgrammeId.P1


def test_the_mark_on_the_front_reaches_the_rules_and_the_record(bench: Bench) -> None:
    bench.put_card("p06")
    with opened(bench, "p06") as visit:
        visit.read_card(code(bench, "p06"), Confirmation())
        visit.pass_face(FaceNotCompared.STAFF_SKIPPED)
        visit.decide(DecisionOutcome.VISUAL_CHECK, VisualCheckReason.POSTURE)
        visit.see_mark(PrintedMark.FACE_ONLY)
        assert visit.known_facts().card.kind is HeldCard.FACE_ONLY
        saved = visit.save()
    (row,) = bench.store.states([saved.sequence])
    card = parse(parse_envelope(row.envelope).verify(bench.unit_key.public).open(bench.office_key)).card
    assert isinstance(card, CardEvidence)
    assert card.kind is CardKind.FACE_ONLY_CARD


def test_card_troubles_never_spend_a_second_try(bench: Bench) -> None:
    """Whatever breaks during the VERIFY, the same turn has sent at most the one that was confirmed."""
    person = bench.people["p01"]
    for at_exchange in range(1, 6):
        bench.reader.insert(bench.personaliser.card(person), [Fault(FaultKind.SILENCE, at_exchange)])
        with opened(bench, "p01") as visit, pytest.raises(CardTrouble):
            visit.read_card(code(bench, "p01"), Confirmation())
        verifies = [
            each for each in bench.reader.trace if each.header.startswith("0020") and "xx" in each.command
        ]
        assert len(verifies) <= 1
