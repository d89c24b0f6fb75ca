"""From a frame to votes: fronts are read, backs never, and nothing of a frame stays (R03, R04)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from appliance.card_front import reading
from appliance.card_front.ballot import OPINIONS, VOTE_NUMBERS, VOTES, Ballot
from appliance.card_front.fields import PLACES
from appliance.card_front.reading import FrontEye
from appliance.card_front.rectified import RectifiedCard, rectify
from appliance.card_front.tesseract import LineReader, Symbol
from appliance.domain.era import Era
from appliance.domain.front_sight import FrontHint, FrontSide
from appliance.simulated.card_views import Level, view_nothing
from tests.card_front.conftest import CODE, TODAY, Pixels, back, frame_of, front, pixels_of


class SpyReader:
    """A line reader that counts what it was shown."""

    def __init__(self, reader: LineReader) -> None:
        self.reader = reader
        self.lines = 0

    def read(self, line: Pixels) -> tuple[Symbol, ...]:
        self.lines += 1
        return self.reader.read(line)


@pytest.fixture
def spied(eye: FrontEye, monkeypatch: pytest.MonkeyPatch) -> tuple[FrontEye, SpyReader, SpyReader]:
    lines, digits = SpyReader(eye._lines), SpyReader(eye._digits)
    monkeypatch.setattr(eye, "_lines", lines)
    monkeypatch.setattr(eye, "_digits", digits)
    return eye, lines, digits


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("level", [Level.GOOD, Level.USUAL])
def test_a_few_frames_of_a_front_give_the_whole_code_without_doubt(
    eye: FrontEye, level: Level, upside_down: bool
) -> None:
    with Ballot() as ballot:
        for seed in (1, 2, 3, 4):
            seen = eye.look(pixels_of(frame_of(front(), level, seed, upside_down=upside_down)))
            if seen.votes is not None:
                assert (seen.side, seen.hint) == (FrontSide.FRONT, FrontHint.KEEP_SHOWING)
                ballot.add(seen.votes.tobytes())
        proposal = ballot.proposal(TODAY)
    assert proposal is not None
    with proposal:
        assert proposal.reveal().decode() == CODE
        assert proposal.doubtful == frozenset()
        assert proposal.era is Era.SHOWA


def test_votes_have_the_shape_that_the_ballot_counts(eye: FrontEye) -> None:
    votes = eye.look(pixels_of(frame_of(front(), Level.GOOD))).votes
    assert votes is not None
    assert votes.shape == (VOTE_NUMBERS,)
    assert votes.min() >= 0
    assert votes.max() <= 1
    assert votes[:VOTES].reshape(OPINIONS, PLACES, 10).sum(axis=2).min() >= 0


@pytest.mark.parametrize("upside_down", [False, True])
@pytest.mark.parametrize("level", list(Level))
@pytest.mark.parametrize("seed", range(3))
def test_no_engine_is_shown_a_digit_of_a_back(
    spied: tuple[FrontEye, SpyReader, SpyReader], level: Level, seed: int, upside_down: bool
) -> None:
    eye, _, digits = spied
    seen = eye.look(pixels_of(frame_of(back(seed), level, seed, upside_down=upside_down)))
    assert seen.side in {FrontSide.BACK, FrontSide.UNCLEAR, FrontSide.NOTHING}
    assert seen.votes is None
    assert digits.lines == 0


@pytest.mark.parametrize("level", [Level.GOOD, Level.USUAL])
def test_a_back_is_told_before_the_engine_is_shown_anything(
    spied: tuple[FrontEye, SpyReader, SpyReader], level: Level
) -> None:
    eye, lines, digits = spied
    seen = eye.look(pixels_of(frame_of(back(), level)))
    assert (seen.side, seen.hint) == (FrontSide.BACK, FrontHint.TURN_OVER)
    assert (lines.lines, digits.lines) == (0, 0)


def test_a_back_without_its_marks_is_still_not_read(spied: tuple[FrontEye, SpyReader, SpyReader]) -> None:
    eye, _, digits = spied
    bare = back().copy()
    bare[60:220, 600:] = 235
    bare[400:800, 1250:1650] = 235
    seen = eye.look(pixels_of(frame_of(bare, Level.GOOD)))
    assert (seen.side, seen.votes, digits.lines) == (FrontSide.UNCLEAR, None, 0)


def test_a_front_without_its_label_is_not_read(spied: tuple[FrontEye, SpyReader, SpyReader]) -> None:
    eye, _, digits = spied
    bare = front().copy()
    bare[440:545, 900:1300] = (246, 238, 243)
    seen = eye.look(pixels_of(frame_of(bare, Level.GOOD)))
    assert (seen.side, seen.votes, digits.lines) == (FrontSide.UNCLEAR, None, 0)


def test_a_card_too_far_away_is_asked_to_come_closer(eye: FrontEye) -> None:
    small = np.full((720, 1280, 3), 80, dtype=np.uint8)
    small[250:450, 450:767] = 230
    seen = eye.look(small)
    assert (seen.side, seen.hint) == (FrontSide.UNCLEAR, FrontHint.COME_CLOSER)


def test_a_table_shows_nothing(eye: FrontEye) -> None:
    seen = eye.look(pixels_of(view_nothing(2)))
    assert (seen.side, seen.hint, seen.corners) == (FrontSide.NOTHING, FrontHint.SHOW_CARD, None)


@pytest.mark.parametrize("draw", [front, back])
def test_every_flat_copy_is_overwritten(
    eye: FrontEye, monkeypatch: pytest.MonkeyPatch, draw: Callable[[], Pixels]
) -> None:
    made: list[RectifiedCard] = []
    real_turned = RectifiedCard.turned

    def keep(card: RectifiedCard) -> RectifiedCard:
        made.append(card)
        return card

    monkeypatch.setattr(reading, "rectify", lambda grey, corners: keep(rectify(grey, corners)))
    monkeypatch.setattr(RectifiedCard, "turned", lambda card: keep(real_turned(card)))
    eye.look(pixels_of(frame_of(draw(), Level.GOOD, upside_down=True)))
    assert made
    assert not any(card.grey.any() or card.ink.any() for card in made)
