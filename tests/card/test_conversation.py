"""One conversation with one application: what a missing proof, a locked file and a broken answer each mean."""

from __future__ import annotations

import pytest

from appliance.card.conversation import Conversation, reached, wiped_unless_finished
from appliance.card.reach import Application, SurfaceFile, VerifierPolicy, VerifierReach
from appliance.card.reached_channel import ReachedChannel
from appliance.card.surface import parse_age_record
from appliance.domain.ephemeral import Ephemeral
from appliance.errors import CardNotUnderstood, CardRefused, CardRemoved, ReadingCancelled
from tests.card.chip_bytes import tlv
from tests.card.scripted import JPKI, SURFACE, Script

READ = "00B0830000"
OBJECT = tlv(0xFF30, b"content").hex()


def taken(content: bytearray) -> bytes:
    return bytes(content)


def talk(*exchanges: tuple[str, str | Exception]) -> Conversation:
    return Conversation(Script((SURFACE, "9000"), *exchanges), Application.SURFACE)


def test_a_file_is_given_to_its_parser_and_then_wiped() -> None:
    held: list[bytearray] = []

    def hold(content: bytearray) -> bytes:
        held.append(content)
        return bytes(content)

    read = talk((READ, OBJECT + "FFFF9000")).read(SurfaceFile.BASIC_INFORMATION, hold)
    assert read == bytes.fromhex(OBJECT)
    assert held == [bytearray(len(read))]


def test_a_file_is_wiped_when_its_parser_refuses() -> None:
    held: list[bytearray] = []

    def refuse(content: bytearray) -> None:
        held.append(content)
        raise CardNotUnderstood("DF31")

    for read in (Conversation.read, Conversation.read_evidence):
        try:
            assert read(talk((READ, OBJECT + "9000")), SurfaceFile.BASIC_INFORMATION, refuse) is None
        except CardNotUnderstood:
            assert read is Conversation.read
    assert [any(each) for each in held] == [False, False]


@pytest.mark.parametrize(
    "exchanges",
    [
        [(READ, "6A82")],
        [(READ, "6B00")],
        [(READ, "9000")],
        [(READ, "00" * 40 + "9000")],
        [(READ, "FF30820100" + "00" * 251 + "9000"), ("00B0010005", "6B00")],
        [(READ, "FF30820100" + "00" * 251 + "9000"), ("00B0010005", "9000")],
        [(READ, OBJECT + "9000")],
    ],
    ids=["no such file", "empty", "no bytes", "no object", "too short", "no more bytes", "another record"],
)
def test_a_proof_that_is_missing_or_of_another_form_is_none(
    exchanges: list[tuple[str, str | Exception]],
) -> None:
    assert talk(*exchanges).read_evidence(SurfaceFile.BASIC_INFORMATION, parse_age_record) is None


@pytest.mark.parametrize("answer", ["6982", "6F00", "6D00", "63C5"])
def test_a_proof_that_stays_locked_is_a_refusal(answer: str) -> None:
    with pytest.raises(CardRefused):
        talk((READ, answer)).read_evidence(SurfaceFile.BASIC_INFORMATION, taken)


@pytest.mark.parametrize("answer", ["", "90", "00" * 257 + "9000"])
def test_an_answer_that_is_none_is_a_fault_and_no_missing_proof(answer: str) -> None:
    with pytest.raises(CardNotUnderstood):
        talk((READ, answer)).read_evidence(SurfaceFile.BASIC_INFORMATION, taken)


def test_a_person_can_stop_before_the_first_command() -> None:
    script = Script()
    with pytest.raises(ReadingCancelled):
        Conversation(script, Application.SURFACE, is_cancelled=lambda: True)
    assert script.sent == []


def test_a_guarded_channel_is_taken_as_it_is() -> None:
    channel = ReachedChannel(Script())
    assert reached(channel) is channel


def test_a_bare_channel_gets_its_guard_with_the_verifiers_row() -> None:
    script = Script((JPKI, "6A82"))
    reached(script, VerifierReach(VerifierPolicy.for_training())).transmit(bytes.fromhex(JPKI))
    script.assert_finished()


@pytest.mark.parametrize("interruption", [CardRemoved(), KeyboardInterrupt()])
def test_what_was_read_is_wiped_unless_all_of_it_was(interruption: BaseException) -> None:
    kept, lost = Ephemeral(b"kept"), Ephemeral(b"lost")
    with wiped_unless_finished(kept):
        pass
    with pytest.raises(type(interruption)), wiped_unless_finished(lost):
        raise interruption
    assert (kept.reveal(), lost.reveal()) == (b"kept", b"")
