"""The unit's line over several brokers and failures: which broker next, how long it waits, when it gives up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

import pytest

from appliance.errors import (
    BrokerNotTrusted,
    BrokerRefused,
    BrokerUnreachable,
    DiskFull,
    LinkTrouble,
    NotProvisioned,
    StoreBusy,
    StoreDamaged,
    UnitError,
)
from appliance.seal.keys import OfficeSealingPrivateKey, OfficeSigningPrivateKey
from appliance.seal.receipt import ReasonCode, sign_receipt
from appliance.unit_home import BrokerAddress, Claim, UnitHome
from mqtt import sync
from mqtt.backoff import LASTING_S, Backoff
from mqtt.exchange import Correspondent
from mqtt.link import Caller, Delivered, Event, Letter, Lost, Taken
from mqtt.messages import PresenceState, UnitPresence, parse_presence
from mqtt.stopping import Stop
from mqtt.sync import (
    BROKER_WORD_S,
    PRESENCE_EVERY_S,
    SILENCE_S,
    UnitLine,
    drain_until_receipted,
    run_sync,
)
from tests.mqtt.memory_store import NOON, UNIT, ManualClock, MemoryStore

OFFICE = OfficeSigningPrivateKey.generate(Random(1).randbytes)
ONE, TWO = BrokerAddress("one.example", 8883), BrokerAddress("two.example", 8883)
CALLER = Caller(UNIT, Path("authority.crt"), Path("client.crt"), Path("client.key"))


class PretendLink:
    """A connection to a broker whose behaviour the test chooses; each look for events takes a second."""

    def __init__(self, world: PretendWorld, broker: BrokerAddress, will: Letter | None) -> None:
        self.world, self.broker, self.will = world, broker, will
        self.events_to_come: list[Event] = []
        self.letters: list[Letter] = []
        self.is_closed = False

    def publish(self, letter: Letter) -> int:
        self.letters.append(letter)
        ticket = len(self.letters)
        if self.world.takes:
            self.events_to_come.append(Taken(ticket, somebody_listens=True))
        if self.world.answers and letter.topic.endswith("/record"):
            row = next(row for row in self.world.store.rows.values() if row.envelope == letter.payload)
            receipt = sign_receipt(UNIT, row, ReasonCode.NONE, NOON, OFFICE)
            self.events_to_come.append(
                Delivered("office/receipt/u01", receipt, retained=False, ticket=ticket, qos=1)
            )
        return ticket

    def events(self, _timeout_s: float, _most: int = 256) -> list[Event]:
        self.world.clock.pass_s(1.0)
        events, self.events_to_come = self.events_to_come, []
        return [*events, Lost(0)] if self.world.drops else events

    def accept(self, message: Delivered) -> None:
        assert not self.is_closed, message

    def close(self) -> None:
        self.is_closed = True

    def presences(self) -> list[UnitPresence]:
        return [parse_presence(each.payload) for each in self.letters if each.topic.endswith("/presence")]


class PretendStop(Stop):
    """A stop that notes each wait and lets no time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout_s: float) -> bool:
        self.waits.append(timeout_s)
        return self.is_wished


class PretendWorld:
    """Brokers, store and clock in the test's hands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, count: int = 0) -> None:
        self.clock, self.store, self.stop = ManualClock(), MemoryStore(count), PretendStop()
        self.takes, self.answers, self.drops = True, True, False
        self.links: list[PretendLink] = []
        self.called: list[BrokerAddress] = []
        self.troubles: list[UnitError | None] = []
        self.said: list[str] = []
        self.folder = folder
        monkeypatch.setattr(sync, "open_link", self.open)

    def open(
        self,
        broker: BrokerAddress,
        caller: Caller,
        filters: Sequence[tuple[str, int]],
        will: Letter | None = None,
    ) -> PretendLink:
        assert caller is CALLER
        assert filters == (("office/receipt/u01", 1),)
        self.called.append(broker)
        trouble = self.troubles.pop(0) if self.troubles else None
        if trouble is not None:
            raise trouble
        self.links.append(PretendLink(self, broker, will))
        return self.links[-1]

    def line(self, *brokers: BrokerAddress) -> UnitLine:
        who = Correspondent(UNIT, self.store, OFFICE.public, self.clock, self.said.append)
        backoff = Backoff(first_s=1.0, longest_s=8.0)
        return UnitLine(who, brokers or (ONE,), CALLER, self.folder / "session", Random(3), backoff)

    def run(self, *brokers: BrokerAddress, until: Callable[[], bool]) -> None:
        self.line(*brokers).run(self.stop, until)


@pytest.fixture
def pretend(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> PretendWorld:
    return PretendWorld(monkeypatch, tmp_path, count=3)


def test_it_sends_what_waits_and_leaves_when_all_is_done(pretend: PretendWorld) -> None:
    pretend.run(until=lambda: pretend.store.counts().arrived == 3)
    (link,) = pretend.links
    assert link.is_closed
    assert [presence.state for presence in link.presences()] == [PresenceState.HERE, PresenceState.LEFT]
    assert link.presences()[-1].counts.arrived == 3
    assert pretend.said == ["sync: connected to one.example:8883"]


def test_the_will_says_lost_in_the_same_session(pretend: PretendWorld) -> None:
    pretend.run(until=lambda: pretend.store.counts().arrived == 3)
    (link,) = pretend.links
    assert link.will is not None
    will = parse_presence(link.will.payload)
    assert (will.state, will.session, link.will.retained) == (PresenceState.LOST, 1, True)
    assert {presence.session for presence in link.presences()} == {1}


def test_it_says_again_and_again_that_it_is_there(pretend: PretendWorld) -> None:
    pretend.run(until=lambda: pretend.clock.passed_s > 3 * PRESENCE_EVERY_S + 1)
    here = [each for each in pretend.links[0].presences() if each.state is PresenceState.HERE]
    assert len(here) == 4


@pytest.mark.parametrize(
    "trouble",
    [
        BrokerUnreachable("one.example", 8883),
        BrokerNotTrusted("one.example", 8883),
        BrokerRefused(0x87),
        StoreBusy(),
        DiskFull(7),
    ],
    ids=lambda each: type(each).__name__,
)
def test_whatever_passes_is_told_and_tried_again(pretend: PretendWorld, trouble: UnitError) -> None:
    pretend.troubles = [trouble, trouble]
    pretend.run(until=lambda: pretend.store.counts().arrived == 3)
    assert pretend.called == [ONE] * 3
    assert len(pretend.said) == 3
    assert all(line.startswith("sync: ") for line in pretend.said)
    assert pretend.said[0] == pretend.said[1]


@pytest.mark.parametrize("trouble", [StoreDamaged("quick_check"), NotProvisioned("client.key")])
def test_what_does_not_pass_ends_it(pretend: PretendWorld, trouble: UnitError) -> None:
    pretend.troubles = [trouble]
    with pytest.raises(type(trouble)):
        pretend.run(until=lambda: False)


def test_waits_grow_while_no_line_stands(pretend: PretendWorld) -> None:
    pretend.troubles = [BrokerUnreachable("one.example", 8883)] * 6
    pretend.run(until=lambda: pretend.store.counts().arrived == 3)
    for wait_s, whole_s in zip(pretend.stop.waits, (1, 2, 4, 8, 8, 8), strict=True):
        assert whole_s / 2 <= wait_s <= whole_s


def test_a_line_that_is_dropped_at_once_counts_as_none(pretend: PretendWorld) -> None:
    pretend.drops, pretend.answers = True, False
    pretend.run(until=lambda: len(pretend.links) == 5 and pretend.links[-1].is_closed)
    assert all(link.is_closed for link in pretend.links)
    assert pretend.stop.waits[3] >= 4
    assert [link.presences()[0].session for link in pretend.links] == [1, 2, 3, 4, 5]


def test_after_a_lasting_line_the_wait_is_short_again(pretend: PretendWorld) -> None:
    pretend.troubles = [BrokerUnreachable("one.example", 8883)] * 4
    end_s = LASTING_S + 10

    def until() -> bool:
        pretend.drops = pretend.clock.passed_s >= end_s
        return len(pretend.stop.waits) == 5

    pretend.run(until=until)
    assert pretend.stop.waits[4] <= 1.0


def test_brokers_take_turns(pretend: PretendWorld) -> None:
    pretend.troubles = [BrokerUnreachable("one.example", 8883), BrokerNotTrusted("two.example", 8883)]
    pretend.run(ONE, TWO, until=lambda: pretend.store.counts().arrived == 3)
    assert pretend.called == [ONE, TWO, ONE]


def test_a_broker_without_receipts_is_left_for_another(pretend: PretendWorld) -> None:
    pretend.answers = False

    def until() -> bool:
        pretend.answers = len(pretend.links) == 2
        return pretend.store.counts().arrived == 3

    pretend.run(ONE, TWO, until=until)
    assert pretend.called == [ONE, TWO]
    assert pretend.clock.passed_s > SILENCE_S
    assert "sync: no receipts come; trying another broker" in pretend.said


def test_the_only_broker_is_not_left_for_want_of_receipts(pretend: PretendWorld) -> None:
    pretend.answers = False
    pretend.run(until=lambda: pretend.clock.passed_s > 3 * SILENCE_S)
    assert pretend.called == [ONE]


def test_a_broker_that_confirms_nothing_is_called_again(pretend: PretendWorld) -> None:
    pretend.answers = pretend.takes = False

    def until() -> bool:
        pretend.answers = pretend.takes = len(pretend.links) == 2
        return pretend.store.counts().arrived == 3

    pretend.run(until=until)
    assert pretend.called == [ONE, ONE]
    assert pretend.clock.passed_s > BROKER_WORD_S
    assert "sync: the broker takes nothing; records wait" in pretend.said


def test_a_wish_to_stop_ends_it(pretend: PretendWorld) -> None:
    pretend.stop.wish()
    pretend.run(until=lambda: False)
    assert pretend.called == []


def test_the_caller_may_give_up_on_a_trouble(pretend: PretendWorld) -> None:
    pretend.troubles = [BrokerNotTrusted("one.example", 8883)]

    def give_up(trouble: LinkTrouble | None) -> None:
        if trouble is not None:
            raise trouble

    with pytest.raises(BrokerNotTrusted):
        pretend.line().run(pretend.stop, lambda: False, give_up)
    assert pretend.said == []


def test_the_caller_hears_of_every_change_of_the_line(pretend: PretendWorld) -> None:
    unreachable = BrokerUnreachable("one.example", 8883)
    pretend.troubles = [unreachable]
    changes: list[LinkTrouble | None] = []
    pretend.line().run(pretend.stop, lambda: pretend.store.counts().arrived == 3, changes.append)
    assert changes == [unreachable, None]


def test_a_unit_whose_claim_names_no_broker_is_not_ready(tmp_path: Path) -> None:
    home = UnitHome(tmp_path)
    sealing = OfficeSealingPrivateKey.generate(Random(2).randbytes).public
    text = Claim(UNIT, sealing, OFFICE.public, brokers=()).as_toml()
    home.claim_file.write_text(f"broker = []\n{text}", "utf-8")
    with pytest.raises(NotProvisioned) as missing:
        run_sync(home, stop=Stop())
    assert missing.value.missing == "broker"


def test_a_unit_without_an_office_has_nothing_to_sync(tmp_path: Path) -> None:
    home = UnitHome(tmp_path)
    with pytest.raises(NotProvisioned):
        run_sync(home, stop=Stop())
    with pytest.raises(NotProvisioned):
        drain_until_receipted(home, timeout_s=1)
    assert list(tmp_path.iterdir()) == []
