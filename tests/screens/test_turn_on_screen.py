"""One person's turn by keys: what each answer leads to, and what is recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from appliance.domain.card_answers import CardKind
from appliance.domain.consent import ConsentGiver
from appliance.domain.decision import DecisionOutcome, VisualCheckReason
from appliance.domain.enrollment import CardEvidence, CardNotRead, Enrollment, FaceNotCompared, VisitState
from appliance.domain.face_advice import FaceBand, FrameHint
from appliance.domain.outbox import OutboxState
from appliance.domain.programmes.programme import Channel
from appliance.domain.programmes.wish import Wish, WishOutcome, WishSource
from appliance.ports import Lamp
from appliance.simulated.people import training_people
from tests.screens.face_walks import to_advice_on_face, to_face, to_face_pass
from tests.screens.rig import Rig, Walk, quality
from tests.screens.walks import (
    to_address,
    to_card_consent,
    to_card_place,
    to_code,
    to_code_typed,
    to_confirm,
    to_decision,
    to_decision_without_card,
    to_face_consent,
    to_face_mark,
    to_giver,
    to_notice,
    to_pass,
    to_save,
    to_saved,
    to_shown,
    to_sighted,
    to_today,
    to_visual_reason,
    to_wish,
)
from tui.catalogue import LANGUAGES, Language
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.decision import DecisionScreen
from tui.field.screens.face import FaceAdviceScreen, FaceScreen
from tui.field.screens.notice import CardConsentScreen, ConsentGiverScreen, FaceConsentScreen, NoticeScreen
from tui.field.screens.programme import (
    AdviceScreen,
    AdviceStepsScreen,
    FaceMarkScreen,
    SayerScreen,
    WishScreen,
)
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.field.screens.today import TodayScreen
from tui.widgets.choices import Choices
from tui.widgets.code_entry import CodeEntry
from tui.widgets.prose import Prose


def enrollment_of(walk: Walk) -> Enrollment:
    return walk.app.session.open_turn.visit.enrollment


def said(walk: Walk, selector: str) -> str:
    return walk.app.screen.query_one(selector, Prose).text


async def test_no_to_the_card_leads_to_the_decision_without_asking_about_the_face(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_card_consent(walk)
        await walk.press("2", "enter")
        await walk.on(ConsentGiverScreen)
        await walk.press("2", "enter")
        await walk.on(DecisionScreen)
        enrollment = enrollment_of(walk)
        assert enrollment.card is CardNotRead.DECLINED
        assert enrollment.consent is not None
        assert enrollment.consent.given_by is ConsentGiver.FAMILY
        assert enrollment.consent.to_face_matching is False


async def test_no_to_the_face_never_opens_the_camera(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face_consent(walk)
        await walk.press("2", "enter")
        await walk.on(ConsentGiverScreen)
        await walk.press("enter")
        place = await walk.on(CardPlaceScreen)
        await walk.press("f2")
        await walk.until(lambda: place.turn.sighting, "sighted")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        await walk.write(rig.people[0].code_b)
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        await walk.press("enter")
        await walk.on(CardShownScreen)
        await walk.press("enter")
        await walk.on(DecisionScreen)
        assert enrollment_of(walk).face is FaceNotCompared.DECLINED
        assert Lamp.FACE_LIGHT not in rig.panel.lit


async def test_every_answer_to_the_notice_can_be_changed_before_it_is_recorded(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_giver(walk)
        for screen in (FaceConsentScreen, CardConsentScreen, NoticeScreen):
            await walk.press("escape")
            await walk.on(screen)
        assert enrollment_of(walk).state is VisitState.NOTICE


async def test_the_reader_is_shown_as_it_is(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        await walk.until(lambda: "待っています" in said(walk, "#reader"), "empty")
        rig.reader.unplug()
        await walk.until(lambda: "つながっていません" in said(walk, "#reader"), "no reader")
        rig.reader.plug_in()
        await walk.until(lambda: "待っています" in said(walk, "#reader"), "empty again")
        await walk.press("f2")
        await walk.until(lambda: "残り 10 回" in said(walk, "#tries"), "tries")
        rig.reader.remove()
        await walk.until(lambda: "待っています" in said(walk, "#reader"), "taken away")
        assert said(walk, "#tries") == ""


async def test_enter_waits_for_a_card(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        await walk.press("enter", "enter")
        await walk.on(CardPlaceScreen)


async def test_the_birth_date_is_shown_in_both_calendars_while_it_is_typed(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_code(walk)
        await walk.write("18051")
        assert said(walk, "#meaning") == ""
        await walk.write("4")
        assert "昭和18年5月14日（1943-05-14）" in said(walk, "#meaning")
        await walk.write("2035")
        assert "2035年まで" in said(walk, "#meaning")
        await walk.press(*["backspace"] * 10)
        await walk.write("991399")
        assert "そのような日付はありません" in said(walk, "#meaning")


async def test_an_incomplete_code_goes_nowhere(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_code(walk)
        await walk.write("180514")
        await walk.press("enter")
        assert "14桁" in said(walk, "#meaning")
        await walk.on(CardCodeScreen)


async def test_nothing_is_sent_before_the_confirmation(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_confirm(walk)
        sent = len(rig.reader.trace)
        assert "1 8 0 5 1 4" in said(walk, "#birth")
        assert "昭和18年5月14日（1943-05-14）" in said(walk, "#birth")
        await walk.press("escape")
        await walk.on(CardCodeScreen)
        assert walk.app.screen.query_one(CodeEntry).is_complete
        assert len(rig.reader.trace) == sent


async def test_the_three_answers_stand_apart(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_shown(walk)
        answers = [prose.text for prose in walk.app.screen.query(".said").results(Prose)]
        assert answers == ["確かめられました", "期限内の日付です", "不明"]
        grounds = [prose.text for prose in walk.app.screen.query(".means").results(Prose)]
        assert "署名の対象外" in grounds[1]
        assert isinstance(enrollment_of(walk).card, CardEvidence)


@pytest.mark.parametrize(
    ("person", "answers"),
    [(6, ["確かめられました", "期限を過ぎた日付です"]), (11, ["確かめられません", "期限内の日付です"])],
)
async def test_a_card_that_differs_says_which_answer_differs(
    rig: Rig, person: int, answers: list[str]
) -> None:
    async with rig.running() as walk:
        await to_shown(walk, person)
        shown = [prose.text for prose in walk.app.screen.query(".said").results(Prose)]
        assert shown[:2] == answers


async def test_a_birth_date_that_is_not_the_rosters_is_said_loudly() -> None:
    first, second, *others = training_people()
    swapped = Rig(people=[first, second, *others])
    async with swapped.running() as walk:
        place = await to_card_place(walk, 0)
        swapped.hand.put_card(second.id)
        await walk.until(lambda: place.turn.sighting, "sighted")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        await walk.write(second.code_b)
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        await walk.press("enter")
        await walk.on(CardShownScreen)
        assert "名簿と違います" in said(walk, "#birth")
        assert walk.app.screen.query_one("#birth").has_class("-attention")


async def test_the_address_has_a_screen_of_its_own(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_address(walk)
        await walk.press("enter")
        await walk.on(CardShownScreen)


@pytest.mark.parametrize(
    ("digit", "reason"),
    list(
        enumerate(
            [
                *("no_card", "declined", "unreadable", "integrated_residence_card", "not_supported"),
                *("blocked", "code_unknown"),
            ],
            1,
        )
    ),
)
async def test_going_on_without_the_card_records_why(rig: Rig, digit: int, reason: str) -> None:
    async with rig.running() as walk:
        await to_pass(walk)
        await walk.press(str(digit), "enter")
        await walk.on(DecisionScreen)
        assert enrollment_of(walk).card is CardNotRead(reason)


async def test_an_unknown_code_suggests_its_reason(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_code_typed(walk)
        await walk.press("f3")
        await walk.on(CardPassScreen)
        assert walk.app.screen.query_one(Choices).chosen is CardNotRead.CODE_UNKNOWN
        assert walk.app.session.open_turn.typed_code is None
        await walk.press("escape")
        await walk.on(CardPlaceScreen)


async def test_hints_follow_the_frames_calmly_and_the_lamp_shines_only_while_light_is_missing(
    rig: Rig,
) -> None:
    rig.face_engine.hints = [FrameHint.NO_FACE]
    async with rig.running() as walk:
        await to_face(walk)
        await walk.until(lambda: "顔が見えません" in said(walk, "#hint"), "no face")
        await walk.until(lambda: Lamp.FACE_LIGHT not in rig.panel.lit, "no lamp for a bright face")
        rig.face_engine.hints = [FrameHint.TOO_DARK]
        rig.face_engine.luma = 40.0
        await walk.until(lambda: Lamp.FACE_LIGHT in rig.panel.lit, "lamp")
        assert "顔が見えません" in said(walk, "#hint")
        rig.clock.elapsed_s += 1.0
        await walk.until(lambda: "暗い" in said(walk, "#hint"), "dark")
        rig.face_engine.hints = [FrameHint.GOOD]
        await walk.until(lambda: rig.clock.wind(0.6) and "良い位置" in said(walk, "#hint"), "good")
        await walk.press("enter")
        await walk.on(FaceAdviceScreen)
        assert Lamp.FACE_LIGHT not in rig.panel.lit


async def test_a_person_who_lies_is_told_that_this_is_fine(rig: Rig) -> None:
    lying = replace(quality(FrameHint.GOOD), rotation_deg=90)
    rig.face_engine.qualities = [lying] * 50
    async with rig.running() as walk:
        await to_face(walk)
        await walk.until(lambda: "寝たまま" in said(walk, "#camera"), "lying")


@pytest.mark.parametrize("band", list(FaceBand))
@pytest.mark.parametrize("language", LANGUAGES)
async def test_staff_see_words_and_never_a_number(rig: Rig, band: FaceBand, language: Language) -> None:
    rig.face_engine.band = band
    async with rig.running(language=language) as walk:
        screen = await to_advice_on_face(walk)
        told = " ".join(prose.text for prose in screen.query("#facts Prose").results(Prose))
        assert not any(character.isdigit() for character in told)
        assert not any(word in told.lower() for word in ("reject", "拒否", "不一致", "score", "%"))


@pytest.mark.parametrize(
    ("band", "words", "may_confirm"),
    [
        (FaceBand.MATCH, "似ています", True),
        (FaceBand.LOOK_CLOSELY, "よく見比べてください", True),
        (FaceBand.UNLIKE, "似ていると言えません", False),
    ],
)
async def test_the_advice_is_a_band_and_only_some_bands_can_be_confirmed(
    rig: Rig, band: FaceBand, words: str, may_confirm: bool
) -> None:
    rig.face_engine.band = band
    async with rig.running() as walk:
        await to_advice_on_face(walk)
        assert said(walk, "#band") == words
        await walk.press("enter")
        await walk.on(DecisionScreen)
        values = [choice.value for choice in walk.app.screen.query_one(Choices)._choices]
        assert (DecisionOutcome.MATCHED_CONFIRMED in values) is may_confirm


async def test_the_face_can_be_compared_once_more(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_advice_on_face(walk)
        await walk.press("f3")
        await walk.on(FaceScreen)
        await walk.press("enter")
        await walk.on(FaceAdviceScreen)
        assert rig.face_engine.compared == 2


@pytest.mark.parametrize(
    ("digit", "reason"), [(1, "staff_skipped"), (2, "declined"), (3, "camera_unavailable")]
)
async def test_passing_the_face_records_why(rig: Rig, digit: int, reason: str) -> None:
    async with rig.running() as walk:
        await to_face_pass(walk)
        await walk.press(str(digit), "enter")
        await walk.on(DecisionScreen)
        assert enrollment_of(walk).face is FaceNotCompared(reason)


async def test_a_visual_check_demands_its_reason(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_visual_reason(walk)
        assert enrollment_of(walk).decision is None
        await walk.press("4", "enter")
        await walk.on(FaceMarkScreen)
        decision = enrollment_of(walk).decision
        assert decision is not None
        assert (decision.outcome, decision.reason) == (
            DecisionOutcome.VISUAL_CHECK,
            VisualCheckReason.POSTURE,
        )


async def test_without_a_card_no_match_can_be_confirmed_and_no_mark_is_asked(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_decision_without_card(walk)
        assert walk.app.screen.query_one(Choices).chosen is DecisionOutcome.VISUAL_CHECK
        await walk.press("2", "enter")
        await walk.on(AdviceScreen)
        decision = enrollment_of(walk).decision
        assert decision is not None
        assert decision.outcome is DecisionOutcome.UNDECIDED


async def test_the_advice_shows_source_and_date_and_marks_old_ones(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face_mark(walk)
        await walk.press("1", "enter")
        await walk.on(AdviceScreen)
        sources = said(walk, "#sources")
        assert "出典：厚生労働省" in sources
        assert "時点" in sources
        assert "6か月より前" in sources


async def test_a_card_without_pins_has_other_ways(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face_mark(walk)
        await walk.press("2", "enter")
        await walk.on(AdviceScreen)
        text = "".join(prose.text for prose in walk.app.screen.query(".paragraph").results(Prose))
        assert "カードリーダー" in text
        assert "ATM" not in text
        card = enrollment_of(walk).card
        assert isinstance(card, CardEvidence)
        assert card.kind is CardKind.FACE_ONLY_CARD


async def test_an_integrated_residence_card_that_could_be_read_is_recorded_as_staff_saw_it(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face_mark(walk)
        await walk.press("3", "enter")
        await walk.on(AdviceScreen)
        card = enrollment_of(walk).card
        assert isinstance(card, CardEvidence)
        assert card.kind is CardKind.INTEGRATED_RESIDENCE_CARD
        # What such a card opens is not public, so the rules do not know its kind.
        assert walk.app.session.open_turn.visit.known_facts().card.kind is None


async def test_a_wish_keeps_way_and_outcome(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_save(walk)
        (wish,) = enrollment_of(walk).wishes
        assert (wish.wish, wish.channel, wish.outcome, wish.said_by) == (
            Wish.WANTS,
            Channel.CLINIC_READER,
            WishOutcome.PREPARED,
            WishSource.PERSON,
        )


async def test_before_saving_the_screen_sums_up_decision_and_wish(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_save(walk)
        assert said(walk, "#summary").split("\n") == [
            "見比べた結果を見て、ご本人と確認した",
            "マイナ保険証の申し込み：希望する（病院・薬局のカードリーダー）",
        ]


async def test_done_already_is_a_report_with_its_source(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_wish(walk)
        await walk.press("2", "enter")
        await walk.on(SayerScreen)
        await walk.press("4", "enter")
        await walk.on(SaveScreen)
        (wish,) = enrollment_of(walk).wishes
        assert (wish.wish, wish.outcome, wish.said_by) == (
            Wish.HAS_ALREADY,
            WishOutcome.REPORTED_DONE,
            WishSource.FACILITY_STAFF,
        )


@pytest.mark.parametrize(("digit", "wish"), [(3, Wish.NOT_NOW), (4, Wish.UNDECIDED), (5, Wish.NEEDS_FAMILY)])
async def test_other_answers_go_straight_to_saving(rig: Rig, digit: int, wish: Wish) -> None:
    async with rig.running() as walk:
        await to_wish(walk)
        await walk.press(str(digit), "enter")
        await walk.on(SaveScreen)
        assert [kept.wish for kept in enrollment_of(walk).wishes] == [wish]


async def test_the_questions_of_a_programme_can_be_gone_back(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_wish(walk)
        await walk.press("escape")
        await walk.on(AdviceScreen)
        await walk.press("enter")
        await walk.on(AdviceStepsScreen)
        await walk.press("enter")
        await walk.on(WishScreen)


async def test_saved_is_said_only_after_the_commit_and_stages_follow_the_store(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_save(walk)
        assert rig.store.rows == []
        assert Lamp.SAVED not in rig.panel.lit
        await walk.press("enter")
        await walk.on(SavedScreen)
        assert len(rig.store.rows) == 1
        assert Lamp.SAVED in rig.panel.lit
        assert [said(walk, f"#stage-{name}") for name in ("saved", "sent", "arrived")] == [
            "[済] 保存済",
            "[待] 送信済",
            "[待] 到着確認",
        ]
        for state, name in [(OutboxState.SENT, "sent"), (OutboxState.ARRIVED, "arrived")]:
            rig.store.set_state(1, state)
            walk.app.poll_standing()
            await walk.until(lambda name=name: said(walk, f"#stage-{name}").startswith("[済]"), name)  # type: ignore[misc]


async def test_the_receipt_number_is_the_stores(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_saved(walk)
        assert screen.query_one("#receipt").text == rig.store.rows[0].receipt_number  # type: ignore[attr-defined]


async def test_there_is_no_way_back_from_a_saved_record(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_saved(walk)
        await walk.press("escape", "f3")
        await walk.on(SavedScreen)
        await walk.press("enter")
        await walk.on(TodayScreen)
        assert walk.app.session.turn is None
        assert len(rig.store.rows) == 1


async def test_the_next_person_starts_afresh(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_saved(walk)
        await walk.press("enter")
        await walk.on(TodayScreen)
        await walk.press("down", "enter")
        await walk.on(NoticeScreen)
        assert walk.app.session.open_turn.entry.person == rig.people[1].id
        assert enrollment_of(walk).state is VisitState.NOTICE
        assert enrollment_of(walk).printed_mark is None


async def test_two_quick_enters_answer_one_question_each(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_today(walk)
        for _ in range(3):
            walk.app.simulate_key("enter")
        await walk.pilot.pause()
        await walk.until(lambda: not isinstance(walk.app.screen, TodayScreen), "left")
        assert enrollment_of(walk).state in {VisitState.NOTICE, VisitState.CARD}


async def test_sighting_shows_the_tries_without_spending_one(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_sighted(walk)
        assert screen.turn.sighting is not None
        assert screen.turn.sighting.tries_left == 10
        assert await still_has(walk, 10)


async def still_has(walk: Walk, tries: int) -> bool:
    return walk.app.session.open_turn.visit.sight_card().tries_left == tries


async def test_the_decision_shows_the_answers_apart_too(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_decision(walk)
        known = walk.app.screen.query_one("#facts .state", Prose).text
        assert "本物か：確かめられました" in known
        assert "失効確認：不明" in known
        assert "顔：似ています" in known


async def test_up_and_down_move_a_text_that_is_longer_than_the_screen(rig: Rig) -> None:
    async with rig.running((60, 12)) as walk:
        await to_notice(walk)
        body = walk.app.screen.query_one("#body")
        await walk.press("down", "down")
        await walk.until(lambda: body.scroll_y == 2, "two rows down")
        await walk.press("up")
        await walk.until(lambda: body.scroll_y == 1, "one row up")
