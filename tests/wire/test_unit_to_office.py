"""The whole line, with nothing pretended: a unit's process, mosquitto with TLS, and an office's process (design D3)."""

from __future__ import annotations

import signal

import pytest
from sqlmodel import col, select

from appliance.domain.outbox import OutboxState
from mqtt.broker.process import MosquittoProcess
from mqtt.office.database import open_office_database
from mqtt.office.ledger import Incident, Ledger, OfficeCounts
from mqtt.office.tables import EnvelopeRow, PayloadRow, UnitRow
from tests.wire.world import Processes, Unit, World, await_that, note, peak_memory_bytes

pytestmark = [pytest.mark.broker, pytest.mark.journey]

SYNC_BUDGET_BYTES = 80 * 1024 * 1024
"""proof.md S10."""


def payloads(world: World) -> list[bytes]:
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        # By their place: what nobody took at first may come after what was sent later.
        query = (
            select(col(PayloadRow.payload))
            .join(EnvelopeRow, col(EnvelopeRow.id) == col(PayloadRow.envelope_id))
            .order_by(col(EnvelopeRow.unit), col(EnvelopeRow.sequence))
        )
        return list(connection.execute(query).scalars())


def office_counts(world: World) -> OfficeCounts:
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        return Ledger(connection).counts()


def incidents(world: World) -> list[Incident]:
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        return Ledger(connection).incidents()


def chain_end(world: World, unit: Unit) -> int:
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        known = Ledger(connection).unit(unit.name)
        assert known is not None
        assert list(Ledger(connection).gaps()) == []
        return known.place.sequence


def presence_state(world: World, unit: Unit) -> str:
    with open_office_database(world.office.database_file) as database, database.reading() as connection:
        query = select(col(UnitRow.presence_state)).where(col(UnitRow.unit) == unit.name)
        return connection.execute(query).scalar_one()


@pytest.mark.usefixtures("broker")
def test_what_was_saved_is_opened_at_the_office_and_confirmed_to_the_unit(
    world: World, processes: Processes
) -> None:
    unit = world.claim("u01")
    saved = unit.save(*map(note, range(40)))
    processes.start_collector(world.office)
    sync = processes.start_sync(unit)
    await_that(lambda: unit.counts() == {"arrived": 40}, "40 receipts")

    assert payloads(world) == [note(number) for number in range(40)]
    assert office_counts(world).stored == 40
    assert chain_end(world, unit) == saved[-1].sequence
    assert incidents(world) == []
    assert peak_memory_bytes(sync.pid) <= SYNC_BUDGET_BYTES


@pytest.mark.usefixtures("broker")
def test_what_is_saved_while_the_line_stands_goes_at_once(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    processes.start_collector(world.office)
    processes.start_sync(unit)
    processes.await_said("sync", "connected")
    for number in range(3):
        unit.save(note(number))
        await_that(lambda number=number: unit.counts() == {"arrived": number + 1}, "a receipt")  # type: ignore[misc]
    assert payloads(world) == [note(0), note(1), note(2)]


@pytest.mark.usefixtures("broker")
def test_sync_says_farewell_and_ends_when_it_is_told_to(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    processes.start_collector(world.office)
    sync = processes.start_sync(unit)
    await_that(lambda: presence_state(world, unit) == "here", "a birth message")
    sync.send_signal(signal.SIGTERM)
    assert sync.wait(15) == 0
    assert "sync: stopped" in processes.said("sync")
    await_that(lambda: presence_state(world, unit) == "left", "a farewell")


@pytest.mark.usefixtures("broker")
def test_the_broker_tells_when_a_unit_is_lost(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    processes.start_collector(world.office)
    sync = processes.start_sync(unit)
    await_that(lambda: presence_state(world, unit) == "here", "a birth message")
    sync.kill()
    await_that(lambda: presence_state(world, unit) == "lost", "the will")


def test_a_broker_that_dies_and_comes_back_loses_nothing_and_doubles_nothing(
    world: World, processes: Processes
) -> None:
    unit = world.claim("u01")
    unit.save(*map(note, range(150)))
    processes.start_collector(world.office)
    with world.broker() as broker:
        processes.await_said("collector", "connected")
        processes.start_sync(unit)
        await_that(lambda: unit.counts().get("arrived", 0) >= 20, "the first receipts")
        broker.kill()
    unit.save(*map(note, range(150, 200)))
    with world.broker():
        await_that(lambda: unit.counts() == {"arrived": 200}, "200 receipts")
    assert sorted(payloads(world)) == sorted(note(number) for number in range(200))
    assert office_counts(world).stored == 200
    assert chain_end(world, unit) == 200
    assert incidents(world) == []


@pytest.mark.usefixtures("broker")
def test_an_office_that_dies_loses_nothing_and_doubles_nothing(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    unit.save(*map(note, range(150)))
    collector = processes.start_collector(world.office, "first")
    processes.await_said("first", "connected")
    processes.start_sync(unit)
    await_that(lambda: unit.counts().get("arrived", 0) >= 20, "the first receipts")
    collector.kill()
    collector.wait()
    unit.save(*map(note, range(150, 200)))
    processes.start_collector(world.office, "second")
    await_that(lambda: unit.counts() == {"arrived": 200}, "200 receipts")
    assert sorted(payloads(world)) == sorted(note(number) for number in range(200))
    assert chain_end(world, unit) == 200


def test_several_collectors_share_the_work_and_keep_one_set_of_books(
    world: World, processes: Processes
) -> None:
    world.set_up(collectors=2)
    unit = world.claim("u01")
    unit.save(*map(note, range(120)))
    with world.broker():
        for number in (1, 2):
            processes.start_collector(world.office, f"collector-{number}", number, "desks")
        for number in (1, 2):
            processes.await_said(f"collector-{number}", "connected")
        processes.start_sync(unit)
        await_that(lambda: unit.counts() == {"arrived": 120}, "120 receipts")
    assert sorted(payloads(world)) == sorted(note(number) for number in range(120))
    assert chain_end(world, unit) == 120
    assert incidents(world) == []
    assert all(processes.said(f"collector-{number}").count("connected") == 1 for number in (1, 2))


@pytest.mark.usefixtures("broker")
def test_without_an_office_nothing_is_called_sent(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    unit.save(note(1))
    processes.start_sync(unit)
    processes.await_said("sync", "the office does not listen")
    assert unit.states() == {1: OutboxState.SAVED}
    processes.start_collector(world.office)
    await_that(lambda: unit.counts() == {"arrived": 1}, "the receipt")


def test_a_broker_that_is_not_there_is_only_waited_for(world: World, processes: Processes) -> None:
    unit = world.claim("u01")
    unit.save(note(1))
    processes.start_sync(unit)
    processes.start_collector(world.office)
    processes.await_said("sync", "does not answer")
    processes.await_said("collector", "does not answer")
    with world.broker():
        await_that(lambda: unit.counts() == {"arrived": 1}, "the receipt")


def test_a_broker_runs_from_its_own_process(broker: MosquittoProcess, world: World) -> None:
    assert broker.is_running
    assert broker.address == world.address
