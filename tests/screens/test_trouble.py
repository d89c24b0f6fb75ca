"""Whatever goes wrong ends in a sentence with a next step, and no try is spent without a person (issue "Bad input", D5)."""

from __future__ import annotations

import pytest
from textual.screen import Screen

from appliance.domain.enrollment import CardEvidence, CardNotRead, FaceNotCompared
from appliance.domain.face_advice import FaceBand
from appliance.errors import (
    CameraSilent,
    DiskFull,
    FaceEngineSilent,
    FaceWeightsRefused,
    NoCamera,
    NoFace,
    PictureRefused,
    SeveralFaces,
    StoreDamaged,
    UnitError,
)
from appliance.ports import Lamp
from appliance.service.outcomes import advise
from appliance.simulated.card.faults import Fault, FaultKind
from appliance.simulated.people import training_person
from appliance.simulated.personalisation import Personaliser, transport_card
from tests.screens.face_walks import to_face
from tests.screens.rig import Rig, Walk
from tests.screens.trouble_walks import to_wrong_code, wrong_code_of
from tests.screens.walks import to_card_place, to_code, to_confirm, to_save
from tui.field.dialogs.trouble import TroubleDialog
from tui.field.screens.card_code import CardCodeScreen
from tui.field.screens.card_confirm import CardConfirmScreen
from tui.field.screens.card_pass import CardPassScreen
from tui.field.screens.card_place import CardPlaceScreen
from tui.field.screens.card_shown import CardShownScreen
from tui.field.screens.decision import DecisionScreen
from tui.field.screens.face import FaceAdviceScreen, FacePassScreen, FaceScreen
from tui.field.screens.saved import SavedScreen, SaveScreen
from tui.widgets.choices import Choices
from tui.widgets.prose import Prose


async def trouble(walk: Walk, name: str) -> TroubleDialog:
    dialog = await walk.on(TroubleDialog)
    assert type(dialog.error).__name__ == name
    told = [prose.text for prose in dialog.query(".paragraph").results(Prose)]
    advice = advise(dialog.error, "ja")
    assert told == [advice.says, advice.next_step]
    return dialog


def tries_left(walk: Walk) -> int:
    return walk.app.session.open_turn.visit.sight_card().tries_left


async def test_a_wrong_code_says_how_many_tries_are_left_and_is_never_sent_again_by_itself(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_wrong_code(walk)
        await trouble(walk, "CodeWrong")
        assert tries_left(walk) == 9
        await walk.press("1", "enter")
        await walk.on(CardCodeScreen)
        assert "残り 9 回" in walk.app.screen.query_one(".note", Prose).text
        assert walk.app.session.open_turn.typed_code is None
        assert tries_left(walk) == 9
        await walk.write(rig.people[0].code_b)
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        assert "残り 9 回" in "".join(p.text for p in walk.app.screen.query(".paragraph").results(Prose))
        await walk.press("enter")
        await walk.on(CardShownScreen)


async def test_esc_after_a_wrong_code_spends_nothing(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_wrong_code(walk)
        await walk.press("escape")
        await walk.on(CardPlaceScreen)
        assert tries_left(walk) == 9


async def test_with_few_tries_left_the_unit_stops_and_only_the_way_without_the_card_is_open(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_code(walk)
        person = rig.people[0]
        for left in range(9, 2, -1):
            await walk.write(wrong_code_of(person))
            await walk.press("enter")
            await walk.on(CardConfirmScreen)
            await walk.press("enter")
            await trouble(walk, "CodeWrong")
            assert tries_left(walk) == left
            await walk.press("1", "enter")
            await walk.on(CardCodeScreen)
        await walk.write(person.code_b)
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        await walk.press("enter")
        dialog = await trouble(walk, "TriesNearlyUsed")
        assert tries_left(walk) == 3
        assert len(dialog.query(Choices)) == 0
        await walk.press("enter")
        await walk.on(CardPassScreen)
        assert walk.app.screen.query_one(Choices).chosen is CardNotRead.BLOCKED


async def test_a_blocked_card_leads_to_the_city_and_on_by_eye(rig: Rig) -> None:
    blocked = next(row for row, person in enumerate(rig.people) if person.id == "p14")
    async with rig.running() as walk:
        await to_card_place(walk, blocked)
        await walk.press("f2")
        await trouble(walk, "CardBlocked")
        await walk.press("enter")
        await walk.on(CardPassScreen)
        await walk.press("enter")
        await walk.on(DecisionScreen)
        assert walk.app.session.open_turn.visit.enrollment.card is CardNotRead.BLOCKED


async def test_a_card_pulled_out_in_the_middle_keeps_the_typed_code_for_another_confirmation(
    rig: Rig,
) -> None:
    async with rig.running() as walk:
        await to_confirm(walk)
        person = training_person(rig.people[0].id)
        rig.reader.insert(Personaliser().card(person), [Fault(FaultKind.REMOVED_AT_COMMAND, at=7)])
        await walk.press("enter")
        await trouble(walk, "CardRemoved")
        await walk.press("1", "enter")
        await walk.on(CardPlaceScreen)
        await walk.press("f2")
        await walk.until(lambda: walk.app.session.open_turn.sighting, "sighted")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        await walk.press("enter")
        await walk.on(CardConfirmScreen)
        assert not isinstance(walk.app.session.open_turn.visit.enrollment.card, CardEvidence)
        await walk.press("enter")
        await walk.on(CardShownScreen)


async def test_a_foreign_card_is_told_at_once(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_card_place(walk)
        rig.reader.insert(transport_card())
        await trouble(walk, "ForeignCard")
        await walk.press("2", "enter")
        await walk.on(CardPassScreen)
        assert walk.app.screen.query_one(Choices).chosen is CardNotRead.NOT_SUPPORTED


async def test_a_reader_that_goes_away_while_the_code_is_confirmed(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_confirm(walk)
        rig.reader.unplug()
        await walk.press("enter")
        await trouble(walk, "NoReader")
        await walk.press("1", "enter")
        await walk.on(CardPlaceScreen)
        await walk.until(
            lambda: "つながっていません" in walk.app.screen.query_one("#reader", Prose).text, "no reader"
        )
        await walk.press("f3")
        await walk.on(CardPassScreen)


async def test_a_code_that_no_card_has_is_told_before_anything_is_sent(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_code(walk)
        sent = len(rig.reader.trace)
        await walk.write("18051420034173")
        await walk.press("enter")
        await trouble(walk, "CodeMalformed")
        await walk.press("enter")
        await walk.on(CardCodeScreen)
        assert len(rig.reader.trace) == sent


CAMERA_TROUBLES = [CameraSilent(2.5), NoCamera(), FaceEngineSilent(2.0), FaceWeightsRefused("weights.dat")]


@pytest.mark.parametrize("error", CAMERA_TROUBLES, ids=lambda error: type(error).__name__)
async def test_a_camera_that_fails_offers_the_visual_check_in_place(rig: Rig, error: UnitError) -> None:
    rig.camera.trouble = error
    async with rig.running() as walk:
        screen = await to_face(walk)
        await walk.until(lambda: screen.query("#hint.-attention"), "trouble")
        assert text_of(screen, "#hint") == advise(error, "ja").says
        assert "F3" in text_of(screen, "#camera")
        await walk.press("f3")
        reasons = (await walk.on(FacePassScreen)).query_one(Choices)
        assert reasons.chosen is FaceNotCompared.CAMERA_UNAVAILABLE
        await walk.press("enter")
        await walk.on(DecisionScreen)
        enrollment = walk.app.session.open_turn.visit.enrollment
        assert enrollment.face is FaceNotCompared.CAMERA_UNAVAILABLE


@pytest.mark.parametrize("error", CAMERA_TROUBLES, ids=lambda error: type(error).__name__)
async def test_a_camera_that_comes_back_goes_on_by_itself(
    rig: Rig, error: UnitError, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.field.screens.face._RETRY_S", 0.01)
    rig.camera.trouble = error
    async with rig.running() as walk:
        screen = await to_face(walk)
        await walk.until(lambda: screen.query("#hint.-attention"), "trouble")
        rig.camera.trouble = None
        await walk.until(lambda: screen.query("#hint.-good"), "a good frame")
        assert not screen.query("#hint.-attention")
        assert text_of(screen, "#camera") == ""
        await walk.press("enter")
        await walk.on(FaceAdviceScreen)


async def test_a_comparison_that_meets_a_dead_camera_is_no_dead_end(rig: Rig) -> None:
    async with rig.running() as walk:
        screen = await to_face(walk)
        await walk.until(lambda: screen.query("#hint.-good"), "a good frame")
        rig.camera.trouble = CameraSilent(2.5)
        await walk.press("enter")
        await walk.until(lambda: screen.query("#hint.-attention"), "trouble")
        rig.camera.trouble = None
        await walk.until(lambda: screen.query("#hint.-good"), "a good frame")
        await walk.press("enter")
        await walk.on(FaceAdviceScreen)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (NoFace("live_frame"), FaceNotCompared.STAFF_SKIPPED),
        (NoFace("chip_photo"), FaceNotCompared.NO_PHOTO),
        (SeveralFaces("live_frame", 2), FaceNotCompared.STAFF_SKIPPED),
        (PictureRefused("decode"), FaceNotCompared.NO_PHOTO),
    ],
)
async def test_a_comparison_that_fails_is_never_the_persons_fault(
    rig: Rig, error: UnitError, reason: FaceNotCompared
) -> None:
    rig.face_engine.trouble = error
    async with rig.running() as walk:
        await to_face(walk)
        await walk.press("enter")
        await trouble(walk, type(error).__name__)
        await walk.press("2", "enter")
        await walk.on(DecisionScreen)
        assert walk.app.session.open_turn.visit.enrollment.face is reason


async def test_advice_that_was_given_stays_when_a_second_comparison_fails(rig: Rig) -> None:
    async with rig.running() as walk:
        await to_face(walk)
        await walk.press("enter")
        await walk.on(FaceAdviceScreen)
        rig.face_engine.trouble = FaceEngineSilent(2.8)
        await walk.press("f3")
        screen = await walk.on(FaceScreen)
        await walk.press("enter")
        await walk.until(lambda: screen.query("#hint.-attention"), "trouble")
        await walk.press("f3")
        await walk.on(FacePassScreen)
        await walk.press("enter")
        await walk.on(DecisionScreen)
        assert walk.app.session.open_turn.visit.enrollment.face is FaceBand.MATCH


@pytest.mark.parametrize("error", [DiskFull(0), StoreDamaged("quick_check")])
async def test_a_record_that_cannot_be_saved_loses_nothing_and_never_says_saved(
    rig: Rig, error: UnitError
) -> None:
    rig.store.trouble = error
    async with rig.running() as walk:
        await to_save(walk)
        await walk.press("enter")
        await trouble(walk, type(error).__name__)
        assert Lamp.ATTENTION in rig.panel.lit
        assert Lamp.SAVED not in rig.panel.lit
        await walk.press("2", "enter")
        await walk.on(SaveScreen)
        assert rig.store.rows == []
        rig.store.trouble = None
        await walk.press("enter")
        await walk.on(SavedScreen)
        assert len(rig.store.rows) == 1


async def test_saving_can_be_tried_again_from_the_dialog(rig: Rig) -> None:
    rig.store.trouble = DiskFull(0)
    async with rig.running() as walk:
        await to_save(walk)
        await walk.press("enter")
        await trouble(walk, "DiskFull")
        rig.store.trouble = None
        await walk.press("1", "enter")
        await walk.on(SavedScreen)


async def test_in_english_the_same_trouble_says_the_same_in_english(rig: Rig) -> None:
    async with rig.running(language="en") as walk:
        await to_wrong_code(walk)
        dialog = await walk.on(TroubleDialog)
        told = [prose.text for prose in dialog.query(".paragraph").results(Prose)]
        assert told == [advise(dialog.error, "en").says, advise(dialog.error, "en").next_step]


async def test_a_trouble_never_shows_a_name_or_the_code(rig: Rig) -> None:
    async with rig.running() as walk:
        dialog = await to_wrong_code(walk)
        told = "".join(prose.text for prose in dialog.query(Prose))
        assert rig.people[0].name not in told
        assert rig.people[0].code_b not in told
        assert wrong_code_of(rig.people[0]) not in told


def text_of(screen: Screen[None], place: str) -> str:
    return screen.query_one(place, Prose).text
