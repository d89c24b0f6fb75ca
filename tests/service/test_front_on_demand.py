"""A reader of card fronts that is there only from the first look of a step to its end."""

from __future__ import annotations

import pytest

from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontHint, FrontSide, FrontSight
from appliance.errors import CardReadingMissing, CardReadingSilent, UnitError
from appliance.service.front_on_demand import FrontReaderOnDemand


class OneReader:
    """A reader that counts."""

    def __init__(self, trouble: UnitError | None) -> None:
        self.trouble = trouble
        self.looks = 0
        self.is_closed = False

    def look(self, frame: Frame) -> FrontSight:
        self.looks += 1
        if self.trouble is not None:
            frame.wipe()
            raise self.trouble
        return FrontSight(FrontSide.NOTHING, FrontHint.SHOW_CARD)

    def forget(self) -> None:
        raise AssertionError("its process would be started anew")

    def close(self) -> None:
        self.is_closed = True


class Workshop:
    """Starts readers and remembers them."""

    def __init__(self) -> None:
        self.started: list[OneReader] = []
        self.trouble: UnitError | None = None

    def __call__(self) -> OneReader:
        self.started.append(OneReader(self.trouble))
        return self.started[-1]


@pytest.fixture
def workshop() -> Workshop:
    return Workshop()


@pytest.fixture
def reader(workshop: Workshop) -> FrontReaderOnDemand:
    return FrontReaderOnDemand(workshop)


def frame() -> Frame:
    return Frame(2, 2, bytearray(b"\xaa" * 12))


def test_nothing_is_started_before_the_first_look(reader: FrontReaderOnDemand, workshop: Workshop) -> None:
    reader.forget()
    reader.close()
    assert workshop.started == []


def test_one_reader_serves_a_whole_step_and_ends_with_it(
    reader: FrontReaderOnDemand, workshop: Workshop
) -> None:
    for _ in range(3):
        reader.look(frame())
    (only,) = workshop.started
    assert (only.looks, only.is_closed) == (3, False)
    reader.forget()
    assert only.is_closed
    reader.forget()
    assert len(workshop.started) == 1


def test_the_next_step_has_a_reader_of_its_own(reader: FrontReaderOnDemand, workshop: Workshop) -> None:
    reader.look(frame())
    reader.forget()
    reader.look(frame())
    assert [each.is_closed for each in workshop.started] == [True, False]


def test_a_missing_engine_is_found_out_once(reader: FrontReaderOnDemand, workshop: Workshop) -> None:
    workshop.trouble = CardReadingMissing("jpn", "tesseract-ocr-jpn")
    for _ in range(3):
        lent = frame()
        with pytest.raises(CardReadingMissing):
            reader.look(lent)
        assert not any(lent.rgb)
        reader.forget()
    assert len(workshop.started) == 1


def test_a_silent_engine_is_asked_again(reader: FrontReaderOnDemand, workshop: Workshop) -> None:
    workshop.trouble = CardReadingSilent(5.0)
    for _ in range(2):
        with pytest.raises(CardReadingSilent):
            reader.look(frame())
    (only,) = workshop.started
    assert only.looks == 2


def test_a_closed_reader_is_silent_overwrites_the_frame_and_starts_nothing(
    reader: FrontReaderOnDemand, workshop: Workshop
) -> None:
    reader.look(frame())
    reader.close()
    reader.close()
    lent = frame()
    with pytest.raises(CardReadingSilent):
        reader.look(lent)
    assert not any(lent.rgb)
    assert [each.is_closed for each in workshop.started] == [True]
