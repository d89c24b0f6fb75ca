"""Contrast: every colour that text has on its ground can be read by old eyes too (WCAG 2.2, 1.4.6: 7:1)."""

from __future__ import annotations

import pytest
from textual.color import Color

from tests.screens.rig import Rig
from tests.screens.ways import WAYS, Way
from tui.field.look import PAPER
from tui.widgets.prose import Prose

LEAST = 7.0
SEEN = [
    "today",
    "notice",
    "card_code",
    "front_back",
    "front_doubts",
    "card_shown",
    "face_advice",
    "decision",
    "saved",
    "loss",
    "wrong_code",
]


def contrast(front: Color, back: Color) -> float:
    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: Color) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


@pytest.mark.parametrize("name", ["primary", "secondary", "success", "warning", "error", "foreground"])
@pytest.mark.parametrize("ground", ["background", "surface"])
def test_the_palette_can_be_read(name: str, ground: str) -> None:
    front, back = (Color.parse(str(getattr(PAPER, part))) for part in (name, ground))
    assert contrast(front, back) >= LEAST


@pytest.mark.parametrize("name", SEEN)
async def test_every_text_can_be_read(rig: Rig, name: str) -> None:
    way: Way = WAYS[name]
    async with rig.running((100, 30)) as walk:
        await way(walk)
        for prose in walk.app.screen.query(Prose):
            if prose.text.strip():
                _, _, back, front = prose.colors
                assert contrast(front, back) >= LEAST, prose.text
