"""What comes over the line and is not what it should be: foreign brokers, forged receipts, copies, strangers (T2, H3, H5)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlmodel import col, select

from appliance.domain.outbox import OutboxState
from appliance.errors import BrokerNotTrusted, BrokerUnreachable, ReceiptOverdue
from appliance.hardware.clock import SystemClock
from appliance.seal.keys import OfficeSigningPrivateKey
from appliance.seal.receipt import ReasonCode, sign_receipt
from appliance.store.tables import AuditEntryRow
from mqtt.broker.certificates import make_client
from mqtt.link import Delivered, Letter, Link, Taken, open_link
from mqtt.office.database import open_office_database
from mqtt.office.ledger import Incident, Ledger
from mqtt.office.tables import EnvelopeRow, IncidentKind
from mqtt.sync import drain_until_receipted
from mqtt.topics import RECEIPT, RECORD
from tests.wire.world import Processes, Unit, World, await_that, note

pytestmark = [pytest.mark.broker, pytest.mark.journey]


@contextmanager
def link_of(world: World, unit: Unit) -> Iterator[Link]:
    """Speak as a unit, past its sync process."""
    filters = ((RECEIPT.of(unit.name), RECEIPT.qos),)
    with closing(open_link(world.address, unit.caller, filters)) as link:
        yield link


def next_receipt(link: Link) -> bytes:
    received: list[bytes] = []

    def look() -> bool:
        for event in link.events(0.1):
            if isinstance(event, Delivered):
                link.accept(event)
                received.append(event.payload)
        return bool(received)

    await_that(look, "a receipt")
    return received[0]


def publish(link: Link, letter: Letter) -> None:
    ticket = link.publish(letter)
    taken = Taken(ticket, somebody_listens=True)
    await_that(lambda: taken in link.events(0.1), "the broker's word")


def incidents(world: World) -> list[Incident]:
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        return Ledger(connection).incidents()


def audited(unit: Unit) -> list[tuple[str, str]]:
    with unit.store() as store, store.database.reading() as connection:
        query = select(col(AuditEntryRow.event), col(AuditEntryRow.detail))
        return [(event, detail) for event, detail in connection.execute(query) if event != "record_saved"]


def test_a_foreign_broker_gets_nothing(world: World, tmp_path: Path) -> None:
    unit = world.claim("u01")
    unit.save(note(1))
    foreign = World(tmp_path / "foreign", port=world.port)
    foreign.set_up()
    with foreign.broker(), pytest.raises(BrokerNotTrusted):
        drain_until_receipted(unit.home, timeout_s=20)
    assert unit.states() == {1: OutboxState.SAVED}


def test_a_foreign_broker_only_makes_the_sync_process_wait(
    world: World, processes: Processes, tmp_path: Path
) -> None:
    unit = world.claim("u01")
    unit.save(note(1))
    foreign = World(tmp_path / "foreign", port=world.port)
    foreign.set_up()
    with foreign.broker():
        processes.start_sync(unit)
        processes.await_said("sync", "not the office's: its certificate is not trusted. Nothing was sent")
    assert unit.states() == {1: OutboxState.SAVED}
    with world.broker():
        processes.start_collector(world.office)
        await_that(lambda: unit.counts() == {"arrived": 1}, "the receipt from the true office")


def test_no_broker_in_time_is_told_as_such(world: World) -> None:
    unit = world.claim("u01")
    unit.save(note(1))
    with pytest.raises(BrokerUnreachable):
        drain_until_receipted(unit.home, timeout_s=0.2)


@pytest.mark.usefixtures("broker")
def test_no_office_in_time_is_told_as_such(world: World) -> None:
    unit = world.claim("u01")
    unit.save(note(1), note(2))
    with pytest.raises(ReceiptOverdue) as overdue:
        drain_until_receipted(unit.home, timeout_s=1.0)
    assert overdue.value.waiting == 2


@pytest.mark.usefixtures("broker")
def test_draining_ends_with_every_receipt(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    unit.save(*map(note, range(5)))
    processes.start_collector(world.office)
    processes.await_said("collector", "connected")
    assert drain_until_receipted(unit.home, timeout_s=30).arrived == 5


@pytest.mark.usefixtures("broker")
def test_a_receipt_signed_by_anybody_else_changes_nothing_and_is_audited(
    world: World, processes: Processes
) -> None:
    unit = world.claim("u01")
    (saved,) = unit.save(note(1))
    stranger = OfficeSigningPrivateKey.generate(world.random.randbytes)
    forged = sign_receipt(unit.name, saved, ReasonCode.NONE, SystemClock().now(), stranger)
    processes.start_sync(unit)
    processes.await_said("sync", "connected")
    with closing(open_link(world.address, world.office.collector(), ())) as post:
        publish(post, Letter(RECEIPT.of(unit.name), forged))
    processes.await_said("sync", r"a receipt is not from the office \(signature\)")
    assert unit.states() == {1: OutboxState.SAVED}
    assert audited(unit) == [("receipt_forged", "part=signature count=1")]


@pytest.mark.usefixtures("broker")
def test_the_same_record_again_gets_the_same_receipt_and_is_stored_once(
    world: World, processes: Processes
) -> None:
    unit = world.claim("u01")
    unit.save(note(1))
    with unit.store() as store:
        (row,) = store.waiting(1)
    processes.start_collector(world.office)
    processes.await_said("collector", "connected")
    with link_of(world, unit) as link:
        letter = Letter(RECORD.of(unit.name), row.envelope)
        link.publish(letter)
        first = next_receipt(link)
        link.publish(letter)
        assert next_receipt(link) == first
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(EnvelopeRow)).scalar_one() == 1
        assert Ledger(connection).counts().repeated == 1


@pytest.mark.usefixtures("broker")
def test_a_unit_that_the_office_never_claimed_is_counted_and_not_answered(
    world: World, processes: Processes, tmp_path: Path
) -> None:
    known = world.claim("u01")
    elsewhere = World(tmp_path / "elsewhere")
    elsewhere.set_up()
    stranger = elsewhere.claim("u99")
    pair = make_client(world.office.pair("authority"), "u99", SystemClock().now())
    kit = replace(
        stranger.kit,
        authority_pem=known.kit.authority_pem,
        client_certificate_pem=pair.certificate_pem,
        client_key_pem=pair.key_pem,
    )
    kit.install(stranger.home)
    stranger.save(note(1))
    with stranger.store() as store:
        (row,) = store.waiting(1)
    processes.start_collector(world.office)
    processes.await_said("collector", "connected")
    with link_of(world, stranger) as link:
        link.publish(Letter(RECORD.of(stranger.name), row.envelope))
        await_that(lambda: bool(incidents(world)), "the incident")
        assert incidents(world) == [Incident(IncidentKind.UNKNOWN_UNIT, "u99", 1)]
        assert not any(isinstance(event, Delivered) for event in link.events(0.2))


@pytest.mark.usefixtures("broker")
def test_a_record_that_cannot_be_read_is_refused_and_does_not_block_the_rest(
    world: World, processes: Processes
) -> None:
    unit = world.claim("u01")
    unit.save(note(1), b"poison", note(3))
    processes.start_collector(world.office)
    processes.start_sync(unit)
    await_that(lambda: unit.counts() == {"arrived": 2, "refused": 1}, "all three answers")
    assert unit.states()[2] is OutboxState.REFUSED
    assert incidents(world) == [Incident(IncidentKind.NOT_UNDERSTOOD, "u01", 1)]
