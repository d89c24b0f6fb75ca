"""The collector's loop over a pretended broker: what is accepted when, and what a failure leaves."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from appliance.errors import BrokerUnreachable, DiskFull, StoreBusy, StoreDamaged, UnitError
from appliance.unit_home import BrokerAddress
from mqtt.link import Caller, Delivered, Event, Letter, Lost, Taken
from mqtt.office import collector
from mqtt.office.collector import Collector, collector_filters
from mqtt.office.office_home import OfficeHome
from mqtt.office.reception import Answer, Incoming, Reception, Tally
from mqtt.stopping import Stop
from tests.office.desk import Desk
from tests.office.units import PretendUnit

BROKER = BrokerAddress("broker.example", 8883)


class PretendLink:
    """A connection that delivers what the test prepared and remembers the order of everything."""

    def __init__(self, prepared: list[list[Event]]) -> None:
        self.prepared = prepared
        self.done: list[str] = []
        self.letters: list[Letter] = []

    def events(self, _timeout_s: float, _most: int) -> list[Event]:
        return self.prepared.pop(0) if self.prepared else []

    def publish(self, letter: Letter) -> int:
        self.letters.append(letter)
        self.done.append("published")
        return len(self.letters)

    def accept(self, message: Delivered) -> None:
        self.done.append(f"accepted {message.ticket}")

    def close(self) -> None:
        self.done.append("closed")


class PretendStop(Stop):
    """A stop that lets no time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        return self.is_wished


class Office:
    """A collector over prepared connections."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, reception: Reception, caller: Caller) -> None:
        self.links: list[PretendLink] = []
        self.prepared: list[list[list[Event]] | UnitError] = []
        self.said: list[str] = []
        self.stop = PretendStop()
        self.collector = Collector(
            reception, BROKER, caller, collector_filters(), Random(1), self.said.append
        )
        monkeypatch.setattr(collector, "open_link", self.open)

    def open(self, broker: BrokerAddress, _caller: Caller, filters: Sequence[tuple[str, int]]) -> PretendLink:
        assert broker == BROKER
        assert filters == (("unit/+/record", 1), ("unit/+/presence", 1))
        prepared = self.prepared.pop(0)
        if isinstance(prepared, UnitError):
            raise prepared
        self.links.append(PretendLink(prepared))
        return self.links[-1]

    def run(self, stored: int) -> Tally:
        return self.collector.run(self.stop, lambda tally: tally.stored >= stored)


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, desk: Desk) -> Office:
    caller = OfficeHome(desk.database.path.parent).collector()
    return Office(monkeypatch, desk.reception, caller)


def delivered(unit: PretendUnit, number: int) -> Delivered:
    envelope = unit.seal(b"note %d" % number).envelope
    return Delivered(f"unit/{unit.name}/record", envelope, retained=False, ticket=number, qos=1)


def test_a_record_is_accepted_after_its_receipt_is_on_its_way(office: Office, unit: PretendUnit) -> None:
    office.prepared = [[[delivered(unit, 1)]]]
    assert office.run(1) == Tally(stored=1)
    (link,) = office.links
    assert link.done == ["published", "accepted 1", "closed"]
    assert link.letters[0].topic == "office/receipt/u01"
    assert not link.letters[0].retained


def test_a_batch_is_one_commit(office: Office, unit: PretendUnit, monkeypatch: pytest.MonkeyPatch) -> None:
    batches: list[int] = []
    receive = Reception.receive

    def counted(self: Reception, batch: Sequence[Incoming]) -> tuple[list[Answer], Tally]:
        batches.append(len(batch))
        return receive(self, batch)

    monkeypatch.setattr(Reception, "receive", counted)
    office.prepared = [
        [[], [delivered(unit, 1), Taken(9, somebody_listens=False), delivered(unit, 2)], [delivered(unit, 3)]]
    ]
    assert office.run(3) == Tally(stored=3)
    assert batches == [2, 1]


def test_a_lost_connection_is_opened_again_and_the_count_goes_on(office: Office, unit: PretendUnit) -> None:
    office.prepared = [
        BrokerUnreachable("broker.example", 8883),
        [[delivered(unit, 1), Lost(0)]],
        [[delivered(unit, 2)]],
    ]
    assert office.run(2) == Tally(stored=2)
    assert [link.done[-1] for link in office.links] == ["closed", "closed"]
    assert len(office.stop.waits) == 2
    assert "collector: The broker at broker.example:8883 does not answer." in office.said


@pytest.mark.parametrize("trouble", [StoreBusy(), DiskFull(1)], ids=lambda each: type(each).__name__)
def test_what_could_not_be_stored_is_neither_answered_nor_accepted_and_comes_again(
    office: Office, unit: PretendUnit, monkeypatch: pytest.MonkeyPatch, trouble: UnitError
) -> None:
    record = delivered(unit, 1)
    receive, failures = Reception.receive, [trouble]

    def failing(self: Reception, batch: Sequence[Incoming]) -> tuple[list[Answer], Tally]:
        if failures:
            raise failures.pop()
        return receive(self, batch)

    monkeypatch.setattr(Reception, "receive", failing)
    office.prepared = [[[record]], [[record]]]
    assert office.run(1) == Tally(stored=1)
    assert office.links[0].done == ["closed"]
    assert office.links[1].done == ["published", "accepted 1", "closed"]


def test_a_damaged_database_ends_it(
    office: Office, unit: PretendUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_self: Reception, _batch: Sequence[Incoming]) -> tuple[list[Answer], Tally]:
        raise StoreDamaged("quick_check")

    monkeypatch.setattr(Reception, "receive", damaged)
    office.prepared = [[[delivered(unit, 1)]]]
    with pytest.raises(StoreDamaged):
        office.run(1)
    assert office.links[0].done == ["closed"]


def test_a_wish_to_stop_ends_it(office: Office) -> None:
    office.stop.wish()
    assert office.run(1) == Tally()
    assert office.links == []


def test_a_group_shares_the_work() -> None:
    assert collector_filters("desks") == (
        ("$share/desks/unit/+/record", 1),
        ("$share/desks/unit/+/presence", 1),
    )
