"""The guard at the lowest layer refuses by default and follows what is current (design D1, R01; proof.md V2)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.trace import Trace
from appliance.errors import CardNotUnderstood, CardRemoved, OutOfReach
from tests.card.scripted import CODE, QUERY, SURFACE, VERIFY, Script

TEXT = "00A4040C0AD3921000310001010408"
JPKI = "00A4040C0AD392F000260100000001"
SIGN = "802A0000333031300D060960864801650304020105000420" + "AB" * 32 + "00"


class Recorder:
    """A channel that takes everything, to see what would reach a card."""

    def __init__(self, status: str = "9000") -> None:
        self.status = bytes.fromhex(status)
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.status


def guarded(*done_before: str) -> tuple[ReachedChannel, Recorder]:
    recorder = Recorder()
    channel = ReachedChannel(recorder)
    for command in done_before:
        channel.transmit(bytes.fromhex(command))
    recorder.sent.clear()
    return channel, recorder


@pytest.mark.parametrize(
    ("done_before", "command"),
    [
        ((), SURFACE),
        ((), TEXT),
        ((SURFACE,), QUERY),
        ((SURFACE,), VERIFY),
        ((SURFACE,), "00B0820000"),
        ((SURFACE,), "00B0830000"),
        ((SURFACE,), "00B0840010"),
        ((SURFACE,), SIGN),
        ((SURFACE, "00B0820000"), "00B0010000"),
        ((SURFACE, "00B0820000", "00B0010000"), "00B0020000"),
        ((TEXT,), "00200095"),
        ((TEXT,), "00B0820000"),
        ((TEXT,), "00B0870000"),
        ((TEXT,), SIGN),
    ],
)
def test_the_allow_list_passes(done_before: tuple[str, ...], command: str) -> None:
    channel, recorder = guarded(*done_before)
    assert channel.transmit(bytes.fromhex(command)) == bytes.fromhex("9000")
    assert recorder.sent == [bytes.fromhex(command)]


@pytest.mark.parametrize(
    ("done_before", "command"),
    [
        pytest.param((SURFACE,), "00B0850000", id="the drawn My Number"),
        pytest.param((SURFACE,), "00B0810000", id="the age record, which no use-case needs"),
        pytest.param((SURFACE,), "00B0860000", id="an unknown file"),
        pytest.param((TEXT,), "00B0810000", id="the written My Number"),
        pytest.param((SURFACE,), "00A4020C020005", id="a file by its id"),
        pytest.param((TEXT,), "00A4020C020001", id="another file by its id"),
        pytest.param((SURFACE,), "00A4020C020002", id="even an allowed file by its id"),
        pytest.param((), "00A4040C0AD3921000310001010401", id="juki application"),
        pytest.param((), "00A4040C0AD3921000310001010100", id="common application"),
        pytest.param((), JPKI, id="JPKI application"),
        pytest.param((), "00A4040C09D39210003100010104", id="a prefix of a name"),
        pytest.param((), "00A4040C05D392100031", id="a short prefix"),
        pytest.param((), "00A404000AD392100031000101040200", id="SELECT that asks for more"),
        pytest.param((), "00A4040C07A0000001510000", id="card manager"),
        pytest.param((), "00A40000", id="master file"),
        pytest.param((SURFACE,), "00200093", id="query of reference code A"),
        pytest.param((SURFACE,), "00200093" + "0C" + "313233343536373839303138", id="reference code A"),
        pytest.param((TEXT,), "00200091", id="query of the text PIN"),
        pytest.param((TEXT,), "00200091" + "04" + "31323334", id="the text PIN"),
        pytest.param((TEXT,), "00200094", id="reference code A of the text application"),
        pytest.param((SURFACE,), "00200095", id="a key of the other application"),
        pytest.param((TEXT,), VERIFY, id="the other application's key, with a code"),
        pytest.param((SURFACE,), "00200080", id="the current key, whichever it is"),
        pytest.param((SURFACE,), "00200092" + "0D" + "31" * 13, id="a code too short"),
        pytest.param((SURFACE,), "00200092" + "0E" + "41" * 14, id="a code of letters"),
        pytest.param((SURFACE,), "00B0020000", id="no file current"),
        pytest.param((SURFACE, "00B0820000", VERIFY), "00B0010000", id="a key may be current"),
        pytest.param((SURFACE, "00B0820000", SURFACE), "00B0010000", id="selected anew"),
        pytest.param((SURFACE,), "00B0820100", id="a start that is none"),
        pytest.param((SURFACE,), "00B0A20000", id="reserved bits"),
        pytest.param((SURFACE,), "00B08200", id="READ without a length"),
        pytest.param((SURFACE,), "00B08200000200", id="READ of extended length"),
        pytest.param((), "00B0820000", id="READ before SELECT"),
        pytest.param((), QUERY, id="VERIFY before SELECT"),
        pytest.param((), SIGN, id="signature before SELECT"),
        pytest.param((SURFACE,), SIGN.replace("802A0000", "802A0080"), id="signature with a named key"),
        pytest.param((SURFACE,), SIGN.replace("0420AB", "0520AB"), id="signature over something else"),
        pytest.param((SURFACE,), "802A000001AA00", id="signature over one byte"),
        pytest.param((SURFACE,), "00C0000000", id="GET RESPONSE out of nowhere"),
        pytest.param((SURFACE,), "0024018004" + "31323334", id="change of a code"),
        pytest.param((SURFACE,), "00CA004200", id="GET DATA"),
        pytest.param((SURFACE,), "008400000A", id="GET CHALLENGE"),
        pytest.param((SURFACE,), "00B2010C00", id="READ RECORD"),
        pytest.param((SURFACE,), "01B0820000", id="a logical channel"),
        pytest.param((SURFACE,), "08B0820000", id="secure messaging"),
        pytest.param((SURFACE,), "FFCA000000", id="the reader's own commands"),
        pytest.param((SURFACE,), "00", id="no command"),
        pytest.param((SURFACE,), "00A4040C00000AD3921000310001010402", id="another spelling"),
    ],
)
def test_everything_else_is_refused_before_it_is_sent(done_before: tuple[str, ...], command: str) -> None:
    channel, recorder = guarded(*done_before)
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex(command))
    assert recorder.sent == []


@given(
    st.binary(max_size=40)
    | st.builds(bytes.__add__, st.sampled_from([b"\x00\xa4", b"\x00\xb0"]), st.binary())
)
def test_no_random_bytes_get_past_the_guard_except_the_allow_list(command: bytes) -> None:
    channel, recorder = guarded(SURFACE)
    with suppress(OutOfReach):
        channel.transmit(command)
    allowed = {b"\xb0\x82", b"\xb0\x83", b"\xb0\x84"}
    assert all(sent[1:3] in allowed or sent == bytes.fromhex(TEXT) for sent in recorder.sent)


def test_a_failed_select_leaves_nothing_to_read() -> None:
    channel = ReachedChannel(Script((SURFACE, "9000"), (TEXT, "6A82")))
    channel.transmit(bytes.fromhex(SURFACE))
    channel.transmit(bytes.fromhex(TEXT))
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex("00B0820000"))


@pytest.mark.parametrize("status", ["6982", "6A82", "6F00"])
def test_a_failed_read_leaves_no_current_file(status: str) -> None:
    channel = ReachedChannel(Script((SURFACE, "9000"), ("00B0820000", status)))
    channel.transmit(bytes.fromhex(SURFACE))
    channel.transmit(bytes.fromhex("00B0820000"))
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex("00B0010000"))


@pytest.mark.parametrize("status", ["9000", "6282", "6105"])
def test_a_read_that_gave_bytes_leaves_its_file_current(status: str) -> None:
    channel = ReachedChannel(Script((SURFACE, "9000"), ("00B0820000", status), ("00B0010000", "9000")))
    for command in (SURFACE, "00B0820000"):
        channel.transmit(bytes.fromhex(command))
    assert channel.transmit(bytes.fromhex("00B0010000")) == bytes.fromhex("9000")


def test_get_response_passes_once_after_it_was_announced() -> None:
    channel = ReachedChannel(
        Script((SURFACE, "9000"), ("00B0820000", "6103"), ("00C0000003", "AABBCC9000"), (QUERY, "63CA"))
    )
    for command in (SURFACE, "00B0820000", "00C0000003"):
        channel.transmit(bytes.fromhex(command))
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex("00C0000003"))


def test_after_a_broken_line_only_select_is_left() -> None:
    script = Script((SURFACE, "9000"), (QUERY, CardRemoved()), (SURFACE, "9000"))
    channel = ReachedChannel(script)
    channel.transmit(bytes.fromhex(SURFACE))
    with pytest.raises(CardRemoved):
        channel.transmit(bytes.fromhex(QUERY))
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex(QUERY))
    channel.transmit(bytes.fromhex(SURFACE))
    script.assert_finished()


@pytest.mark.parametrize("answer", ["", "90"])
def test_an_answer_without_a_status_word_leaves_nothing_current(answer: str) -> None:
    channel = ReachedChannel(Script((SURFACE, answer)))
    with pytest.raises(CardNotUnderstood):
        channel.transmit(bytes.fromhex(SURFACE))
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex(QUERY))


def test_a_verifier_reaches_the_token_too_but_no_further() -> None:
    recorder = Recorder()
    channel = ReachedChannel(recorder, verifier=VerifierReach(VerifierPolicy.for_training()))
    for command in (JPKI, "00B0860020", "00B08A0000", SURFACE, "00B0820000"):
        channel.transmit(bytes.fromhex(command))
    channel.transmit(bytes.fromhex(JPKI))
    recorder.sent.clear()
    for command in ("00B0810000", "00200098", "0020009B", SIGN, "00B0850000", "802A00971F" + "00" * 31):
        with pytest.raises(OutOfReach):
            channel.transmit(bytes.fromhex(command))
    assert recorder.sent == []


def test_a_trace_notes_headers_lengths_and_applications_but_no_code() -> None:
    trace = Trace()
    channel = ReachedChannel(
        Script((SURFACE, "9000"), (VERIFY, "9000"), ("00B0820002", "AABB9000"), (QUERY, CardRemoved())),
        trace=trace,
    )
    for command in (SURFACE, VERIFY, "00B0820002"):
        channel.transmit(bytes.fromhex(command))
    with pytest.raises(CardRemoved):
        channel.transmit(bytes.fromhex(QUERY))
    selected, verified, read, lost = trace.entries
    assert (selected.ins, selected.aid, selected.status_word) == (0xA4, "D3921000310001010402", 0x9000)
    assert (verified.ins, verified.p2, verified.data_size_bytes, verified.aid) == (0x20, 0x92, 14, "")
    assert (read.p1, read.le, read.response_size_bytes) == (0x82, 2, 2)
    assert (lost.ins, lost.status_word) == (0x20, None)
    assert CODE not in repr(trace.entries)
    assert CODE.encode().hex() not in repr(trace.entries).lower()


def test_a_refused_command_is_neither_counted_nor_traced() -> None:
    trace = Trace()
    channel = ReachedChannel(Recorder(), trace=trace)
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex("00B0850000"))
    assert (channel.apdus, channel.sent_bytes, channel.received_bytes, trace.entries) == (0, 0, 0, ())


def test_what_passed_is_counted() -> None:
    channel, _ = guarded(SURFACE, QUERY)
    assert (channel.apdus, channel.sent_bytes, channel.received_bytes) == (2, 19, 4)


def test_the_refusal_names_the_header_and_never_the_data() -> None:
    channel, _ = guarded(SURFACE)
    with pytest.raises(OutOfReach) as refused:
        channel.transmit(bytes.fromhex("00200093" + "0C") + b"123456789018")
    assert refused.value.what == "00200093"
