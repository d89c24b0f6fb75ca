"""The guard at the lowest layer refuses by default and follows what is current (design D1, R01; proof.md V2)."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.card.reach import VerifierPolicy, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.trace import Trace
from appliance.errors import CardNotUnderstood, CardRemoved, OutOfReach
from tests.card.scripted import (
    BIRTH,
    BIRTH_QUERY,
    CODE,
    JPKI,
    QUERY,
    RESIDENCE,
    SURFACE,
    TEXT,
    TEXT_QUERY,
    VERIFY,
    Script,
)

SIGN = "802A0000333031300D060960864801650304020105000420" + "AB" * 32 + "00"


class Recorder:
    """A channel that takes everything, to see what would reach a card."""

    def __init__(self, status: str = "9000") -> None:
        self.status = bytes.fromhex(status)
        self.sent: list[bytes] = []

    def transmit(self, command: bytes) -> bytes:
        self.sent.append(command)
        return self.status


def present(key: str, secret: str) -> str:
    """Return the command that presents `secret` to the key with that P2."""
    return f"002000{key}{len(secret):02X}{secret.encode().hex()}"


def sign_with(key: str) -> str:
    return SIGN.replace("802A0000", f"802A00{key}")


def verifier() -> VerifierReach:
    return VerifierReach(VerifierPolicy.for_training())


def guarded(*done_before: str, verifier: VerifierReach | None = None) -> tuple[ReachedChannel, Recorder]:
    recorder = Recorder()
    channel = ReachedChannel(recorder, verifier=verifier)
    for command in done_before:
        channel.transmit(bytes.fromhex(command))
    recorder.sent.clear()
    return channel, recorder


@pytest.mark.parametrize(
    ("done_before", "command"),
    [
        ((), SURFACE),
        ((), TEXT),
        ((), RESIDENCE),
        ((SURFACE,), QUERY),
        ((SURFACE,), VERIFY),
        ((SURFACE,), BIRTH_QUERY),
        ((SURFACE,), present("91", BIRTH)),
        ((SURFACE,), "00B0810000"),
        ((SURFACE,), "00B0820000"),
        ((SURFACE,), "00B0830000"),
        ((SURFACE,), "00B0840010"),
        ((SURFACE,), SIGN),
        ((SURFACE, "00B0820000"), "00B0010000"),
        ((SURFACE, "00B0820000", "00B0010000"), "00B0020000"),
        ((SURFACE, "00B0820000", SIGN), "00B0010000"),
        ((TEXT,), TEXT_QUERY),
        ((TEXT,), present("95", CODE)),
        ((TEXT,), "00B0820000"),
        ((TEXT,), "00B0830000"),
        ((TEXT,), "00B0840000"),
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
        pytest.param((SURFACE,), "00B0860000", id="an unknown file"),
        pytest.param((TEXT,), "00B0850000", id="basic information of the text application"),
        pytest.param((TEXT,), "00B0860000", id="the session key's file"),
        pytest.param((RESIDENCE,), "00B0810000", id="a file of a residence card"),
        pytest.param((RESIDENCE,), "00200086", id="a key of a residence card"),
        pytest.param((RESIDENCE,), SIGN, id="a signature by a residence card"),
        pytest.param((), RESIDENCE[:-2].replace("0C10", "0C0F"), id="a prefix of a residence card's name"),
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
        pytest.param((SURFACE,), present("92", BIRTH), id="the birth date to the key of code B"),
        pytest.param((SURFACE,), present("91", CODE), id="code B to the key of the birth date"),
        pytest.param((SURFACE,), present("91", "1234"), id="a PIN to the key of the birth date"),
        pytest.param((SURFACE,), present("92", "1234"), id="a PIN to the key of code B"),
        pytest.param((TEXT,), present("95", "1234"), id="a PIN to a text key"),
        pytest.param((TEXT,), present("95", "000000000001"), id="code A to the key of code B"),
        pytest.param((SURFACE,), "0020009200000E" + CODE.encode().hex(), id="a code in extended form"),
        pytest.param((SURFACE,), VERIFY + "00", id="VERIFY that asks for an answer"),
        pytest.param((SURFACE,), VERIFY.replace("002000", "002001"), id="VERIFY with another P1"),
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
        pytest.param((SURFACE,), sign_with("80"), id="signature with the current key"),
        pytest.param((SURFACE,), sign_with("97"), id="signature with a named key"),
        pytest.param((SURFACE,), SIGN.replace("802A00", "802A02"), id="another signature scheme"),
        pytest.param((SURFACE,), SIGN[:-2], id="signature without a length"),
        pytest.param((SURFACE,), SIGN.replace("0420AB", "0520AB"), id="signature over something else"),
        pytest.param((SURFACE,), "802A000001AA00", id="signature over one byte"),
        pytest.param((SURFACE,), "00C0000000", id="GET RESPONSE out of nowhere"),
        pytest.param((SURFACE,), "0024018004" + "31323334", id="change of a code"),
        pytest.param((SURFACE,), "00CA004200", id="GET DATA"),
        pytest.param((SURFACE,), "008400000A", id="GET CHALLENGE"),
        pytest.param((SURFACE,), "00B2010C00", id="READ RECORD"),
        pytest.param((SURFACE,), "80AE0000000001" + "00" * 257, id="a session key"),
        pytest.param((SURFACE,), "008800990401020304" + "00", id="INTERNAL AUTHENTICATE"),
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
    allowed = {b"\xb0\x81", b"\xb0\x82", b"\xb0\x83", b"\xb0\x84"}
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


@pytest.mark.parametrize("command", [SURFACE, QUERY, VERIFY, "00B0820000", "00B0000000", SIGN])
def test_no_class_but_the_plain_ones_gets_through(command: str) -> None:
    """Logical channels and secure messaging are classes of their own (card.md §1.3)."""
    for cla in set(range(256)) - {int(command[:2], 16)}:
        channel, recorder = guarded(SURFACE, "00B0820000", verifier=verifier())
        with pytest.raises(OutOfReach):
            channel.transmit(bytes((cla,)) + bytes.fromhex(command)[1:])
        assert recorder.sent == []


def test_a_named_key_may_be_current_after_a_signature_and_is_not_read() -> None:
    channel, recorder = guarded(JPKI, "00B0860000", verifier=verifier())
    channel.transmit(bytes.fromhex(sign_with("97")))
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex("00B0010000"))
    assert len(recorder.sent) == 1


@pytest.mark.parametrize(
    "command",
    [
        "00B0810000",
        "00B0860020",
        "00B0880003",
        "00B08A0000",
        "00200098",
        "0020009B",
        present("98", "1234"),
        present("9B", "TRAINING2026"),
        sign_with("97"),
        sign_with("9A"),
    ],
)
def test_a_verifier_reaches_the_token_too(command: str) -> None:
    channel, recorder = guarded(JPKI, verifier=verifier())
    channel.transmit(bytes.fromhex(command))
    assert recorder.sent == [bytes.fromhex(command)]


@pytest.mark.parametrize(
    ("application", "command"),
    [
        pytest.param(JPKI, SIGN, id="a signature with the application's own key"),
        pytest.param(JPKI, sign_with("98"), id="a signature with a PIN"),
        pytest.param(JPKI, sign_with("80"), id="a signature with whatever is current"),
        pytest.param(JPKI, sign_with("97").replace("0420AB", "0520AB"), id="a signature over no digest"),
        pytest.param(JPKI, "802A00971F" + "00" * 31 + "00", id="a signature over a short block"),
        pytest.param(JPKI, sign_with("97").replace("802A00", "802A03"), id="a signature over a message"),
        pytest.param(JPKI, "00B0820000", id="an authority's certificate"),
        pytest.param(JPKI, "00B0890000", id="a file of unknown content"),
        pytest.param(JPKI, "00B0970000", id="a private key"),
        pytest.param(JPKI, "00200096", id="the terminal's key"),
        pytest.param(JPKI, "0024018004" + "31323334", id="change of a PIN"),
        pytest.param(JPKI, "80A206C101AA", id="a terminal's certificate"),
        pytest.param(JPKI, present("98", CODE), id="code B to the PIN"),
        pytest.param(JPKI, present("9B", CODE), id="code B to the password"),
        pytest.param(JPKI, present("9B", "1234"), id="the PIN to the password"),
        pytest.param(JPKI, present("98", "TRAINING2026"), id="the password to the PIN"),
        pytest.param(JPKI, present("9B", "training2026"), id="a password in small letters"),
        pytest.param(SURFACE, "00B0850000", id="the drawn My Number"),
        pytest.param(SURFACE, sign_with("97"), id="the token's key in another application"),
        pytest.param(SURFACE, "00200098", id="the PIN's counter in another application"),
        pytest.param(TEXT, "00B0810000", id="the written My Number"),
        pytest.param(TEXT, "00200091", id="the text PIN's counter"),
        pytest.param(TEXT, present("91", "1234"), id="the text PIN"),
        pytest.param(TEXT, present("95", "1234"), id="a PIN to the text key of code B"),
        pytest.param(TEXT, present("98", "1234"), id="the PIN in the text application"),
    ],
)
def test_a_verifier_reaches_no_further(application: str, command: str) -> None:
    channel, recorder = guarded(application, verifier=verifier())
    with pytest.raises(OutOfReach):
        channel.transmit(bytes.fromhex(command))
    assert recorder.sent == []


TAKES = {
    (SURFACE, "91"): r"[0-9]{6}",
    (SURFACE, "92"): r"[0-9]{14}",
    (TEXT, "95"): r"[0-9]{14}",
    (JPKI, "98"): r"[0-9]{4}",
    (JPKI, "9B"): r"(?=.*[A-Z])[0-9A-Z]{6,16}",
}
"""All keys that a verifier reaches, and what each takes (card.md §9.1)."""
SECRETS = st.one_of(
    st.text("0123456789", min_size=1, max_size=17),
    st.text("0123456789ABCXYZaz ", min_size=1, max_size=17),
    st.sampled_from(["1234", BIRTH, CODE, "000000000001", "TRAINING2026"]),
)


@given(st.sampled_from([SURFACE, TEXT, JPKI]), st.integers(0x80, 0x9F), SECRETS)
def test_each_key_takes_its_own_kind_of_secret_and_no_other(application: str, key: int, secret: str) -> None:
    channel, recorder = guarded(application, verifier=verifier())
    with suppress(OutOfReach):
        channel.transmit(bytes.fromhex(present(f"{key:02X}", secret)))
    takes = TAKES.get((application, f"{key:02X}"), "(?!)")
    assert bool(recorder.sent) == bool(re.fullmatch(takes, secret))


@given(st.sampled_from([SURFACE, TEXT, JPKI]), st.integers(0, 255), st.binary(min_size=1, max_size=60))
def test_nothing_but_a_digest_is_signed_and_only_by_a_key_for_it(
    application: str, key: int, data: bytes
) -> None:
    signing = {SURFACE: {0x00}, TEXT: {0x00}, JPKI: {0x97, 0x9A}}[application]
    channel, recorder = guarded(application, verifier=verifier())
    digest_info = bytes.fromhex(SIGN)[5:-1]
    for signed in (data, digest_info + data, digest_info[:-1]):
        with pytest.raises(OutOfReach):
            channel.transmit(bytes((0x80, 0x2A, 0x00, key, len(signed))) + signed + b"\x00")
    with suppress(OutOfReach):
        channel.transmit(bytes.fromhex(sign_with(f"{key:02X}")))
    assert len(recorder.sent) == (key in signing)


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
