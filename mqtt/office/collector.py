"""The office's collector process: takes records from the broker, and publishes receipts for what is safely stored.

It keeps nothing in memory that matters: the broker keeps a message until it is accepted, and it is accepted after the commit.
Any number of collectors may share the work where the broker delivers `$share` (mqtt.md §10).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from random import Random, SystemRandom
from typing import Final

from appliance.domain import visit_record
from appliance.errors import BrokerUnreachable, DiskFull, LinkTrouble, StoreBusy
from appliance.hardware.clock import SystemClock
from appliance.ports import Clock
from appliance.unit_home import BrokerAddress
from mqtt.backoff import LASTING_S, RECONNECTING, Backoff
from mqtt.link import Caller, Delivered, Event, Letter, Link, Lost, open_link
from mqtt.office.database import open_office_database
from mqtt.office.decision import ParsePayload
from mqtt.office.office_home import OfficeHome
from mqtt.office.reception import Answer, Incoming, Reception, Tally
from mqtt.reporting import Tell, say_on_stderr, sentence
from mqtt.stopping import Stop
from mqtt.topics import RECEIPT, Party, read_by

BATCH: Final = 200
"""Messages in one commit, and in memory, at most."""

_LOOK_UP_S: Final = 0.25
"""How often an idle collector looks whether it is to stop."""


def never(_tally: Tally) -> bool:
    """Say that there is no end; only a stop ends such a collector."""
    return False


class _Tallies:
    """The count of one run; it goes on over lost connections and failed batches."""

    __slots__ = ("_until", "total")

    def __init__(self, until: Callable[[Tally], bool]) -> None:
        self._until = until
        self.total = Tally()

    def add(self, tally: Tally) -> None:
        self.total += tally

    def is_enough(self) -> bool:
        return self._until(self.total)


@dataclass(frozen=True, slots=True)
class Collector:
    """One collector and what it works with."""

    reception: Reception
    broker: BrokerAddress
    caller: Caller
    filters: tuple[tuple[str, int], ...]
    random: Random
    tell: Tell
    backoff: Backoff = RECONNECTING

    def run(self, stop: Stop, until: Callable[[Tally], bool] = never) -> Tally:
        """Collect until the stop is wished or `until` says so, through any number of connections.

        Raises:
            StoreDamaged: the office's database failed; nothing unsaved was answered.
        """
        tallies = _Tallies(until)
        failures = 0
        while not (stop.is_wished or tallies.is_enough()):
            began_s = self.reception.clock.monotonic_s()
            try:
                with closing(open_link(self.broker, self.caller, self.filters)) as link:
                    self.tell(f"collector: connected to {self.broker.host}:{self.broker.port}")
                    self._serve(link, tallies, stop)
            except (LinkTrouble, StoreBusy, DiskFull) as error:
                self.tell(f"collector: {sentence(error)}")
                has_lasted = self.reception.clock.monotonic_s() - began_s >= LASTING_S
                failures = 1 if has_lasted else failures + 1
                stop.wait(self.backoff.wait_s(failures, self.random))
        return tallies.total

    def _serve(self, link: Link, tallies: _Tallies, stop: Stop) -> None:
        """Work on one connection until it is lost or the end has come.

        Raises:
            BrokerUnreachable: the connection is lost.
        """
        while not (stop.is_wished or tallies.is_enough()):
            events = link.events(_LOOK_UP_S, BATCH)
            tallies.add(self._take(link, events))
            if any(isinstance(event, Lost) for event in events):
                raise BrokerUnreachable(self.broker.host, self.broker.port)

    def _take(self, link: Link, events: list[Event]) -> Tally:
        messages = [event for event in events if isinstance(event, Delivered)]
        if not messages:
            return Tally()
        answers, tally = self.reception.receive(
            [Incoming(message.topic, message.payload, message.retained) for message in messages]
        )
        for answer in answers:
            link.publish(_letter(answer))
        for message in messages:
            link.accept(message)
        return tally


def collector_filters(group: str = "") -> tuple[tuple[str, int], ...]:
    """Return what a collector subscribes to; with `group`, records are shared among the group's collectors."""
    share = f"$share/{group}/" if group else ""
    return tuple((f"{share}{topic.of_all_units}", topic.qos) for topic in read_by(Party.COLLECTOR))


def collect(
    home: OfficeHome,
    *,
    stop: Stop | None = None,
    until: Callable[[Tally], bool] = never,
    parse_payload: ParsePayload = visit_record.parse,
    broker: BrokerAddress | None = None,
    number: int = 1,
    group: str = "",
    clock: Clock | None = None,
    random: Random | None = None,
    tell: Tell = say_on_stderr,
) -> Tally:
    """Run a collector of the office in `home`, and return what became of the records.

    `broker` overrides where the office's own settings say that it is. Several collectors work at once when each has its own
    `number`, up to what the office was set up for, and all the same `group`.

    Raises:
        NotProvisioned: the office is not set up.
        StoreTrouble: its database cannot be opened or failed on the way.
    """
    keys = home.keys()
    with open_office_database(home.database_file) as database:
        collector = Collector(
            reception=Reception(database, keys, clock or SystemClock(), parse_payload),
            broker=broker or home.broker_address(),
            caller=replace(home.collector(number), receive_maximum=BATCH),
            filters=collector_filters(group),
            random=random or SystemRandom(),
            tell=tell,
        )
        return collector.run(stop or Stop(), until)


def _letter(answer: Answer) -> Letter:
    return Letter(RECEIPT.of(answer.unit), answer.receipt, RECEIPT.qos, RECEIPT.retained)
