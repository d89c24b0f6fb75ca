"""Several readers behind one port: any of them until one is chosen, that one alone afterwards, nothing left open."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appliance.errors import NoCard, NoReader, SeveralCards
from appliance.ports import AttachedReader, CardChannel, Presence
from appliance.service.chosen_reader import ChosenReader
from appliance.simulated.personalisation import transport_card
from appliance.simulated.reader import SimulatedReader

NAMES = ("Reader A 00 00", "Reader B 01 00", "Reader C 02 00")


@dataclass
class Machine:
    """Simulated readers by name, and how many openings of them were not closed yet."""

    readers: dict[str, SimulatedReader] = field(
        default_factory=lambda: {name: SimulatedReader(name=name) for name in NAMES}
    )
    open_now: int = 0

    def open(self, wanted: str) -> Opened:
        self.open_now += 1
        return Opened(self, wanted)


@dataclass
class Opened:
    """What stands behind one opening: every reader whose name contains `wanted`."""

    machine: Machine
    wanted: str
    is_open: bool = True

    @property
    def name(self) -> str:
        return next((reader.name for reader in (*self._holding(), *self._mine())), "")

    def attached(self) -> Sequence[AttachedReader]:
        every = (reader for reader in self.machine.readers.values() if reader.name)
        return [AttachedReader(reader.name, reader.presence()) for reader in every]

    def presence(self) -> Presence:
        if self._holding():
            return Presence.CARD
        return Presence.EMPTY if self._mine() else Presence.NO_READER

    def wait_for(self, wanted: Presence, timeout_s: float) -> Presence:
        assert timeout_s >= 0
        return self.presence()

    def connect(self) -> CardChannel:
        if not self._mine():
            raise NoReader
        if len(self._holding()) > 1:
            raise SeveralCards(len(self._holding()))
        return (self._holding() or self._mine())[0].connect()

    def close(self) -> None:
        self.machine.open_now -= self.is_open
        self.is_open = False

    def _mine(self) -> list[SimulatedReader]:
        return [r for r in self.machine.readers.values() if r.name and self.wanted in r.name]

    def _holding(self) -> list[SimulatedReader]:
        return [reader for reader in self._mine() if reader.presence() is Presence.CARD]


@pytest.fixture
def machine() -> Machine:
    return Machine()


def test_until_one_is_chosen_the_reader_that_holds_the_card_is_used(machine: Machine) -> None:
    reader = ChosenReader(machine.open)
    assert (reader.chosen, reader.presence()) == ("", Presence.EMPTY)
    machine.readers[NAMES[1]].insert(transport_card())
    assert (reader.name, reader.presence()) == (NAMES[1], Presence.CARD)
    assert reader.wait_for(Presence.CARD, 0.0) is Presence.CARD
    reader.connect().close()


def test_the_attached_readers_are_named_with_what_stands_on_them(machine: Machine) -> None:
    machine.readers[NAMES[2]].insert(transport_card())
    machine.readers[NAMES[0]].unplug()
    assert ChosenReader(machine.open).attached() == (
        AttachedReader(NAMES[1], Presence.EMPTY),
        AttachedReader(NAMES[2], Presence.CARD),
    )


def test_a_chosen_reader_is_the_only_one_that_counts(machine: Machine) -> None:
    for name in NAMES[:2]:
        machine.readers[name].insert(transport_card())
    reader = ChosenReader(machine.open)
    with pytest.raises(SeveralCards):
        reader.connect()
    reader.choose(NAMES[0])
    reader.connect().close()
    reader.choose(NAMES[2])
    assert reader.presence() is Presence.EMPTY
    with pytest.raises(NoCard):
        reader.connect()


def test_a_chosen_reader_that_is_unplugged_is_missing_and_is_used_again_when_it_is_back(
    machine: Machine,
) -> None:
    reader = ChosenReader(machine.open)
    reader.choose(NAMES[0])
    machine.readers[NAMES[0]].unplug()
    assert (reader.presence(), reader.chosen) == (Presence.NO_READER, NAMES[0])
    with pytest.raises(NoReader):
        reader.connect()
    machine.readers[NAMES[0]].plug_in()
    assert reader.presence() is Presence.EMPTY


def test_no_choice_any_more_returns_to_the_machines_own_setting(machine: Machine) -> None:
    reader = ChosenReader(machine.open, preset="Reader B")
    assert reader.name == NAMES[1]
    reader.choose(NAMES[2])
    assert reader.name == NAMES[2]
    reader.choose("")
    assert (reader.name, reader.chosen) == (NAMES[1], "")


@given(st.lists(st.sampled_from([*NAMES, "", "attached"]), max_size=20))
def test_whatever_is_chosen_one_reader_is_open_and_none_after_closing(steps: list[str]) -> None:
    machine = Machine()
    with closing(ChosenReader(machine.open)) as reader:
        for step in steps:
            if step == "attached":
                reader.attached()
            else:
                reader.choose(step)
                assert reader.chosen == step
            assert machine.open_now == 1
    assert machine.open_now == 0
