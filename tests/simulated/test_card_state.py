"""What a chip remembers without power, written out and read back."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from appliance.simulated.card.files import ApplicationName, CardImage
from appliance.simulated.card.simulated_card import SimulatedCard
from appliance.simulated.card.state import CardState
from tests.simulated.card_desk import Desk, counted_bytes

CODE_B = (ApplicationName.SURFACE, 0x12)


def test_a_fresh_card_has_all_its_tries(image: CardImage) -> None:
    state = CardState.at_issue(image)
    assert state.tries_left[CODE_B] == 10
    assert state.tries_left[ApplicationName.JPKI, 0x18] == 3
    assert state.tries_left[ApplicationName.JPKI, 0x1B] == 5
    assert state.tries_left[ApplicationName.TEXT, 0x12] == 0


@pytest.mark.parametrize("name", [(ApplicationName.SURFACE, 0x12), (ApplicationName.TEXT, 0x15)])
def test_a_card_may_be_issued_blocked(
    image_of: Callable[[str], CardImage], name: tuple[ApplicationName, int]
) -> None:
    assert CardState.at_issue(image_of("p14")).tries_left[name] == 0


def test_tries_and_changed_secrets_survive_as_json(desk: Desk, image: CardImage) -> None:
    desk.select("surface")
    desk.verify(0x12, bytes(14))
    desk.select("jpki")
    desk.verify(0x18, b"1234")
    desk.status("00240198", b"9876")
    again = CardState.from_json(image, desk.card.state.to_json())
    assert again == desk.card.state
    later = Desk(SimulatedCard(image, counted_bytes, again))
    later.select("surface")
    assert later.status("00200092") == "63C9"
    later.select("jpki")
    assert later.verify(0x18, b"9876") == "9000"


def test_what_the_text_does_not_name_is_as_at_issue(image: CardImage) -> None:
    text = json.dumps({"tries_left": {"surface/0012": 4}, "changed_secrets": {}})
    state = CardState.from_json(image, text)
    assert state.tries_left[CODE_B] == 4
    assert state.tries_left[ApplicationName.SURFACE, 0x13] == 10


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"tries_left": {"surface/00FF": 1}, "changed_secrets": {}}',
        '{"tries_left": {"surface/0012": "many"}, "changed_secrets": {}}',
        '{"tries_left": {"surface/0012": 11}, "changed_secrets": {}}',
        '{"tries_left": {"jpki/0018": -1}, "changed_secrets": {}}',
        '{"tries_left": {}, "changed_secrets": {"jpki/0018": "zz"}}',
        '{"tries_left": [], "changed_secrets": {}}',
    ],
)
def test_text_that_is_no_state_is_refused(image: CardImage, text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - JSON's own error is one of them
        CardState.from_json(image, text)


def test_secrets_do_not_show_when_a_state_is_printed(desk: Desk) -> None:
    desk.select("jpki")
    desk.verify(0x18, b"1234")
    desk.status("00240198", b"9876")
    assert "9876" not in repr(desk.card.state)
