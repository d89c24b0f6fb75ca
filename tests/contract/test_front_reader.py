"""What every reader of a card's front must do: the one that looks and the one that pretends to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from appliance.card_front.worker import WorkerFrontReader
from appliance.domain.ephemeral import Frame
from appliance.domain.front_sight import FrontHint, FrontSide
from appliance.errors import CardReadingMissing, CardReadingSilent
from appliance.ports import FrontReader
from appliance.simulated.card_faces import Press, draw_back, draw_front, print_of
from appliance.simulated.card_views import Level, view_card, view_nothing
from appliance.simulated.chip_pictures import find_japanese_font
from appliance.simulated.front_reader import SimulatedFrontReader
from appliance.simulated.people import TrainingPerson, Trait, training_people, training_person

TODAY = date(2026, 11, 23)
PATIENCE_S = 60.0


@dataclass
class Bench:
    """A reader and a hand that holds cards before it."""

    reader: FrontReader
    hold: Callable[[TrainingPerson | None, FrontSide], Frame]


def pretending() -> Bench:
    reader = SimulatedFrontReader(lambda: TODAY)

    def hold(person: TrainingPerson | None, side: FrontSide) -> Frame:
        if person is None:
            reader.take_away()
        else:
            reader.show(person, side)
        return view_nothing(1)

    return Bench(reader, hold)


def looking() -> Bench:
    reader = WorkerFrontReader(lambda: TODAY, PATIENCE_S)
    seeds = iter(range(100))

    def hold(person: TrainingPerson | None, side: FrontSide) -> Frame:
        if person is None:
            return view_nothing(next(seeds))
        draw = draw_front if side is FrontSide.FRONT else draw_back
        card = draw(print_of(person), Press(find_japanese_font(), 3))
        return view_card(card, Level.GOOD, next(seeds))

    return Bench(reader, hold)


@pytest.fixture(params=[pretending, looking])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    made: Bench = request.param()
    try:
        made.reader.look(view_nothing(0))
    except CardReadingMissing as missing:
        made.reader.close()
        pytest.skip(f"the reading engine is not installed: apt package {missing.package}")
    yield made
    made.reader.close()


@pytest.fixture
def person() -> TrainingPerson:
    return training_person("p01")


def test_nothing_held_up_is_nothing(bench: Bench) -> None:
    frame = bench.hold(None, FrontSide.NOTHING)
    sight = bench.reader.look(frame)
    assert (sight.side, sight.hint, sight.proposal) == (FrontSide.NOTHING, FrontHint.SHOW_CARD, None)
    assert any(frame.rgb)


def test_a_front_is_proposed_and_sure_after_two_frames(bench: Bench, person: TrainingPerson) -> None:
    first = bench.reader.look(bench.hold(person, FrontSide.FRONT))
    assert (first.side, first.hint) == (FrontSide.FRONT, FrontHint.KEEP_SHOWING)
    assert first.proposal is not None
    assert first.proposal.doubtful
    second = bench.reader.look(bench.hold(person, FrontSide.FRONT))
    assert second.hint is FrontHint.DONE
    assert second.proposal is not None
    with second.proposal as proposal:
        assert proposal.reveal().decode() == person.code_b
        assert proposal.doubtful == frozenset()


def test_a_back_is_dropped_and_the_votes_before_it_stay(bench: Bench, person: TrainingPerson) -> None:
    bench.reader.look(bench.hold(person, FrontSide.FRONT))
    frame = bench.hold(person, FrontSide.BACK)
    sight = bench.reader.look(frame)
    assert (sight.side, sight.hint, sight.proposal) == (FrontSide.BACK, FrontHint.TURN_OVER, None)
    assert not sight.may_preview
    assert not any(frame.rgb)
    after = bench.reader.look(bench.hold(person, FrontSide.FRONT)).proposal
    assert after is not None
    assert after.frames == 2


def test_a_step_that_ended_leaves_no_vote_for_the_next_person(bench: Bench, person: TrainingPerson) -> None:
    for _ in range(2):
        bench.reader.look(bench.hold(person, FrontSide.FRONT))
    bench.reader.forget()
    proposal = bench.reader.look(bench.hold(training_person("p02"), FrontSide.FRONT)).proposal
    assert proposal is not None
    assert proposal.frames == 1
    assert proposal.reveal().decode() == training_person("p02").code_b


def test_a_card_that_ends_on_another_day_than_a_birthday_stays_doubtful(bench: Bench) -> None:
    foreign = next(each for each in training_people() if Trait.FOREIGN_SHORT_TERM in each.traits)
    for _ in range(2):
        bench.reader.look(bench.hold(foreign, FrontSide.FRONT))
    sight = bench.reader.look(bench.hold(foreign, FrontSide.FRONT))
    assert sight.hint is FrontHint.KEEP_SHOWING
    assert sight.proposal is not None
    assert sight.proposal.doubtful & {2, 3, 4, 5}


def test_nothing_that_is_shown_holds_a_digit(bench: Bench, person: TrainingPerson) -> None:
    sight = bench.reader.look(bench.hold(person, FrontSide.FRONT))
    assert person.security_code not in repr(sight)


def test_a_closed_reader_is_silent_and_may_be_closed_again(bench: Bench, person: TrainingPerson) -> None:
    bench.reader.close()
    bench.reader.close()
    frame = bench.hold(person, FrontSide.FRONT)
    with pytest.raises(CardReadingSilent):
        bench.reader.look(frame)
    assert not any(frame.rgb)
