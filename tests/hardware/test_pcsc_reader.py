"""The PC/SC reader against a scripted system library: every code it can meet, and no handle left open."""

# The scripted library bears the names of the real one.
# ruff: noqa: N802

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from smartcard import scard

from appliance.errors import CardBusy, CardRemoved, CardSilent, NoCard, NoReader, ReaderGone
from appliance.hardware import pcsc_reader
from appliance.hardware.pcsc_reader import PcscReader
from appliance.ports import Presence

OK: int = scard.SCARD_S_SUCCESS
EMPTY, PRESENT, UNKNOWN = scard.SCARD_STATE_EMPTY, scard.SCARD_STATE_PRESENT, scard.SCARD_STATE_UNKNOWN


class ScriptedLibrary:
    """Stands in for the thin layer: same names and results, answers from a script, open handles counted."""

    def __init__(self) -> None:
        self.readers = ["First reader 00", "Second reader 00"]
        self.state = PRESENT
        self.establish = OK
        self.list = OK
        self.connects: list[int] = []
        self.transmits: list[tuple[int, list[int]]] = []
        self.status = OK
        self.is_valid = OK
        self.contexts = 0
        self.cards = 0
        self.protocols: list[int] = []
        self.dispositions: list[int] = []
        self.watched: list[list[str]] = []

    def __getattr__(self, name: str) -> object:
        return getattr(scard, name)

    def SCardEstablishContext(self, scope: int) -> tuple[int, int]:
        self.contexts += self.establish == OK
        return self.establish, 7

    def SCardReleaseContext(self, context: int) -> int:
        self.contexts -= 1
        return OK

    def SCardIsValidContext(self, context: int) -> int:
        return self.is_valid

    def SCardListReaders(self, context: int, groups: list[str]) -> tuple[int, list[str]]:
        return self.list, self.readers if self.list == OK else []

    def SCardConnect(self, context: int, name: str, share: int, protocols: int) -> tuple[int, int, int]:
        assert share == scard.SCARD_SHARE_EXCLUSIVE
        self.protocols.append(protocols)
        code = self.connects.pop(0) if self.connects else OK
        self.cards += code == OK
        return (
            code,
            9,
            scard.SCARD_PROTOCOL_T0 if protocols & scard.SCARD_PROTOCOL_T0 else scard.SCARD_PROTOCOL_T1,
        )

    def SCardDisconnect(self, card: int, disposition: int) -> int:
        self.cards -= 1
        self.dispositions.append(disposition)
        return OK

    def SCardTransmit(self, card: int, protocol: int, command: list[int]) -> tuple[int, list[int]]:
        return self.transmits.pop(0)

    def SCardGetStatusChange(
        self, context: int, timeout_ms: int, states: list[tuple[str, int]]
    ) -> tuple[int, list[tuple[str, int, list[int]]]]:
        self.watched.append([name for name, _ in states])
        return self.status, [(name, self.state, []) for name, _ in states]


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> ScriptedLibrary:
    scripted = ScriptedLibrary()
    monkeypatch.setattr(pcsc_reader, "scard", scripted)
    return scripted


def ticking(step_s: float = 0.4) -> Callable[[], float]:
    now = [0.0]

    def monotonic_s() -> float:
        now[0] += step_s
        return now[0]

    return monotonic_s


def reader(wanted: str = "", slept: list[float] | None = None) -> PcscReader:
    return PcscReader(wanted, (slept if slept is not None else []).append, ticking())


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("", "First reader 00"),
        ("Second", "Second reader 00"),
        ("reader 00", "First reader 00"),
        ("Third", ""),
    ],
)
def test_the_reader_is_chosen_by_name(library: ScriptedLibrary, wanted: str, name: str) -> None:
    assert reader(wanted).name == name
    assert reader().names() == ("First reader 00", "Second reader 00")


@pytest.mark.parametrize(
    ("state", "presence"),
    [
        (EMPTY, Presence.EMPTY),
        (PRESENT, Presence.CARD),
        (PRESENT | scard.SCARD_STATE_MUTE, Presence.CARD),
        (PRESENT | scard.SCARD_STATE_EXCLUSIVE | 3 << 16, Presence.CARD),
        (UNKNOWN, Presence.NO_READER),
        (scard.SCARD_STATE_UNAVAILABLE, Presence.NO_READER),
    ],
)
def test_what_stands_on_the_reader(library: ScriptedLibrary, state: int, presence: Presence) -> None:
    library.state = state
    assert reader().presence() is presence


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (scard.SCARD_E_NO_SMARTCARD, NoCard),
        (scard.SCARD_W_REMOVED_CARD, NoCard),
        (scard.SCARD_E_SHARING_VIOLATION, CardBusy),
        (scard.SCARD_W_UNRESPONSIVE_CARD, CardSilent),
        (scard.SCARD_W_UNPOWERED_CARD, CardSilent),
        (scard.SCARD_W_UNSUPPORTED_CARD, CardSilent),
        (scard.SCARD_E_PROTO_MISMATCH, CardSilent),
        (scard.SCARD_E_READER_UNAVAILABLE, NoReader),
        (scard.SCARD_E_UNKNOWN_READER, NoReader),
        (scard.SCARD_E_NO_SERVICE, NoReader),
        (scard.SCARD_F_COMM_ERROR, NoReader),
        (scard.SCARD_F_INTERNAL_ERROR, NoReader),
    ],
)
def test_a_failed_connection(library: ScriptedLibrary, code: int, error: type[Exception]) -> None:
    library.connects = [code] * 10
    used = reader()
    with pytest.raises(error):
        used.connect()
    used.close()
    assert (library.contexts, library.cards) == (0, 0)


def test_a_card_that_misses_its_first_power_up_is_tried_again(library: ScriptedLibrary) -> None:
    library.connects = [scard.SCARD_W_UNPOWERED_CARD, scard.SCARD_W_UNRESPONSIVE_CARD, OK]
    slept: list[float] = []
    reader("", slept).connect().close()
    assert slept == [0.05, 0.05]
    assert library.cards == 0


def test_t1_is_asked_for_first_and_any_protocol_after_that(library: ScriptedLibrary) -> None:
    library.connects = [scard.SCARD_E_PROTO_MISMATCH, OK]
    reader().connect()
    either = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    assert library.protocols == [scard.SCARD_PROTOCOL_T1, either]


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
def test_a_failed_exchange_shuts_the_line(
    library: ScriptedLibrary, code: int, state: int, error: type[Exception]
) -> None:
    library.transmits = [(code, [0x90])]
    used = reader()
    channel = used.connect()
    library.state = state
    for _ in range(2):
        with pytest.raises(error):
            channel.transmit(b"\x00\xa4\x00\x00")
    channel.close()
    used.close()
    assert (library.contexts, library.cards) == (0, 0)


def test_an_exchange_passes_bytes_through(library: ScriptedLibrary) -> None:
    library.transmits = [(OK, [1, 2, 0x90, 0])]
    assert reader().connect().transmit(b"\x00\xb0\x00\x00\x02") == b"\x01\x02\x90\x00"


def test_closing_powers_the_card_down(library: ScriptedLibrary) -> None:
    channel = reader().connect()
    channel.close()
    channel.close()
    assert library.dispositions == [scard.SCARD_UNPOWER_CARD]
    with pytest.raises(CardRemoved):
        channel.transmit(b"\x00\xa4\x00\x00")


@pytest.mark.parametrize("code", [scard.SCARD_E_NO_SERVICE, scard.SCARD_E_NO_READERS_AVAILABLE])
def test_without_service_or_readers(library: ScriptedLibrary, code: int) -> None:
    library.list = code
    used = reader()
    assert used.presence() is Presence.NO_READER
    assert used.name == ""
    with pytest.raises(NoReader):
        used.connect()
    used.close()
    assert library.contexts == 0


def test_a_card_service_that_does_not_run_is_looked_for_again(library: ScriptedLibrary) -> None:
    library.establish = scard.SCARD_E_NO_SERVICE
    slept: list[float] = []
    assert reader("", slept).wait_for(Presence.CARD, 2.0) is Presence.NO_READER
    assert slept
    assert max(slept) <= 0.2


def test_a_context_that_died_is_made_anew(library: ScriptedLibrary) -> None:
    used = reader()
    assert used.presence() is Presence.CARD
    library.is_valid = scard.SCARD_E_INVALID_HANDLE
    assert used.presence() is Presence.CARD
    assert library.contexts == 1


@pytest.mark.parametrize("code", [scard.SCARD_E_NO_SERVICE, scard.SCARD_E_INVALID_VALUE])
def test_waiting_survives_every_error_of_the_service(library: ScriptedLibrary, code: int) -> None:
    library.status = code
    slept: list[float] = []
    assert reader("", slept).wait_for(Presence.CARD, 3.0) is Presence.NO_READER
    assert slept


def test_waiting_watches_the_reader_and_the_coming_of_readers(library: ScriptedLibrary) -> None:
    library.state = EMPTY
    library.status = OK
    assert reader().wait_for(Presence.CARD, 1.0) is Presence.EMPTY
    assert ["First reader 00", r"\\?PnP?\Notification"] in library.watched


def test_waiting_ends_at_once_when_it_holds(library: ScriptedLibrary) -> None:
    assert reader().wait_for(Presence.CARD, 100.0) is Presence.CARD
    assert library.watched == [["First reader 00"]]


def close_twice(readers: Iterable[PcscReader]) -> None:
    for each in readers:
        each.close()
        each.close()


def test_closing_is_safe_to_repeat(library: ScriptedLibrary) -> None:
    used = reader()
    used.connect()
    close_twice([used, reader()])
    assert (library.contexts, library.cards) == (0, 0)
