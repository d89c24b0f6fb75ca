"""The training desk: a real card service where one can run, and an honest word where none can."""

from __future__ import annotations

import pytest

from appliance.domain.front_sight import FrontSide
from appliance.errors import NoReader, TrainingPartMissing, UnitError
from appliance.ports import Presence
from appliance.simulated.people import training_people
from appliance.simulated.reader import SimulatedReader
from mqtt.training import desk as desk_module
from mqtt.training.desk import training_desk


class NeverStarts:
    """A card service that cannot be had."""

    trouble: UnitError = NoReader()

    def __enter__(self) -> None:
        raise self.trouble

    def __exit__(self, *_: object) -> None:
        raise AssertionError


@pytest.mark.parametrize("trouble", [NoReader(), TrainingPartMissing("pcscd", "pcscd")], ids=str)
def test_without_a_card_service_cards_lie_in_a_reader_inside_the_program_and_it_is_said(
    monkeypatch: pytest.MonkeyPatch, trouble: UnitError
) -> None:
    monkeypatch.setattr(NeverStarts, "trouble", trouble)
    monkeypatch.setattr(desk_module, "PcscStack", NeverStarts)
    said: list[str] = []
    with training_desk(said.append) as desk:
        assert not desk.is_real_card_service
        assert isinstance(desk.reader, SimulatedReader)
        desk.put_card(training_people()[0])
        assert desk.reader.presence() is Presence.CARD
        desk.take_card()
        assert desk.reader.presence() is Presence.EMPTY
    (line,) = said
    assert "inside the program" in line


@pytest.mark.pcsc
def test_with_a_card_service_cards_are_put_on_a_real_virtual_reader() -> None:
    said: list[str] = []
    with training_desk(said.append) as desk:
        assert desk.is_real_card_service
        desk.put_card(training_people()[0])
        assert desk.reader.wait_for(Presence.CARD, 5.0) is Presence.CARD
        desk.take_card()
        assert desk.reader.wait_for(Presence.EMPTY, 5.0) is Presence.EMPTY
        desk.reader.close()
    assert said == []


def test_the_hand_holds_a_card_before_the_camera_until_somebody_sits_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(desk_module, "PcscStack", NeverStarts)
    person = training_people()[0]

    def seen() -> bytes:
        with desk.view.frame(1.0) as frame:
            return bytes(frame.rgb)

    with training_desk(lambda _: None) as desk:
        desk.hold_up(person)
        front = seen()
        desk.hold_up(person, FrontSide.BACK)
        back = seen()
        assert front != back
        desk.lower()
        room = seen()
        desk.hold_up(person)
        desk.seat(person)
        with desk.room.camera.frame(1.0) as behind:
            assert (behind.width, behind.height) == (1280, 720)
        assert room not in {front, back}
        assert seen() not in {front, back}
