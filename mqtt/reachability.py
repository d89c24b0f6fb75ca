"""Whether a broker of the office can be reached and trusted, without disturbing the unit's own session with it.

The broker takes the certificate's name for the client id, so a second MQTT session would end the first one. A TLS handshake
with both certificates tells the same: a broker that does not accept the unit's certificate ends the line at once.
"""

from __future__ import annotations

import socket
import ssl
from typing import Final

from appliance.errors import BrokerNotTrusted, BrokerRefused, BrokerUnreachable, NotProvisioned
from appliance.unit_home import BrokerAddress, UnitHome
from mqtt.link import UNSPECIFIED_ERROR

_TIMEOUT_S: Final = 5.0
_REFUSAL_WAIT_S: Final = 0.5
"""In TLS 1.3 the server's verdict on the client's certificate comes after the client's handshake (RFC 8446 §4.4.2)."""


def reach_broker(home: UnitHome) -> str:
    """Return which broker answered, the first of the claim's list that does.

    Raises:
        NotProvisioned: the office has not claimed the unit.
        BrokerUnreachable, BrokerNotTrusted, BrokerRefused: what the last one of the list said.
    """
    *others, last = home.claim().brokers
    context = _context(home)
    for broker in others:
        try:
            return _greet(broker, context)
        except (BrokerUnreachable, BrokerNotTrusted, BrokerRefused):
            continue
    return _greet(last, context)


def _context(home: UnitHome) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=str(home.authority_file))
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_cert_chain(home.client_certificate_file, home.client_key_file)
    except FileNotFoundError:
        raise NotProvisioned(home.client_certificate_file.name) from None
    return context


def _greet(broker: BrokerAddress, context: ssl.SSLContext) -> str:
    try:
        with (
            socket.create_connection((broker.host, broker.port), _TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=broker.host) as line,
        ):
            _await_refusal(line, broker)
            return f"{broker.host}:{broker.port}, {line.version()}, both certificates accepted"
    except ssl.SSLCertVerificationError:
        raise BrokerNotTrusted(broker.host, broker.port) from None
    except ssl.SSLError:
        raise BrokerRefused(UNSPECIFIED_ERROR) from None
    except OSError:
        raise BrokerUnreachable(broker.host, broker.port) from None


def _await_refusal(line: ssl.SSLSocket, broker: BrokerAddress) -> None:
    line.settimeout(_REFUSAL_WAIT_S)
    try:
        line.recv(1)
    except TimeoutError:
        # A broker says nothing before it is spoken to: silence is its consent.
        return
    raise BrokerUnreachable(broker.host, broker.port)
