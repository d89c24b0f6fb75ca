"""Every screen and dialog of a day by the name of its picture, and a day that passes them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from tests.screens.face_walks import (
    to_advice_on_face,
    to_decision_after_liveness,
    to_face,
    to_face_covered,
    to_face_dark,
    to_face_in_trouble,
    to_face_lying,
    to_face_pass,
    to_liveness,
    to_liveness_result,
    to_liveness_skip,
    to_liveness_way,
)
from tests.screens.front_walks import (
    confirm_digit,
    to_front_back,
    to_front_digits,
    to_front_done,
    to_front_doubts,
    to_front_in_trouble,
    to_front_missing,
    to_front_reading,
    to_front_unclear,
    until_blank,
)
from tests.screens.rig import PASSPHRASE, Walk
from tests.screens.trouble_walks import (
    to_blocked,
    to_decision_unsupported,
    to_foreign_card,
    to_foreign_card_left,
    to_integrated_card,
    to_no_reader,
    to_readers,
    to_several_cards,
    to_shown_false,
    to_shown_unknown,
    to_visual_reason_unsupported,
    to_wrong_code,
    wrong_code_of,
)
from tests.screens.walks import (
    person_of,
    to_abandon,
    to_address,
    to_card_consent,
    to_card_place,
    to_channel,
    to_code_typed,
    to_confirm,
    to_confirm_in_two_eras,
    to_decision,
    to_decision_without_card,
    to_face_consent,
    to_face_mark,
    to_giver,
    to_help,
    to_loss,
    to_notice,
    to_outcome,
    to_pass,
    to_passphrase,
    to_programme,
    to_reading,
    to_save,
    to_saved,
    to_sayer,
    to_shown,
    to_sighted,
    to_staff,
    to_steps,
    to_today,
    to_visual_reason,
    to_wish,
)
from tui.field.dialogs.dialog import Dialog
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_front import CardFrontScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_shown import CardAddressScreen, CardShownScreen
from tui.field.screens.decision import DecisionScreen, VisualReasonScreen
from tui.field.screens.face import FaceAdviceScreen, FacePassScreen, FaceScreen
from tui.field.screens.front_digits import SETTLES_S, FrontDigitsScreen
from tui.field.screens.liveness import (
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
from tui.field.screens.today import TodayScreen

Way = Callable[[Walk], Awaitable[object]]


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
    "front": to_front_reading,
    "front_done": to_front_done,
    "front_back": to_front_back,
    "front_unclear": to_front_unclear,
    "front_trouble": to_front_in_trouble,
    "front_missing": to_front_missing,
    "front_digits": to_front_digits,
    "front_doubts": to_front_doubts,
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
    await walk.press("f4")
    await until_blank(walk, await walk.on(CardFrontScreen), "done")
    await walk.press("enter")
    await walk.on(FrontDigitsScreen)


async def _identity(walk: Walk) -> None:
    for _ in person_of(walk).code_b:
        await confirm_digit(walk)
    await walk.on(CardConfirmScreen)
    walk.rig.clock.wind(SETTLES_S)
    for keys, screen in (
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
