"""Ways through the program to any screen, so that each test begins where it needs to.

What a test is not about is done by the use-cases directly; `tour` goes all the way by keys.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from appliance.card.code_b import parse_code_b
from appliance.card.tries import Confirmation
from appliance.domain.consent import ConsentGiver
from appliance.domain.face_advice import FrameHint, FrameQuality
from appliance.domain.liveness import Ask
from appliance.errors import CameraSilent
from appliance.service.visit_day import sign_in
from appliance.simulated.handed_over import CardOrder, Kind
from appliance.simulated.people import TrainingPerson
from appliance.simulated.personalisation import Personaliser
from appliance.trust.issuer_keys import IssuerKeys
from tests.screens.rig import PASSPHRASE, STAFF, Walk, quality
from tui.field.dialogs.dialog import Dialog
from tui.field.dialogs.readers import ReadersDialog
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.messages import Go, PersonChosen, Proceed, SignedIn
from tui.field.screens.card_code import CardCodeScreen, CardConfirmScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_reading import CardReadingScreen
from tui.field.screens.card_shown import CardAddressScreen, CardShownScreen
from tui.field.screens.decision import DecisionScreen, VisualReasonScreen
from tui.field.screens.face import FaceAdviceScreen, FacePassScreen, FaceScreen
from tui.field.screens.liveness import (
    LivenessResultScreen,
    LivenessScreen,
    LivenessSkipScreen,
    LivenessWayScreen,
)
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
from tui.widgets.prose import Prose

Way = Callable[[Walk], Awaitable[object]]


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


def wrong_code_of(person: TrainingPerson) -> str:
    """Return the person's code with another last digit."""
    right = person.code_b
    return right[:-1] + str((int(right[-1]) + 1) % 10)


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


async def to_face(walk: Walk) -> FaceScreen:
    await to_shown(walk)
    await walk.press("enter")
    return await walk.on(FaceScreen)


async def to_face_dark(walk: Walk) -> None:
    walk.rig.face_engine.hints = [FrameHint.TOO_DARK]
    screen = await to_face(walk)
    await walk.until(
        lambda: "暗" in str(screen.query_one("#hint").render()) or walk.app.session.texts.language == "en"
    )
    await walk.pilot.pause()


async def to_face_pass(walk: Walk) -> None:
    await to_face(walk)
    await walk.press("f3")
    await walk.on(FacePassScreen)


async def to_advice_on_face(walk: Walk) -> FaceAdviceScreen:
    await to_face(walk)
    await walk.press("enter")
    return await walk.on(FaceAdviceScreen)


async def to_face_lying(walk: Walk) -> None:
    walk.rig.face_engine.qualities = [replace(quality(FrameHint.GOOD), rotation_deg=90)] * 999
    screen = await to_face(walk)
    await walk.until(lambda: screen.query_one("#camera", Prose).text, "lying")
    await walk.pilot.pause()


async def to_face_covered(walk: Walk) -> None:
    walk.rig.face_engine.hints = [FrameHint.COVERED]
    screen = await to_face(walk)
    waiting = walk.app.session.texts("face.hint.waiting")
    await walk.until(lambda: screen.query_one("#hint", Prose).text != waiting, "covered")
    await walk.pilot.pause()


async def to_face_in_trouble(walk: Walk) -> FaceScreen:
    walk.rig.camera.trouble = CameraSilent(2.5)
    screen = await to_face(walk)
    await walk.until(lambda: screen.query("#hint.-attention"), "trouble")
    await walk.pilot.pause()
    return screen


async def to_liveness_way(walk: Walk) -> LivenessWayScreen:
    await to_advice_on_face(walk)
    await walk.press("f4")
    return await walk.on(LivenessWayScreen)


async def to_liveness(walk: Walk) -> LivenessScreen:
    """Stop at the first turn of the head, which nobody makes."""
    await to_liveness_way(walk)
    await walk.press("1", "enter")
    screen = await walk.on(LivenessScreen)
    turns = {walk.app.session.texts(f"liveness_run.ask.turn_{side}") for side in ("left", "right")}
    await walk.until(lambda: screen.query_one("#ask", Prose).text in turns, "turn")
    await walk.pilot.pause()
    return screen


async def to_liveness_skip(walk: Walk) -> LivenessSkipScreen:
    await to_liveness(walk)
    await walk.press("f3")
    return await walk.on(LivenessSkipScreen)


STRAIGHT = quality(FrameHint.GOOD)


def turned(change: float) -> FrameQuality:
    return replace(STRAIGHT, hint=FrameHint.LOOK_STRAIGHT, turn=change)


class ObedientPerson:
    """Does what is asked, and looks straight for a moment between two asks."""

    CHANGES: ClassVar = {Ask.TURN_LEFT: 0.16, Ask.TURN_RIGHT: -0.16}

    def __init__(self, walk: Walk) -> None:
        self._walk = walk
        self._asked: Ask | None = None

    def __call__(self) -> FrameQuality:
        check = self._walk.app.session.open_turn.visit._liveness
        before, self._asked = self._asked, None if check is None else check.ask
        if self._asked is None or self._asked is not before or self._asked not in self.CHANGES:
            return STRAIGHT
        return turned(self.CHANGES[self._asked])


async def to_liveness_result(walk: Walk) -> LivenessResultScreen:
    await to_liveness_way(walk)
    walk.rig.face_engine.person = ObedientPerson(walk)
    await walk.press("1", "enter")
    return await walk.on(LivenessResultScreen)


async def to_decision_after_liveness(walk: Walk) -> DecisionScreen:
    await to_liveness_result(walk)
    await walk.press("enter")
    await walk.on(FaceAdviceScreen)
    await walk.press("enter")
    return await walk.on(DecisionScreen)


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


WAYS: Mapping[str, Way] = {
    "staff": to_staff,
    "passphrase": to_passphrase,
    "today": to_today,
    "notice": to_notice,
    "consent_card": to_card_consent,
    "consent_face": to_face_consent,
    "consent_giver": to_giver,
    "card_place": to_card_place,
    "card_sighted": to_sighted,
    "card_code": to_code_typed,
    "card_confirm": to_confirm,
    "card_shown": to_shown,
    "card_address": to_address,
    "card_pass": to_pass,
    "face": to_face,
    "face_dark": to_face_dark,
    "face_pass": to_face_pass,
    "face_advice": to_advice_on_face,
    "face_lying": to_face_lying,
    "face_covered": to_face_covered,
    "face_trouble": to_face_in_trouble,
    "liveness_way": to_liveness_way,
    "liveness": to_liveness,
    "liveness_skip": to_liveness_skip,
    "liveness_result": to_liveness_result,
    "decision_liveness": to_decision_after_liveness,
    "decision": to_decision,
    "decision_no_card": to_decision_without_card,
    "visual_reason": to_visual_reason,
    "face_mark": to_face_mark,
    "advice": to_programme,
    "advice_steps": to_steps,
    "wish": to_wish,
    "channel": to_channel,
    "outcome": to_outcome,
    "sayer": to_sayer,
    "save": to_save,
    "saved": to_saved,
    "loss": to_loss,
    "help": to_help,
    "abandon": to_abandon,
    "wrong_code": to_wrong_code,
    "card_no_reader": to_no_reader,
    "card_several": to_several_cards,
    "card_foreign": to_foreign_card,
    "card_foreign_left": to_foreign_card_left,
    "card_integrated": to_integrated_card,
    "card_blocked": to_blocked,
    "card_readers": to_readers,
    "card_two_eras": to_confirm_in_two_eras,
    "card_reading": to_reading,
    "card_shown_unknown": to_shown_unknown,
    "card_shown_false": to_shown_false,
    "decision_unsupported": to_decision_unsupported,
    "visual_reason_unsupported": to_visual_reason_unsupported,
}
"""Every screen and dialog of a day, by the name of its picture."""


async def tour(walk: Walk) -> None:
    """Pass every screen and kind of dialog once, in one day."""
    await to_passphrase(walk)
    await walk.write(PASSPHRASE)
    await walk.press("enter")
    await walk.on(TodayScreen)
    await walk.press("f1")
    await walk.on(Dialog)
    await walk.press("escape")
    await walk.on(TodayScreen)
    await _notice_and_card(walk)
    await _identity(walk)
    await _wish_and_save(walk)
    await walk.press("enter")
    await walk.on(TodayScreen)
    await _without_card(walk)


async def _notice_and_card(walk: Walk) -> None:
    await walk.press("enter")
    for screen in (NoticeScreen, CardConsentScreen, FaceConsentScreen, ConsentGiverScreen):
        await walk.on(screen)
        await walk.press("enter")
    place = await walk.on(CardPlaceScreen)
    for key in ("escape", "f9"):
        await walk.press(key)
        await walk.on(Dialog)
        await walk.press("escape")
        await walk.on(CardPlaceScreen)
    await walk.press("f2")
    await walk.until(lambda: place.turn.sighting, "sighted card")
    await walk.press("enter")
    await walk.on(CardCodeScreen)
    await walk.write(wrong_code_of(person_of(walk)))
    await walk.press("enter")
    await walk.on(CardConfirmScreen)
    await walk.press("enter")
    await walk.on(Dialog)
    await walk.press("enter")
    await walk.on(CardCodeScreen)


async def _identity(walk: Walk) -> None:
    await walk.write(person_of(walk).code_b)
    for keys, screen in (
        (["enter"], CardConfirmScreen),
        (["enter"], CardShownScreen),
        (["f3"], CardAddressScreen),
        (["enter"], CardShownScreen),
        (["enter"], FaceScreen),
        (["f3"], FacePassScreen),
        (["escape"], FaceScreen),
        (["f4"], LivenessWayScreen),
        (["1", "enter"], LivenessScreen),
        (["f3"], LivenessSkipScreen),
        (["3", "enter"], FaceScreen),
        (["enter"], FaceAdviceScreen),
        (["enter"], DecisionScreen),
        (["2", "enter"], VisualReasonScreen),
        (["escape"], DecisionScreen),
        (["1", "enter"], FaceMarkScreen),
    ):
        await walk.press(*keys)
        await walk.on(screen)


async def _wish_and_save(walk: Walk) -> None:
    for keys, screen in (
        (["enter"], AdviceScreen),
        (["enter"], AdviceStepsScreen),
        (["enter"], WishScreen),
        (["2", "enter"], SayerScreen),
        (["escape"], WishScreen),
        (["1", "enter"], ChannelScreen),
        (["enter"], OutcomeScreen),
        (["enter"], SaveScreen),
        (["enter"], SavedScreen),
    ):
        await walk.press(*keys)
        await walk.on(screen)


async def _without_card(walk: Walk) -> None:
    for keys, screen in (
        (["down", "enter"], NoticeScreen),
        (["enter"], CardConsentScreen),
        (["enter"], FaceConsentScreen),
        (["enter"], ConsentGiverScreen),
        (["enter"], CardPlaceScreen),
        (["f3"], CardPassScreen),
        (["enter"], DecisionScreen),
    ):
        await walk.press(*keys)
        await walk.on(screen)
