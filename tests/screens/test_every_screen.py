"""Every screen and dialog fits three terminals, in both languages, in Japanese without scrolling (proof.md G9, R29)."""

from __future__ import annotations

import pytest

from tests.screens.overflow import overflows
from tests.screens.rig import SIZES, Rig
from tests.screens.walks import to_address, to_shown
from tests.screens.ways import WAYS, tour
from tui.catalogue import LANGUAGES, Language
from tui.field.head import UnitBar
from tui.field.step import StepScreen
from tui.widgets.key_bar import KeyBar


@pytest.mark.parametrize("language", LANGUAGES)
async def test_every_screen_fits_by_cell_count(rig: Rig, language: Language) -> None:
    seen: set[str] = set()
    async with rig.running(SIZES[0], language) as walk:

        async def check() -> None:
            screen = walk.app.screen
            if type(screen).__name__ in seen and isinstance(screen, StepScreen):
                return
            seen.add(type(screen).__name__)
            for size in reversed(SIZES):
                await walk.resize(size)
                assert overflows(walk.app) == [], type(screen).__name__
                if isinstance(screen, StepScreen):
                    assert screen.query_one("#body").max_scroll_y == 0, f"{screen} scrolls at {size}"

        walk.on_arrival = check
        await tour(walk)
    assert seen >= {screen.__name__ for screen in every_subclass(StepScreen)} - PASSING


PASSING = {"QuestionScreen", "CardReadingScreen", "_LivenessScreen", "LivenessResultScreen"}
"""Shapes of several screens, one that is over too soon to be measured, and one that has a test of its own."""


def every_subclass(of: type[StepScreen]) -> set[type[StepScreen]]:
    return {each for child in of.__subclasses__() for each in {child, *every_subclass(child)}}


@pytest.mark.parametrize("name", ["today", "card_shown", "card_code", "saved"])
async def test_one_that_opens_large_and_becomes_small_fits_too(rig: Rig, name: str) -> None:
    async with rig.running(SIZES[-1]) as walk:
        await WAYS[name](walk)
        for size in reversed(SIZES):
            await walk.resize(size)
            assert overflows(walk.app) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name",
    [
        *(
            "card_no_reader",
            "card_several",
            "card_foreign_left",
            "card_integrated",
            "card_blocked",
            "card_readers",
        ),
        *(
            "card_two_eras",
            "card_reading",
            "card_shown_unknown",
            "card_shown_false",
            "visual_reason_unsupported",
        ),
    ],
)
async def test_every_state_of_the_card_step_fits_without_scrolling(
    rig: Rig, name: str, language: Language
) -> None:
    async with rig.running(SIZES[0], language) as walk:
        await WAYS[name](walk)
        for size in reversed(SIZES):
            await walk.resize(size)
            assert overflows(walk.app) == []
            assert [body.max_scroll_y for body in walk.app.screen.query("#body, #said")] == [0]
        rig.reader.go_on.set()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name",
    ["front", "front_done", "front_back", "front_unclear", "front_trouble", "front_digits", "front_doubts"],
)
async def test_every_state_of_the_cards_front_fits_without_scrolling(
    rig: Rig, name: str, language: Language
) -> None:
    async with rig.running(SIZES[0], language) as walk:
        await WAYS[name](walk)
        for size in reversed(SIZES):
            await walk.resize(size)
            assert overflows(walk.app) == []
            assert [body.max_scroll_y for body in walk.app.screen.query("#body")] == [0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name",
    ["face_lying", "face_covered", "face_trouble", "liveness", "liveness_result", "decision_liveness"],
)
async def test_every_state_of_the_face_step_fits_without_scrolling(
    rig: Rig, name: str, language: Language
) -> None:
    async with rig.running(SIZES[0], language) as walk:
        await WAYS[name](walk)
        for size in reversed(SIZES):
            await walk.resize(size)
            assert overflows(walk.app) == []
            assert [body.max_scroll_y for body in walk.app.screen.query("#body")] == [0]


async def test_the_longest_names_fit() -> None:
    longest = max(range(14), key=lambda row: len(Rig().people[row].name))
    rig = Rig()
    async with rig.running(SIZES[0]) as walk:
        await to_shown(walk, longest)
        assert overflows(walk.app) == []
    async with Rig().running(SIZES[0]) as walk:
        await to_address(walk, 3)
        assert overflows(walk.app) == []


async def test_every_step_has_a_head_and_a_foot(rig: Rig) -> None:
    async with rig.running() as walk:
        await WAYS["card_place"](walk)
        assert len(walk.app.screen.query(UnitBar)) == 1
        assert len(walk.app.screen.query(KeyBar)) == 1
