"""V2: every journey of every training person, judged command by command where it reaches the card (proof.md §6.4).

On the simulated card a forbidden access would succeed. The judge is a table of its own (`card_law`), and the chip tells
which file each command really made current.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

from appliance.errors import CardTrouble
from appliance.service.card_check import Part, check_card
from appliance.service.selftest import unit_checks
from appliance.service.visit_day import VisitDay
from appliance.simulated.people import TrainingPerson, training_people
from appliance.simulated.rehearsal import rehearse_visit
from tests.proof.campaign import Campaign, Label, Share
from tests.proof.card_law import CardLaw
from tests.proof.people_cards import images
from tests.proof.watch import Breach, Watch
from tests.proof.witnessed_card import WitnessedCard
from tests.service.bench import Bench, opened_bench


class WitnessedHand:
    """Puts witnessed cards on the simulated reader, and seats people before the camera."""

    def __init__(self, bench: Bench) -> None:
        """Begin with an empty reader."""
        self._bench = bench
        self.card: WitnessedCard | None = None

    def put_card(self, person: TrainingPerson) -> None:
        name = str(person.id)
        self.card = WitnessedCard(name, images()[name], secrets.token_bytes, law=CardLaw())
        self._bench.reader.insert(self.card)

    def take_card(self) -> None:
        self._bench.reader.remove()

    def seat(self, person: TrainingPerson) -> None:
        self._bench.camera.show(person.portrait)


Journey = Callable[[Bench, VisitDay, TrainingPerson, WitnessedHand], None]


def visit(_bench: Bench, day: VisitDay, person: TrainingPerson, hand: WitnessedHand) -> None:
    """A whole turn, from notice to saved record."""
    entry = next(each for each in day.roster.entries if each.person == person.id)
    rehearse_visit(day, entry, person, hand)


def check(bench: Bench, _day: VisitDay, person: TrainingPerson, hand: WitnessedHand) -> None:
    """A maintainer's `card read` with all its parts."""
    hand.put_card(person)
    unit = bench.unit
    # A blocked or false card is refused, which is an end like any other.
    with suppress(CardTrouble):
        check_card(unit.reader, person.code_b, unit.issuers, unit.clock, unit.random_bytes, also=tuple(Part))


def selftest(bench: Bench, _day: VisitDay, person: TrainingPerson, hand: WitnessedHand) -> None:
    """The start-of-day check with a card lying there."""
    hand.put_card(person)
    with suppress(CardTrouble):
        unit_checks(bench.unit)["card_path"]()


_JOURNEYS: Final[tuple[tuple[Journey, int], ...]] = ((visit, 1), (check, len(Part)), (selftest, 0))
"""Each journey, with how many secrets it may present: one for each confirmation (design D5)."""


def try_journeys(
    bench: Bench,
    day: VisitDay,
    person: TrainingPerson,
    watch: Watch,
    journeys: Sequence[tuple[Journey, int]] = _JOURNEYS,
) -> None:
    """Take one person through all journeys and judge what their cards saw.

    Raises:
        Breach: a command that is not allowed, a file out of reach, or a try too many.
    """
    for journey, tries_allowed in journeys:
        hand = WitnessedHand(bench)
        journey(bench, day, person, hand)
        card = hand.card
        if card is None or not card.commands:
            raise Breach(f"{journey.__name__} asked no card for anything")
        if card.breaches:
            raise Breach(f"{journey.__name__}: {card.breaches[0]}")
        if card.secrets_presented > tries_allowed:
            raise Breach(f"{journey.__name__} presented {card.secrets_presented} secrets")
        watch.count(f"commands judged: {journey.__name__}", "commands", card.commands)
    # The bench's engine keeps the frames it was lent, for tests that look at them.
    bench.engine.close()


def run(share: Share, watch: Watch) -> None:
    """Take the training people in turn through all journeys."""
    people = training_people()
    with tempfile.TemporaryDirectory() as folder, opened_bench(Path(folder)) as bench:
        # The bench's engine keeps the frames it was lent, for tests that look at them: a burst of them is 100 MiB.
        bench.engine.on_look = bench.engine.frames.clear
        day = bench.day()
        try_journeys(bench, day, people[0], watch)
        watch.settle()
        for index in share.indices:
            person = people[index % len(people)]
            watch.attempt(index, str(person.id).encode(), partial(try_journeys, bench, day, person, watch))


CAMPAIGN: Final = Campaign(
    id="V2",
    claim="in no journey does a command reach a card that is not on the list, nor a file that is out of reach",
    unit="visits",
    must=1000,
    quick=14,
    label=Label.SIMULATED,
    run=run,
    hang_limit_s=30.0,
)
