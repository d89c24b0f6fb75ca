"""The guardian against the whole simulated card: any acts, accidents and restarts, counted by the card itself (design D5).

The card's own counters are the witness, not what the product believes. Answers get lost, cut and falsified at any
command and byte; one thing is left out: an answer to the query that promises more tries than the card has. Both links
protect every block with a check sum, and against a chip that lies about itself there is no guard.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from appliance.card.reach import VerifierReach
from appliance.card.sighting import sight
from appliance.errors import (
    CardBlocked,
    CardTrouble,
    CodeWrong,
    NotConfirmed,
    OutOfReach,
    PinWrong,
    ReadingCancelled,
    TriesNearlyUsed,
)
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.card.files import ApplicationName
from tests.card.guardian_desk import KINDS, PEOPLE, VERIFIER, Desk, right_secret

VERIFIER_OR_NOT = st.sampled_from([None, VERIFIER])
MARGINS = {kind.reference: kind.margin for kind in KINDS.values()}
FORBIDDEN_FILES = {(ApplicationName.SURFACE, 0x05), (ApplicationName.TEXT, 0x01)}
ALLOWED_APPLICATIONS = {
    ApplicationName.CARD_MANAGER,
    ApplicationName.SURFACE,
    ApplicationName.TEXT,
    ApplicationName.JPKI,
}


FALSE_STATUS_WORDS = (
    *(0x9000, 0x6282, 0x6283, 0x6300, 0x63C0, 0x63C1, 0x6100, 0x610E, 0x6C00, 0x6C0E),
    *(0x6700, 0x6982, 0x6983, 0x6984, 0x6A82, 0x6D00, 0x6F00, 0x0000, 0xFFFF),
)
AT_COMMAND = st.integers(1, 8)
AT_BYTE = st.integers(1, 30)
FAULTS = st.one_of(
    st.builds(Fault, st.just(FaultKind.REMOVED_AT_COMMAND), AT_COMMAND),
    st.builds(Fault, st.just(FaultKind.REMOVED_AT_BYTE), AT_BYTE),
    st.builds(Fault, st.just(FaultKind.SILENCE), AT_COMMAND),
    st.builds(Fault, st.just(FaultKind.SILENCE_AT_BYTE), AT_BYTE),
    st.builds(Fault, st.just(FaultKind.WRONG_STATUS), AT_COMMAND, st.sampled_from(FALSE_STATUS_WORDS)),
    st.builds(Fault, st.just(FaultKind.WRONG_STATUS_AT_BYTE), AT_BYTE, st.sampled_from(FALSE_STATUS_WORDS)),
    st.builds(Fault, st.just(FaultKind.WRONG_LENGTH), AT_COMMAND, st.integers(0, 300)),
    st.builds(Fault, st.just(FaultKind.FLIPPED_BIT), AT_COMMAND, st.integers(0, 2047)),
    st.builds(Fault, st.just(FaultKind.MUTE)),
)
A_KIND = st.sampled_from(sorted(KINDS))


class Operator(RuleBasedStateMachine):
    """Staff who do anything in any order, on a card, a line and a program that may fail at any moment."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()

    @initialize()
    def put_a_card_in(self) -> None:
        self.desk.insert(PEOPLE[0])

    @rule()
    def confirm(self) -> None:
        self.desk.confirm()

    @rule(kind=A_KIND, is_right=st.booleans())
    def present(self, kind: str, is_right: bool) -> None:
        """Once, with whatever confirmation there is: fresh, spent, or given for another secret."""
        secret = right_secret(kind, self.desk.person) if is_right else KINDS[kind].wrong
        self._try(lambda: self.desk.present(kind, secret))

    @rule(kind=A_KIND, times=st.integers(1, 10), is_confirmed=st.booleans())
    def insist_on_a_wrong_secret(self, kind: str, times: int, is_confirmed: bool) -> None:
        for _ in range(times):
            if is_confirmed:
                self.desk.confirm()
            self._try(lambda: self.desk.present(kind, KINDS[kind].wrong))

    @rule(kind=st.sampled_from(["birth date", "code B on the face", "code B on the text"]))
    def read_to_the_end(self, kind: str) -> None:
        secret = right_secret(kind, self.desk.person)
        self._try(lambda: self.desk.present(kind, secret, to_the_end=True))

    @rule(verifier=VERIFIER_OR_NOT)
    def look_at_the_card(self, verifier: VerifierReach | None) -> None:
        self._try(lambda: sight(self.desk.connected(), verifier))

    @rule(person=st.sampled_from(PEOPLE), faults=st.lists(FAULTS, max_size=2))
    def put_in(self, person: str, faults: list[Fault]) -> None:
        self.desk.insert(person, *faults)

    @rule()
    def power_off(self) -> None:
        self.desk.power_off()

    @rule()
    def take_the_card_out(self) -> None:
        self.desk.reader.remove()

    @rule()
    def unplug_the_reader_for_a_moment(self) -> None:
        self.desk.reader.unplug()
        self.desk.reader.plug_in()

    @rule()
    def start_the_program_again(self) -> None:
        person = self.desk.person
        self.desk.start()
        self.desk.insert(person)

    @rule(person=st.sampled_from(PEOPLE), kind=A_KIND, data=st.data())
    def another_program_used_tries(self, person: str, kind: str, data: st.DataObject) -> None:
        left = data.draw(st.integers(0, KINDS[kind].most))
        self.desk.cards[person].state.tries_left[KINDS[kind].reference] = left

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OutOfReach:
            # Whatever a card answers, the product never comes to wish for what it may not have.
            raise
        except CardTrouble:
            return

    @invariant()
    def no_try_without_a_confirmation(self) -> None:
        assert len(self.desk.presented) <= self.desk.confirmed

    @invariant()
    def no_try_at_the_margin(self) -> None:
        for each in self.desk.presented:
            assert each.left_before > MARGINS.get(each.reference, 99)

    @invariant()
    def every_key_gets_its_own_secret_only(self) -> None:
        for each in self.desk.presented:
            assert (each.reference, each.secret) in self.desk.asked_for

    @invariant()
    def nothing_but_a_try_moves_a_counter(self) -> None:
        assert [card.moved_otherwise for card in self.desk.cards.values()] == [[], []]

    @invariant()
    def nothing_forbidden_is_ever_selected(self) -> None:
        touched = {each for card in self.desk.cards.values() for each in card.touched}
        assert {application for application, _ in touched} <= ALLOWED_APPLICATIONS
        assert not touched & FORBIDDEN_FILES


TestOperator = Operator.TestCase
TestOperator.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    desk.insert("p01")
    return desk


@pytest.mark.parametrize("kind", KINDS)
def test_a_right_secret_opens_and_a_wrong_one_costs_one_try(desk: Desk, kind: str) -> None:
    """The machine above is no proof unless its acts reach the chip."""
    desk.confirm()
    with pytest.raises((CodeWrong, PinWrong)):
        desk.present(kind, KINDS[kind].wrong)
    with pytest.raises(NotConfirmed):
        desk.present(kind, right_secret(kind, "p01"))
    desk.confirm()
    with suppress(CardTrouble):
        desk.present(kind, right_secret(kind, "p01"))
    most = KINDS[kind].most
    assert [(each.left_before, each.left_after) for each in desk.presented] == [
        (most, most - 1),
        (most - 1, most),
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_who_insists_ends_at_the_margin(desk: Desk, kind: str) -> None:
    reference, margin = KINDS[kind].reference, KINDS[kind].margin
    for _ in range(KINDS[kind].most + 5):
        desk.confirm()
        with suppress(CodeWrong, PinWrong, TriesNearlyUsed):
            desk.present(kind, KINDS[kind].wrong)
    assert desk.cards["p01"].state.tries_left[reference] == margin


@pytest.mark.parametrize("kind", KINDS)
def test_a_blocked_key_is_never_tried(desk: Desk, kind: str) -> None:
    desk.cards["p01"].state.tries_left[KINDS[kind].reference] = 0
    desk.confirm()
    with pytest.raises(CardBlocked):
        desk.present(kind, right_secret(kind, "p01"))
    assert desk.presented == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "fault", [FaultKind.REMOVED_AT_BYTE, FaultKind.SILENCE_AT_BYTE, FaultKind.WRONG_STATUS_AT_BYTE]
)
def test_a_try_whose_answer_is_lost_is_not_made_again(desk: Desk, kind: str, fault: FaultKind) -> None:
    """SELECT and query are answered by two bytes each, so the fifth byte is of the answer to VERIFY."""
    desk.insert("p01", Fault(fault, 5, 0x6F00))
    desk.confirm()
    for _ in range(3):
        with pytest.raises(CardTrouble):
            desk.present(kind, KINDS[kind].wrong)
        desk.insert("p01")
    assert len(desk.presented) == 1


def test_a_selection_that_only_seemed_to_succeed_does_not_reach_the_text_pin(desk: Desk) -> None:
    """The birth date's key bears the number that the text PIN bears in the other application: 0011.

    The text PIN has three tries, so what the unit then takes for the counter is at its margin from the first.
    """
    desk.insert("p01", Fault(FaultKind.WRONG_STATUS, 5, 0x9000))
    desk.confirm()
    with pytest.raises(ReadingCancelled):
        desk.present("code B on the text", right_secret("code B on the text", "p01"))
    desk.confirm()
    with pytest.raises(TriesNearlyUsed):
        desk.present("birth date", right_secret("birth date", "p01"))
    assert desk.cards["p01"].application_name is ApplicationName.TEXT
    assert len(desk.presented) == 1
