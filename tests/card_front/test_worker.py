"""The front reader in its process: frames of a back are gone, deadlines hold, a lost process is replaced (H11, H12, R04)."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator

import pytest

from appliance.card_front.reading import FrontEye
from appliance.card_front.worker import WorkerFrontReader
from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontHint, FrontSide
from appliance.errors import CardReadingMissing, CardReadingSilent
from appliance.simulated.card_views import Level
from tests.card_front import scripted_reader
from tests.card_front.conftest import CODE, TODAY, back, frame_of, front

PATIENCE_S = 60.0
SCRIPTED = "tests.card_front.scripted_reader"
MISSING = "tests.card_front.missing_reader"


def wish(kind: int) -> Frame:
    return Frame(2, 2, bytearray([kind] * 12))


@pytest.fixture
def scripted() -> Iterator[WorkerFrontReader]:
    with WorkerFrontReader(lambda: TODAY, PATIENCE_S, SCRIPTED) as reader:
        yield reader


@pytest.fixture
def reader(eye: FrontEye) -> Iterator[WorkerFrontReader]:
    with WorkerFrontReader(lambda: TODAY, PATIENCE_S) as made:
        yield made


def process_of(reader: WorkerFrontReader) -> int:
    assert reader.process_id is not None
    return reader.process_id


def kill_and_wait(process: int) -> None:
    watch = os.pidfd_open(process)
    os.kill(process, signal.SIGKILL)
    select.select([watch], [], [], PATIENCE_S)
    os.close(watch)


def test_a_card_is_proposed_after_two_frames_and_forgotten_with_its_step(reader: WorkerFrontReader) -> None:
    first = reader.look(frame_of(front(), Level.GOOD, 1))
    assert (first.side, first.hint) == (FrontSide.FRONT, FrontHint.KEEP_SHOWING)
    assert len(first.outline) == 4
    second = reader.look(frame_of(front(), Level.GOOD, 2))
    assert second.hint is FrontHint.DONE
    assert second.proposal is not None
    with second.proposal as proposal:
        assert proposal.reveal().decode() == CODE
    process = process_of(reader)
    reader.forget()
    assert process_of(reader) != process
    again = reader.look(frame_of(front(), Level.GOOD, 1)).proposal
    assert again is not None
    assert again.frames == 1


def test_a_back_is_overwritten_and_proposes_nothing(reader: WorkerFrontReader) -> None:
    frame = frame_of(back(), Level.USUAL)
    sight = reader.look(frame)
    assert (sight.side, sight.hint, sight.proposal) == (FrontSide.BACK, FrontHint.TURN_OVER, None)
    assert not sight.may_preview
    assert not any(frame.rgb)


def test_a_front_is_left_to_its_owner(reader: WorkerFrontReader) -> None:
    frame = frame_of(front(), Level.USUAL)
    assert reader.look(frame).may_preview
    assert any(frame.rgb)


def test_the_shared_memory_is_empty_after_each_look(reader: WorkerFrontReader) -> None:
    for card in (front(), back()):
        reader.look(frame_of(card, Level.USUAL))
        with reader._confinement.exchange.view(0, 1280 * 720 * 3) as shared:
            assert not any(shared)
        reader._confinement.wipe()


@pytest.mark.parametrize(
    "kind",
    [
        scripted_reader.CRASH,
        scripted_reader.NO_SIDE,
        scripted_reader.NO_OUTLINE,
        scripted_reader.BAD_VOTES,
    ],
    ids=["dies", "unknown side", "garbled outline", "impossible votes"],
)
def test_a_process_that_fails_is_replaced_and_its_frame_is_gone(
    scripted: WorkerFrontReader, kind: int
) -> None:
    scripted.look(wish(scripted_reader.FRONT))
    process = process_of(scripted)
    frame = wish(kind)
    with pytest.raises(CardReadingSilent):
        scripted.look(frame)
    assert not any(frame.rgb)
    assert scripted.look(wish(scripted_reader.FRONT)).side is FrontSide.FRONT
    assert process_of(scripted) != process


def test_a_hung_process_is_late_and_replaced() -> None:
    with WorkerFrontReader(lambda: TODAY, PATIENCE_S, SCRIPTED) as hanging:
        hanging.look(wish(scripted_reader.FRONT))
        process = process_of(hanging)
        hanging._deadline_s = 0.2
        with pytest.raises(CardReadingSilent) as silent:
            hanging.look(wish(scripted_reader.HANG))
        assert silent.value.deadline_s == 0.2
        hanging._deadline_s = PATIENCE_S
        assert hanging.look(wish(scripted_reader.FRONT)).side is FrontSide.FRONT
        assert process_of(hanging) != process


def test_a_process_that_died_between_two_looks_costs_one_look(scripted: WorkerFrontReader) -> None:
    scripted.look(wish(scripted_reader.FRONT))
    kill_and_wait(process_of(scripted))
    with pytest.raises(CardReadingSilent):
        scripted.look(wish(scripted_reader.FRONT))
    assert scripted.look(wish(scripted_reader.FRONT)).side is FrontSide.FRONT


@pytest.mark.parametrize(
    ("kind", "side", "is_kept"),
    [
        (scripted_reader.FRONT, FrontSide.FRONT, True),
        (scripted_reader.NOTHING, FrontSide.NOTHING, True),
        (scripted_reader.UNCLEAR, FrontSide.UNCLEAR, False),
    ],
)
def test_only_what_is_surely_no_back_is_kept(
    scripted: WorkerFrontReader, kind: int, side: FrontSide, is_kept: bool
) -> None:
    frame = wish(kind)
    assert scripted.look(frame).side is side
    assert any(frame.rgb) is is_kept


def test_a_missing_engine_is_said_each_time_and_no_process_is_started_again() -> None:
    with WorkerFrontReader(lambda: TODAY, PATIENCE_S, MISSING) as without:
        for _ in range(3):
            frame = wish(scripted_reader.FRONT)
            with pytest.raises(CardReadingMissing) as missing:
                without.look(frame)
            assert missing.value.package == "tesseract-ocr"
            assert not any(frame.rgb)
        without.forget()
        without.close()
        assert without.process_id is None


def test_a_frame_larger_than_any_camera_s_is_refused(scripted: WorkerFrontReader) -> None:
    frame = Frame(3_000, 2_000, bytearray([scripted_reader.FRONT]) + bytearray(3_000 * 2_000 * 3 - 1))
    with pytest.raises(CardReadingSilent):
        scripted.look(frame)
    assert scripted.look(wish(scripted_reader.FRONT)).side is FrontSide.FRONT


def test_votes_add_up_and_are_wiped_when_the_step_ends(scripted: WorkerFrontReader) -> None:
    for expected in (1, 2, 3):
        proposal = scripted.look(wish(scripted_reader.FRONT)).proposal
        assert proposal is not None
        assert proposal.frames == expected
    scripted.forget()
    assert scripted._ballot.frames == 0


def test_closing_ends_the_process_and_may_be_repeated(scripted: WorkerFrontReader) -> None:
    scripted.close()
    scripted.close()
    assert scripted.process_id is None
    with pytest.raises(CardReadingSilent):
        scripted.look(wish(scripted_reader.FRONT))
    scripted.forget()
    assert scripted.process_id is None
