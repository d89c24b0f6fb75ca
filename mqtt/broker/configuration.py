"""mosquitto's configuration and access list, generated from what the office decided; never edited by hand.

Every default of mosquitto that loses or admits something is set here by name (proof.md W12, mqtt.md §1). The access list
comes from the topic table, so it cannot fall behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mqtt.link import LARGEST_PACKET_BYTES
from mqtt.topics import COLLECTOR_NAME, TOPICS, Party, Topic

_BY_IDENTITY: Final = "%u"
"""mosquitto puts the user's name here: the common name of the client's certificate."""


@dataclass(frozen=True, slots=True)
class BrokerFiles:
    """Where the broker finds what it needs, and where it keeps what waits."""

    authority: Path
    certificate: Path
    key: Path
    access_list: Path
    log: Path
    store_folder: Path


@dataclass(frozen=True, slots=True)
class Listener:
    """Where the broker listens."""

    port: int
    address: str = "127.0.0.1"
    """This machine only, unless the office says otherwise."""


def configuration(files: BrokerFiles, listener: Listener, user: str) -> str:
    """Return the text of `mosquitto.conf`; `user` is who the broker runs as when root starts it."""
    lines = (*_general(files, user), *_persistence(files), *_limits(), *_listener(files, listener))
    return "\n".join(("# Generated from the office's settings; changes here are overwritten.", *lines)) + "\n"


def access_list(collectors: Sequence[str] = (COLLECTOR_NAME,)) -> str:
    """Return the text of the access list: what it does not name is forbidden."""
    lines = ["# Generated from the topic table; changes here are overwritten."]
    for collector in collectors:
        lines += ["", f"user {collector}"]
        lines += [f"topic {_verb(topic, Party.COLLECTOR)} {topic.of_all_units}" for topic in TOPICS]
        # The patterns below hold for every user; a collector is no unit, not even of its own name.
        lines += [f"topic deny {topic.template.replace('{unit}', collector)}" for topic in TOPICS]
    lines += [""]
    lines += [
        f"pattern {_verb(topic, Party.UNIT)} {topic.template.replace('{unit}', _BY_IDENTITY)}"
        for topic in TOPICS
    ]
    return "\n".join(lines) + "\n"


def _verb(topic: Topic, party: Party) -> str:
    return "write" if topic.publisher is party else "read"


def _general(files: BrokerFiles, user: str) -> tuple[str, ...]:
    return (
        # Not per listener: mosquitto 2.0.21 then forgets an absent unit's rights and drops what waits for it.
        "per_listener_settings false",
        f"user {user}",
        f"log_dest file {files.log}",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "connection_messages false",
        "sys_interval 0",
    )


def _persistence(files: BrokerFiles) -> tuple[str, ...]:
    return (
        "persistence true",
        f"persistence_location {files.store_folder}/",
        "autosave_on_changes true",
        "autosave_interval 100",
        "persistent_client_expiration 14d",
    )


def _limits() -> tuple[str, ...]:
    return (
        "max_inflight_messages 100",
        "max_queued_messages 100000",
        "max_queued_bytes 1073741824",
        f"max_packet_size {LARGEST_PACKET_BYTES}",
        "max_keepalive 120",
        "set_tcp_nodelay true",
    )


def _listener(files: BrokerFiles, listener: Listener) -> tuple[str, ...]:
    return (
        f"listener {listener.port} {listener.address}",
        "protocol mqtt",
        f"cafile {files.authority}",
        f"certfile {files.certificate}",
        f"keyfile {files.key}",
        "tls_version tlsv1.3",
        "require_certificate true",
        "use_identity_as_username true",
        # Otherwise one unit could take over another's session by its client id.
        "use_username_as_clientid true",
        "allow_anonymous false",
        "allow_zero_length_clientid false",
        f"acl_file {files.access_list}",
    )
