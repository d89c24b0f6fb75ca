"""The PC/SC reader against a scripted system library: any thread asks, one thread calls, nothing hangs for ever."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
from smartcard import scard

from appliance.errors import (
    CardRemoved,
    CardSilent,
    NoCard,
    NoReader,
    ReaderGone,
    ReaderSilent,
    SeveralCards,
    UnitError,
)
from appliance.hardware import pcsc_reader
from appliance.hardware.pcsc_reader import ANSWER_WITHIN_S, PcscReader
from appliance.ports import CardChannel, CardReader, Presence
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
SOON_S = 0.05
"""A deadline that a test waits out."""
NEVER_S = 30.0
"""A time that no test waits out."""


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedLibrary]:
    monkeypatch.setattr(pcsc_reader, "_SETTLE_S", SOON_S)
    scripted = ScriptedLibrary()
    yield scripted
    scripted.thaw()
    for thread in owners():
        thread.join(NEVER_S)
    assert owners() == []
    assert (scripted.contexts, scripted.cards) == (0, 0)


@pytest.fixture
def reader(library: ScriptedLibrary) -> Iterator[PcscReader]:
    used = PcscReader(answer_within_s=NEVER_S, library=library, sleep=lambda _: None)
    yield used
    used.close()


@pytest.fixture
def hasty(library: ScriptedLibrary) -> Iterator[PcscReader]:
    """A reader whose patience a test can wait out."""
    used = PcscReader(answer_within_s=SOON_S, library=library, sleep=lambda _: None)
    yield used
    used.close()


def owners() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "card reader"]


def in_thread(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def failure(act: Callable[[], object]) -> UnitError:
    with pytest.raises(UnitError) as raised:
        act()
    return raised.value


# --- what a reader is -------------------------------------------------------------------------------------------------


def test_it_is_a_card_reader() -> None:
    used: CardReader = PcscReader()
    used.close()
    assert owners() == []


def test_nothing_is_opened_before_it_is_used(reader: PcscReader, library: ScriptedLibrary) -> None:
    assert owners() == []
    assert library.contexts == 0


def test_all_calls_come_from_one_thread_whoever_asks(reader: PcscReader, library: ScriptedLibrary) -> None:
    channel = reader.connect()
    askers = [
        in_thread(act)
        for act in (reader.presence, reader.names, lambda: channel.transmit(SELECT), reader.presence)
    ]
    for asker in askers:
        asker.join(NEVER_S)
    in_thread(channel.close).join(NEVER_S)
    reader.close()
    assert len(library.threads) == 1
    assert threading.get_ident() not in library.threads


# --- several readers --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "states", "name", "presence"),
    [
        ("", {}, "", Presence.NO_READER),
        ("", {FIRST: EMPTY, SECOND: EMPTY}, FIRST, Presence.EMPTY),
        ("", {FIRST: EMPTY, SECOND: PRESENT}, SECOND, Presence.CARD),
        ("", {FIRST: UNKNOWN, SECOND: EMPTY}, FIRST, Presence.EMPTY),
        ("", {FIRST: UNKNOWN}, FIRST, Presence.NO_READER),
        ("Second", {FIRST: PRESENT, SECOND: EMPTY}, SECOND, Presence.EMPTY),
        ("Third", {FIRST: PRESENT, SECOND: EMPTY}, "", Presence.NO_READER),
    ],
)
def test_name_and_presence_over_all_readers(
    library: ScriptedLibrary, wanted: str, states: dict[str, int], name: str, presence: Presence
) -> None:
    library.readers = states
    used = PcscReader(wanted, library=library)
    assert used.name == name
    assert used.presence() is presence
    assert used.names() == tuple(each.name for each in used.attached()) == tuple(states)
    used.close()


def test_two_cards_are_one_too_many(reader: PcscReader, library: ScriptedLibrary) -> None:
    library.readers = {FIRST: PRESENT, SECOND: PRESENT}
    assert str(failure(reader.connect)) == str(SeveralCards(2))
    library.readers = {FIRST: EMPTY, SECOND: PRESENT}
    reader.connect().close()
    assert library.connected == [SECOND]


def test_a_lost_card_is_looked_for_on_its_own_reader(reader: PcscReader, library: ScriptedLibrary) -> None:
    channel = reader.connect()
    library.readers = {FIRST: EMPTY, SECOND: PRESENT}
    library.transmits = [(scard.SCARD_E_NOT_TRANSACTED, [])]
    assert isinstance(failure(lambda: channel.transmit(SELECT)), CardRemoved)


# --- waiting ----------------------------------------------------------------------------------------------------------


def test_waiting_ends_at_once_when_it_holds(reader: PcscReader, library: ScriptedLibrary) -> None:
    assert reader.wait_for(Presence.CARD, NEVER_S) is Presence.CARD
    assert library.looks == 1


def test_waiting_in_vain_tells_what_holds(reader: PcscReader) -> None:
    assert reader.wait_for(Presence.EMPTY, 0.0) is Presence.CARD
    assert reader.wait_for(Presence.NO_READER, SOON_S) is Presence.CARD


def test_waiting_sees_what_changes(reader: PcscReader, library: ScriptedLibrary) -> None:
    seen: list[Presence] = []
    library.readers = {}
    waiting = in_thread(lambda: seen.append(reader.wait_for(Presence.CARD, NEVER_S)))
    library.readers = {FIRST: EMPTY}
    library.readers = {FIRST: PRESENT}
    waiting.join(NEVER_S)
    assert seen == [Presence.CARD]


def test_one_who_waits_holds_nobody_up(reader: PcscReader, library: ScriptedLibrary) -> None:
    waiting = in_thread(lambda: reader.wait_for(Presence.NO_READER, NEVER_S))
    channel = reader.connect()
    assert channel.transmit(SELECT) == b"\x90\x00"
    channel.close()
    assert reader.presence() is Presence.CARD
    reader.close()
    waiting.join(NEVER_S)
    assert not waiting.is_alive()


def test_a_service_that_comes_late_is_found(reader: PcscReader, library: ScriptedLibrary) -> None:
    library.establish = scard.SCARD_E_NO_SERVICE
    assert reader.wait_for(Presence.CARD, 0.0) is Presence.NO_READER
    library.establish = OK
    assert reader.wait_for(Presence.CARD, 0.0) is Presence.CARD


# --- a card and its line ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "state", "error"),
    [
        (scard.SCARD_W_REMOVED_CARD, PRESENT, CardRemoved),
        (scard.SCARD_W_RESET_CARD, PRESENT, CardRemoved),
        (scard.SCARD_E_NOT_TRANSACTED, EMPTY, CardRemoved),
        (scard.SCARD_E_NOT_TRANSACTED, PRESENT, CardSilent),
        (scard.SCARD_E_NOT_TRANSACTED, UNKNOWN, ReaderGone),
        (scard.SCARD_E_READER_UNAVAILABLE, UNKNOWN, ReaderGone),
        (scard.SCARD_E_NO_SERVICE, PRESENT, ReaderGone),
        (scard.SCARD_E_INVALID_HANDLE, PRESENT, ReaderGone),
        (scard.SCARD_F_COMM_ERROR, PRESENT, ReaderGone),
        (0x7FFFFFFF, PRESENT, CardSilent),
        (OK, PRESENT, CardSilent),
        (OK, EMPTY, CardRemoved),
    ],
)
def test_a_failed_exchange_shuts_the_line_for_good(
    reader: PcscReader, library: ScriptedLibrary, code: int, state: int, error: type[Exception]
) -> None:
    library.transmits = [(code, [0x90])]
    channel = reader.connect()
    library.readers = {FIRST: state}
    assert type(failure(lambda: channel.transmit(SELECT))) is error
    # Whatever lies there now may be another card.
    library.readers = {FIRST: PRESENT}
    assert type(failure(lambda: channel.transmit(SELECT))) is error
    assert len(library.headers) == 1
    channel.close()
    if error is ReaderGone:
        library.cards = 0  # a service that went away let go of what it held


def test_a_reader_that_was_taken_away_during_an_exchange(
    reader: PcscReader, library: ScriptedLibrary
) -> None:
    channel = reader.connect()
    library.readers = {}
    library.lists = [UNPLUGGED] * 100
    library.transmits = [(scard.SCARD_E_READER_UNAVAILABLE, [])]
    assert type(failure(lambda: channel.transmit(SELECT))) is ReaderGone


def test_a_service_that_restarted_behind_an_open_line(reader: PcscReader, library: ScriptedLibrary) -> None:
    channel = reader.connect()
    library.lists = [scard.SCARD_E_NO_SERVICE]
    assert reader.presence() is Presence.CARD
    assert type(failure(lambda: channel.transmit(SELECT))) is ReaderGone
    assert library.headers == []
    library.cards = 0


def test_an_error_of_the_line_holds_no_earlier_frames(reader: PcscReader, library: ScriptedLibrary) -> None:
    library.transmits = [(scard.SCARD_W_REMOVED_CARD, [])]
    channel = reader.connect()
    first = failure(lambda: channel.transmit(SELECT))
    second = failure(lambda: channel.transmit(SELECT))
    assert first is not second
    assert second.__context__ is None


def test_closing_powers_the_card_down_once(reader: PcscReader, library: ScriptedLibrary) -> None:
    channel = reader.connect()
    channel.close()
    channel.close()
    assert library.dispositions == [scard.SCARD_UNPOWER_CARD]
    assert type(failure(lambda: channel.transmit(SELECT))) is CardRemoved


def test_a_line_closed_while_a_command_is_on_its_way(reader: PcscReader, library: ScriptedLibrary) -> None:
    channel = reader.connect()
    library.freeze("SCardTransmit")
    library.transmits = [(scard.SCARD_E_NOT_TRANSACTED, [])]
    seen: list[UnitError] = []
    asking = in_thread(lambda: seen.append(failure(lambda: channel.transmit(SELECT))))
    assert library.met_ice.wait(NEVER_S)
    closing = in_thread(channel.close)
    library.thaw()
    for thread in (asking, closing):
        thread.join(NEVER_S)
    assert library.dispositions == [scard.SCARD_UNPOWER_CARD]
    assert type(failure(lambda: channel.transmit(SELECT))) in {CardRemoved, CardSilent}


# --- a driver or a service that freezes ---------------------------------------------------------------------------------


def test_the_deadline_leaves_drivers_time_to_give_a_silent_card_up() -> None:
    assert 5.0 <= ANSWER_WITHIN_S <= 15.0


@pytest.mark.parametrize("call", ["SCardEstablishContext", "SCardListReaders", "SCardConnect"])
def test_a_connection_that_freezes(hasty: PcscReader, library: ScriptedLibrary, call: str) -> None:
    library.freeze(call)
    assert str(failure(hasty.connect)) == str(ReaderSilent(SOON_S))
    assert hasty.presence() is Presence.NO_READER
    assert (hasty.name, hasty.names()) == ("", ())
    assert type(failure(hasty.connect)) is ReaderSilent
    library.thaw()
    assert hasty.wait_for(Presence.CARD, NEVER_S) is Presence.CARD
    # A connection that came too late was let go again.
    assert library.cards == 0
    hasty.connect().close()


def test_a_command_that_freezes_ends_its_line_for_good(hasty: PcscReader, library: ScriptedLibrary) -> None:
    channel = hasty.connect()
    library.freeze("SCardTransmit")
    for _ in range(2):
        assert str(failure(lambda: channel.transmit(SELECT))) == str(ReaderSilent(SOON_S))
    assert hasty.presence() is Presence.NO_READER
    channel.close()
    library.thaw()
    assert hasty.wait_for(Presence.CARD, NEVER_S) is Presence.CARD
    assert type(failure(lambda: channel.transmit(SELECT))) is ReaderSilent
    assert library.dispositions == [scard.SCARD_UNPOWER_CARD]
    again = hasty.connect()
    assert again.transmit(SELECT) == b"\x90\x00"


def test_a_look_that_freezes_is_no_reader(hasty: PcscReader, library: ScriptedLibrary) -> None:
    assert hasty.presence() is Presence.CARD
    library.freeze("SCardGetStatusChange")
    assert hasty.wait_for(Presence.CARD, 0.0) is Presence.NO_READER
    library.thaw()
    assert hasty.wait_for(Presence.CARD, NEVER_S) is Presence.CARD
    assert library.contexts == 1


def test_a_release_that_freezes_lets_its_caller_go(hasty: PcscReader, library: ScriptedLibrary) -> None:
    channel = hasty.connect()
    library.freeze("SCardDisconnect")
    channel.close()
    hasty.close()
    library.thaw()
    assert library.met_ice.is_set()


def test_a_frozen_reader_closes_and_lets_its_card_go_when_it_comes_back(
    hasty: PcscReader, library: ScriptedLibrary
) -> None:
    channel = hasty.connect()
    library.freeze("SCardTransmit")
    assert type(failure(lambda: channel.transmit(SELECT))) is ReaderSilent
    hasty.close()
    assert library.cards == 1
    library.thaw()
    for thread in owners():
        thread.join(NEVER_S)
    assert (library.contexts, library.cards) == (0, 0)


def test_each_freeze_leaves_at_most_one_thread_until_it_ends(
    hasty: PcscReader, library: ScriptedLibrary
) -> None:
    for call in ("SCardConnect", "SCardListReaders") * 5:
        library.freeze(call)
        assert type(failure(hasty.connect)) is ReaderSilent
        assert len(owners()) == 1
        library.thaw()
        assert hasty.wait_for(Presence.CARD, NEVER_S) is Presence.CARD
        assert (library.contexts, library.cards) == (1, 0)


# --- the end ------------------------------------------------------------------------------------------------------------


def test_a_closed_reader_is_none(reader: PcscReader, library: ScriptedLibrary) -> None:
    channel = reader.connect()
    reader.close()
    reader.close()
    assert owners() == []
    assert (library.contexts, library.cards) == (0, 0)
    assert reader.presence() is Presence.NO_READER
    assert reader.wait_for(Presence.CARD, NEVER_S) is Presence.NO_READER
    assert (reader.name, reader.names()) == ("", ())
    assert type(failure(reader.connect)) is NoReader
    assert type(failure(lambda: channel.transmit(SELECT))) is CardRemoved
    channel.close()
    assert owners() == []


def test_a_thousand_readers_leave_no_handle_and_no_thread(library: ScriptedLibrary) -> None:
    for _ in range(1000):
        used = PcscReader(library=library)
        used.connect().transmit(SELECT)
        used.close()
    assert owners() == []
    assert (library.contexts, library.cards) == (0, 0)


def forget_a_reader(library: ScriptedLibrary) -> None:
    channel: CardChannel = PcscReader(library=library).connect()
    channel.transmit(SELECT)


def test_a_reader_that_nobody_closed_ends_with_its_last_user(library: ScriptedLibrary) -> None:
    forget_a_reader(library)
    gc.collect()
    assert owners() == []
    assert library.dispositions == [scard.SCARD_UNPOWER_CARD]


def test_an_empty_reader_refuses_without_ending(reader: PcscReader, library: ScriptedLibrary) -> None:
    library.readers = {FIRST: EMPTY}
    assert type(failure(reader.connect)) is NoCard
    library.readers = {FIRST: PRESENT}
    reader.connect().close()


FORGETFUL_PROGRAM = """
import atexit
from appliance.hardware.pcsc_reader import PcscReader
from tests.hardware.scripted_library import ScriptedLibrary

library = ScriptedLibrary()
atexit.register(lambda: print(library.cards))  # runs last
channel = PcscReader(library=library, answer_within_s=0.1).connect()
if {freezes}:
    library.freeze("SCardDisconnect")
class Last:
    def __del__(self):
        channel.close()
last = Last()
PcscReader(library=library).presence()
"""


@pytest.mark.parametrize(("freezes", "cards_left"), [(False, "0"), (True, "1")])
def test_a_program_that_closed_nothing_ends_and_lets_its_card_go_if_it_can(
    freezes: bool, cards_left: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORGETFUL_PROGRAM.format(freezes=freezes)],
        capture_output=True,
        text=True,
        timeout=NEVER_S,
        check=True,
    )
    assert (done.stdout.strip(), done.stderr) == (cards_left, "")
