"""One connection to a real broker: welcome, words and losses; and servers that are no broker of this office."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from appliance.errors import BrokerNotTrusted, BrokerRefused, BrokerUnreachable, NotProvisioned
from appliance.hardware.clock import SystemClock
from appliance.unit_home import BrokerAddress
from mqtt.broker.certificates import MEMBER_TERM, Pair, make_client
from mqtt.broker.process import MosquittoProcess
from mqtt.link import Caller, Delivered, Event, Letter, Link, Lost, NotTaken, Taken, open_link
from mqtt.owned_files import replace_public, replace_secret
from tests.wire.world import HOST, World, await_that, free_port

pytestmark = pytest.mark.broker

RECEIPTS = (("office/receipt/u01", 1),)


def collector(world: World) -> Caller:
    return world.office.collector()


def events_until(link: Link, is_last: Callable[[Event], bool]) -> list[Event]:
    seen: list[Event] = []

    def look() -> bool:
        seen.extend(link.events(0.1))
        return any(is_last(event) for event in seen)

    await_that(look, "an event")
    return seen


def delivered(link: Link, payload: bytes) -> Delivered:
    def is_it(event: Event) -> bool:
        return isinstance(event, Delivered) and event.payload == payload

    return next(
        event
        for event in events_until(link, is_it)
        if isinstance(event, Delivered) and event.payload == payload
    )


def is_lost(event: Event) -> bool:
    return isinstance(event, Lost)


def is_delivered(event: Event) -> bool:
    return isinstance(event, Delivered)


def cut(link: Link) -> None:
    """End the connection below the feet of both sides, as a dead network does."""
    transport = link._client.socket()
    assert isinstance(transport, socket.socket)
    socket.socket.shutdown(transport, socket.SHUT_RDWR)


def with_pair(world: World, caller: Caller, pair: Pair) -> Caller:
    certificate_file, key_file = world.folder / "other.crt", world.folder / "other.key"
    replace_public(certificate_file, pair.certificate_pem)
    replace_secret(key_file, pair.key_pem)
    return replace(caller, certificate_file=certificate_file, key_file=key_file)


@pytest.mark.usefixtures("broker")
def test_a_message_goes_from_one_to_the_other(world: World) -> None:
    unit = world.claim("u01")
    with (
        closing(open_link(world.address, collector(world), (("unit/+/record", 1),))) as office,
        closing(open_link(world.address, unit.caller, RECEIPTS)) as link,
    ):
        ticket = link.publish(Letter("unit/u01/record", b"sealed"))
        assert Taken(ticket, somebody_listens=True) in events_until(
            link, lambda each: isinstance(each, Taken)
        )
        message = delivered(office, b"sealed")
        assert (message.topic, message.retained, message.qos) == ("unit/u01/record", False, 1)


@pytest.mark.usefixtures("broker")
def test_a_message_that_nobody_listens_to_is_told_apart(world: World) -> None:
    unit = world.claim("u01")
    with closing(open_link(world.address, unit.caller, ())) as link:
        ticket = link.publish(Letter("unit/u01/record", b"sealed"))
        assert events_until(link, lambda each: isinstance(each, Taken)) == [
            Taken(ticket, somebody_listens=False)
        ]


@pytest.mark.usefixtures("broker")
def test_a_forbidden_message_is_refused(world: World) -> None:
    unit = world.claim("u01")
    with closing(open_link(world.address, unit.caller, ())) as link:
        ticket = link.publish(Letter("unit/u02/record", b"sealed"))
        assert events_until(link, lambda each: isinstance(each, NotTaken)) == [NotTaken(ticket, 0x87)]


@pytest.mark.usefixtures("broker")
def test_the_broker_keeps_messages_for_a_caller_that_is_away(world: World) -> None:
    unit = world.claim("u01")
    open_link(world.address, unit.caller, RECEIPTS).close()
    with closing(open_link(world.address, collector(world), ())) as office:
        office.publish(Letter("office/receipt/u01", b"receipt"))
        events_until(office, lambda each: isinstance(each, Taken))
    with closing(open_link(world.address, unit.caller, RECEIPTS)) as link:
        assert delivered(link, b"receipt").topic == "office/receipt/u01"


@pytest.mark.usefixtures("broker")
def test_a_message_that_was_not_accepted_comes_again(world: World) -> None:
    unit = world.claim("u01")
    with closing(open_link(world.address, collector(world), ())) as office:
        with closing(open_link(world.address, unit.caller, RECEIPTS)) as link:
            office.publish(Letter("office/receipt/u01", b"receipt"))
            delivered(link, b"receipt")
        with closing(open_link(world.address, unit.caller, RECEIPTS)) as link:
            link.accept(delivered(link, b"receipt"))
        with closing(open_link(world.address, unit.caller, RECEIPTS)) as link:
            office.publish(Letter("office/receipt/u01", b"another"))
            others = events_until(link, lambda each: isinstance(each, Delivered))
            assert [each.payload for each in others if isinstance(each, Delivered)] == [b"another"]


@pytest.mark.usefixtures("broker")
def test_the_will_is_published_when_the_caller_is_lost_and_not_when_it_leaves(world: World) -> None:
    unit = world.claim("u01")
    will = Letter("unit/u01/presence", b"lost", retained=True)
    filters = (("unit/+/presence", 1), ("unit/+/record", 1))
    with closing(open_link(world.address, collector(world), filters)) as office:
        open_link(world.address, unit.caller, (), will).close()
        with closing(open_link(world.address, unit.caller, (), will)) as link:
            link.publish(Letter("unit/u01/record", b"still here"))
            # The earlier farewell has brought no will: nothing came before this.
            came = events_until(office, is_delivered)
            assert [each.payload for each in came if isinstance(each, Delivered)] == [b"still here"]
            cut(link)
            assert delivered(office, b"lost").topic == "unit/u01/presence"


def test_a_dying_broker_is_noticed(world: World) -> None:
    unit = world.claim("u01")
    with world.broker() as broker, closing(open_link(world.address, unit.caller, RECEIPTS)) as link:
        broker.kill()
        assert is_lost(events_until(link, is_lost)[-1])
        assert link.events(0) == []
        link.publish(Letter("unit/u01/record", b"into the void"))


def test_a_link_to_a_broker_that_no_longer_reads_can_be_closed(world: World) -> None:
    unit = world.claim("u01")
    with world.broker() as broker:
        link = open_link(world.address, unit.caller, RECEIPTS)
        os.kill(broker.pid, signal.SIGSTOP)
        for _ in range(20):
            link.publish(Letter("unit/u01/record", bytes(500_000)))
        link.close()
        assert is_lost(events_until(link, is_lost)[-1])
        os.kill(broker.pid, signal.SIGCONT)


@pytest.mark.usefixtures("broker")
def test_closing_twice_is_safe(world: World) -> None:
    link = open_link(world.address, world.claim("u01").caller, RECEIPTS)
    link.close()
    link.close()
    assert is_lost(events_until(link, is_lost)[-1])


@pytest.mark.usefixtures("broker")
def test_a_certificate_from_another_authority_is_refused(world: World, tmp_path: Path) -> None:
    unit = world.claim("u01")
    foreign = World(tmp_path / "foreign")
    foreign.set_up()
    pair = make_client(foreign.office.pair("authority"), "u01", SystemClock().now())
    with pytest.raises(BrokerRefused):
        open_link(world.address, with_pair(world, unit.caller, pair), RECEIPTS)


@pytest.mark.usefixtures("broker")
def test_an_expired_certificate_is_refused(world: World) -> None:
    unit = world.claim("u01")
    long_ago = SystemClock().now() - MEMBER_TERM - timedelta(days=1)
    pair = make_client(world.office.pair("authority"), "u01", long_ago)
    with pytest.raises(BrokerRefused):
        open_link(world.address, with_pair(world, unit.caller, pair), RECEIPTS)


@pytest.mark.usefixtures("broker")
def test_nobody_connects_with_less_than_tls_1_3(world: World) -> None:
    context = ssl.create_default_context(cafile=str(world.office.certificate_file("authority")))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection((HOST, world.port)) as plain,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(plain, server_hostname=HOST),
    ):
        pass


def test_a_broker_under_another_name_is_not_trusted(world: World, broker: MosquittoProcess) -> None:
    assert broker.is_running
    caller = world.claim("u01").caller
    with pytest.raises(BrokerNotTrusted):
        open_link(BrokerAddress("127.0.0.2", _forwarded(world.port)), caller, RECEIPTS)


def _forwarded(port: int) -> int:
    """Return a port on every local address behind which the broker's port is."""
    listener = socket.create_server(("127.0.0.2", 0))

    def serve() -> None:
        with listener:
            near, _ = listener.accept()
        far = socket.create_connection((HOST, port))
        with near, far:
            pumps = [
                threading.Thread(target=_pump, args=ends, daemon=True) for ends in ((near, far), (far, near))
            ]
            for pump in pumps:
                pump.start()
            for pump in pumps:
                pump.join()

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while chunk := source.recv(65536):
            target.sendall(chunk)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def server(answer: Callable[[socket.socket], None]) -> Iterator[BrokerAddress]:
    """Lend a server that answers each connection in its own way, until the test is over."""
    with socket.create_server((HOST, 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection, suppress(OSError):
                        answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield BrokerAddress(HOST, int(listener.getsockname()[1]))
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _says_hello(connection: socket.socket) -> None:
    connection.sendall(b"220 hello, I am a mail server\r\n" * 10)
    connection.recv(4096)


def _hangs_up(connection: socket.socket) -> None:
    connection.recv(4096)


def _is_silent(connection: socket.socket) -> None:
    while connection.recv(4096):
        pass


@pytest.mark.parametrize(
    ("answer", "error"),
    [(_says_hello, BrokerNotTrusted), (_hangs_up, BrokerUnreachable), (_is_silent, BrokerUnreachable)],
)
def test_a_server_that_is_no_broker_is_named(
    world: World, answer: Callable[[socket.socket], None], error: type[Exception]
) -> None:
    caller = world.claim("u01").caller
    with server(answer) as address, pytest.raises(error):
        open_link(address, caller, RECEIPTS, timeout_s=0.5)


@pytest.mark.parametrize(
    ("newest", "error"),
    [(ssl.TLSVersion.TLSv1_2, BrokerNotTrusted), (ssl.TLSVersion.TLSv1_3, BrokerUnreachable)],
)
def test_the_offices_own_certificate_in_front_of_no_broker_is_not_enough(
    world: World, newest: ssl.TLSVersion, error: type[Exception]
) -> None:
    """Older TLS is not trusted; one that never says welcome is not reached."""
    caller = world.claim("u01").caller
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(world.office.certificate_file("broker"), world.office.key_file("broker"))
    context.maximum_version = newest

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            _is_silent(secured)

    with server(answer) as address, pytest.raises(error):
        open_link(address, caller, RECEIPTS, timeout_s=0.5)


def test_nothing_listening_is_unreachable(world: World) -> None:
    with pytest.raises(BrokerUnreachable) as unreachable:
        open_link(BrokerAddress(HOST, free_port()), world.claim("u01").caller, RECEIPTS)
    assert unreachable.value.host == HOST


def test_a_host_that_does_not_exist_is_unreachable(world: World) -> None:
    with pytest.raises(BrokerUnreachable):
        open_link(BrokerAddress("broker.invalid", 8883), world.claim("u01").caller, RECEIPTS)


@pytest.mark.parametrize("file", ["authority_file", "client_certificate_file", "client_key_file"])
def test_a_missing_file_is_named_before_anything_is_sent(world: World, file: str) -> None:
    unit = world.claim("u01")
    path: Path = getattr(unit.home, file)
    path.unlink()
    with pytest.raises(NotProvisioned) as missing:
        open_link(world.address, unit.caller, RECEIPTS)
    assert missing.value.missing == path.name


@pytest.mark.parametrize("file", ["authority_file", "client_certificate_file", "client_key_file"])
def test_a_damaged_file_is_as_good_as_none(world: World, file: str) -> None:
    unit = world.claim("u01")
    path: Path = getattr(unit.home, file)
    path.write_bytes(b"not what it was")
    with pytest.raises(NotProvisioned):
        open_link(world.address, unit.caller, RECEIPTS)
