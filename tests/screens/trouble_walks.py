"""Ways to what is seen when a card or a reader gives trouble."""

from __future__ import annotations

from dataclasses import replace

from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import TrainingPerson
from appliance.simulated.personalisation import Personaliser
from appliance.trust.issuer_keys import IssuerKeys
from tests.screens.rig import Walk
from tests.screens.walks import person_of, to_card_place, to_code, to_shown
from tui.field.dialogs.dialog import Dialog
from tui.field.dialogs.readers import ReadersDialog
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.decision import DecisionScreen, VisualReasonScreen


def wrong_code_of(person: TrainingPerson) -> str:
    """Return the person's code with another last digit."""
    right = person.code_b
    return right[:-1] + str((int(right[-1]) + 1) % 10)


def put(walk: Walk, kind: Kind, person: str = "p01") -> None:
    """Put a card of that kind on the rig's reader."""
    walk.rig.reader.insert(CardOrder(person, kind).card(Personaliser()))


async def to_trouble_with(walk: Walk, kind: Kind) -> TroubleDialog:
    await to_card_place(walk)
    put(walk, kind)
    return await walk.on(TroubleDialog)


async def to_integrated_card(walk: Walk) -> None:
    await to_trouble_with(walk, Kind.INTEGRATED_RESIDENCE_CARD)


async def to_foreign_card(walk: Walk) -> None:
    await to_trouble_with(walk, Kind.TRANSPORT)


async def to_foreign_card_left(walk: Walk) -> None:
    await to_trouble_with(walk, Kind.RESIDENCE_CARD)
    await walk.press("enter")
    await walk.on(CardPlaceScreen)


async def to_blocked(walk: Walk) -> TroubleDialog:
    row = next(row for row, person in enumerate(walk.rig.people) if person.id == "p14")
    await to_card_place(walk, row)
    await walk.press("f2")
    return await walk.on(TroubleDialog)


async def to_no_reader(walk: Walk) -> None:
    screen = await to_card_place(walk)
    walk.rig.reader.unplug()
    await walk.until(lambda: screen.query("#reader.-attention"), "no reader")
    await walk.pilot.pause()


async def to_several_cards(walk: Walk) -> CardPlaceScreen:
    screen = await to_card_place(walk)
    walk.rig.second_reader.plug_in()
    walk.rig.second_reader.insert(CardOrder("p02").card(Personaliser()))
    put(walk, Kind.MY_NUMBER_CARD)
    await walk.until(lambda: screen.query("#reader.-attention"), "several cards")
    await walk.pilot.pause()
    return screen


async def to_readers(walk: Walk) -> ReadersDialog:
    await to_card_place(walk)
    walk.rig.second_reader.plug_in()
    put(walk, Kind.MY_NUMBER_CARD)
    turn = walk.app.session.open_turn
    await walk.until(lambda: turn.sighting, "sighted card")
    await walk.press("f4")
    return await walk.on(ReadersDialog)


async def to_shown_unknown(walk: Walk) -> None:
    # A unit in service, for which no issuer key is configured yet.
    walk.rig.unit = replace(walk.rig.unit, issuers=IssuerKeys.for_service(()))
    await to_shown(walk)


async def to_shown_false(walk: Walk) -> None:
    await to_shown(walk, 11)


async def to_decision_unsupported(walk: Walk) -> DecisionScreen:
    await to_trouble_with(walk, Kind.INTEGRATED_RESIDENCE_CARD)
    await walk.press("1", "enter")
    return await walk.on(DecisionScreen)


async def to_visual_reason_unsupported(walk: Walk) -> VisualReasonScreen:
    await to_decision_unsupported(walk)
    await walk.press("enter")
    return await walk.on(VisualReasonScreen)


async def to_wrong_code(walk: Walk) -> Dialog:
    await to_code(walk)
    await walk.write(wrong_code_of(person_of(walk)))
    await walk.press("enter")
    await walk.on(CardConfirmScreen)
    await walk.press("enter")
    return await walk.on(Dialog)
