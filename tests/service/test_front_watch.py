"""The camera on a card's front: a proposal that is handed over once, previews that show no back, and nothing left of either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import pytest

from appliance.card.code_b import parse_code_b
from appliance.card.tries import Confirmation
from appliance.domain.consent import ConsentGiver
from appliance.domain.enrollment import CardNotRead, VisitState
from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import CodeProposal, FrontHint, FrontSide, FrontSight
from appliance.errors import (
    CameraSilent,
    CardReadingMissing,
    CardReadingSilent,
    NoCamera,
    StepNotAllowed,
    UnitError,
)
from appliance.service.front_preview import COARSE_COLUMNS, FULL_COLUMNS
from appliance.service.front_watch import SAME_FRAMES_AT_MOST, FrontWatch
from appliance.service.visit import Visit
from appliance.simulated.front_reader import SimulatedFrontReader
from tests.service.bench import Bench

TODAY = date(2026, 11, 23)


class LentFrames:
    """A camera that remembers what it lent; each frame differs from the one before, unless it is stuck."""

    name = "Lent frames"

    def __init__(self) -> None:
        self.lent: list[Frame] = []
        self.is_stuck = False
        self.trouble: UnitError | None = None

    @contextmanager
    def frame(self, deadline_s: float) -> Iterator[Frame]:
        if self.trouble is not None:
            raise self.trouble
        number = 0 if self.is_stuck else len(self.lent) % 100
        with Frame(640, 360, bytearray([90 + number, 180, 30]) * (640 * 360)) as frame:
            self.lent.append(frame)
            yield frame

    def close(self) -> None:
        pass


class WatchedReader(SimulatedFrontReader):
    """Remembers proposals, and can be told to fail or to be interrupted by the end of the step."""

    def __init__(self) -> None:
        super().__init__(lambda: TODAY)
        self.trouble: UnitError | None = None
        self.on_look: Callable[[], object] = lambda: None
        self.proposals: list[CodeProposal] = []
        self.looks = self.forgotten = 0

    def look(self, frame: Frame) -> FrontSight:
        self.looks += 1
        if self.trouble is not None:
            frame.wipe()
            raise self.trouble
        sight = super().look(frame)
        if sight.proposal is not None:
            self.proposals.append(sight.proposal)
        self.on_look()
        return sight

    def forget(self) -> None:
        self.forgotten += 1
        super().forget()


class Table:
    """A visit in its card step, with a hand on camera and reader."""

    def __init__(self, bench: Bench, *, to_face_matching: bool = True) -> None:
        self.camera, self.reader = LentFrames(), WatchedReader()
        self.bench = bench
        bench.unit = replace(bench.unit, camera=self.camera, front_reader=self.reader)
        self.person = bench.put_card("p01")
        day = bench.day()
        self.visit: Visit = day.open_visit(next(each for each in day.roster.entries if each.person == "p01"))
        self.visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=to_face_matching)

    def show(self, side: FrontSide = FrontSide.FRONT) -> None:
        self.reader.show(self.person, side)

    def all_is_wiped(self) -> bool:
        frames = not any(any(frame.rgb) for frame in self.camera.lent)
        return frames and all(proposal.reveal() == b"" for proposal in self.reader.proposals)


@pytest.fixture
def table(bench: Bench) -> Table:
    return Table(bench)


def test_two_fronts_make_a_proposal_that_is_handed_over_once(table: Table) -> None:
    table.show()
    first, second = table.visit.look_at_front(), table.visit.look_at_front()
    assert (first.side, first.hint, first.doubts) == (FrontSide.FRONT, FrontHint.KEEP_SHOWING, 14)
    assert (second.hint, second.doubts, second.is_proposed) == (FrontHint.DONE, 0, True)
    proposal = table.visit.take_proposal()
    assert proposal is not None
    with proposal:
        assert proposal.reveal().decode() == table.person.code_b
    assert table.visit.take_proposal() is None
    assert table.all_is_wiped()
    assert table.reader._ballot.frames == 0


def test_a_visit_that_never_looks_asks_neither_camera_nor_reader(table: Table) -> None:
    table.visit.read_card(parse_code_b(table.person.code_b), Confirmation())
    table.visit.close()
    assert (table.reader.looks, table.reader.forgotten, len(table.camera.lent)) == (0, 0, 0)


def test_a_front_is_seen_in_small_and_nothing_else_is(table: Table) -> None:
    table.show()
    preview = table.visit.look_at_front().preview
    assert preview is not None
    assert (preview.width, preview.height) == (FULL_COLUMNS, 180)
    assert set(preview.grey) == {180}, "the mean of the green channel"


@pytest.mark.parametrize("side", [FrontSide.BACK, FrontSide.UNCLEAR])
def test_a_back_or_unclear_side_has_no_preview_and_its_frame_is_gone_before_the_camera_takes_it_back(
    table: Table, side: FrontSide
) -> None:
    table.show(side)
    table.reader.on_look = lambda: seen.append(any(table.camera.lent[-1].rgb))
    seen: list[bool] = []
    look = table.visit.look_at_front()
    assert (look.side, look.preview, look.is_proposed) == (side, None, False)
    assert seen == [False]


def test_without_a_card_the_preview_is_too_coarse_for_print(table: Table) -> None:
    preview = table.visit.look_at_front().preview
    assert preview is not None
    assert preview.width <= COARSE_COLUMNS <= 96


def test_who_said_no_to_the_camera_on_the_face_is_not_shown_at_all(bench: Bench) -> None:
    table = Table(bench, to_face_matching=False)
    assert table.visit.look_at_front().preview is None
    table.show()
    assert table.visit.look_at_front().preview is not None


def test_each_look_overwrites_the_preview_and_the_proposal_before_it(table: Table) -> None:
    table.show()
    first = table.visit.look_at_front()
    second = table.visit.look_at_front()
    assert first.preview is not None
    assert second.preview is not None
    assert not any(first.preview.grey)
    assert any(second.preview.grey)
    assert [proposal.reveal() == b"" for proposal in table.reader.proposals] == [True, False]


def test_a_back_between_two_fronts_leaves_the_proposal_as_it_is(table: Table) -> None:
    table.show()
    table.visit.look_at_front()
    table.show(FrontSide.BACK)
    assert table.visit.look_at_front().doubts == 14
    table.show()
    assert table.visit.look_at_front().doubts == 0


WAYS_OUT: dict[str, Callable[[Table], object]] = {
    "leave": lambda table: table.visit.leave_front(),
    "close": lambda table: table.visit.close(),
    "pass": lambda table: table.visit.pass_card(CardNotRead.DECLINED),
    "read": lambda table: table.visit.read_card(parse_code_b(table.person.code_b), Confirmation()),
}


@pytest.mark.parametrize("way", sorted(WAYS_OUT))
def test_every_way_out_overwrites_frames_preview_proposal_and_votes(table: Table, way: str) -> None:
    table.show()
    look = table.visit.look_at_front()
    WAYS_OUT[way](table)
    table.visit.leave_front()
    assert look.preview is not None
    assert not any(look.preview.grey)
    assert table.all_is_wiped()
    assert table.reader._ballot.frames == 0
    assert table.reader.forgotten == 1


@pytest.mark.parametrize(
    "trouble",
    [CardReadingMissing("jpn", "tesseract-ocr-jpn"), CardReadingSilent(5.0)],
    ids=lambda each: type(each).__name__,
)
def test_a_trouble_of_the_reader_leaves_the_card_step_open_for_typing(
    table: Table, trouble: UnitError
) -> None:
    table.reader.trouble = trouble
    with pytest.raises(type(trouble)):
        table.visit.look_at_front()
    assert table.all_is_wiped()
    table.visit.read_card(parse_code_b(table.person.code_b), Confirmation())
    assert table.visit.enrollment.state is VisitState.FACE


def test_a_missing_camera_leaves_the_card_step_open_too(table: Table) -> None:
    table.camera.trouble = NoCamera()
    with pytest.raises(NoCamera):
        table.visit.look_at_front()
    assert table.reader.looks == 0
    assert table.visit.enrollment.state is VisitState.CARD


def test_a_camera_that_repeats_one_picture_is_no_second_witness(table: Table) -> None:
    table.show()
    table.camera.is_stuck = True
    assert table.visit.look_at_front().doubts == 14
    with pytest.raises(CameraSilent):
        table.visit.look_at_front()
    assert table.reader.looks == 1
    assert len(table.camera.lent) == 1 + SAME_FRAMES_AT_MOST
    assert table.all_is_wiped() is False, "the first proposal stands"


@pytest.mark.parametrize("state", ["notice", "declined", "read"])
def test_outside_the_card_step_no_camera_is_opened(table: Table, state: str) -> None:
    visit = table.visit
    if state == "read":
        visit.read_card(parse_code_b(table.person.code_b), Confirmation())
    else:
        day = table.bench.day()
        visit = day.open_visit(day.roster.entries[0])
        if state == "declined":
            visit.consent(ConsentGiver.PERSON, to_card_reading=False, to_face_matching=False)
    with pytest.raises(StepNotAllowed):
        visit.look_at_front()
    assert not table.camera.lent


def test_a_look_that_comes_back_after_the_end_brings_nothing(table: Table) -> None:
    table.show()
    table.reader.on_look = table.visit.leave_front
    look = table.visit.look_at_front()
    assert look.preview is not None
    assert not any(look.preview.grey)
    assert not look.is_proposed
    assert table.all_is_wiped()
    assert table.reader._ballot.frames == 0
    assert table.visit.take_proposal() is None


def test_a_trouble_after_the_end_forgets_once_more_what_the_look_may_have_begun(table: Table) -> None:
    def end_and_fail() -> None:
        watch.end()
        raise CardReadingSilent(0.0)

    watch = FrontWatch(table.bench.unit)
    table.show()
    table.reader.on_look = end_and_fail
    with pytest.raises(CardReadingSilent):
        watch.look(shows_room=True)
    assert table.reader.forgotten == 2


def test_no_text_about_a_look_holds_a_digit(table: Table) -> None:
    table.show()
    look = table.visit.look_at_front()
    assert table.person.security_code not in repr(look)
    assert repr(look) == "FrontLook(front, keep_showing)"
