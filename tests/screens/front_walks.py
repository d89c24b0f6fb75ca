"""Ways to the screens where a card's front is before the camera."""

from __future__ import annotations

from appliance.domain.front_sight import FrontSide
from appliance.errors import CameraSilent, CardReadingMissing
from tests.screens.rig import Walk
from tests.screens.walks import person_of, to_code
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.front_digits import HELD_KEY_S, FrontDigitsScreen
from tui.widgets.prose import Prose


async def to_front(walk: Walk, row: int = 0) -> CardFrontScreen:
    """Open the camera on the card's front; in training the hand holds it up."""
    await to_code(walk, row)
    await walk.press("f4")
    return await walk.on(CardFrontScreen)


async def until_blank(walk: Walk, screen: CardFrontScreen, why: str) -> None:
    """Wait for the words that stand in the place of a preview."""
    words = walk.app.session.texts(f"card_front.blank.{why}")
    await walk.until(lambda: screen.query_one("#blank", Prose).text == words, why)
    await walk.pilot.pause()


async def to_front_done(walk: Walk, row: int = 0) -> CardFrontScreen:
    screen = await to_front(walk, row)
    await until_blank(walk, screen, "done")
    return screen


async def to_front_reading(walk: Walk) -> CardFrontScreen:
    """Stop where a front is seen whose digits never become sure."""
    walk.rig.front_reader.doubtful = {2, 12}
    screen = await to_front(walk)
    await walk.until(lambda: screen._is_proposed, "proposal")
    await walk.pilot.pause()
    return screen


async def to_front_of(walk: Walk, side: FrontSide) -> CardFrontScreen:
    """Show a front until something is proposed, then this side."""
    walk.rig.front_reader.doubtful = {0}
    screen = await to_front(walk)
    await walk.until(lambda: screen._is_proposed, "proposal")
    walk.rig.front_reader.show(person_of(walk), side)
    await until_blank(walk, screen, side.value)
    return screen


async def to_front_back(walk: Walk) -> CardFrontScreen:
    return await to_front_of(walk, FrontSide.BACK)


async def to_front_unclear(walk: Walk) -> CardFrontScreen:
    return await to_front_of(walk, FrontSide.UNCLEAR)


async def to_front_in_trouble(walk: Walk) -> CardFrontScreen:
    await to_code(walk)
    walk.rig.camera.trouble = CameraSilent(2.5)
    await walk.press("f4")
    screen = await walk.on(CardFrontScreen)
    await until_blank(walk, screen, "trouble")
    return screen


async def to_front_missing(walk: Walk) -> TroubleDialog:
    await to_code(walk)
    walk.rig.front_reader.trouble = CardReadingMissing("jpn", "tesseract-ocr-jpn")
    await walk.press("f4")
    return await walk.on(TroubleDialog)


async def confirm_digit(walk: Walk) -> None:
    """Press Enter as a person would who has compared a digit."""
    walk.rig.clock.wind(2 * HELD_KEY_S)
    await walk.press("enter")


async def to_front_digits(walk: Walk, row: int = 0) -> FrontDigitsScreen:
    await to_front_done(walk, row)
    await walk.press("enter")
    return await walk.on(FrontDigitsScreen)


async def to_front_doubts(walk: Walk) -> FrontDigitsScreen:
    """Stop at the first of several digits that were not read clearly, one of them not at all."""
    walk.rig.front_reader.unread = {11}
    await to_front_reading(walk)
    await walk.press("enter")
    screen = await walk.on(FrontDigitsScreen)
    await confirm_digit(walk)
    return screen
