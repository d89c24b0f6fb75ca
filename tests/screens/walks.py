"""Ways through the program to the screens of an ordinary turn, so that each test begins where it needs to.

What a test is not about is done by the use-cases directly; `ways.tour` goes all the way by keys.
"""

from __future__ import annotations

from appliance.card.code_b import parse_code_b
from appliance.card.tries import Confirmation
from appliance.domain.consent import ConsentGiver
from appliance.service.visit_day import sign_in
from appliance.simulated.people import TrainingPerson
from tests.screens.rig import PASSPHRASE, STAFF, Walk
from tui.field.dialogs.dialog import Dialog
from tui.field.messages import Go, PersonChosen, Proceed, SignedIn
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_reading import CardReadingScreen
from tui.field.screens.card_shown import CardAddressScreen, CardShownScreen
from tui.field.screens.decision import DecisionScreen, VisualReasonScreen
from tui.field.screens.notice import CardConsentScreen, ConsentGiverScreen, FaceConsentScreen, NoticeScreen
from tui.field.screens.programme import (
    AdviceScreen,
    AdviceStepsScreen,
    ChannelScreen,
    FaceMarkScreen,
    OutcomeScreen,
    SayerScreen,
    WishScreen,
)
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.field.screens.sign_in import PassphraseScreen, StaffScreen
from tui.field.screens.today import TodayScreen
from tui.widgets.choices import Choices


async def to_staff(walk: Walk) -> None:
    screen = await walk.on(StaffScreen)
    await walk.until(lambda: screen.query(Choices), "names")
    await walk.pilot.pause()


async def to_passphrase(walk: Walk) -> None:
    await to_staff(walk)
    await walk.press("1", "enter")
    await walk.on(PassphraseScreen)


async def to_today(walk: Walk) -> None:
    await walk.on(StaffScreen)
    walk.app.post_message(SignedIn(sign_in(walk.rig.unit, STAFF, PASSPHRASE)))
    await walk.on(TodayScreen)


async def to_notice(walk: Walk, row: int = 0) -> None:
    await to_today(walk)
    walk.app.post_message(PersonChosen(walk.rig.staff.roster.entries[row]))
    await walk.on(NoticeScreen)


async def to_card_consent(walk: Walk) -> None:
    await to_notice(walk)
    await walk.press("enter")
    await walk.on(CardConsentScreen)


async def to_face_consent(walk: Walk) -> None:
    await to_card_consent(walk)
    await walk.press("1", "enter")
    await walk.on(FaceConsentScreen)


async def to_giver(walk: Walk) -> None:
    await to_face_consent(walk)
    await walk.press("1", "enter")
    await walk.on(ConsentGiverScreen)


async def to_card_place(walk: Walk, row: int = 0) -> CardPlaceScreen:
    await to_notice(walk, row)
    visit = walk.app.session.open_turn.visit
    visit.consent(ConsentGiver.PERSON, to_card_reading=True, to_face_matching=True)
    walk.app.post_message(Proceed())
    return await walk.on(CardPlaceScreen)


async def to_sighted(walk: Walk, row: int = 0) -> CardPlaceScreen:
    screen = await to_card_place(walk, row)
    await walk.press("f2")
    await walk.until(lambda: screen.turn.sighting, "sighted card")
    await walk.pilot.pause()
    return screen


async def to_code(walk: Walk, row: int = 0) -> CardCodeScreen:
    await to_sighted(walk, row)
    await walk.press("enter")
    return await walk.on(CardCodeScreen)


def person_of(walk: Walk, row: int = 0) -> TrainingPerson:
    return walk.rig.people[row]


async def to_code_typed(walk: Walk, row: int = 0) -> CardCodeScreen:
    screen = await to_code(walk, row)
    await walk.write(person_of(walk, row).code_b)
    return screen


async def to_confirm(walk: Walk, row: int = 0) -> CardConfirmScreen:
    await to_code_typed(walk, row)
    await walk.press("enter")
    return await walk.on(CardConfirmScreen)


async def to_shown(walk: Walk, row: int = 0) -> CardShownScreen:
    await to_card_place(walk, row)
    turn = walk.app.session.open_turn
    walk.rig.hand.put_card(turn.entry.person)
    await walk.until(lambda: turn.sighting, "sighted card")
    turn.shown = turn.visit.read_card(parse_code_b(person_of(walk, row).code_b), Confirmation())
    walk.app.post_message(Go(CardShownScreen(walk.app.session)))
    return await walk.on(CardShownScreen)


async def to_address(walk: Walk, row: int = 0) -> None:
    await to_shown(walk, row)
    await walk.press("f3")
    await walk.on(CardAddressScreen)


async def to_pass(walk: Walk) -> None:
    await to_card_place(walk)
    await walk.press("f3")
    await walk.on(CardPassScreen)


async def to_decision(walk: Walk) -> DecisionScreen:
    await to_shown(walk)
    turn = walk.app.session.open_turn
    turn.comparison = turn.visit.compare_face()
    walk.app.post_message(Proceed())
    return await walk.on(DecisionScreen)


async def to_decision_without_card(walk: Walk) -> DecisionScreen:
    await to_pass(walk)
    await walk.press("1", "enter")
    return await walk.on(DecisionScreen)


async def to_visual_reason(walk: Walk) -> VisualReasonScreen:
    await to_decision(walk)
    await walk.press("2", "enter")
    return await walk.on(VisualReasonScreen)


async def to_face_mark(walk: Walk) -> None:
    await to_decision(walk)
    await walk.press("1", "enter")
    await walk.on(FaceMarkScreen)


async def to_programme(walk: Walk) -> AdviceScreen:
    await to_face_mark(walk)
    await walk.press("1", "enter")
    return await walk.on(AdviceScreen)


async def to_steps(walk: Walk) -> AdviceStepsScreen:
    await to_programme(walk)
    await walk.press("enter")
    return await walk.on(AdviceStepsScreen)


async def to_wish(walk: Walk) -> WishScreen:
    await to_steps(walk)
    await walk.press("enter")
    return await walk.on(WishScreen)


async def to_channel(walk: Walk) -> None:
    await to_wish(walk)
    await walk.press("1", "enter")
    await walk.on(ChannelScreen)


async def to_outcome(walk: Walk) -> None:
    await to_channel(walk)
    await walk.press("1", "enter")
    await walk.on(OutcomeScreen)


async def to_sayer(walk: Walk) -> None:
    await to_wish(walk)
    await walk.press("2", "enter")
    await walk.on(SayerScreen)


async def to_save(walk: Walk) -> SaveScreen:
    await to_outcome(walk)
    await walk.press("2", "enter")
    return await walk.on(SaveScreen)


async def to_saved(walk: Walk) -> SavedScreen:
    await to_save(walk)
    await walk.press("enter")
    screen = await walk.on(SavedScreen)
    walk.app.poll_standing()
    await walk.until(lambda: walk.app.session.standing.states, "standing")
    await walk.pilot.pause()
    return screen


async def to_loss(walk: Walk) -> None:
    await to_card_place(walk)
    await walk.press("f9")
    await walk.on(Dialog)


async def to_help(walk: Walk) -> None:
    await to_today(walk)
    await walk.press("f1")
    await walk.on(Dialog)


async def to_abandon(walk: Walk) -> None:
    await to_card_place(walk)
    await walk.press("escape")
    await walk.on(Dialog)


async def to_confirm_in_two_eras(walk: Walk) -> CardConfirmScreen:
    await to_code(walk)
    await walk.write("13030320300001")
    await walk.press("enter")
    return await walk.on(CardConfirmScreen)


async def to_reading(walk: Walk, halt_before: int = 30) -> CardReadingScreen:
    await to_confirm(walk)
    walk.rig.reader.halt_before = halt_before
    await walk.press("enter")
    screen = await walk.on(CardReadingScreen)
    await walk.until(walk.rig.reader.halted.is_set, "halt")
    await walk.pilot.pause()
    return screen
