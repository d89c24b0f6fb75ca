"""The line to the card service against a scripted library: several readers, every failure returned, no handle left open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smartcard import scard

from appliance.errors import CardBusy, CardSilent, CardTrouble, NoCard, NoReader, SeveralCards
from appliance.hardware.pcsc_session import HeldCard, PcscSession
from appliance.ports import AttachedReader, Presence
from tests.hardware.scripted_library import (
    EMPTY,
    FIRST,
    OK,
    PRESENT,
    SECOND,
    UNKNOWN,
    UNPLUGGED,
    ScriptedLibrary,
)

SELECT = b"\x00\xa4\x00\x00"
GONE = [
    scard.SCARD_E_NO_SERVICE,
    scard.SCARD_E_SERVICE_STOPPED,
    scard.SCARD_E_INVALID_HANDLE,
    scard.SCARD_F_COMM_ERROR,
]


@pytest.fixture
def library() -> ScriptedLibrary:
    return ScriptedLibrary()


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def session(library: ScriptedLibrary, slept: list[float]) -> Iterator[PcscSession]:
    used = PcscSession(library, slept.append)
    yield used
    used.close()
    assert (library.contexts, library.cards) == (0, 0)


def held(session: PcscSession, wanted: str = "") -> HeldCard:
    card = session.connect(wanted)
    assert isinstance(card, HeldCard)
    return card


def refused(session: PcscSession, wanted: str = "") -> CardTrouble:
    trouble = session.connect(wanted)
    assert isinstance(trouble, CardTrouble)
    return trouble


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", [FIRST, SECOND]),
        ("Second", [SECOND]),
        ("reader 00", [FIRST, SECOND]),
        ("Third", []),
    ],
)
def test_readers_are_chosen_by_a_part_of_their_name(
    session: PcscSession, wanted: str, names: list[str]
) -> None:
    assert [slot.name for slot in session.slots(wanted)] == names


def test_each_reader_has_its_own_presence(session: PcscSession) -> None:
    assert list(session.slots("")) == [
        AttachedReader(FIRST, Presence.CARD),
        AttachedReader(SECOND, Presence.EMPTY),
    ]


@pytest.mark.parametrize(
    ("first", "second", "wanted", "connected"),
    [
        (PRESENT, EMPTY, "", FIRST),
        (EMPTY, PRESENT, "", SECOND),
        (UNKNOWN, PRESENT, "", SECOND),
        (PRESENT, PRESENT, "First", FIRST),
        (PRESENT, PRESENT, "Second", SECOND),
    ],
)
def test_the_reader_that_holds_the_card_is_used(
    session: PcscSession, library: ScriptedLibrary, first: int, second: int, wanted: str, connected: str
) -> None:
    library.readers = {FIRST: first, SECOND: second}
    assert held(session, wanted).reader_name == connected
    assert library.connected == [connected]


@pytest.mark.parametrize(
    ("states", "wanted", "trouble"),
    [
        ({}, "", NoReader()),
        ({FIRST: UNKNOWN}, "", NoReader()),
        ({FIRST: PRESENT}, "Third", NoReader()),
        ({FIRST: EMPTY}, "", NoCard()),
        ({FIRST: EMPTY, SECOND: UNKNOWN}, "", NoCard()),
        ({FIRST: PRESENT, SECOND: EMPTY}, "Second", NoCard()),
        ({FIRST: PRESENT, SECOND: PRESENT}, "", SeveralCards(2)),
        ({FIRST: PRESENT, SECOND: PRESENT}, "reader", SeveralCards(2)),
        ({FIRST: PRESENT, SECOND: PRESENT | scard.SCARD_STATE_MUTE, "Third": PRESENT}, "", SeveralCards(3)),
    ],
)
def test_no_card_or_too_many_touch_none(
    session: PcscSession, library: ScriptedLibrary, states: dict[str, int], wanted: str, trouble: CardTrouble
) -> None:
    library.readers = states
    assert str(refused(session, wanted)) == str(trouble)
    assert library.connected == []


@given(
    st.dictionaries(st.text(min_size=1, max_size=8), st.sampled_from([EMPTY, PRESENT, UNKNOWN]), max_size=6)
)
def test_a_card_is_powered_only_when_it_is_the_only_one(states: dict[str, int]) -> None:
    library = ScriptedLibrary()
    library.readers = states
    session = PcscSession(library)
    with_card = [name for name, state in states.items() if state == PRESENT]
    outcome = session.connect("")
    assert isinstance(outcome, HeldCard) == (len(with_card) == 1)
    assert library.connected == (with_card if len(with_card) == 1 else [])
    session.close()
    assert (library.contexts, library.cards) == (0, 0)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (scard.SCARD_E_NO_SMARTCARD, NoCard),
        (scard.SCARD_E_SHARING_VIOLATION, CardBusy),
        (scard.SCARD_W_UNRESPONSIVE_CARD, CardSilent),
        (scard.SCARD_E_PROTO_MISMATCH, CardSilent),
        (scard.SCARD_E_UNKNOWN_READER, NoReader),
        *((code, NoReader) for code in GONE),
    ],
)
def test_a_failed_connection_leaves_no_handle(
    session: PcscSession, library: ScriptedLibrary, code: int, error: type[Exception]
) -> None:
    library.connects = [code] * 10
    assert type(refused(session)) is error
    assert library.cards == 0


def test_a_card_that_misses_its_first_power_up_is_tried_again(
    session: PcscSession, library: ScriptedLibrary, slept: list[float]
) -> None:
    library.connects = [scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_W_UNRESPONSIVE_CARD, OK]
    assert held(session).reader_name == FIRST
    assert slept == [0.05, 0.05]


def test_a_chip_that_never_powers_up_is_given_up(
    session: PcscSession, library: ScriptedLibrary, slept: list[float]
) -> None:
    library.connects = [scard.SCARD_W_UNPOWERED_CARD] * 10
    assert type(refused(session)) is CardSilent
    assert len(slept) == 3


def test_t1_is_asked_for_first_and_any_protocol_after_that(
    session: PcscSession, library: ScriptedLibrary
) -> None:
    t1, either = scard.SCARD_PROTOCOL_T1, scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    session.release(held(session))
    assert library.protocols == [t1]
    library.connects = [scard.SCARD_E_PROTO_MISMATCH, OK]
    session.transmit(held(session), SELECT)
    assert library.protocols == [t1, t1, either]
    assert library.headers == [scard.SCARD_PCI_T0]


def test_an_exchange_passes_bytes_through(session: PcscSession, library: ScriptedLibrary) -> None:
    library.transmits = [(OK, [1, 2, 0x90, 0])]
    assert session.transmit(held(session), SELECT) == (OK, b"\x01\x02\x90\x00")
    assert library.headers == [scard.SCARD_PCI_T1]


def test_a_released_card_is_without_power_and_out_of_reach(
    session: PcscSession, library: ScriptedLibrary
) -> None:
    card = held(session)
    session.release(card)
    session.release(card)
    assert library.dispositions == [scard.SCARD_UNPOWER_CARD]
    assert session.transmit(card, SELECT)[0] == scard.SCARD_E_SERVICE_STOPPED
    assert library.headers == []


@pytest.mark.parametrize("code", GONE)
def test_a_service_that_went_away_during_an_exchange_loses_every_card(
    session: PcscSession, library: ScriptedLibrary, code: int
) -> None:
    lost = held(session)
    library.transmits = [(code, [])]
    assert session.transmit(lost, SELECT)[0] == code
    assert lost.is_lost
    assert library.contexts == 0
    library.cards = 0  # the service let go of what it held
    session.release(held(session))
    # The new card has the number of the old one, which stays shut all the same.
    assert session.transmit(lost, SELECT)[0] == scard.SCARD_E_SERVICE_STOPPED
    assert len(library.headers) == 1


@pytest.mark.parametrize("code", GONE)
def test_a_restart_since_the_last_look_goes_unnoticed(
    session: PcscSession, library: ScriptedLibrary, code: int
) -> None:
    for broken in (library.lists, library.statuses):
        broken.append(code)
        assert len(session.slots("")) == 2
        assert library.contexts == 1


def test_a_reader_that_leaves_between_two_questions_spoils_no_look(
    session: PcscSession, library: ScriptedLibrary
) -> None:
    library.statuses = [scard.SCARD_E_UNKNOWN_READER]
    assert len(session.slots("")) == 2


@pytest.mark.parametrize("code", [*GONE, UNPLUGGED, scard.SCARD_F_INTERNAL_ERROR])
def test_without_service_or_readers_there_is_none(
    session: PcscSession, library: ScriptedLibrary, code: int
) -> None:
    library.lists = [code] * 2
    assert session.slots("") == ()
    library.lists.clear()
    assert len(session.slots("")) == 2


def test_a_service_that_does_not_run_is_looked_for_each_time(
    session: PcscSession, library: ScriptedLibrary
) -> None:
    library.establish = scard.SCARD_E_NO_SERVICE
    assert session.slots("") == ()
    assert type(refused(session)) is NoReader
    library.establish = OK
    assert len(session.slots("")) == 2


def test_closing_lets_every_card_and_the_service_go(library: ScriptedLibrary) -> None:
    session = PcscSession(library)
    cards = [held(session), held(session)]
    session.close()
    session.close()
    assert (library.contexts, library.cards) == (0, 0)
    assert all(card.is_lost for card in cards)
