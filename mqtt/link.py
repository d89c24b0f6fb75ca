"""One connection to one broker, from its welcome to its loss: TLS 1.3 with certificates on both sides, MQTT 5, paho.

A link never comes back by itself and keeps nothing: whoever uses it opens the next one, and the truth about what still has
to be sent stands in a database. paho's thread only puts events into a queue (mqtt.md §10: `loop_start` and nothing else);
whoever owns the link takes them out in its own thread.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from appliance.errors import BrokerNotTrusted, BrokerRefused, BrokerUnreachable, NotProvisioned
from appliance.unit_home import BrokerAddress

NO_MATCHING_SUBSCRIBERS: Final = 0x10
"""MQTT 5 §2.4: the broker took the message and threw it away, because nobody listens."""
UNSPECIFIED_ERROR: Final = 0x80
"""MQTT 5 §2.4; also stands for a connection closed without a word, as after a missing client certificate (mqtt.md §1)."""
LARGEST_PACKET_BYTES: Final = 8 * 1024 * 1024
"""More than the largest sealed record."""

_IN_FLIGHT: Final = 20
"""Unconfirmed messages towards a broker; paho does not heed the broker's own limit, and 20 is mosquitto's default."""
_CLOSE_WAIT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Caller:
    """Who connects, and what proves both sides to each other."""

    name: str
    """Client id; equal to the common name of the certificate."""
    authority_file: Path
    """The only authority that the broker's certificate may come from."""
    certificate_file: Path
    key_file: Path
    keepalive_s: int = 30
    session_expiry_s: int = 14 * 24 * 3600
    """How long the broker keeps messages for a caller that is away."""
    receive_maximum: int = 64
    """Messages that the broker may send before they are accepted."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to be published."""

    topic: str
    payload: bytes
    qos: int = 1
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The broker confirmed a message: a PUBACK, which is never a receipt."""

    ticket: int
    somebody_listens: bool
    """False when the broker threw the message away because nobody listens."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """The broker refused a message."""

    ticket: int
    reason_code: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message came; the broker keeps it until it is accepted."""

    topic: str
    payload: bytes
    retained: bool
    ticket: int
    qos: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The connection is gone; nothing comes after this."""

    reason_code: int


Event = Taken | NotTaken | Delivered | Lost


class Link:
    """An open connection; made by `open_link`."""

    __slots__ = ("_client", "_events", "_greeting", "_is_lost", "_thread", "broker")

    def __init__(self, broker: BrokerAddress, client: Client) -> None:
        """Wire the client's callbacks to the queues; nothing is sent yet."""
        self.broker: Final = broker
        self._client = client
        self._events: SimpleQueue[Event] = SimpleQueue()
        self._greeting: SimpleQueue[int] = SimpleQueue()
        """Reason codes that opening waits for: of the welcome, then of each subscription."""
        self._thread: threading.Thread | None = None
        self._is_lost = False
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect

    def publish(self, letter: Letter) -> int:
        """Hand a message over and return its ticket; `Taken` or `NotTaken` with it follows unless the link is lost."""
        return self._client.publish(letter.topic, letter.payload, qos=letter.qos, retain=letter.retained).mid

    def events(self, timeout_s: float, most: int = 256) -> list[Event]:
        """Return what has happened, oldest first; wait for the first event at most `timeout_s`."""
        if self._is_lost:
            return []
        events: list[Event] = []
        with suppress(Empty):
            events.append(self._events.get(timeout=timeout_s))
            while len(events) < most:
                events.append(self._events.get_nowait())
        if not events and not self._is_alive():
            events.append(Lost(UNSPECIFIED_ERROR))
        self._is_lost = any(isinstance(event, Lost) for event in events)
        return events

    def accept(self, message: Delivered) -> None:
        """Tell the broker that a message has been dealt with, so that it may forget it."""
        self._client.ack(message.ticket, message.qos)

    def close(self) -> None:
        """Take leave so that no will is sent, and end the thread; safe to call again."""
        self._client.disconnect()
        if self._thread is not None:
            self._thread.join(_CLOSE_WAIT_S)
        transport = self._client.socket()
        if isinstance(transport, socket.socket):
            # A broker that no longer reads would keep the thread waiting. The plain socket's method, because the TLS
            # one's takes the session apart while the thread may be using it.
            with suppress(OSError):
                socket.socket.shutdown(transport, socket.SHUT_RDWR)
        self._client.loop_stop()

    def _open(self, caller: Caller, filters: tuple[tuple[str, int], ...], timeout_s: float) -> None:
        self._dial(caller)
        self._client.loop_start()
        self._demand_welcome(timeout_s)
        for topic_filter, qos in filters:
            self._client.subscribe(topic_filter, qos)
            self._demand_welcome(timeout_s)

    def _dial(self, caller: Caller) -> None:
        host, port = self.broker.host, self.broker.port
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        properties.SessionExpiryInterval = caller.session_expiry_s
        properties.ReceiveMaximum = caller.receive_maximum
        properties.MaximumPacketSize = LARGEST_PACKET_BYTES
        try:
            self._client.connect(host, port, caller.keepalive_s, clean_start=False, properties=properties)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            raise BrokerUnreachable(host, port) from error
        except ssl.SSLError as error:
            # A foreign certificate, a certificate for another name, an older TLS, or no TLS at all.
            raise BrokerNotTrusted(host, port) from error
        except OSError as error:
            raise BrokerUnreachable(host, port) from error

    def _demand_welcome(self, timeout_s: float) -> None:
        try:
            reason_code = self._greeting.get(timeout=timeout_s)
        except Empty:
            raise BrokerUnreachable(self.broker.host, self.broker.port) from None
        if reason_code >= UNSPECIFIED_ERROR:
            raise BrokerRefused(reason_code)

    def _is_alive(self) -> bool:
        # paho's thread ends without a callback when a packet makes it raise.
        return self._thread is not None and self._thread.is_alive()

    def _on_connect(
        self, _client: Client, _data: object, _flags: ConnectFlags, code: ReasonCode, _properties: object
    ) -> None:
        self._thread = threading.current_thread()
        self._greeting.put(code.value)

    def _on_subscribe(
        self, _client: Client, _data: object, _mid: int, codes: list[ReasonCode], _properties: object
    ) -> None:
        self._greeting.put(max(code.value for code in codes))

    def _on_publish(
        self, _client: Client, _data: object, mid: int, code: ReasonCode, _properties: object
    ) -> None:
        if code.value >= UNSPECIFIED_ERROR:
            self._events.put(NotTaken(mid, code.value))
        else:
            self._events.put(Taken(mid, somebody_listens=code.value != NO_MATCHING_SUBSCRIBERS))

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            topic = ""
        self._events.put(Delivered(topic, bytes(message.payload), message.retain, message.mid, message.qos))

    def _on_disconnect(
        self, _client: Client, _data: object, _flags: DisconnectFlags, code: ReasonCode, _properties: object
    ) -> None:
        self._greeting.put(max(code.value, UNSPECIFIED_ERROR))
        self._events.put(Lost(code.value))


def open_link(
    broker: BrokerAddress,
    caller: Caller,
    filters: tuple[tuple[str, int], ...],
    will: Letter | None = None,
    timeout_s: float = 10.0,
) -> Link:
    """Return a connection that the broker has welcomed and on which it has granted all `filters` (filter, QoS).

    Granted is not allowed: mosquitto grants a forbidden subscription and stays silent (mqtt.md §1).

    Raises:
        BrokerUnreachable: no answer in time.
        BrokerNotTrusted: its certificate is not from the caller's authority, or not for this host; nothing was sent.
        BrokerRefused: it does not let this caller in; also when it closes the line without a word.
        NotProvisioned: a certificate or key file is missing or does not fit.
    """
    client = Client(
        CallbackAPIVersion.VERSION2,
        client_id=caller.name,
        protocol=MQTTProtocolVersion.MQTTv5,
        reconnect_on_failure=False,
        manual_ack=True,
    )
    client.connect_timeout = timeout_s
    client.tls_set_context(_trust(caller))
    client.max_inflight_messages_set(_IN_FLIGHT)
    if will is not None:
        client.will_set(will.topic, will.payload, will.qos, will.retained)
    link = Link(broker, client)
    try:
        link._open(caller, filters, timeout_s)  # noqa: SLF001 - one class and its only maker
    except BaseException:
        link.close()
        raise
    return link


class _Transport(ssl.SSLSocket):
    """Closes itself when the other side is not trusted; paho would leave that to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - the signature of its base class
        try:
            super().do_handshake(block)
        except OSError:
            self.close()
            raise


def _trust(caller: Caller) -> ssl.SSLContext:
    """Return TLS that trusts one authority and shows one certificate."""
    for file in (caller.authority_file, caller.certificate_file, caller.key_file):
        if not file.is_file():
            raise NotProvisioned(file.name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.sslsocket_class = _Transport
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    try:
        context.load_verify_locations(cafile=caller.authority_file)
    except ssl.SSLError as error:
        raise NotProvisioned(caller.authority_file.name) from error
    try:
        context.load_cert_chain(caller.certificate_file, caller.key_file)
    except ssl.SSLError as error:
        raise NotProvisioned(caller.key_file.name) from error
    return context
