"""The unit's sync process: brings waiting records to the office and receipts back, for as long as it runs (design D8).

It loses nothing: what has to be sent and what has arrived stands in the unit's database, and a broker that is gone, foreign
or silent only makes it wait and try again. The screen's process never waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from appliance.domain.outbox import OutboxCounts
from appliance.errors import (
    BrokerNotTrusted,
    DiskFull,
    LinkTrouble,
    NotProvisioned,
    ReceiptOverdue,
    StoreBusy,
)
from appliance.hardware.clock import SystemClock
from appliance.ports import RecordStore
from appliance.store.database import open_database
from appliance.store.records import SqliteRecordStore
from appliance.unit_home import BrokerAddress, UnitHome
from mqtt.backoff import LASTING_S, RECONNECTING, Backoff
from mqtt.drain import FIELD_RULES, DrainRules
from mqtt.exchange import Correspondent, Exchange
from mqtt.link import Caller, Letter, Link, Lost, NotTaken, Taken, open_link
from mqtt.messages import PresenceState, UnitPresence, encode_presence
from mqtt.reporting import Tell, say_on_stderr, sentence
from mqtt.session_counter import SESSION_FILE, next_session
from mqtt.stopping import Stop, stop_on_signals
from mqtt.topics import PRESENCE, RECEIPT

PRESENCE_EVERY_S: Final = 30.0
"""How often a unit says that it is there (proof.md B1, B5)."""
SILENCE_S: Final = 60.0
"""Without any receipt for so long, another broker is tried (proof.md W7)."""
BROKER_WORD_S: Final = 30.0
"""A broker that does not confirm for so long is left and called again."""

_LOOK_UP_S: Final = 0.1
"""How long the line may sleep while nothing comes."""
_FAREWELL_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class UnitLine:
    """One unit's line to its office."""

    who: Correspondent
    brokers: tuple[BrokerAddress, ...]
    caller: Caller
    session_file: Path
    random: Random
    backoff: Backoff = RECONNECTING

    def run(
        self,
        stop: Stop,
        is_done: Callable[[], bool] = lambda: False,
        on_change: Callable[[LinkTrouble | None], None] = lambda _trouble: None,
    ) -> None:
        """Keep the line up until the stop is wished or `is_done`; whatever fails on the way is told and tried again.

        `on_change` gets None when a connection stands, and what is in the way when none does; it may raise to give up.

        Raises:
            StoreDamaged: the unit's database failed.
            NotProvisioned: a certificate or key is missing.
        """
        failures = 0
        for broker in cycle(self.brokers):
            if _has_ended(stop, is_done):
                return
            began_s = self.who.clock.monotonic_s()
            try:
                with closing(self._connect(broker)) as visit:
                    on_change(None)
                    visit.stay(stop, is_done)
            except LinkTrouble as trouble:
                on_change(trouble)
                self._tell(trouble)
            except (StoreBusy, DiskFull) as trouble:
                self._tell(trouble)
            # Two units with one key would otherwise take the line from each other without a pause.
            has_lasted = self.who.clock.monotonic_s() - began_s >= LASTING_S
            failures = 1 if has_lasted else failures + 1
            if not _has_ended(stop, is_done):
                stop.wait(self.backoff.wait_s(failures, self.random))

    def _tell(self, trouble: LinkTrouble | StoreBusy | DiskFull) -> None:
        self.who.tell(f"sync: {sentence(trouble)}")

    def _connect(self, broker: BrokerAddress) -> _Visit:
        session = next_session(self.session_file)
        filters = ((RECEIPT.of(self.who.unit), RECEIPT.qos),)
        link = open_link(broker, self.caller, filters, _presence(self.who, session, PresenceState.LOST))
        self.who.tell(f"sync: connected to {broker.host}:{broker.port}")
        return _Visit(self.who, link, session, has_choice=len(self.brokers) > 1)


class _Visit:
    """One connection, from the first word to the farewell."""

    __slots__ = ("_exchange", "_has_choice", "_link", "_presence_at_s", "_session", "_who")

    def __init__(self, who: Correspondent, link: Link, session: int, *, has_choice: bool) -> None:
        self._who = who
        self._link = link
        self._session = session
        self._has_choice = has_choice
        """Whether there is another broker to go to."""
        self._exchange = Exchange(who, link)
        self._presence_at_s = who.clock.monotonic_s()

    def stay(self, stop: Stop, is_done: Callable[[], bool]) -> None:
        """Serve the connection until it is lost, falls silent, or the end has come."""
        while not _has_ended(stop, is_done):
            self._say_here()
            self._exchange.send_waiting()
            events = self._link.events(_LOOK_UP_S)
            self._exchange.take(events)
            if any(isinstance(event, Lost) for event in events):
                self._who.tell("sync: the connection is lost; records wait")
                return
            if self._has_fallen_silent():
                break
        self._say_farewell()

    def close(self) -> None:
        """End the connection."""
        self._link.close()

    def _has_fallen_silent(self) -> bool:
        if self._exchange.broker_owes_s() > BROKER_WORD_S:
            self._who.tell("sync: the broker takes nothing; records wait")
            return True
        silent_s = self._who.clock.monotonic_s() - self._exchange.answered_at_s
        if self._has_choice and self._exchange.unanswered and silent_s > SILENCE_S:
            self._who.tell("sync: no receipts come; trying another broker")
            return True
        return False

    def _say_here(self) -> None:
        now_s = self._who.clock.monotonic_s()
        if now_s >= self._presence_at_s:
            self._link.publish(_presence(self._who, self._session, PresenceState.HERE))
            self._presence_at_s = now_s + PRESENCE_EVERY_S

    def _say_farewell(self) -> None:
        """Say that the unit leaves on purpose, and give the broker a moment to take it."""
        ticket = self._link.publish(_presence(self._who, self._session, PresenceState.LEFT))
        deadline_s = self._who.clock.monotonic_s() + _FAREWELL_S
        while self._who.clock.monotonic_s() < deadline_s:
            for event in self._link.events(_LOOK_UP_S):
                if isinstance(event, Lost) or (
                    isinstance(event, Taken | NotTaken) and event.ticket == ticket
                ):
                    return


def _presence(who: Correspondent, session: int, state: PresenceState) -> Letter:
    presence = UnitPresence(who.unit, session, state, who.clock.now(), who.store.counts())
    return Letter(PRESENCE.of(who.unit), encode_presence(presence), PRESENCE.qos, PRESENCE.retained)


def _has_ended(stop: Stop, is_done: Callable[[], bool]) -> bool:
    return stop.is_wished or is_done()


@contextmanager
def opened_line(home: UnitHome, *, rules: DrainRules, tell: Tell) -> Iterator[UnitLine]:
    """Lend the line of the unit in `home`, over its own database; the database is closed at the end.

    Raises:
        NotProvisioned: the office has not claimed the unit.
        StoreTrouble: the database does not open.
    """
    claim, clock = home.claim(), SystemClock()
    if not claim.brokers:
        raise NotProvisioned("broker")
    with (
        open_database(home.database_file) as database,
        SqliteRecordStore(database, claim.unit, clock, sequence_file=home.sequence_file) as store,
    ):
        yield UnitLine(
            who=Correspondent(claim.unit, store, claim.signing_key, clock, tell, rules),
            brokers=claim.brokers,
            caller=Caller(
                claim.unit, home.authority_file, home.client_certificate_file, home.client_key_file
            ),
            session_file=home.path / SESSION_FILE,
            random=SystemRandom(),
        )


def run_sync(
    home: UnitHome,
    *,
    stop: Stop | None = None,
    rules: DrainRules = FIELD_RULES,
    tell: Tell = say_on_stderr,
) -> None:
    """Run the sync process of the unit in `home` until `stop`; without one, until SIGTERM or SIGINT.

    Raises:
        NotProvisioned: the office has not claimed the unit.
        StoreTrouble: the database does not open, or failed on the way.
    """
    with opened_line(home, rules=rules, tell=tell) as line:
        if stop is not None:
            line.run(stop)
            return
        with stop_on_signals() as signalled:
            line.run(signalled)
    tell("sync: stopped")


def drain_until_receipted(
    home: UnitHome,
    timeout_s: float,
    *,
    rules: DrainRules = FIELD_RULES,
    tell: Tell = lambda _line: None,
) -> OutboxCounts:
    """Send until every record of the unit in `home` has the office's word, and return how they stand.

    Raises:
        BrokerNotTrusted: the broker is not this office's; nothing was sent.
        BrokerUnreachable: no connection was made in time.
        BrokerRefused: no connection was allowed in time.
        ReceiptOverdue: connected, and not every receipt came in time.
    """
    with opened_line(home, rules=rules, tell=tell) as line:
        return _Draining(line, timeout_s).run()


class _Draining:
    """One attempt to bring everything to its receipt before a deadline."""

    __slots__ = ("_deadline_s", "_line", "_store", "_trouble")

    def __init__(self, line: UnitLine, timeout_s: float) -> None:
        self._line = line
        self._store: RecordStore = line.who.store
        self._deadline_s = line.who.clock.monotonic_s() + timeout_s
        self._trouble: LinkTrouble | None = None

    def run(self) -> OutboxCounts:
        self._line.run(Stop(), self._is_done, self._on_change)
        counts = self._store.counts()
        waiting = counts.saved + counts.sent
        if waiting:
            raise self._trouble or ReceiptOverdue(waiting)
        return counts

    def _is_done(self) -> bool:
        counts = self._store.counts()
        is_late = self._line.who.clock.monotonic_s() >= self._deadline_s
        return is_late or not counts.saved + counts.sent

    def _on_change(self, trouble: LinkTrouble | None) -> None:
        if isinstance(trouble, BrokerNotTrusted):
            raise trouble
        self._trouble = trouble
