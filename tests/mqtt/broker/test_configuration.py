"""What the broker is told: every default that loses or admits something is set by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.seal.record import ENVELOPE_LIMIT_BYTES
from mqtt.broker.configuration import BrokerFiles, Listener, access_list, configuration
from mqtt.link import LARGEST_PACKET_BYTES

FOLDER = Path("/srv/office")
FILES = BrokerFiles(
    authority=FOLDER / "authority.crt",
    certificate=FOLDER / "broker.crt",
    key=FOLDER / "broker.key",
    access_list=FOLDER / "access.acl",
    log=FOLDER / "mosquitto.log",
    store_folder=FOLDER / "store",
)
LINES = configuration(FILES, Listener(8883), "mosquitto").splitlines()


@pytest.mark.parametrize(
    "line",
    [
        "allow_anonymous false",
        "require_certificate true",
        "tls_version tlsv1.3",
        "use_identity_as_username true",
        "use_username_as_clientid true",
        "per_listener_settings false",
        "acl_file /srv/office/access.acl",
        "cafile /srv/office/authority.crt",
        "certfile /srv/office/broker.crt",
        "keyfile /srv/office/broker.key",
        "persistence true",
        "persistence_location /srv/office/store/",
        "autosave_on_changes true",
        "autosave_interval 100",
        "max_queued_messages 100000",
        "listener 8883 127.0.0.1",
        "user mosquitto",
    ],
)
def test_it_says(line: str) -> None:
    assert LINES.count(line) == 1


def test_nothing_is_said_twice() -> None:
    words = [line.split()[0] for line in LINES if not line.startswith(("#", "log_type"))]
    assert len(words) == len(set(words))


def test_listener_settings_stand_behind_the_listener() -> None:
    listener = LINES.index("listener 8883 127.0.0.1")
    of_listener = ("cafile", "certfile", "keyfile", "acl_file", "allow_anonymous", "require_certificate")
    assert all(LINES.index(line) > listener for line in LINES if line.startswith(of_listener))


def test_the_office_may_open_its_broker_to_a_network() -> None:
    text = configuration(FILES, Listener(1234, "192.0.2.7"), "root")
    assert "listener 1234 192.0.2.7\n" in text
    assert "user root\n" in text


def test_the_largest_record_fits_through() -> None:
    assert f"max_packet_size {LARGEST_PACKET_BYTES}" in LINES
    assert ENVELOPE_LIMIT_BYTES + 1024 < LARGEST_PACKET_BYTES


def test_the_access_list_is_the_topic_table() -> None:
    assert access_list().splitlines()[1:] == [
        "",
        "user office.collector",
        "topic read unit/+/record",
        "topic read unit/+/presence",
        "topic write office/receipt/+",
        "topic deny unit/office.collector/record",
        "topic deny unit/office.collector/presence",
        "topic deny office/receipt/office.collector",
        "",
        "pattern write unit/%u/record",
        "pattern write unit/%u/presence",
        "pattern read office/receipt/%u",
    ]


def test_there_may_be_several_collectors() -> None:
    text = access_list(("office.one", "office.two"))
    for name in ("office.one", "office.two"):
        assert f"user {name}\n" in text
        assert f"topic deny unit/{name}/record\n" in text
    assert text.count("topic read unit/+/record\n") == 2
