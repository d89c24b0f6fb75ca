"""Setting up an office and claiming its units; safe to repeat, and neither authority nor office keys are ever overwritten."""

from __future__ import annotations

import os
import pwd
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Final

from appliance.domain.ids import RandomBytes, UnitId
from appliance.errors import FactsMalformed, NotProvisioned, UnitAlreadyClaimed
from appliance.hardware.clock import SystemClock
from appliance.ports import Clock
from appliance.seal.keys import OfficeSealingPrivateKey, OfficeSigningPrivateKey, UnitPublicKey
from appliance.unit_home import BrokerAddress, Claim, UnitHome
from mqtt.broker.certificates import Pair, is_fit, make_authority, make_broker, make_client
from mqtt.broker.configuration import Listener, access_list, configuration
from mqtt.office.database import make_office_database, open_office_database
from mqtt.office.ledger import Ledger
from mqtt.office.office_home import OfficeHome, OfficeSettings, collector_holder
from mqtt.owned_files import make_folder, replace_public, replace_secret, write_secret
from mqtt.topics import collector_name

DEFAULT_PORT: Final = 8883
"""Registered for MQTT over TLS (IANA service name secure-mqtt)."""

_HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")
"""What may stand in a configuration file and a certificate as a host name or an IP address."""
_AUTHORITY_NAME: Final = "mynavisit office authority"


@dataclass(frozen=True, slots=True)
class SetUpReport:
    """What setting up has done; names of parts, for people."""

    made: tuple[str, ...]
    """New."""
    kept: tuple[str, ...]
    """There already, and left as it was."""


@dataclass(frozen=True, slots=True)
class UnitKit:
    """What a unit gets from its office at the claim; holds a secret, so its text form shows the unit only."""

    claim: Claim
    authority_pem: bytes
    client_certificate_pem: bytes
    client_key_pem: bytes
    """Secret: unencrypted PKCS #8."""

    def __repr__(self) -> str:
        """Name the unit and nothing else."""
        return f"UnitKit({self.claim.unit!r})"

    def install(self, home: UnitHome) -> None:
        """Write the kit into a unit's home, in place of an earlier one; `unit.toml` comes last and completes it."""
        make_folder(home.path)
        replace_public(home.authority_file, self.authority_pem)
        replace_public(home.client_certificate_file, self.client_certificate_pem)
        replace_secret(home.client_key_file, self.client_key_pem)
        replace_public(home.claim_file, self.claim.as_toml().encode())


class _SetUp:
    """One run of setting up, which notes what it makes and what it finds."""

    __slots__ = ("_home", "_kept", "_made", "_now", "_random_bytes")

    def __init__(self, home: OfficeHome, now: datetime, random_bytes: RandomBytes) -> None:
        self._home = home
        self._now = now
        self._random_bytes = random_bytes
        self._made: list[str] = []
        self._kept: list[str] = []

    def run(self, settings: OfficeSettings) -> SetUpReport:
        home = self._home
        make_folder(home.path)
        make_folder(home.broker_folder)
        make_folder(home.broker_files.store_folder)
        authority = self._authority()
        self._member(
            "broker", authority, settings.hosts, lambda: make_broker(authority, settings.hosts, self._now)
        )
        for number in range(1, settings.collectors + 1):
            self._collector(authority, number)
        self._office_keys()
        self._note("database", is_new=not home.database_file.exists())
        make_office_database(home.database_file).close()
        replace_public(home.settings_file, settings.as_toml().encode())
        write_broker_configuration(home, settings)
        return SetUpReport(tuple(self._made), tuple(self._kept))

    def _collector(self, authority: Pair, number: int) -> None:
        name = collector_name(number)
        self._member(collector_holder(number), authority, (), lambda: make_client(authority, name, self._now))

    def _authority(self) -> Pair:
        """Keep the authority for ever; every certificate out there hangs on it."""
        certificate_file = self._home.certificate_file("authority")
        is_new = not certificate_file.exists()
        if is_new:
            self._write("authority", make_authority(_AUTHORITY_NAME, self._now))
        self._note("authority certificate", is_new=is_new)
        return self._home.pair("authority")

    def _member(self, holder: str, authority: Pair, hosts: Sequence[str], make: Callable[[], Pair]) -> None:
        """Keep a certificate while it serves; else make another one with a key of its own."""
        is_new = not self._serves(holder, authority, hosts)
        if is_new:
            self._write(holder, make())
        self._note(f"{holder} certificate", is_new=is_new)

    def _serves(self, holder: str, authority: Pair, hosts: Sequence[str]) -> bool:
        try:
            pair = self._home.pair(holder)
        except NotProvisioned:
            return False
        return is_fit(pair.certificate, authority.certificate, hosts, self._now)

    def _write(self, holder: str, pair: Pair) -> None:
        """Write the certificate last: a key without its certificate is a run that was cut short."""
        replace_secret(self._home.key_file(holder), pair.key_pem)
        replace_public(self._home.certificate_file(holder), pair.certificate_pem)

    def _office_keys(self) -> None:
        for name, file, make in (
            ("sealing key", self._home.sealing_key_file, OfficeSealingPrivateKey.generate),
            ("signing key", self._home.signing_key_file, OfficeSigningPrivateKey.generate),
        ):
            is_new = not file.exists()
            if is_new:
                write_secret(file, make(self._random_bytes).to_private_bytes())
            self._note(name, is_new=is_new)

    def _note(self, part: str, *, is_new: bool) -> None:
        (self._made if is_new else self._kept).append(part)


def init_office(
    home: OfficeHome,
    hosts: Sequence[str],
    *,
    port: int = DEFAULT_PORT,
    address: str = "127.0.0.1",
    collectors: int = 1,
    clock: Clock | None = None,
    random_bytes: RandomBytes = token_bytes,
) -> SetUpReport:
    """Make everything that an office needs: authority, certificates, keys, database, broker configuration and access list.

    `hosts` are the broker's names and addresses, the one for units first; `address` is where it listens. Run again, it keeps
    authority, office keys and database, renews a certificate that no longer serves, and writes settings and configuration anew.
    `collectors` is how many may work at once.

    Raises:
        FactsMalformed: no host, a name, address or port that is none, or no collector.
        StoreTrouble: the database cannot be made.
    """
    if not hosts or not all(_HOST.fullmatch(host) for host in hosts):
        raise FactsMalformed("hosts")
    if not _HOST.fullmatch(address):
        raise FactsMalformed("address")
    if not 0 < port < 65536:
        raise FactsMalformed("port")
    if collectors < 1:
        raise FactsMalformed("collectors")
    now = (clock or SystemClock()).now()
    return _SetUp(home, now, random_bytes).run(OfficeSettings(tuple(hosts), port, address, collectors))


def write_broker_configuration(home: OfficeHome, settings: OfficeSettings) -> None:
    """Write mosquitto's configuration and access list from the settings and the topic table."""
    files = home.broker_files
    user = pwd.getpwuid(os.geteuid()).pw_name
    text = configuration(files, Listener(settings.port, settings.address), user)
    names = [collector_name(number) for number in range(1, settings.collectors + 1)]
    replace_secret(files.access_list, access_list(names).encode())
    replace_secret(home.broker_configuration_file, text.encode())


def claim_unit(
    home: OfficeHome, unit: UnitId, public_key: UnitPublicKey, *, clock: Clock | None = None
) -> UnitKit:
    """Register a unit with its public key, and return what it needs to reach this office.

    Claiming again with the same key gives a new kit with a fresh certificate; the registration stays.

    Raises:
        NotProvisioned: the office is not set up.
        UnitAlreadyClaimed: the name belongs to a unit with another key.
    """
    now = (clock or SystemClock()).now()
    keys, settings, authority = home.keys(), home.settings(), home.pair("authority")
    client = make_client(authority, unit, now)
    with open_office_database(home.database_file) as database, database.writing() as connection:
        ledger = Ledger(connection)
        known = ledger.unit(unit)
        if known is None:
            ledger.register(unit, public_key, now)
        elif known.public_key != public_key:
            raise UnitAlreadyClaimed(known.public_key.key_id)
    claim = Claim(
        unit, keys.sealing.public, keys.signing.public, (BrokerAddress(settings.hosts[0], settings.port),)
    )
    return UnitKit(claim, authority.certificate_pem, client.certificate_pem, client.key_pem)
